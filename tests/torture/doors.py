"""Faults of the catalogue: TLS, from the handshake to the end of the connection."""

import socket
import ssl
import struct
import threading
import time
import warnings

from catalogue import EITHER, REFUSED, Fault, lying, said

NEXT = {("upload_status", "COMPLETED"): "initiate", ("initiate", 202): "progress", ("initiate", 409): "progress",
        ("progress", "completed"): "session_status", ("session_status", 200): "insights"}
PATIENCE = 6  # seconds; longer than upstream.connect_timeout here


def context_of(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def everything_from(sock):
    """Reads until the daemon closes the connection."""
    heard = b""
    try:
        while fresh := sock.recv(65536):
            heard += fresh
    except OSError:
        pass
    return heard


def shaken(context):
    """A fault that completes a handshake if the daemon lets it, and returns what the daemon sends after it."""
    def meet(sock):
        with context.wrap_socket(sock, server_side=True) as inner:
            return everything_from(inner)
    return meet


def old(certificates, version):
    context = context_of(certificates.right)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return shaken(context)


def after_hello(send):
    def meet(sock):
        hello = sock.recv(65536)
        return hello + (send(sock, hello) or b"")
    return meet


def says(data):
    def send(sock, _):
        sock.sendall(data)
        return everything_from(sock)
    return after_hello(send)


def flight(certificates, spoil):
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
        return everything_from(sock)
    return after_hello(send)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return b""


def drip(sock):
    """A handshake record at a byte a second."""
    for byte in b"\x16\x03\x03\x00\x7a\x02\x00":
        sock.sendall(bytes([byte]))
        time.sleep(1)
    return everything_from(sock)


def meetings(certificates, chance):
    """name -> function that gets the accepted socket and returns what the daemon sent."""
    lying_page = b"HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{\"upload_status\":\"COMPLETED\"}"
    return {
        **{name: shaken(context_of(pem)) for name, pem in certificates.wrong.items()},
        "TLS 1.1 only": old(certificates, ssl.TLSVersion.TLSv1_1),
        "TLS 1.0 only": old(certificates, ssl.TLSVersion.TLSv1),
        "plaintext": says(lying_page),
        "plaintext at once": lambda sock: sock.sendall(lying_page) or everything_from(sock),
        "garbage": says(chance.randbytes(2000)),
        "a record of garbage": says(b"\x16\x03\x03\x04\x00" + chance.randbytes(1024)),
        "a record too long": says(b"\x16\x03\x03\xff\xff" + b"a" * 65535),
        "an alert": says(b"\x15\x03\x03\x00\x02\x02\x28"),
        "endless warnings": says(b"\x15\x03\x03\x00\x02\x01\x5a" * 20_000),
        "stall": everything_from,
        "stall in the handshake": flight(certificates, lambda data: data[:len(data) // 2]),
        "handshake, spoilt": flight(certificates, lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]),
        "handshake of a byte a second": drip,
        "closed at once": lambda sock: b"",
        "closed in the handshake": after_hello(lambda sock, hello: None),
        "reset in the handshake": after_hello(lambda sock, hello: reset(sock)),
    }


class Door:
    """Accepts connections: the next `remaining` ones get the fault `meet`, all others a valid handshake."""

    def __init__(self, meet, context):
        self.meet, self.context = meet, context
        self.lock = threading.Lock()
        self.remaining = 0
        self.met = 0
        self.heard = b""

    def __call__(self, sock):
        with self.lock:
            strikes = self.remaining > 0
            self.remaining -= strikes
            self.met += strikes
        if not strikes:
            return self.context.wrap_socket(sock, server_side=True) if self.context else sock
        sock.settimeout(PATIENCE)
        try:
            self.heard += self.meet(sock)
        except OSError:
            pass  # the daemon closed the connection during the handshake
        sock.close()
        return None

    def arm_before(self, wanted, strikes):
        """Returns a hook that arms the fault for the connections from call `wanted` on. There is one session."""
        def before_answer(call, value):
            if NEXT.get((call, value)) == wanted:
                self.remaining, armed = (strikes, True) if not before_answer.armed else (self.remaining, True)
                before_answer.armed = armed
        before_answer.armed = False
        return before_answer


# A body that ends with the connection. Without close_notify it may have been truncated by a third party.

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def cut_unsaid(exchange, _):
    exchange.send(HEAD + lying(exchange))


def ended_with_word(exchange, told):
    exchange.send(HEAD + said(exchange, told))
    exchange.sock.unwrap()


ENDS = [Fault("TLS", "body ended by the connection, without close_notify", REFUSED, cut_unsaid),
        Fault("TLS", "body ended by the connection, with close_notify", EITHER, ended_with_word)]
