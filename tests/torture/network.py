"""Packet loss, refused and reset connections, black holes and DNS faults, in a network namespace."""

import functools
import random
import time

import checks
import dns_faults
import name_server
import namespace
import parallel
import session_scenarios
from load import Load
from status_monitor import StatusMonitor
from world import World

SETTINGS = {"upstream.max_connections": "8", "upstream.connect_timeout": '"1s"', "upstream.request_timeout": '"2s"',
            "upstream.allow_http": "true", "polling.safety_interval": '"1s"', "webhook.grace": '"2s"'}
INTERVAL, REQUEST = 1, 2  # seconds: polling.upload_interval_max and upstream.request_timeout
SLOWEST_PROBE = 30  # seconds; longest interval between probes while BankConnect does not answer
SESSION_TIME = 5  # seconds a session takes without faults, on a loaded machine

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
SHORT_FAULTS = ("loses 30 %", "black hole", "black hole of answers", "reset in the middle")


class NetworkWorld(World):
    """A world with packet rules. The test's own requests come from an exempt address."""

    def __init__(self, step, name, settings=(), scenarios=""):
        self.label = "".join(letter if letter.isalnum() else "_" for letter in name)
        lines = [f"{key} = {value}" for key, value in {**SETTINGS, **dict(settings)}.items()]
        super().__init__(step.build, step.folder / self.label, session_scenarios.SCENARIOS + scenarios,
                         settings="\n".join(lines), webhooks=True)
        self.source = (namespace.TEST_ADDRESS, 0)
        self.rules = namespace.Rules(f"at_{self.label}")
        self.connections = int(dict(settings).get("upstream.max_connections", SETTINGS["upstream.max_connections"]))
        self.chance = random.Random(f"{step.seed} {name}")
        self.load = None

    def strike(self, fault):
        self.rules.strike([line.format(up=self.sandbox_port, hook=self.webhook_port) for line in FAULTS[fault]])

    def delay_each_connect_by_a_second(self):
        """Drops the first SYN of each connection; the kernel repeats it after a second."""
        first = f"tcp dport {self.sandbox_port} {SYN}"
        self.rules.strike([f"{first} tcp sport @met_{self.label} accept", f"{first} add @met_{self.label} {{ tcp sport }} drop"],
                          sets=f"set met_{self.label} {{\ntype inet_service\nflags dynamic,timeout\ntimeout 60s\n}}")

    def begin(self, pause=0.05):
        """Starts the daemon and the load."""
        assert self.start_daemon() is not None, self.log_tail()
        self.start_load(pause)

    def start_load(self, pause=0.05):
        self.load = Load(self, self.chance.random(), pause)
        self.load.start()

    def heal(self):
        """Removes the rules. Returns how many packets matched; fails if none did, as then nothing was tested."""
        struck = self.rules.matched_packets()
        checks.demand(struck, "no packet matched the rules")
        self.rules.heal()
        return struck

    def recover(self, fault_took, more=0):
        """Waits until all sessions are final; returns how long that took. The limit: two polling intervals, a request
        timeout, the pause until the next probe (at most as long as the fault lasted, and a second), and the session
        itself."""
        self.load.end()
        timeout = 2 * INTERVAL + REQUEST + min(SLOWEST_PROBE, fault_took + 1) + SESSION_TIME + more
        began = time.monotonic()
        late = self.until_final(self.acknowledged, timeout)
        checks.demand(not late, f"{len(late)} of {len(self.acknowledged)} sessions are not final after {timeout:.0f} s: "
                      f"{[self.session(one) for one in sorted(late)[:1]]}")
        return time.monotonic() - began

    def end(self):
        self.rules.heal()
        if self.load:
            self.load.over.set()
        super().end()


def one_fault_under_load(step, fault, length):
    """One fault under load; all sessions end as expected."""
    world = NetworkWorld(step, fault)
    try:
        world.begin()
        time.sleep(0.5)
        monitor = StatusMonitor(world, world.connections)
        world.strike(fault)
        time.sleep(length)
        struck = world.heal()
        took = world.recover(length)
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"{fault} for {length} s, {struck} packets: {len(world.acknowledged)} sessions, "
                 f"all ended {took:.1f} s later; {measured}")
    finally:
        world.end()


def flaps(step):
    """Faults alternate with recoveries in fractions of a second."""
    world = NetworkWorld(step, "flaps")
    try:
        world.begin()
        monitor = StatusMonitor(world, world.connections)
        began = time.monotonic()
        while time.monotonic() - began < 10:
            world.strike(world.chance.choice(["black hole", "reset on connecting", "reset in the middle", "unreachable"]))
            time.sleep(world.chance.uniform(0.05, 0.4))
            world.rules.heal()
            time.sleep(world.chance.uniform(0.05, 0.4))
        took = world.recover(10)
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"flaps for 10 s: {len(world.acknowledged)} sessions, all ended {took:.1f} s later; {measured}")
    finally:
        world.end()


