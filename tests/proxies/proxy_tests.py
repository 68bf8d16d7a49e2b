"""The tests for all proxies. They share one daemon and one proxy."""

import pathlib
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
import unittest

import client
import closing_daemon
import daemon
import processes
from smuggling_requests import smuggling_requests


class ProxyTests:
    proxy_class = None
    status_when_down = None  # status while the daemon is down

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="proxies-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        client.make_certificate(cls.folder)
        cls.daemon = daemon.Daemon(BUILD, cls.folder)
        cls.addClassCleanup(cls.daemon.stop)
        cls.proxy = cls.proxy_class(cls.folder, cls.daemon.port)
        cls.addClassCleanup(cls.proxy.stop)
        cls.client = client.Client(cls.folder, cls.proxy.port)

    def send(self, **how):
        return self.client.send(client.body_for(client.new_session()), **how)[0]

    def reached_the_daemon(self, action):
        """The daemon's counters that the action changes, with the differences."""
        before = self.daemon.received()
        action()
        after = self.daemon.received()
        return {result: count - before.get(result, 0) for result, count in after.items() if count != before.get(result, 0)}

    def fresh_daemon(self):
        """Restarts the daemon, so that the proxy has no open connection to it."""
        self.daemon.stop()
        self.daemon.start()
        processes.until("no connection is open", lambda: not self.daemon.open_connections())

    # ---------------------------------------------------------------- requests that are passed on

    def test_a_webhook_is_accepted_and_listed(self):
        session = client.new_session()
        answer = self.client.send(client.body_for(session))
        self.assertEqual((answer, self.daemon.webhooks()[session]["event_name"]),
                         ((200, b'{"status":"accepted"}'), "ENRICHMENT_NOTIFICATION"))

    def test_a_chunked_webhook_is_accepted(self):
        self.assertEqual(self.send(chunked=True), 200)

    def test_a_body_of_300000_bytes_is_passed_on_whole(self):
        session = client.new_session()
        self.client.send(client.body_for(session, 300_000))
        self.assertEqual(self.daemon.webhooks()[session]["bytes"], 300_000)

    def test_the_largest_body_the_daemon_takes_is_passed_on(self):
        self.assertEqual(self.client.send(client.body_for(client.new_session(), 1 << 20))[0], 200)

    def test_a_wrong_secret_is_refused_by_the_daemon_with_401(self):
        self.assertEqual(self.reached_the_daemon(lambda: self.assertEqual(self.send(secret="guessed"), 401)), {"UNAUTHORIZED": 1})

    def test_a_missing_secret_is_answered_401(self):
        self.assertEqual(self.send(secret=None), 401)

    def test_the_daemons_error_message_is_passed_on(self):
        self.assertIn(b"the body is not JSON", self.client.send(b"nonsense")[1])

    # ---------------------------------------------------------------- requests that the proxy answers

    def test_another_path_gets_404_from_the_proxy(self):
        for path in ("/", "/webhooks", daemon.PATH + "/", "/v1/sessions", "/x/.." + daemon.PATH + "/x"):
            with self.subTest(path):
                status = []
                self.assertEqual((self.reached_the_daemon(lambda: status.append(self.send(path=path))), status), ({}, [404]))

    def test_another_method_gets_405_from_the_proxy(self):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            with self.subTest(method):
                status = []
                self.assertEqual((self.reached_the_daemon(lambda: status.append(self.send(method=method))), status), ({}, [405]))

    def test_a_content_length_above_the_limit_gets_413_from_the_proxy(self):
        status = []
        too_large = client.body_for(client.new_session(), (1 << 20) + 1)
        self.assertEqual((self.reached_the_daemon(lambda: status.append(self.client.send(too_large)[0])), status), ({}, [413]))

    def test_a_chunked_body_above_the_limit_is_answered_413(self):
        self.assertEqual(self.client.send(client.body_for(client.new_session(), (1 << 20) + 1), chunked=True)[0], 413)

    def test_a_client_that_trickles_its_header_does_not_reach_the_daemon(self):
        self.fresh_daemon()
        with self.client.connect() as slow:
            for byte in f"POST {daemon.PATH} HTTP/1.1\r\nHost: a\r\n".encode():
                try:
                    slow.sendall(bytes([byte]))
                except OSError:
                    break  # on a slow machine the proxy's time limit for a header ends the connection first
                self.assertEqual(self.daemon.open_connections(), set())

    def test_a_client_that_trickles_its_body_does_not_reach_the_daemon(self):
        self.fresh_daemon()
        body = client.body_for(client.new_session(), 40_000)
        with self.client.connect() as slow:
            head = (f"POST {daemon.PATH} HTTP/1.1\r\nHost: {client.HOST}\r\nContent-Type: application/json\r\n"
                    f"x-secret-key: {daemon.SECRET}\r\nContent-Length: {len(body)}\r\n\r\n")
            slow.sendall(head.encode() + body[:30_000])
            for _ in range(10):
                time.sleep(0.05)  # long enough for the proxy to connect, if it passed the body on
                self.assertEqual(self.daemon.open_connections(), set())
            # The complete body is accepted.
            self.assertEqual(self.client.exchange(slow, body[30_000:], "POST")[0], 200)

    def test_a_client_above_the_rate_limit_gets_429(self):
        request = (f"POST {daemon.PATH} HTTP/1.1\r\nHost: {client.HOST}\r\nContent-Length: 0\r\n"
                   f"Content-Type: application/json\r\n\r\n").encode()
        statuses = []
        while 429 not in statuses and len(statuses) < 4000:
            statuses += self.client.statuses(request * 50, source="127.0.0.77", wanted=50)
        self.assertIn(429, statuses)

    def test_200_requests_on_one_connection_are_not_rate_limited(self):
        with self.client.connect("127.0.0.78") as connection:
            statuses = {self.send(connection=connection) for _ in range(200)}
        self.assertEqual(statuses, {200})

    # ---------------------------------------------------------------- connections to the daemon

    def test_connections_to_the_daemon_are_reused(self):
        self.fresh_daemon()
        seen = set()
        for _ in range(30):
            self.send()
            last = self.daemon.open_connections()
            seen |= last
        # One stays open; HAProxy may keep one for each of its threads.
        self.assertTrue(last and len(seen) < 6, f"{len(seen)} connections, {len(last)} of them open")

    def test_a_webhook_while_the_daemon_is_down_gets_502_or_503(self):
        self.daemon.stop()
        try:
            self.assertEqual(self.send(), self.status_when_down)
        finally:
            self.daemon.start()

    def test_webhooks_are_accepted_again_once_the_daemon_is_back(self):
        self.send()
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual([self.send() for _ in range(5)], [200] * 5)

    def test_a_webhook_on_a_connection_that_the_daemon_closes_is_sent_again(self):
        closing = closing_daemon.ClosingDaemon()
        self.addCleanup(closing.stop)
        with tempfile.TemporaryDirectory(prefix="proxies-") as name:
            folder = pathlib.Path(name)
            client.make_certificate(folder)
            proxy = self.proxy_class(folder, closing.port)
            self.addCleanup(proxy.stop)
            sender = client.Client(folder, proxy.port)
            statuses = [sender.send(client.body_for(client.new_session()))[0] for _ in range(4)]
            proxy.stop()
        self.assertEqual((statuses, closing.closed_over_a_request > 0), ([200] * 4, True))

    def test_a_restart_behind_a_systemd_socket_loses_no_webhook(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="proxies-"))
        self.addCleanup(shutil.rmtree, folder)
        client.make_certificate(folder)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            behind = daemon.Daemon(BUILD, folder, listener)
            self.addCleanup(behind.stop)
            proxy = self.proxy_class(folder, behind.port)
            self.addCleanup(proxy.stop)
            sender = client.Client(folder, proxy.port)
            statuses, enough = [], threading.Event()

            def keep_sending():
                while not enough.is_set():
                    statuses.append(sender.send(client.body_for(client.new_session()))[0])

            sending = threading.Thread(target=keep_sending)
            sending.start()
            processes.until("webhooks flow", lambda: len(statuses) > 10)
            behind.stop()
            sent_before = len(statuses)
            behind.start()
            processes.until("webhooks flow again", lambda: len(statuses) > sent_before + 10)
            enough.set()
            sending.join()
        self.assertEqual(set(statuses), {200})

    # ---------------------------------------------------------------- smuggling

    def test_a_request_for_an_unknown_path_is_counted_by_the_daemon(self):
        """The smuggling tests rely on this counter."""
        beside = lambda: self._directly(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(self.reached_the_daemon(beside), {"NO_SUCH_ENDPOINT": 1})

    def test_no_framing_smuggles_a_second_request_past_the_proxy(self):
        """The proxy refuses /smuggled, so that the daemon gets it only if it was smuggled."""
        for name, request in smuggling_requests():
            with self.subTest(name):
                self.assertNotIn("NO_SUCH_ENDPOINT", self.reached_the_daemon(lambda: self.client.statuses(request, wanted=2)))

    def test_no_framing_reaches_the_daemon_as_two_requests(self):
        for name, request in smuggling_requests():
            with self.subTest(name):
                came = self.reached_the_daemon(lambda: self.client.statuses(request, wanted=2))
                self.assertLessEqual(sum(came.values()), 1)

    def test_after_smuggling_attempts_webhooks_are_still_answered_200(self):
        for _, request in smuggling_requests():
            self.client.statuses(request, wanted=2)
        self.assertEqual([self.send() for _ in range(10)], [200] * 10)

    def _directly(self, request):
        with socket.create_connection(("127.0.0.1", self.daemon.port)) as connection:
            connection.sendall(request)
            while connection.recv(65536):
                pass

    # ---------------------------------------------------------------- logs

    def test_no_log_contains_the_secret_or_a_body(self):
        session = client.new_session()
        self.client.send(client.body_for(session))
        self.send(secret="a-guess-at-the-secret")
        self.assertEqual(re.findall(f"{daemon.SECRET}|a-guess-at-the-secret|{session}", self.proxy.logs()), [])

    def test_the_access_log_lists_requests(self):
        """The test that no log contains a secret relies on reading the right log."""
        self.send()
        processes.until("the request is logged", lambda: f"POST {daemon.PATH}" in self.proxy.logs())


BUILD = sys.argv.pop(1) if len(sys.argv) > 1 else None
