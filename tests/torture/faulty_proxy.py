"""A proxy between the daemon and the stand-in. It forwards requests and answers, and spoils selected answers.

It records every exchange, so that the checks can tell which answer each call of the daemon depended on."""

import http.client
import json
import re
import socket
import struct
import threading
import time

from world import KEYS

CALLS = {"session_upload_status": "upload_status", "initiate_processing": "initiate", "progress": "progress",
         "session_status": "session_status", "insights": "insights"}
PREFIX = "/bank-connect/v1"
PATH = re.compile(PREFIX + r"/session_data/([0-9a-f-]{36})/([a-z_]+)/$")
REGISTRATION = PREFIX + "/session_data/update_webhook/"
LONGEST_HOLD = 8  # seconds; longer than any deadline of a daemon here
MOST_FLOODED = 48 * 1024 * 1024


class Assignment:
    """One session's fault, at one call: it strikes the first `strikes` requests, or those within `seconds`."""

    def __init__(self, fault, call, strikes=1, seconds=0.0):
        self.fault, self.call, self.strikes, self.seconds = fault, call, strikes, seconds
        self.struck = 0
        self.until = None
        self.sent = []  # complete bodies that the daemon may store

    def spent(self):
        return time.monotonic() >= self.until if self.until else self.struck >= self.strikes

    def strike(self, call):
        if call != self.call or self.spent():
            return False
        if self.seconds and not self.until:
            self.until = time.monotonic() + self.seconds
        self.struck += 1
        return True


class Exchange:
    """One request whose answer a fault spoils."""

    def __init__(self, proxy, sock, call, session, body, assignment):
        self.proxy, self.sock, self.call, self.session, self.request_body = proxy, sock, call, session, body
        self.assignment = assignment
        self.strike = assignment.struck
        self.good_status = 202 if call == "initiate" else 200

    def true_answer(self):
        """Forwards the request and returns the stand-in's answer; the call takes effect."""
        status, body = self.proxy.forward(self.call, self.session, self.request_body)
        return status, body

    def send(self, data):
        self.sock.sendall(data)

    def hold(self):
        """Sends nothing more until the daemon closes the connection."""
        self.sock.settimeout(LONGEST_HOLD)
        try:
            while self.sock.recv(65536):
                pass
        except OSError:
            pass

    def drip(self, data, pause=1.0):
        for at in range(len(data)):
            self.send(data[at:at + 1])
            time.sleep(pause)

    def flood(self, piece):
        end = time.monotonic() + LONGEST_HOLD
        sent = 0
        while sent < MOST_FLOODED and time.monotonic() < end:
            self.send(piece)
            sent += len(piece)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)
        self.hold()


