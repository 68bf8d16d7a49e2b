"""Runs of the step `misbehaviour`: a daemon, its stand-in, the proxy between them, and sessions with faults."""

import threading
import time

import checks
import evidence
import session_scenarios
from faulty_proxy import FaultyProxy
from world import NoAnswer, World

SETTINGS = """
upstream.request_timeout = "2s"
upstream.connect_timeout = "2s"
upstream.max_response_size = "4MiB"
"""
SCENARIO = """
[scenario.released_by_proxy]
no_uploads = "0s"
in_progress = "1h"
processing = "1h"
expires_in = "30d"
"""
HEALTHY = 30
MOST_MEMORY = 200 * 1024  # KiB beyond what the daemon needs at rest
TIMEOUT = 120


def peak(world):
    """The daemon's peak resident memory in KiB."""
    with open(f"/proc/{world.daemon.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


class Runner:
    def __init__(self, step, error_report):
        self.step, self.error_report = step, error_report
        self.count = 0
        self.most_memory = 0
        self.lock = threading.Lock()

    def new_world(self, settings=""):
        with self.lock:
            self.count += 1
            folder = self.step.folder / f"world-{self.count}"
        endings = {**session_scenarios.EXPECTED, "released_by_proxy": session_scenarios.Scenario(0, "ENRICHED complete")}
        for reason in ("SESSION_DELETED", "KEY_REQUIRED", "UNPARSABLE_STATEMENTS"):
            endings[f"FAILED {reason}"] = session_scenarios.Scenario(0, f"FAILED {reason}")
        return World(self.step.build, folder, session_scenarios.SCENARIOS + SCENARIO, SETTINGS + settings, endings=endings)

    # Sessions.

    def submit(self, world, proxy, assignment):
        session = world.create_session("released_by_proxy")
        proxy.plan[session] = assignment
        ending = assignment.fault.ending if assignment.fault else ""
        taken = world.submit(session, ending if ending in world.expected else "released_by_proxy")
        assert taken, f"the submission of {session} was refused"
        return session

    def final_checks(self, world, proxy, struck, memory, sample=None):
        """Checks once all faults are over; returns the defects. Stops the daemon."""
        wrong = []
        failed = evidence.logged_failures(world.folder / "daemon.log")
        for session, assignment in struck.items():
            codes = failed[session, assignment.call]
            self.error_report.add(assignment.fault, assignment.call, codes)
            label = f"{assignment.fault.family}: {assignment.fault.name}, at {assignment.call}, struck {assignment.struck}"
            wrong += [f"{label}: {what}" for what in evidence.session_defects(world, session, assignment, codes)]
        for session, call in evidence.calls_without_answer(proxy.log):
            fault = struck[session].fault.name if session in struck else "a healthy session"
            wrong.append(f"{call} of {session} without an answer that allows it: {fault}")
        wrong += [f"an unexpected request: {data!r}" for data in proxy.unexpected[:3]]
        if proxy.redirected_connections:
            wrong.append(f"{proxy.redirected_connections} connections to the target of redirects")
        grown = peak(world) - memory
        self.most_memory = max(self.most_memory, grown)
        if grown > MOST_MEMORY:
            wrong.append(f"memory grew by {grown} KiB")
        if not world.running():
            return [*wrong, f"the daemon ended: {world.log_tail()}"]
        try:
            checks.check_all(world, sample=len(struck) if sample is None else sample)
        except AssertionError as what:
            wrong.append(f"final checks: {what}")
        return wrong

    def run_mixed(self, some, poll_waiting=False, one_by_one=False):
        """Sessions with faults among healthy ones. `poll_waiting`: waiting sessions are polled by command.
        `one_by_one`: one session after the other, so that no other session uses a spoilt connection."""
        world = self.new_world()
        proxy = FaultyProxy(world.sandbox_port)
        world.upstream_url = proxy.url
        sampler = ErrorSampler(world, self.error_report)
        try:
            world.start_daemon()
            memory = peak(world)
            if not one_by_one:
                world.submit_many("waiting", HEALTHY)
            sampler.start()
            struck = {}
            # Altered bodies are stored as sent. They come last, and are not compared with the stand-in's bodies.
            for assignment in sorted(some, key=lambda one: one.fault.alters_body):
                session = self.submit(world, proxy, assignment)
                sampler.struck[session] = struck[session] = assignment
                time.sleep(0.25 if poll_waiting else 0.02)
                if one_by_one:
                    self.wait(world, [session], False)
            self.wait(world, struck, poll_waiting)
            sampler.end()
            unaltered = sum(1 for one in some if not one.fault.alters_body)
            return self.final_checks(world, proxy, struck, memory, sample=unaltered)
        finally:
            sampler.end()
            world.end()
            proxy.end()

    def wait(self, world, sessions, poll_waiting):
        end = time.monotonic() + TIMEOUT
        waiting = set(sessions)
        while waiting and time.monotonic() < end:
            waiting &= {one["session_id"] for one in world.sessions() if not one["final"]}
            for session in waiting if poll_waiting else ():
                world.request("POST", f"/v1/sessions/{session}/poll")
            time.sleep(1 if poll_waiting else 0.1)

    def run_long_waits(self, some):
        """Retry-After far in the future: honoured for an hour at most, and dropped by a restart."""
        world = self.new_world()
        proxy = FaultyProxy(world.sandbox_port)
        world.upstream_url = proxy.url
        wrong, struck = [], {}
        try:
            world.start_daemon()
            memory = peak(world)
            for assignment in some:
                session = self.submit(world, proxy, assignment)
                struck[session] = assignment
                end = time.monotonic() + 20
                while not assignment.struck and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(1.5)
                asked = [entry for entry in proxy.log if entry["session"] == session]
                if not asked or not asked[-1]["fault"]:
                    wrong.append(f"{assignment.fault.name} at {assignment.call} was not honoured")
                view = world.session(session)
                health = world.status()
                self.error_report.add(assignment.fault, assignment.call, (), [
                    f"next {view['next_poll_at']} at {view['last_error']['at']}; {health['health']} {health['problems']}"])
                world.stop_daemon()
                world.start_daemon()
                self.wait(world, [session], False)
            return wrong + self.final_checks(world, proxy, struck, memory)
        finally:
            world.end()
            proxy.end()


class ErrorSampler:
    """Samples the errors that the daemon shows for sessions with faults."""

    def __init__(self, world, error_report):
        self.world, self.error_report = world, error_report
        self.struck = {}
        self.messages = set()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def start(self):
        self.thread.start()

    def sample(self):
        while not self.over.wait(0.5):
            try:
                views = self.world.sessions()
            except (NoAnswer, AssertionError):
                continue
            for view in views:
                assignment = self.struck.get(view["session_id"])
                error = view["last_error"]
                if assignment and error:
                    self.error_report.add(assignment.fault, assignment.call, (), [f"{error['code']}: {error['message']}"])

    def end(self):
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
