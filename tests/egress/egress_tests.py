"""Calls to BankConnect through a real egress proxy: a daemon, the sandbox behind TLS, and the proxy between them."""

import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

import processes

USER = "lender"
PASSWORD = "the-password-of-these-tests"
API_KEY = "sandbox-api-key"
SERVER_HASH = "sandbox-server-hash"

CONFIGURATION = """
upstream.base_url = "https://localhost:{bankconnect}/bank-connect/v1"
upstream.ca_file = "{folder}/certificate.pem"
upstream.proxy = "http://127.0.0.1:{proxy}"
upstream.proxy_credentials_file = "proxy-credentials"
polling.upload_interval_min = "100ms"
polling.progress_interval = "100ms"
store.path = "{folder}/db"
control.socket = "{folder}/control.sock"
status.dir = "{folder}/status"
log.format = "json"
"""

SCENARIO = """
[scenario.quick]
no_uploads = "0s"
in_progress = "100ms"
processing = "100ms"
"""


class TlsFront:
    """Ends TLS and passes the bytes on to the sandbox."""

    def __init__(self, folder, target):
        self.target = target
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
        # A proxy looks "localhost" up, which may be either.
        first = socket.create_server(("127.0.0.1", 0))
        self.port = first.getsockname()[1]
        listeners = [first]
        if socket.has_ipv6:
            try:
                listeners.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
            except OSError:
                pass  # not on this machine
        for listener in listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            secure = self.context.wrap_socket(client, server_side=True)
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            return
        threading.Thread(target=self._copy, args=(secure, server), daemon=True).start()
        self._copy(server, secure)

    @staticmethod
    def _copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        sink.close()


class EgressProxy:
    """A proxy of Debian's, with a password, on a port of its own. Subclasses say how it is configured and started."""

    def __init__(self, folder, allowed_port):
        self.folder = folder
        self.allowed_port = allowed_port
        self.log = folder / "proxy.log"
        self.port = processes.free_port()
        self.process = None

    def start(self):
        self.process = processes.start(self.command(), self.log)
        processes.until("the proxy listens", lambda: processes.listens(self.port))

    def stop(self):
        processes.stop(self.process)
        processes.until("the proxy is gone", lambda: not processes.listens(self.port))

    def connects(self):
        """How many tunnels its log speaks of."""
        return sum(line.count("CONNECT") for path in self.folder.glob("proxy*.log")
                   for line in path.read_text(errors="replace").splitlines() if f":{self.allowed_port}" in line)


class EgressTests:
    proxy_class = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="egress-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.folder.chmod(0o755)  # proxies change their user
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", cls.folder / "key.pem",
                        "-out", cls.folder / "certificate.pem"], check=True, capture_output=True)
        (cls.folder / "scenario.toml").write_text(SCENARIO)
        cls.sandbox_port = processes.free_port()
        sandbox = processes.start([BUILD / "src/sandbox/bankconnect-sandbox", "--listen", f"127.0.0.1:{cls.sandbox_port}",
                                   "--scenario", cls.folder / "scenario.toml"], cls.folder / "sandbox.log")
        cls.addClassCleanup(processes.stop, sandbox)
        processes.until("the sandbox listens", lambda: processes.listens(cls.sandbox_port))
        cls.bankconnect = TlsFront(cls.folder, cls.sandbox_port).port

    def setUp(self):
        self.proxy = self.proxy_class(self.folder, self.bankconnect)

    def begin(self, password=PASSWORD, allowed_port=None):
        self.proxy.allowed_port = allowed_port or self.bankconnect
        self.proxy.start()
        self.addCleanup(self.proxy.stop)
        for name, text in (("api-key", API_KEY), ("server-hash", SERVER_HASH), ("proxy-credentials", f"{USER}:{password}")):
            (self.folder / name).write_text(text + "\n")
        file = self.folder / "bankconnectd.toml"
        file.write_text(CONFIGURATION.format(bankconnect=self.bankconnect, folder=self.folder, proxy=self.proxy.port))
        log = self.folder / "daemon.txt"
        log.write_text("")
        self.daemon = processes.start([BUILD / "src/daemon/bankconnectd", "--config", file], log)
        self.addCleanup(processes.stop, self.daemon)
        processes.until("the daemon is ready", lambda: '"event":"ready"' in log.read_text())

    def ctl(self, *arguments):
        command = [BUILD / "src/ctl/bankconnectctl", "--socket", self.folder / "control.sock", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def submit(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.sandbox_port}/bank-connect/v1/session/", method="POST",
                                         data=b'{"link_id": "x", "scenario": "quick"}',
                                         headers={"x-api-key": API_KEY,
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            session = json.load(answer)["session_id"]
        self.ctl("add", session)
        return session

    def session(self, session):
        return json.loads(self.ctl("--json", "show", session))

    def until_enriched(self, session):
        processes.until("the session is enriched", lambda: self.session(session)["state"] == "ENRICHED")

    def until_error(self, session, code):
        def has_it():
            error = self.session(session)["last_error"]
            return error is not None and error["code"] == code
        processes.until("the call fails with " + code, has_it)

    def test_a_session_is_enriched_through_the_proxy(self):
        self.begin()
        self.until_enriched(self.submit())
        self.assertGreater(self.proxy.connects(), 0)

    def test_a_wrong_password_is_named_and_a_right_one_taken_at_the_next_reload(self):
        self.begin(password="wrong")
        session = self.submit()
        self.until_error(session, "PROXY_AUTHENTICATION_REQUIRED")
        self.assertEqual(self.session(session)["state"], "NO_UPLOADS")
        (self.folder / "proxy-credentials").write_text(f"{USER}:{PASSWORD}\n")
        self.daemon.send_signal(1)
        self.until_enriched(session)

    def test_a_refused_host_fails_no_session(self):
        self.begin(allowed_port=9)
        session = self.submit()
        self.until_error(session, "PROXY_REFUSED")
        self.assertEqual(self.session(session)["state"], "NO_UPLOADS")

    def test_a_proxy_that_was_away_is_used_again(self):
        self.begin()
        self.proxy.stop()
        session = self.submit()
        self.until_error(session, "CONNECTION_REFUSED")
        self.proxy.start()
        self.until_enriched(session)

    def test_a_proxy_that_hangs_costs_the_time_for_connecting(self):
        self.begin()
        self.proxy.process.send_signal(19)
        self.addCleanup(self.proxy.process.send_signal, 18)
        session = self.submit()
        self.until_error(session, "TIMEOUT")
        self.proxy.process.send_signal(18)
        self.until_enriched(session)


BUILD = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else None