def answer(status, body, *headers, reason="OK"):
    lines = [f"HTTP/1.1 {status} {reason}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class FaultyProxy:
    """Listens on loopback. `acceptor`: makes an accepted socket the one to read from, TLS or not; None if a fault has
    used it up. `secure`: TLS is used. `closes`: each connection is closed after one exchange."""

    def __init__(self, sandbox_port, acceptor=None, secure=False, closes=False):
        self.sandbox_port, self.acceptor, self.secure, self.closes = sandbox_port, acceptor, secure, closes
        self.plan = {}  # session id -> Assignment
        self.registration = None  # Assignment
        self.log = []  # every exchange
        self.unexpected = []  # requests the daemon should not send
        self.redirected_connections = 0  # connections to the redirects' target
        self.over = False
        self.lock = threading.Lock()
        self.before_answer = None  # called with (call, value) of each unspoilt answer
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.redirect_listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.redirect_port = self.redirect_listener.getsockname()[1]
        self.url = f"{'https://localhost' if secure else 'http://127.0.0.1'}:{self.port}{PREFIX}"
        for work in (self.accept, self.accept_redirected):
            threading.Thread(target=work, daemon=True).start()

    def accept(self):
        while not self.over:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def accept_redirected(self):
        while not self.over:
            try:
                sock, _ = self.redirect_listener.accept()
            except OSError:
                return
            self.redirected_connections += 1
            sock.close()

    def end(self):
        self.over = True
        for listener in (self.listener, self.redirect_listener):
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def serve(self, sock):
        try:
            if self.acceptor:
                sock = self.acceptor(sock)
            while sock is not None and self.serve_one(sock):
                pass
        except OSError:
            pass  # the daemon closed the connection, which it may
        finally:
            if sock is not None:
                sock.close()

    def serve_one(self, sock):
        """Serves one exchange. Returns whether the connection stays open."""
        data, size = self.wait_for_request(sock)
        if not data:
            return False
        head, body = data[:size].split(b"\r\n\r\n", 1)
        method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ")
        lines = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:]]
        fields = {name.lower(): value for name, value in lines}
        if any(fields.get(name) != value for name, value in KEYS.items()) or len(data) != size:
            self.unexpected.append(data[:300])
        found = PATH.match(target)
        call = "update_webhook" if target == REGISTRATION else CALLS.get(found[2]) if found else None
        if call is None or method != ("POST" if call in ("initiate", "update_webhook") else "GET"):
            self.unexpected.append(data[:300])
            return False
        session = found[1] if found else ""
        assignment = self.plan.get(session) if session else self.registration
        with self.lock:
            strikes = assignment is not None and assignment.strike(call)
        entry = self.record_request(session, call, assignment.fault.name if strikes else "")
        if strikes and assignment.fault.before_read:
            return False  # the request is unread, so the kernel resets the connection
        if not self.secure:
            sock.recv(size)
        if strikes:
            return self.spoil(sock, call, session, body, assignment, entry)
        self.advance_session(session, call, assignment)
        status, text = self.forward(call, session, body)
        record_answer(entry, status, text)
        if self.before_answer:
            self.before_answer(call, entry["value"])
        sock.sendall(answer(status, text, *(["Connection: close"] if self.closes else [])))
        return not self.closes

    def wait_for_request(self, sock):
        """The bytes received and the size of the first request. Without TLS they stay in the socket (MSG_PEEK)."""
        data = b""
        while True:
            fresh = sock.recv(65536) if self.secure else sock.recv(65536, socket.MSG_PEEK)
            if not fresh:
                return b"", 0
            data = data + fresh if self.secure else fresh
            end = data.find(b"\r\n\r\n")
            if end >= 0:
                length = re.search(rb"(?i)\r\ncontent-length: (\d+)", data[:end + 2])
                size = end + 4 + (int(length[1]) if length else 0)
                if len(data) >= size:
                    return data, size
            time.sleep(0.001)

    def spoil(self, sock, call, session, body, assignment, entry):
        exchange = Exchange(self, sock, call, session, body, assignment)
        fault = assignment.fault
        truth = None
        if fault.sends_true_answer:
            truth = exchange.true_answer()
        elif call == "initiate" and assignment.struck % 2 == 0:
            exchange.true_answer()  # the call takes effect, its answer is lost
        if truth:
            record_answer(entry, *truth)
        keep = fault.spoil(exchange, truth)
        return keep is True

    def advance_session(self, session, call, assignment):
        """Advances the session at the stand-in once its fault is spent. Until then the false answers stay false."""
        if assignment is None or call not in ("upload_status", "progress"):
            return
        if call != assignment.call or assignment.spent():
            order = {"upload_status": "completed"} if call == "upload_status" else {"finish_processing": True}
            self.ask_sandbox("POST", f"/sandbox/sessions/{session}", json.dumps(order).encode())

    def forward(self, call, session, body):
        if call == "update_webhook":
            return self.ask_sandbox("POST", REGISTRATION, body)
        name = next(path for path, known in CALLS.items() if known == call)
        return self.ask_sandbox("POST" if call == "initiate" else "GET", f"{PREFIX}/session_data/{session}/{name}/", body)

    def ask_sandbox(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox_port, timeout=10)
        try:
            connection.request(method, path, body or None, {**KEYS, "Content-Type": "application/json"})
            got = connection.getresponse()
            return got.status, got.read()
        finally:
            connection.close()

    def record_request(self, session, call, fault):
        """Records a request. `value` stays None until an answer is sent that the daemon may act on."""
        entry = {"at": time.monotonic(), "session": session, "call": call, "fault": fault, "value": None, "answered": None}
        with self.lock:
            self.log.append(entry)
        return entry


def record_answer(entry, status, text):
    """Records that from now on the daemon may act on this answer."""
    value = status
    if status == 200 and entry["call"] in ("upload_status", "progress"):
        value = json.loads(text)["upload_status" if entry["call"] == "upload_status" else "session_progress"]
    entry.update(value=value, answered=time.monotonic())
