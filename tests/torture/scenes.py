"""Runs of the step `misbehaviour`: a daemon, its stand-in, the proxy between them, and sessions with faults."""

import threading
import time

import checks
import evidence
import lives
from crooked import Crooked
from world import NoDaemon, World

SETTINGS = """
upstream.request_timeout = "2s"
upstream.connect_timeout = "2s"
upstream.max_response_size = "4MiB"
"""
SCENARIO = """
[scenario.crooked]
no_uploads = "0s"
in_progress = "1h"
processing = "1h"
expires_in = "30d"
"""
HEALTHY = 30
MOST_MEMORY = 200 * 1024  # KiB beyond what the daemon needs at rest
PATIENCE = 120


def peak(world):
    """The daemon's peak resident memory in KiB."""
    with open(f"/proc/{world.daemon.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


class Scene:
    def __init__(self, step, sayings):
        self.step, self.sayings = step, sayings
        self.count = 0
        self.most_memory = 0
        self.lock = threading.Lock()

    def world(self, settings=""):
        with self.lock:
            self.count += 1
            folder = self.step.folder / f"world-{self.count}"
        endings = {**lives.LIVES, "crooked": lives.Life(0, "ENRICHED complete")}
        for reason in ("SESSION_DELETED", "KEY_REQUIRED", "UNPARSABLE_STATEMENTS"):
            endings[f"FAILED {reason}"] = lives.Life(0, f"FAILED {reason}")
        return World(self.step.build, folder, lives.SCENARIOS + SCENARIO, SETTINGS + settings, endings=endings)

    # Sessions.

    def hand_in(self, world, crooked, assignment):
        session = world.create("crooked")
        crooked.plan[session] = assignment
        ending = assignment.fault.ending if assignment.fault else ""
        taken = world.submit(session, ending if ending in world.lives else "crooked")
        assert taken, f"the submission of {session} was refused"
        return session

    def finish(self, world, crooked, struck, memory, sample=None):
        """Checks once all faults are over; returns the defects. Stops the daemon."""
        wrong = []
        failed = evidence.failures(world.folder / "daemon.log")
        for session, assignment in struck.items():
            codes = failed[session, assignment.call]
            self.sayings.add(assignment.fault, assignment.call, codes)
            label = f"{assignment.fault.family}: {assignment.fault.name}, at {assignment.call}, struck {assignment.struck}"
            wrong += [f"{label}: {what}" for what in evidence.wrong_with(world, session, assignment, codes)]
        for session, call in evidence.unfounded(crooked.log):
            fault = struck[session].fault.name if session in struck else "a healthy session"
            wrong.append(f"{call} of {session} without an answer that allows it: {fault}")
        wrong += [f"an unexpected request: {data!r}" for data in crooked.odd[:3]]
        if crooked.contacted:
            wrong.append(f"{crooked.contacted} connections to the target of redirects")
        grown = peak(world) - memory
        self.most_memory = max(self.most_memory, grown)
        if grown > MOST_MEMORY:
            wrong.append(f"memory grew by {grown} KiB")
        if not world.running():
            return [*wrong, f"the daemon ended: {world.last_words()}"]
        try:
            checks.everything(world, sample=len(struck) if sample is None else sample)
        except AssertionError as what:
            wrong.append(f"everything: {what}")
        return wrong

    def mixed(self, some, hurried=False, alone=False):
        """Sessions with faults among healthy ones. `hurried`: waiting sessions are polled by command. `alone`: one
        session after the other, so that no other session uses a spoilt connection."""
        world = self.world()
        crooked = Crooked(world.sandbox_port)
        world.upstream_url = crooked.url
        watch = Watch(world, self.sayings)
        try:
            world.start_daemon()
            memory = peak(world)
            if not alone:
                world.submit_many("waiting", HEALTHY)
            watch.start()
            struck = {}
            # Altered bodies are stored as sent. They come last, and are not compared with the stand-in's bodies.
            for assignment in sorted(some, key=lambda one: one.fault.alters):
                session = self.hand_in(world, crooked, assignment)
                watch.struck[session] = struck[session] = assignment
                time.sleep(0.25 if hurried else 0.02)
                if alone:
                    self.wait(world, [session], False)
            self.wait(world, struck, hurried)
            watch.end()
            unaltered = sum(1 for one in some if not one.fault.alters)
            return self.finish(world, crooked, struck, memory, sample=unaltered)
        finally:
            watch.end()
            world.end()
            crooked.end()

    def wait(self, world, sessions, hurried):
        end = time.monotonic() + PATIENCE
        waiting = set(sessions)
        while waiting and time.monotonic() < end:
            waiting &= {one["session_id"] for one in world.sessions() if not one["final"]}
            for session in waiting if hurried else ():
                world.request("POST", f"/v1/sessions/{session}/poll")
            time.sleep(1 if hurried else 0.1)

    def patient(self, some):
        """Retry-After far in the future: honoured for an hour at most, and dropped by a restart."""
        world = self.world()
        crooked = Crooked(world.sandbox_port)
        world.upstream_url = crooked.url
        wrong, struck = [], {}
        try:
            world.start_daemon()
            memory = peak(world)
            for assignment in some:
                session = self.hand_in(world, crooked, assignment)
                struck[session] = assignment
                end = time.monotonic() + 20
                while not assignment.struck and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(1.5)
                asked = [entry for entry in crooked.log if entry["session"] == session]
                if not asked or not asked[-1]["fault"]:
                    wrong.append(f"{assignment.fault.name} at {assignment.call} was not honoured")
                view = world.session(session)
                health = world.status()
                self.sayings.add(assignment.fault, assignment.call, (), [
                    f"next {view['next_poll_at']} at {view['last_error']['at']}; {health['health']} {health['problems']}"])
                world.stop_daemon()
                world.start_daemon()
                self.wait(world, [session], False)
            return wrong + self.finish(world, crooked, struck, memory)
        finally:
            world.end()
            crooked.end()


class Watch:
    """Samples the errors that the daemon shows for sessions with faults."""

    def __init__(self, world, sayings):
        self.world, self.sayings = world, sayings
        self.struck = {}
        self.messages = set()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def start(self):
        self.thread.start()

    def look(self):
        while not self.over.wait(0.5):
            try:
                views = self.world.sessions()
            except (NoDaemon, AssertionError):
                continue
            for view in views:
                assignment = self.struck.get(view["session_id"])
                error = view["last_error"]
                if assignment and error:
                    self.sayings.add(assignment.fault, assignment.call, (), [f"{error['code']}: {error['message']}"])

    def end(self):
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
