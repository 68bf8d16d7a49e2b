"""Packet loss, refused and reset connections, black holes and DNS faults, in a network namespace."""

import functools
import random
import time

import checks
import lives
import name_server
import names
import namespace
import together
from load import Load
from watch import Watch
from world import World

SETTINGS = {"upstream.max_connections": "8", "upstream.connect_timeout": '"1s"', "upstream.request_timeout": '"2s"',
            "upstream.allow_http": "true", "polling.safety_interval": '"1s"', "webhook.grace": '"2s"'}
INTERVAL, REQUEST = 1, 2  # seconds: polling.upload_interval_max and upstream.request_timeout
SLOWEST_PROBE = 30  # seconds; longest interval between probes while BankConnect does not answer
A_LIFE = 5  # seconds a session takes without faults, on a loaded machine

SYN, NOT_SYN = "tcp flags & (syn | ack) == syn", "tcp flags & syn == 0"
SOME_DATA, MUCH_DATA = "ip length > 100", "ip length > 1500"


def lossy(percent):
    ends = ("tcp dport {up}", "tcp sport {up}", "tcp dport {hook}", "tcp sport {hook}")
    return [f"{end} numgen random mod 100 < {percent} drop" for end in ends]


FAULTS = {
    "loses 1 %": lossy(1),
    "loses 10 %": lossy(10),
    "loses 30 %": lossy(30),
    "black hole": ["tcp dport {up} drop", "tcp sport {up} drop"],
    "black hole of new connections": [f"tcp dport {{up}} {SYN} drop"],
    "black hole after connecting": [f"tcp dport {{up}} {NOT_SYN} drop"],
    "black hole of answers": [f"tcp sport {{up}} {SOME_DATA} drop"],
    "black hole of large packets": [f"tcp sport {{up}} {MUCH_DATA} drop"],
    "reset on connecting": [f"tcp dport {{up}} {SYN} reject with tcp reset"],
    "reset in the middle": [f"tcp dport {{up}} {NOT_SYN} numgen random mod 100 < 20 reject with tcp reset",
                            f"tcp sport {{up}} {NOT_SYN} numgen random mod 100 < 20 reject with tcp reset"],
    "unreachable": ["tcp dport {up} reject with icmp host-unreachable"],
}
EVERY_DAY = ("loses 30 %", "black hole", "black hole of answers", "reset in the middle")


class Scene(World):
    """A world with packet rules. The test's own requests come from an exempt address."""

    def __init__(self, step, name, settings=(), scenarios=""):
        self.label = "".join(letter if letter.isalnum() else "_" for letter in name)
        lines = [f"{key} = {value}" for key, value in {**SETTINGS, **dict(settings)}.items()]
        super().__init__(step.build, step.folder / self.label, lives.SCENARIOS + scenarios, settings="\n".join(lines),
                         webhooks=True)
        self.source = (namespace.TESTS_OWN, 0)
        self.rules = namespace.Rules(f"at_{self.label}")
        self.connections = int(dict(settings).get("upstream.max_connections", SETTINGS["upstream.max_connections"]))
        self.chance = random.Random(f"{step.seed} {name}")
        self.load = None

    def strike(self, fault):
        self.rules.strike([line.format(up=self.sandbox_port, hook=self.webhook_port) for line in FAULTS[fault]])

    def let_connecting_take_a_second(self):
        """Drops the first SYN of each connection; the kernel repeats it after a second."""
        first = f"tcp dport {self.sandbox_port} {SYN}"
        self.rules.strike([f"{first} tcp sport @met_{self.label} accept", f"{first} add @met_{self.label} {{ tcp sport }} drop"],
                          sets=f"set met_{self.label} {{\ntype inet_service\nflags dynamic,timeout\ntimeout 60s\n}}")

    def begin(self, pause=0.05):
        """Starts the daemon and the load."""
        assert self.start_daemon() is not None, self.last_words()
        self.hand_in(pause)

    def hand_in(self, pause=0.05):
        self.load = Load(self, self.chance.random(), pause)
        self.load.start()

    def heal(self):
        """Removes the rules. Returns how many packets matched; fails if none did, as then nothing was tested."""
        struck = self.rules.struck()
        checks.demand(struck, "no packet matched the rules")
        self.rules.heal()
        return struck

    def recover(self, fault_took, more=0):
        """Waits until all sessions are final; returns how long that took. The limit: two polling intervals, a request
        timeout, the pause until the next probe (at most as long as the fault lasted, and a second), and the session
        itself."""
        self.load.end()
        patience = 2 * INTERVAL + REQUEST + min(SLOWEST_PROBE, fault_took + 1) + A_LIFE + more
        began = time.monotonic()
        late = self.until_final(self.acknowledged, patience)
        checks.demand(not late, f"{len(late)} of {len(self.acknowledged)} sessions are not final after {patience:.0f} s: "
                      f"{[self.session(one) for one in sorted(late)[:1]]}")
        return time.monotonic() - began

    def end(self):
        self.rules.heal()
        if self.load:
            self.load.over.set()
        super().end()


def endures(step, fault, length):
    """One fault under load; all sessions end as expected."""
    scene = Scene(step, fault)
    try:
        scene.begin()
        time.sleep(0.5)
        watch = Watch(scene, scene.connections)
        scene.strike(fault)
        time.sleep(length)
        struck = scene.heal()
        took = scene.recover(length)
        measured = watch.end()
        checks.everything(scene)
        step.say(f"{fault} for {length} s, {struck} packets: {len(scene.acknowledged)} sessions, "
                 f"all ended {took:.1f} s later; {measured}")
    finally:
        scene.end()


