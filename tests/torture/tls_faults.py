"""Faults of the catalogue: TLS, from the handshake to the end of the connection."""

import socket
import ssl
import struct
import threading
import time
import warnings

from catalogue import EITHER, REFUSED, Fault, body_to_spoil, false_body

NEXT_CALL = {("upload_status", "COMPLETED"): "initiate", ("initiate", 202): "progress", ("initiate", 409): "progress",
        ("progress", "completed"): "session_status", ("session_status", 200): "insights"}
TIMEOUT = 6  # seconds; longer than upstream.connect_timeout here


def context_of(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def read_until_closed(sock):
    """Reads until the daemon closes the connection."""
    received = b""
    try:
        while fresh := sock.recv(65536):
            received += fresh
    except OSError:
        pass
    return received


def handshake_with(context):
    """A fault that completes a handshake if the daemon lets it, and returns what the daemon sends after it."""
    def fault(sock):
        with context.wrap_socket(sock, server_side=True) as inner:
            return read_until_closed(inner)
    return fault


def only_version(certificates, version):
    context = context_of(certificates.right)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return handshake_with(context)


def after_client_hello(send):
    def fault(sock):
        hello = sock.recv(65536)
        return hello + (send(sock, hello) or b"")
    return fault


def sends(data):
    def send(sock, _):
        sock.sendall(data)
        return read_until_closed(sock)
    return after_client_hello(send)


def spoilt_flight(certificates, spoil):
    """The server's first flight of a valid handshake, spoilt."""
    context = context_of(certificates.right)

    def send(sock, hello):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(hello)
        try:
            context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
        except ssl.SSLWantReadError:
            pass
        sock.sendall(spoil(outgoing.read()))
        return read_until_closed(sock)
    return after_client_hello(send)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return b""


def record_byte_by_byte(sock):
    """A handshake record at a byte a second."""
    for byte in b"\x16\x03\x03\x00\x7a\x02\x00":
        sock.sendall(bytes([byte]))
        time.sleep(1)
    return read_until_closed(sock)


def handshake_faults(certificates, chance):
    """name -> function that gets the accepted socket and returns what the daemon sent."""
    lying_page = b"HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{\"upload_status\":\"COMPLETED\"}"
    return {
        **{name: handshake_with(context_of(pem)) for name, pem in certificates.wrong.items()},
        "TLS 1.1 only": only_version(certificates, ssl.TLSVersion.TLSv1_1),
        "TLS 1.0 only": only_version(certificates, ssl.TLSVersion.TLSv1),
        "plaintext": sends(lying_page),
        "plaintext at once": lambda sock: sock.sendall(lying_page) or read_until_closed(sock),
        "garbage": sends(chance.randbytes(2000)),
        "a record of garbage": sends(b"\x16\x03\x03\x04\x00" + chance.randbytes(1024)),
        "a record too long": sends(b"\x16\x03\x03\xff\xff" + b"a" * 65535),
        "an alert": sends(b"\x15\x03\x03\x00\x02\x02\x28"),
        "endless warnings": sends(b"\x15\x03\x03\x00\x02\x01\x5a" * 20_000),
        "stall": read_until_closed,
        "stall in the handshake": spoilt_flight(certificates, lambda data: data[:len(data) // 2]),
        "handshake, spoilt": spoilt_flight(certificates, lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]),
        "handshake of a byte a second": record_byte_by_byte,
        "closed at once": lambda sock: b"",
        "closed in the handshake": after_client_hello(lambda sock, hello: None),
        "reset in the handshake": after_client_hello(lambda sock, hello: reset(sock)),
    }


class Acceptor:
    """Accepts connections: the next `remaining` ones get the fault `fault`, all others a valid handshake."""

    def __init__(self, fault, context):
        self.fault, self.context = fault, context
        self.lock = threading.Lock()
        self.remaining = 0
        self.struck = 0
        self.received = b""

    def __call__(self, sock):
        with self.lock:
            strikes = self.remaining > 0
            self.remaining -= strikes
            self.struck += strikes
        if not strikes:
            return self.context.wrap_socket(sock, server_side=True) if self.context else sock
        sock.settimeout(TIMEOUT)
        try:
            self.received += self.fault(sock)
        except OSError:
            pass  # the daemon closed the connection during the handshake
        sock.close()
        return None

    def armed_before(self, wanted, strikes):
        """Returns a hook that arms the fault for the connections from call `wanted` on. There is one session."""
        def before_answer(call, value):
            if NEXT_CALL.get((call, value)) == wanted:
                self.remaining, armed = (strikes, True) if not before_answer.armed else (self.remaining, True)
                before_answer.armed = armed
        before_answer.armed = False
        return before_answer


# A body that ends with the connection. Without close_notify it may have been truncated by a third party.

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def without_close_notify(exchange, _):
    exchange.send(HEAD + false_body(exchange))


def with_close_notify(exchange, truth):
    exchange.send(HEAD + body_to_spoil(exchange, truth))
    exchange.sock.unwrap()


CLOSE_FAULTS = [Fault("TLS", "body ended by the connection, without close_notify", REFUSED, without_close_notify),
                Fault("TLS", "body ended by the connection, with close_notify", EITHER, with_close_notify)]
