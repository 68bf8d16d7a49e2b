"""Faults of DNS: BankConnect's host name cannot be resolved, slowly or wrongly."""

import functools
import signal
import time

import checks
import processes
from name_server import NXDOMAIN, REFUSED, SERVFAIL, SILENCE, Answer
from watch import Watch

STOP = 10  # seconds a stop may take
REMEMBERED = 30  # seconds an address is cached
ASKED_AGAIN = 5  # seconds after which the system's resolver repeats an unanswered query

# Short-lived connections, so that names are resolved often.
SHORT_CONNECTIONS = "\n[server]\nmax_requests_per_connection = 4\n"

NOBODY_LISTENS = "127.0.0.7"
DEAD = {
    "silent": SILENCE,
    "refuses": Answer(error=REFUSED),
    "fails": Answer(error=SERVFAIL),
    "denies": Answer(error=NXDOMAIN),
    "wrong address": Answer(address=NOBODY_LISTENS),
    "slow": Answer(delay=3),
}


def stop_in_time(scene):
    """Sends SIGTERM; returns how long the daemon took to end. Fails if it took too long or did not end cleanly."""
    began = time.monotonic()
    scene.daemon.send_signal(signal.SIGTERM)
    code = scene.daemon.wait(STOP + processes.PATIENCE)
    took = time.monotonic() - began
    checks.demand(took < STOP + 1, f"a stop took {took:.1f} s")
    checks.demand(code == 0, f"a stop ended with {code}: {scene.last_words()}")
    return took


class Named:
    """A world whose BankConnect has a host name of its own, and the name server's answer for it."""

    def __init__(self, step, server, make_scene, story, settings=()):
        self.scene = make_scene(step, f"names {story}", settings=settings, scenarios=SHORT_CONNECTIONS)
        self.host = f"{self.scene.label.replace('_', '-')}.test"
        self.scene.upstream_url = self.scene.base_url.replace("127.0.0.1", self.host)
        self.server = server
        self.resolve(Answer())

    def resolve(self, answer):
        self.server.answers[self.host] = answer


def from_the_start(step, server, make_scene, how, length):
    """The daemon starts while names cannot be resolved; later they can."""
    named = Named(step, server, make_scene, f"{how} from the start")
    scene = named.scene
    try:
        named.resolve(DEAD[how])
        scene.begin()
        watch = Watch(scene, scene.connections)
        time.sleep(length)
        checks.demand(server.asked.get(named.host), "no lookup was tried")
        named.resolve(Answer())
        took = scene.recover(length, more=ASKED_AGAIN)
        measured = watch.end()
        checks.everything(scene)
        step.say(f"name server {how} for {length} s from the start: {len(scene.acknowledged)} sessions, "
                 f"all ended {took:.1f} s later; {measured}")
    finally:
        scene.end()


def after_a_while(step, server, make_scene, how, length):
    """The name server fails once the cached address is due for another lookup: the daemon goes on with the cached one.
    Connecting takes one second of a three-second timeout, so that a hanging lookup must not use it up."""
    named = Named(step, server, make_scene, f"{how} after a while",
                  settings={"upstream.connect_timeout": '"3s"', "upstream.request_timeout": '"6s"',
                            "upstream.max_connections": "32"})
    scene = named.scene
    try:
        scene.let_connecting_take_a_second()
        scene.begin(0.3)
        watch = Watch(scene, scene.connections)
        time.sleep(REMEMBERED - 3)
        named.resolve(DEAD[how])
        time.sleep(3 + length)
        took = scene.recover(0, more=4)
        named.resolve(Answer())
        scene.hand_in(0.3)
        time.sleep(1)
        scene.recover(length, more=ASKED_AGAIN)
        measured = watch.end()
        checks.everything(scene)
        step.say(f"name server {how} after a while: {len(scene.acknowledged)} sessions, "
                 f"all ended, {took:.1f} s after the last; {measured}")
    finally:
        scene.end()


def stops_while_a_lookup_hangs(step, server, make_scene):
    named = Named(step, server, make_scene, "stop",
                  settings={"upstream.connect_timeout": '"30s"', "upstream.request_timeout": '"30s"'})
    scene = named.scene
    try:
        named.resolve(SILENCE)
        scene.begin()
        time.sleep(1)
        scene.load.end()
        checks.demand(named.server.asked.get(named.host), "no lookup was tried")
        took = stop_in_time(scene)
        named.resolve(Answer())
        assert scene.start_daemon() is not None, scene.last_words()
        checks.everything(scene)
        step.say(f"stopped within {took:.1f} s while a lookup hung")
    finally:
        scene.end()


def stories(step, server, make_scene):
    if step.short:
        return {"name server silent from the start": functools.partial(from_the_start, step, server, make_scene, "silent", 1.5)}
    told = {f"name server {how} from the start": functools.partial(from_the_start, step, server, make_scene, how, 6)
            for how in DEAD}
    told |= {f"name server {how} after a while": functools.partial(after_a_while, step, server, make_scene, how, 8)
             for how in ("silent", "fails", "slow")}
    return told | {"stops while a lookup hangs": functools.partial(stops_while_a_lookup_hangs, step, server, make_scene)}