def in_random_order(step):
    """All faults in random order on one daemon, with short pauses."""
    world = NetworkWorld(step, "random order")
    try:
        world.begin(0.1)
        monitor = StatusMonitor(world, world.connections)
        order = world.chance.sample(list(FAULTS), len(FAULTS))
        struck = 0
        for fault in order:
            world.strike(fault)
            time.sleep(world.chance.uniform(2, 5))
            struck += world.rules.matched_packets()  # may be 0 if only probes are sent and none was due
            world.rules.heal()
            time.sleep(world.chance.uniform(0, 2))
        took = world.recover(SLOWEST_PROBE)
        measured = monitor.end()
        checks.check_all(world)
        checks.demand(struck, "no packet matched the rules")
        step.say(f"{', '.join(order)}, {struck} packets: {len(world.acknowledged)} sessions, "
                 f"all ended {took:.1f} s later; {measured}")
    finally:
        world.end()


def old_connections_are_dropped(step):
    """A firewall forgets all open connections; new ones work. A new session must not wait for the old ones."""
    world = NetworkWorld(step, "old connections die", settings={"upstream.max_connections": "32"})
    try:
        world.begin()
        world.submit_many("initiate_slow", 100)
        world.load.end()
        world.until_final(world.acknowledged)
        old = namespace.ports_in_use(world.sandbox_port)
        ports = ", ".join(map(str, old))
        world.rules.strike([f"tcp dport {world.sandbox_port} tcp sport {{ {ports} }} drop",
                            f"tcp sport {world.sandbox_port} tcp dport {{ {ports} }} drop"])
        monitor = StatusMonitor(world, world.connections)
        world.submit_many("plain", 1)
        took = world.recover(0)
        world.heal()
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"{len(old)} old connections are dropped: one more session, ended {took:.1f} s later; {measured}")
    finally:
        world.end()


def webhooks_are_lost(step):
    """No webhook arrives: polling goes on. The status says degraded, and healthy once they are back."""
    world = NetworkWorld(step, "webhooks vanish")

    def until_webhooks_are(state, timeout):
        began = time.monotonic()
        while world.status()["webhooks"]["state"] != state:
            checks.demand(time.monotonic() - began < timeout,
                          f"after {timeout} s webhooks are not {state}: {world.status()['webhooks']}")
            time.sleep(0.1)
        return time.monotonic() - began

    try:
        world.begin(0.1)
        monitor = StatusMonitor(world, world.connections)
        until_webhooks_are("healthy", 15)
        world.rules.strike([f"tcp dport {world.webhook_port} drop"])
        degraded = until_webhooks_are("degraded", 15)
        took = world.recover(0)
        world.heal()
        world.start_load(0.1)
        healthy = until_webhooks_are("healthy", 60)
        world.recover(0)
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"webhooks are lost: noticed after {degraded:.1f} s, all ended {took:.1f} s later without them, "
                 f"healthy again {healthy:.1f} s after they were back; {measured}")
    finally:
        world.end()


def stops_while_calls_hang(step):
    """Calls hang, with the default request timeout: a stop takes no longer than documented, and loses nothing."""
    world = NetworkWorld(step, "stops in a black hole", settings={"upstream.request_timeout": '"30s"'})
    try:
        world.begin()
        time.sleep(1)
        world.strike("black hole of answers")
        time.sleep(1)
        world.load.end()
        took = dns_faults.stop_in_time(world)
        world.heal()
        assert world.start_daemon() is not None, world.log_tail()
        checks.check_all(world)
        step.say(f"stopped within {took:.1f} s while calls hung")
    finally:
        world.end()


def all_cases(step, server):
    length = 1.5 if step.short else 5
    faults = SHORT_FAULTS if step.short else FAULTS
    cases = {fault: functools.partial(one_fault_under_load, step, fault, length) for fault in faults}
    if not step.short:
        cases.update({case.__name__: functools.partial(case, step) for case in
                     (flaps, in_random_order, old_connections_are_dropped, webhooks_are_lost, stops_while_calls_hang)})
    return {**cases, **dns_faults.all_cases(step, server, NetworkWorld)}


def run_cases(step):
    namespace.use_name_server(step.folder, "options timeout:1" if step.short else "options attempts:4")
    server = name_server.NameServer()
    server.start()
    parallel.run_all(all_cases(step, server), at_once=5)


def run(step):
    namespace.run_inside(functools.partial(run_cases, step))