def flaps(step):
    """Faults alternate with recoveries in fractions of a second."""
    scene = Scene(step, "flaps")
    try:
        scene.begin()
        watch = Watch(scene, scene.connections)
        began = time.monotonic()
        while time.monotonic() - began < 10:
            scene.strike(scene.chance.choice(["black hole", "reset on connecting", "reset in the middle", "unreachable"]))
            time.sleep(scene.chance.uniform(0.05, 0.4))
            scene.rules.heal()
            time.sleep(scene.chance.uniform(0.05, 0.4))
        took = scene.recover(10)
        measured = watch.end()
        checks.everything(scene)
        step.say(f"flaps for 10 s: {len(scene.acknowledged)} sessions, all ended {took:.1f} s later; {measured}")
    finally:
        scene.end()


def in_random_order(step):
    """All faults in random order on one daemon, with short pauses."""
    scene = Scene(step, "random order")
    try:
        scene.begin(0.1)
        watch = Watch(scene, scene.connections)
        order = scene.chance.sample(list(FAULTS), len(FAULTS))
        struck = 0
        for fault in order:
            scene.strike(fault)
            time.sleep(scene.chance.uniform(2, 5))
            struck += scene.rules.struck()  # may be 0 if only probes are sent and none was due
            scene.rules.heal()
            time.sleep(scene.chance.uniform(0, 2))
        took = scene.recover(SLOWEST_PROBE)
        measured = watch.end()
        checks.everything(scene)
        checks.demand(struck, "no packet matched the rules")
        step.say(f"{', '.join(order)}, {struck} packets: {len(scene.acknowledged)} sessions, "
                 f"all ended {took:.1f} s later; {measured}")
    finally:
        scene.end()


def old_connections_die(step):
    """A firewall forgets all open connections; new ones work. A new session must not wait for the old ones."""
    scene = Scene(step, "old connections die", settings={"upstream.max_connections": "32"})
    try:
        scene.begin()
        scene.submit_many("initiate_slow", 100)
        scene.load.end()
        scene.until_final(scene.acknowledged)
        old = namespace.ports_in_use(scene.sandbox_port)
        ports = ", ".join(map(str, old))
        scene.rules.strike([f"tcp dport {scene.sandbox_port} tcp sport {{ {ports} }} drop",
                            f"tcp sport {scene.sandbox_port} tcp dport {{ {ports} }} drop"])
        watch = Watch(scene, scene.connections)
        scene.submit_many("plain", 1)
        took = scene.recover(0)
        scene.heal()
        measured = watch.end()
        checks.everything(scene)
        step.say(f"{len(old)} old connections die: one more session, ended {took:.1f} s later; {measured}")
    finally:
        scene.end()


def webhooks_vanish(step):
    """No webhook arrives: polling goes on. The status says degraded, and healthy once they are back."""
    scene = Scene(step, "webhooks vanish")

    def until_webhooks_are(state, patience):
        began = time.monotonic()
        while scene.status()["webhooks"]["state"] != state:
            checks.demand(time.monotonic() - began < patience,
                          f"after {patience} s webhooks are not {state}: {scene.status()['webhooks']}")
            time.sleep(0.1)
        return time.monotonic() - began

    try:
        scene.begin(0.1)
        watch = Watch(scene, scene.connections)
        until_webhooks_are("healthy", 15)
        scene.rules.strike([f"tcp dport {scene.webhook_port} drop"])
        degraded = until_webhooks_are("degraded", 15)
        took = scene.recover(0)
        scene.heal()
        scene.hand_in(0.1)
        healthy = until_webhooks_are("healthy", 60)
        scene.recover(0)
        measured = watch.end()
        checks.everything(scene)
        step.say(f"webhooks vanish: noticed after {degraded:.1f} s, all ended {took:.1f} s later without them, "
                 f"healthy again {healthy:.1f} s after they were back; {measured}")
    finally:
        scene.end()


def stops_in_a_black_hole(step):
    """Calls hang, with the default request timeout: a stop takes no longer than documented, and loses nothing."""
    scene = Scene(step, "stops in a black hole", settings={"upstream.request_timeout": '"30s"'})
    try:
        scene.begin()
        time.sleep(1)
        scene.strike("black hole of answers")
        time.sleep(1)
        scene.load.end()
        took = names.stop_in_time(scene)
        scene.heal()
        assert scene.start_daemon() is not None, scene.last_words()
        checks.everything(scene)
        step.say(f"stopped within {took:.1f} s while calls hung")
    finally:
        scene.end()


def stories(step, server):
    length = 1.5 if step.short else 5
    told = {fault: functools.partial(endures, step, fault, length) for fault in (EVERY_DAY if step.short else FAULTS)}
    if not step.short:
        told.update({story.__name__: functools.partial(story, step) for story in
                     (flaps, in_random_order, old_connections_die, webhooks_vanish, stops_in_a_black_hole)})
    return {**told, **names.stories(step, server, Scene)}


def tell(step):
    namespace.use_name_server(step.folder, "options timeout:1" if step.short else "options attempts:4")
    server = name_server.NameServer()
    server.start()
    together.tell(stories(step, server), at_once=5)


def run(step):
    namespace.inside(functools.partial(tell, step))
