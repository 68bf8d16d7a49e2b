"""A real daemon, the stand-in for BankConnect, and clients that record which sessions were acknowledged."""

import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
import uuid

import processes
import session_scenarios

KEYS = {"x-api-key": "sandbox-api-key", "server-hash": "sandbox-server-hash"}
WEBHOOK_PATH = "/webhooks/bankconnect"
WEBHOOK_SECRET = "torture-webhook-secret"

CONFIGURATION = """
upstream.base_url = "{base_url}"
upstream.max_requests_per_second = 0
polling.progress_interval = "200ms"
polling.upload_interval_min = "200ms"
polling.upload_interval_max = "1s"
polling.safety_interval = "3s"
polling.stalled_after = "1h"
store.path = "{store}"
control.socket = "{folder}/control.sock"
status.dir = "{folder}/status"
log.format = "json"
"""


class ControlConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class NoAnswer(Exception):
    """No answer; whether the request took effect is unknown."""


def reserve_port():
    """A bound socket that never listens: the port is not given to other processes, and the daemon can listen at it."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved


class World:
    """`settings`: lines of TOML in addition to (or instead of) those above. `store`: path of the database, by default
    in the folder. `endings`: name -> Scenario. `wrapper`: a command that runs the daemon. `environment`:
    additional variables."""

    def __init__(self, build, folder, scenarios, settings="", store=None, endings=None, wrapper=(), environment=None, webhooks=False):
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.store = pathlib.Path(store or self.folder / "db")
        self.expected = endings or session_scenarios.EXPECTED
        self.wrapper = list(wrapper)
        self.environment = environment or {}
        self.reserved = reserve_port() if webhooks else None
        self.webhook_port = self.reserved.getsockname()[1] if webhooks else 0
        self.acknowledged = {}  # session id -> name of its scenario
        self.seen_events = {}  # event seq -> the event as first read
        self.daemon = None
        self.base_url = None
        self.source = None  # source address of the test's own requests to the stand-in
        self.upstream_url = None  # base URL for the daemon, if there is a proxy in between
        for name, text in (("api-key", KEYS["x-api-key"]), ("server-hash", KEYS["server-hash"]), ("webhook-secret", WEBHOOK_SECRET)):
            (self.folder / name).write_text(text + "\n")
        (self.folder / "scenarios.toml").write_text(scenarios)
        self.start_sandbox()

    def start_sandbox(self):
        out = self.folder / "sandbox.log"
        command = [self.build / "src/sandbox/bankconnect-sandbox", "--listen", "127.0.0.1:0", "--scenario", self.folder / "scenarios.toml",
                   "--request-log", self.folder / "requests.ndjson"]
        if self.webhook_port:
            command += ["--webhook-url", f"http://127.0.0.1:{self.webhook_port}{WEBHOOK_PATH}",
                        "--webhook-secret-file", self.folder / "webhook-secret"]
        self.sandbox = processes.start(command, out)
        self.base_url = processes.until("the stand-in listens", lambda: re.search(r"listening on (\S+)", out.read_text()))[1]
        self.sandbox_port = int(self.base_url.split(":")[2].split("/")[0])

    # The daemon.

    def configure(self):
        lines = CONFIGURATION.format(base_url=self.upstream_url or self.base_url, folder=self.folder, store=self.store)
        if self.webhook_port:
            lines += f'webhook.listen = "127.0.0.1:{self.webhook_port}"\nwebhook.secret_file = "webhook-secret"\n'
        set_here = {line.split("=")[0].strip() for line in self.settings.splitlines()}
        kept = [line for line in lines.splitlines() if line.split("=")[0].strip() not in set_here]
        (self.folder / "bankconnectd.toml").write_text("\n".join(kept) + "\n" + self.settings + "\n")

    def start_daemon(self, wrapper=None, environment=None, timeout=processes.TIMEOUT):
        """Starts the daemon and waits for READY; returns how long that took, or None if the daemon ended."""
        self.configure()
        notify = str(self.folder / "notify")
        pathlib.Path(notify).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify_socket:
            notify_socket.bind(notify)
            notify_socket.settimeout(0.05)
            command = [*(self.wrapper if wrapper is None else wrapper), self.build / "src/daemon/bankconnectd",
                       "--config", self.folder / "bankconnectd.toml"]
            began = time.monotonic()
            self.daemon = processes.start(command, self.folder / "daemon.log",
                                          environment={"NOTIFY_SOCKET": notify, **self.environment, **(environment or {})})
            while time.monotonic() - began < timeout:
                try:
                    if b"READY=1" in notify_socket.recv(4096):
                        return time.monotonic() - began
                except TimeoutError:
                    pass
                if self.daemon.poll() is not None:
                    return None
        raise AssertionError(f"no READY in {timeout} s: {self.log_tail()}")

    def kill_daemon(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def stop_daemon(self):
        processes.stop(self.daemon)
        return self.daemon.returncode

    def running(self):
        return self.daemon is not None and self.daemon.poll() is None

    def end(self):
        for process in (self.daemon, self.sandbox):
            processes.stop(process)
        if self.reserved:
            self.reserved.close()

    def log_tail(self, count=1500):
        """The last `count` characters of its log; None: all of it."""
        log = self.folder / "daemon.log"
        return log.read_text(errors="replace")[-count if count else None:] if log.exists() else ""

    # Clients.

    def request(self, method, target, body=None, kind=None, timeout=processes.TIMEOUT):
        connection = ControlConnection(self.folder / "control.sock", timeout)
        try:
            connection.request(method, target, body, {"Content-Type": kind} if kind else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error)) from error
        finally:
            connection.close()

    def sandbox_request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox_port, timeout=processes.TIMEOUT, source_address=self.source)
        try:
            connection.request(method, path, body, {**KEYS, "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def create_session(self, scenario):
        """Creates a session at the stand-in."""
        session = str(uuid.UUID(int=random.getrandbits(128), version=4))
        status, answer = self.sandbox_request(
            "POST", "/bank-connect/v1/session/", json.dumps({"link_id": "torture", "session_id": session, "scenario": scenario}))
        assert status in (200, 201), answer
        return session

    def submit(self, session, scenario):
        """True if acknowledged; False if refused with 503 or without an answer."""
        try:
            status, _ = self.request("POST", "/v1/sessions", json.dumps({"session_id": session, "reference": scenario}), "application/json")
        except NoAnswer:
            return False
        assert status in (200, 201, 503), status
        if status != 503:
            self.acknowledged[session] = scenario
        return status != 503

    def submit_many(self, scenario, count):
        """Submits `count` sessions of one scenario in one batch; all have to be accepted."""
        ids = [self.create_session(scenario) for _ in range(count)]
        status, answer = self.request("POST", "/v1/sessions", "\n".join(ids) + "\n", "text/plain", timeout=60)
        assert status == 200 and answer.count(b'"accepted"') == count, answer[:300]
        self.acknowledged.update((session, scenario) for session in ids)
        return ids

    def session(self, session):
        status, answer = self.request("GET", f"/v1/sessions/{session}")
        return json.loads(answer) if status == 200 else None

    def sessions(self, query=""):
        """All sessions, page by page."""
        after, found = "", []
        while True:
            status, answer = self.request("GET", f"/v1/sessions?limit=1000{query}{after}")
            assert status == 200, answer
            page = json.loads(answer)
            found += page["sessions"]
            if not page["next"]:
                return found
            after = "&after=" + page["next"]

    def status(self):
        return json.loads(self.request("GET", "/v1/status")[1])

    def events(self):
        """The whole event log."""
        found = []
        while True:
            after = found[-1]["seq"] if found else 0
            status, answer = self.request("GET", f"/v1/events?after={after}&limit=10000")
            assert status == 200, answer
            page = [json.loads(line) for line in answer.splitlines()]
            if not page:
                return found
            found += page

    def until_final(self, sessions, timeout=60):
        """Waits until the sessions are final; returns those that are not."""
        end = time.monotonic() + timeout
        waiting = set(sessions)
        while waiting and time.monotonic() < end:
            waiting &= {one["session_id"] for one in self.sessions() if not one["final"]}
            time.sleep(0.1)
        return waiting

    def requests(self):
        """The stand-in's request log."""
        time.sleep(0.05)  # its log is on disk within 20 ms
        found = []
        with open(self.folder / "requests.ndjson", encoding="utf-8") as log:
            for line in log:
                if line.endswith("\n"):
                    found.append(json.loads(line))
        return found


def skip(why):
    """The machine lacks something this step needs. It is reported as SKIPPED, never as passed."""
    raise Skipped(why)


class Skipped(Exception):
    pass


def need_root():
    if os.geteuid() != 0:
        skip("needs root")


def need_program(name, package):
    if subprocess.run(["sh", "-c", f"command -v {name}"], capture_output=True, check=False).returncode:
        skip(f"needs {name} (package {package})")
