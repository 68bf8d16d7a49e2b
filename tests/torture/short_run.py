"""A short run of a daemon, about a second: it starts on a database with sessions in several states, three more are
submitted, a held one is released, a backup is made, a session is erased, it reloads, it stops. Subclasses inject
faults. Then it is started without faults, what was not acknowledged is submitted again, and all checks must pass."""

import http.client
import json
import os
import random
import signal
import time

import checks
from initial_database import ENDINGS, INITIAL_SESSIONS, SETTINGS, SUBMITTED, scenario_file, scenario_of
from world import WEBHOOK_PATH, NoAnswer, World

DOCUMENTED = {0, 2, 71, 74, 75, 78}  # exit codes
FATAL_MESSAGES = ("store_failed", "unexpected error", "terminate called")
ANSWERS_WITHIN = 15  # seconds; longer is a hang. SQLite's busy timeout is ten
MOST_HANGS = 3  # then the run is aborted
STOPS_WITHIN = 20  # ten seconds for calls in flight, and some for a slow machine
ENDS_WITHIN = 1.5  # a run without faults takes half of it
RECOVERS_WITHIN = 20  # includes back-off


class Defect(AssertionError):
    pass


class ShortRun(World):
    def __init__(self, build, folder, initial):
        super().__init__(build, folder, scenario_file(initial.ids, "150ms"), SETTINGS, endings=ENDINGS, webhooks=True)
        initial.copy_to(self.folder)
        self.ids = initial.ids
        self.acknowledged = {initial.ids[name]: scenario_of(name) for name in INITIAL_SESSIONS}
        self.seen_events = dict(initial.seen_events)
        self.sent = initial.sent
        self.submitted = {}
        self.backup = self.folder / "backup.db"
        self.backed_up = self.erased = False
        self.hangs = []
        self.log_begins = 0
        random.seed(2)  # every run has the same ids and file names

    def request(self, method, target, body=None, kind=None, timeout=ANSWERS_WITHIN):
        began = time.monotonic()
        try:
            return super().request(method, target, body, kind, timeout)
        except NoAnswer as error:
            if time.monotonic() - began >= timeout and self.running():
                self.hangs.append(f"hang: {method} {target.split('?')[0]} has no answer after {timeout} s")
                if len(self.hangs) == MOST_HANGS:
                    raise Defect("; ".join(self.hangs)) from error
            raise

    def sandbox_request(self, method, path, body=None):
        """Payloads that were fetched from the earlier stand-in are compared with what that one sent."""
        return self.sent.get(path) or super().sandbox_request(method, path, body)

    def try_request(self, method, target, body=None, kind=None):
        """Like request(), with status 0 if there is no answer."""
        try:
            return self.request(method, target, body, kind)
        except NoAnswer:
            return 0, b""

    # The run.

    def begin(self, wrapper=None, environment=None):
        """True if it says READY."""
        log = self.folder / "daemon.log"
        self.log_begins = log.stat().st_size if log.exists() else 0
        return self.start_daemon(wrapper, environment) is not None

    def exercise(self):
        for scenario in SUBMITTED:
            self.submitted[self.create_session(scenario)] = scenario
        for session, scenario in self.submitted.items():
            self.submit(session, scenario)
        self.release()
        self.wait_for_ends()
        self.read_everything()
        self.send_forged_webhook()
        self.back_up()
        self.erase_one()
        if not self.has_ended():
            self.daemon.send_signal(signal.SIGHUP)
        self.read_everything()

    def release(self):
        self.try_request("POST", f"/v1/sessions/{self.ids['held']}/release")

    def wait_for_ends(self):
        waiting = [*self.submitted, self.ids["held"], self.ids["processing"]]
        end = time.monotonic() + ENDS_WITHIN
        while self.running() and time.monotonic() < end:
            views = [self.try_request("GET", f"/v1/sessions/{session}") for session in waiting]
            if all(status == 200 and json.loads(answer)["final"] for status, answer in views):
                return
            time.sleep(0.03)

    def read_everything(self):
        self.try_request("GET", f"/v1/sessions/{self.ids['done']}/insights")
        self.try_request("GET", "/v1/sessions?limit=100")
        self.try_request("GET", "/v1/webhooks")
        self.try_request("GET", "/metrics")
        status, answer = self.try_request("GET", "/v1/events?after=0&limit=10000")
        for line in answer.splitlines() if status == 200 else ():
            event = json.loads(line)
            if not event.get("erased"):
                self.seen_events.setdefault(event["seq"], json.dumps(event, sort_keys=True))

    def send_forged_webhook(self):
        """A webhook with a wrong secret is refused, whatever else fails."""
        body = json.dumps({"session_id": self.ids["waiting"], "event_name": "SESSION_EXPIRY_NOTIFICATION"})
        connection = http.client.HTTPConnection("127.0.0.1", self.webhook_port, timeout=ANSWERS_WITHIN)
        try:
            connection.request("POST", WEBHOOK_PATH, body, {"Content-Type": "application/json", "x-secret-key": "forged"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()
        if status == 200:
            raise Defect("a webhook with a wrong secret got 200")

    def back_up(self):
        status, _ = self.try_request("POST", "/v1/backup", json.dumps({"path": str(self.backup)}), "application/json")
        self.backed_up = 200 <= status < 300

    def erase_one(self):
        self.acknowledged.pop(self.ids["erased"], None)  # without an answer it may be erased or not
        status, _ = self.try_request("DELETE", f"/v1/sessions/{self.ids['erased']}")
        self.erased = status == 204

    def has_ended(self):
        """True if the daemon has ended. If it has logged a fatal error, waits until it has."""
        time.sleep(0.02)
        end = time.monotonic() + STOPS_WITHIN
        while self.running() and time.monotonic() < end and any(word in self.log_text() for word in FATAL_MESSAGES):
            time.sleep(0.01)
        return not self.running()

    def stop(self):
        """Stops the daemon and returns its exit code."""
        if self.running():
            self.daemon.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOPS_WITHIN
        while self.running():
            if time.monotonic() > end:
                raise Defect(f"hang: still running {STOPS_WITHIN} s after SIGTERM")
            time.sleep(0.01)
        return self.daemon.returncode

    def log_text(self):
        """What this start of the daemon wrote to the log."""
        return (self.folder / "daemon.log").read_bytes()[self.log_begins:].decode(errors="replace")

    def check_end(self, code):
        """The exit code is documented, and for a failure a log line says what failed and where."""
        last = " | ".join(line for line in self.log_text().strip().splitlines()[-3:] if '"level":"info"' not in line)[-600:]
        if code < 0:
            raise Defect(f"ended by {signal.Signals(-code).name}: {last}")
        if code not in DOCUMENTED:
            raise Defect(f"exit code {code} is not documented: {last}")
        if code and not any(is_explanation(line) for line in self.log_text().splitlines()):
            raise Defect(f"exit code {code} without a line that says why: {last}")

    # After the run, without faults.

    def restart_without_faults(self):
        if not self.begin(wrapper=[], environment={}):
            raise Defect(f"it does not start without faults: {self.log_tail()[-600:]}")

    def check_recovery(self):
        """Once the faults are over: submits again what was refused, and runs all checks."""
        for session, scenario in self.submitted.items():
            end = time.monotonic() + 10
            while not self.submit(session, scenario):
                if time.monotonic() > end:
                    raise Defect(f"a session is refused for 10 s although the faults are over: {self.log_tail()[-600:]}")
                time.sleep(0.05)
        self.release()
        wanted = [session for session, scenario in self.acknowledged.items() if ENDINGS[scenario].ending]
        if late := self.until_final(wanted, RECOVERS_WITHIN):
            raise Defect(f"{len(late)} sessions are not final {RECOVERS_WITHIN} s after the faults: {self.errors_of(late)}")
        self.wait_for_files(wanted)
        checks.check_all(self)
        self.check_erased()
        if self.backed_up:
            checks.database(self.backup)
        if self.hangs:
            raise Defect("; ".join(self.hangs))

    def recovers_without_restart(self):
        """Checks the daemon that met the fault. False if it has ended after all."""
        try:
            self.check_recovery()
        except (AssertionError, NoAnswer):
            if not self.has_ended():
                raise
            return False
        return True

    def errors_of(self, sessions):
        views = [self.session(session) for session in sessions]
        return sorted({f"{view['state']} {(view['last_error'] or {}).get('message')}" for view in views})

    def wait_for_files(self, sessions):
        """The daemon retries files that could not be written every second."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                return checks.status_files(self, sessions)
            except (AssertionError, ValueError):
                time.sleep(0.1)
        return None

    def check_erased(self):
        if not self.erased:
            return
        session = self.ids["erased"]
        if (self.folder / "status/sessions" / f"{session}.json").exists():
            raise Defect("an erased session still has its status file")
        blob = bytes.fromhex(session.replace("-", ""))
        for path in self.folder.glob("db*"):
            if blob in path.read_bytes():
                raise Defect(f"{path.name} contains the id of an erased session")

    def clean_up(self):
        """Ends all processes of the run."""
        if self.running():
            os.kill(self.daemon.pid, signal.SIGKILL)
            self.daemon.wait()
        self.end()


def is_explanation(line):
    try:
        entry = json.loads(line)
    except ValueError:
        return line.startswith("bankconnectd: ") or ".toml" in line or "cannot" in line
    return isinstance(entry, dict) and entry.get("level") in ("error", "critical") and len(str(entry)) > 80
