"""Faults of DNS: BankConnect's host name cannot be resolved, slowly or wrongly."""

import functools
import signal
import time

import checks
import processes
from name_server import NXDOMAIN, REFUSED, SERVFAIL, SILENCE, Answer
from status_monitor import StatusMonitor

STOPS_WITHIN = 10  # seconds a stop may take
CACHED_FOR = 30  # seconds an address is cached
RESOLVER_RETRY = 5  # seconds after which the system's resolver repeats an unanswered query

# Short-lived connections, so that names are resolved often.
SHORT_CONNECTIONS = "\n[server]\nmax_requests_per_connection = 4\n"

UNUSED_ADDRESS = "127.0.0.7"
DNS_FAULTS = {
    "silent": SILENCE,
    "refuses": Answer(error=REFUSED),
    "fails": Answer(error=SERVFAIL),
    "denies": Answer(error=NXDOMAIN),
    "wrong address": Answer(address=UNUSED_ADDRESS),
    "slow": Answer(delay=3),
}


def stop_in_time(world):
    """Sends SIGTERM; returns how long the daemon took to end. Fails if it took too long or did not end cleanly."""
    began = time.monotonic()
    world.daemon.send_signal(signal.SIGTERM)
    code = world.daemon.wait(STOPS_WITHIN + processes.TIMEOUT)
    took = time.monotonic() - began
    checks.demand(took < STOPS_WITHIN + 1, f"a stop took {took:.1f} s")
    checks.demand(code == 0, f"a stop ended with {code}: {world.log_tail()}")
    return took


class NamedUpstream:
    """A world whose BankConnect has a host name of its own, and the name server's answer for it."""

    def __init__(self, step, server, make_world, case, settings=()):
        self.world = make_world(step, f"names {case}", settings=settings, scenarios=SHORT_CONNECTIONS)
        self.host = f"{self.world.label.replace('_', '-')}.test"
        self.world.upstream_url = self.world.base_url.replace("127.0.0.1", self.host)
        self.server = server
        self.resolve(Answer())

    def resolve(self, answer):
        self.server.answers[self.host] = answer


def from_the_start(step, server, make_world, how, length):
    """The daemon starts while names cannot be resolved; later they can."""
    named = NamedUpstream(step, server, make_world, f"{how} from the start")
    world = named.world
    try:
        named.resolve(DNS_FAULTS[how])
        world.begin()
        monitor = StatusMonitor(world, world.connections)
        time.sleep(length)
        checks.demand(server.queries.get(named.host), "no lookup was tried")
        named.resolve(Answer())
        took = world.recover(length, more=RESOLVER_RETRY)
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"name server {how} for {length} s from the start: {len(world.acknowledged)} sessions, "
                 f"all ended {took:.1f} s later; {measured}")
    finally:
        world.end()


def after_a_while(step, server, make_world, how, length):
    """The name server fails once the cached address is due for another lookup: the daemon goes on with the cached one.
    Connecting takes one second of a three-second timeout, so that a hanging lookup must not use it up."""
    named = NamedUpstream(step, server, make_world, f"{how} after a while",
                          settings={"upstream.connect_timeout": '"3s"', "upstream.request_timeout": '"6s"',
                                    "upstream.max_connections": "32"})
    world = named.world
    try:
        world.delay_each_connect_by_a_second()
        world.begin(0.3)
        monitor = StatusMonitor(world, world.connections)
        time.sleep(CACHED_FOR - 3)
        named.resolve(DNS_FAULTS[how])
        time.sleep(3 + length)
        took = world.recover(0, more=4)
        named.resolve(Answer())
        world.start_load(0.3)
        time.sleep(1)
        world.recover(length, more=RESOLVER_RETRY)
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"name server {how} after a while: {len(world.acknowledged)} sessions, "
                 f"all ended, {took:.1f} s after the last; {measured}")
    finally:
        world.end()


def stops_while_a_lookup_hangs(step, server, make_world):
    named = NamedUpstream(step, server, make_world, "stop",
                          settings={"upstream.connect_timeout": '"30s"', "upstream.request_timeout": '"30s"'})
    world = named.world
    try:
        named.resolve(SILENCE)
        world.begin()
        time.sleep(1)
        world.load.end()
        checks.demand(named.server.queries.get(named.host), "no lookup was tried")
        took = stop_in_time(world)
        named.resolve(Answer())
        assert world.start_daemon() is not None, world.log_tail()
        checks.check_all(world)
        step.say(f"stopped within {took:.1f} s while a lookup hung")
    finally:
        world.end()


def all_cases(step, server, make_world):
    if step.short:
        return {"name server silent from the start": functools.partial(from_the_start, step, server, make_world, "silent", 1.5)}
    cases = {f"name server {how} from the start": functools.partial(from_the_start, step, server, make_world, how, 6)
             for how in DNS_FAULTS}
    cases |= {f"name server {how} after a while": functools.partial(after_a_while, step, server, make_world, how, 8)
              for how in ("silent", "fails", "slow")}
    return cases | {"stops while a lookup hangs": functools.partial(stops_while_a_lookup_hangs, step, server, make_world)}
