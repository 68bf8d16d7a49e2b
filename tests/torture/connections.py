"""Faults of the catalogue: connections and floods."""

import json
import socket
import time

from catalogue import ALL, EITHER, IDLE, QUIET, REFUSED, TAKEN, Fault, lying, said
from contents import OTHER
from crooked import answer
from framing import H11

FAULTS = []


def fault(family, name, right, spoil, **more):
    FAULTS.append(Fault(family, name, right, spoil, **more))


def connection(name, right, **more):
    return lambda spoil: fault("connection", name, right, spoil, **more)


def plain(exchange, told):
    status = told[0] if told else exchange.good_status
    return answer(status, said(exchange, told))


# Connections. A client that gets no byte of an answer on a reused connection may retry once, except for initiate.

fault("connection", "reset, request unread", QUIET, None, unread=True)
connection("closed after the request", QUIET)(lambda x, told: None)
connection("reset after the request", QUIET)(lambda x, told: x.reset())
connection("half-closed after the request", QUIET)(lambda x, told: x.half_close())
connection("silent until the deadline", REFUSED)(lambda x, told: x.hold())


@connection("reset in the head", REFUSED)
def reset_in_head(exchange, told):
    exchange.send(plain(exchange, told)[:25])
    time.sleep(0.02)
    exchange.reset()


@connection("closed in the head", REFUSED)
def closed_in_head(exchange, told):
    exchange.send(plain(exchange, told)[:25])


@connection("reset in the body", REFUSED)
def reset_in_body(exchange, told):
    exchange.send(plain(exchange, told)[:-5])
    time.sleep(0.02)
    exchange.reset()


@connection("closed in the body", REFUSED)
def closed_in_body(exchange, told):
    exchange.send(plain(exchange, told)[:-1])


@connection("half-closed in the body", REFUSED)
def half_closed_in_body(exchange, told):
    exchange.send(plain(exchange, told)[:-1])
    exchange.half_close()


@connection("reset right after the whole answer", EITHER)
def reset_after(exchange, told):
    exchange.send(plain(exchange, told))
    exchange.reset()


connection("head of a byte a second", REFUSED)(lambda x, told: x.drip(plain(x, told)[:12]))


@connection("body stalls", REFUSED)
def body_stalls(exchange, told):
    exchange.send(plain(exchange, told)[:-3])
    exchange.hold()


@connection("answer in single bytes", TAKEN, calls=ALL[:4])
def single_bytes(exchange, told):
    for byte in plain(exchange, told)[:3000]:
        exchange.send(bytes([byte]))
    exchange.send(plain(exchange, told)[3000:])
    return True


def somebody_else(exchange):
    """A second, unrequested answer. It names no session, so that it would fit any next call."""
    return answer(exchange.good_status, lying(exchange).replace(exchange.session.encode(), b""))


@connection("a second answer, at once", TAKEN)
def second_at_once(exchange, told):
    exchange.send(plain(exchange, told) + somebody_else(exchange))
    return True


@connection("a second answer, on the idle connection", TAKEN, pace=IDLE)
def second_when_idle(exchange, told):
    exchange.send(plain(exchange, told))
    exchange.send(somebody_else(exchange))
    return True


@connection("a second answer, when the next question has come", TAKEN, pace=IDLE)
def second_when_asked(exchange, told):
    exchange.send(plain(exchange, told))
    exchange.sock.settimeout(5)
    try:
        asked = exchange.secure or exchange.sock.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    if asked:
        exchange.send(somebody_else(exchange))
    return True


@connection("half a second answer, on the idle connection", TAKEN, pace=IDLE)
def half_second(exchange, told):
    exchange.send(plain(exchange, told))
    exchange.send(somebody_else(exchange)[:60])
    return True


@connection("408 and the end, on the idle connection", TAKEN, pace=IDLE)
def timeout_when_idle(exchange, told):
    exchange.send(plain(exchange, told))
    exchange.send(answer(408, b"", "Connection: close", reason="Request Timeout"))


@connection("answers out of step", REFUSED)
def out_of_step(exchange, _):
    """The answer names another session, so the daemon has to close the connection: the next would be wrong, too."""
    body = json.dumps({**json.loads(lying(exchange)), "session_id": OTHER}).encode()
    exchange.send(answer(exchange.good_status, body))
    exchange.sock.settimeout(2)
    try:
        if exchange.call != "update_webhook" and exchange.sock.recv(1, socket.MSG_PEEK):
            exchange.crooked.odd.append(b"a request on a connection that had answered about another session")
    except TimeoutError:
        pass


@connection("says keep-alive and closes", TAKEN)
def says_keep_alive(exchange, told):
    exchange.send(plain(exchange, told).replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n", 1))


# Floods: larger than upstream.max_response_size (4 MiB here), or endless.

BIG = 5 * 1024 * 1024


@connection("endless interim answers", REFUSED)
def endless_interim(exchange, _):
    exchange.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def flood(name, head, piece):
    def spoil(exchange, told):
        exchange.send(H11.replace("{status}", str(exchange.good_status)).encode() + head)
        exchange.flood(piece)
    fault("flood", name, REFUSED, spoil)


flood("endless headers", b"", b"X-Endless: 1\r\n" * 1000)
flood("endless header line", b"X-Endless: ", b"a" * 65536)
flood("endless body", b"\r\n", b" " * 65536)
flood("endless body of brackets", b"\r\n", b"[" * 65536)
flood("too large, declared", b"Content-Length: %d\r\n\r\n" % BIG, b" " * 65536)
flood("endless chunks", b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n")
flood("endless chunks of a byte", b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 1000)
flood("endless extension", b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 65536)
flood("endless trailers", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X-Endless: 1\r\n" * 1000)


def padded(size, declared):
    """A body that is valid but for its size."""
    def spoil(exchange, _):
        body = lying(exchange)
        body += b" " * (size - len(body))
        length = b"Content-Length: %d\r\n" % size if declared else b""
        exchange.send(H11.replace("{status}", str(exchange.good_status)).encode() + length + b"\r\n" + body)
    return spoil


fault("flood", "a byte too large, declared", REFUSED, padded(4 * 1024 * 1024 + 1, True))
fault("flood", "a byte too large, undeclared", REFUSED, padded(4 * 1024 * 1024 + 1, False))
fault("flood", "millions of small values, cut", REFUSED,
      lambda x, told: x.send(answer(x.good_status, b'{"session_id":"' + x.session.encode() + b'","a":[' + b"0," * 2_000_000)))
fault("flood", "millions of empty objects, cut", REFUSED,
      lambda x, told: x.send(answer(x.good_status, b'{"session_id":"' + x.session.encode() + b'","a":[' + b"{}," * 1_300_000)))
