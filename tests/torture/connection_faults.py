"""Faults of the catalogue: connections and floods."""

import json
import socket
import time

from catalogue import ACCEPTED, ALL, EITHER, IDLE, IGNORED, REFUSED, Fault, body_to_spoil, false_body
from content_faults import OTHER
from faulty_proxy import answer
from framing_faults import H11

FAULTS = []


def fault(family, name, expected, spoil, **more):
    FAULTS.append(Fault(family, name, expected, spoil, **more))


def connection(name, expected, **more):
    return lambda spoil: fault("connection", name, expected, spoil, **more)


def plain_answer(exchange, truth):
    status = truth[0] if truth else exchange.good_status
    return answer(status, body_to_spoil(exchange, truth))


# Connections. A client that gets no byte of an answer on a reused connection may retry once, except for initiate.

fault("connection", "reset, request unread", IGNORED, None, before_read=True)
connection("closed after the request", IGNORED)(lambda x, truth: None)
connection("reset after the request", IGNORED)(lambda x, truth: x.reset())
connection("half-closed after the request", IGNORED)(lambda x, truth: x.half_close())
connection("silent until the deadline", REFUSED)(lambda x, truth: x.hold())


@connection("reset in the head", REFUSED)
def reset_in_head(exchange, truth):
    exchange.send(plain_answer(exchange, truth)[:25])
    time.sleep(0.02)
    exchange.reset()


@connection("closed in the head", REFUSED)
def closed_in_head(exchange, truth):
    exchange.send(plain_answer(exchange, truth)[:25])


@connection("reset in the body", REFUSED)
def reset_in_body(exchange, truth):
    exchange.send(plain_answer(exchange, truth)[:-5])
    time.sleep(0.02)
    exchange.reset()


@connection("closed in the body", REFUSED)
def closed_in_body(exchange, truth):
    exchange.send(plain_answer(exchange, truth)[:-1])


@connection("half-closed in the body", REFUSED)
def half_closed_in_body(exchange, truth):
    exchange.send(plain_answer(exchange, truth)[:-1])
    exchange.half_close()


@connection("reset right after the whole answer", EITHER)
def reset_after(exchange, truth):
    exchange.send(plain_answer(exchange, truth))
    exchange.reset()


connection("head of a byte a second", REFUSED)(lambda x, truth: x.drip(plain_answer(x, truth)[:12]))


@connection("body stalls", REFUSED)
def body_stalls(exchange, truth):
    exchange.send(plain_answer(exchange, truth)[:-3])
    exchange.hold()


@connection("answer in single bytes", ACCEPTED, calls=ALL[:4])
def single_bytes(exchange, truth):
    for byte in plain_answer(exchange, truth)[:3000]:
        exchange.send(bytes([byte]))
    exchange.send(plain_answer(exchange, truth)[3000:])
    return True


def second_answer(exchange):
    """A second, unrequested answer. It names no session, so that it would fit any next call."""
    return answer(exchange.good_status, false_body(exchange).replace(exchange.session.encode(), b""))


@connection("a second answer, at once", ACCEPTED)
def second_at_once(exchange, truth):
    exchange.send(plain_answer(exchange, truth) + second_answer(exchange))
    return True


@connection("a second answer, on the idle connection", ACCEPTED, impact=IDLE)
def second_when_idle(exchange, truth):
    exchange.send(plain_answer(exchange, truth))
    exchange.send(second_answer(exchange))
    return True


@connection("a second answer, when the next request has come", ACCEPTED, impact=IDLE)
def second_when_asked(exchange, truth):
    exchange.send(plain_answer(exchange, truth))
    exchange.sock.settimeout(5)
    try:
        asked = exchange.proxy.secure or exchange.sock.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    if asked:
        exchange.send(second_answer(exchange))
    return True


@connection("half a second answer, on the idle connection", ACCEPTED, impact=IDLE)
def half_second(exchange, truth):
    exchange.send(plain_answer(exchange, truth))
    exchange.send(second_answer(exchange)[:60])
    return True


@connection("408 and the end, on the idle connection", ACCEPTED, impact=IDLE)
def timeout_when_idle(exchange, truth):
    exchange.send(plain_answer(exchange, truth))
    exchange.send(answer(408, b"", "Connection: close", reason="Request Timeout"))


@connection("answers out of step", REFUSED)
def out_of_step(exchange, _):
    """The answer names another session, so the daemon has to close the connection: the next would be wrong, too."""
    body = json.dumps({**json.loads(false_body(exchange)), "session_id": OTHER}).encode()
    exchange.send(answer(exchange.good_status, body))
    exchange.sock.settimeout(2)
    try:
        if exchange.call != "update_webhook" and exchange.sock.recv(1, socket.MSG_PEEK):
            exchange.proxy.unexpected.append(b"a request on a connection that had answered about another session")
    except TimeoutError:
        pass


@connection("says keep-alive and closes", ACCEPTED)
def says_keep_alive(exchange, truth):
    exchange.send(plain_answer(exchange, truth).replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n", 1))


# Floods: larger than upstream.max_response_size (4 MiB here), or endless.

BIG = 5 * 1024 * 1024


@connection("endless interim answers", REFUSED)
def endless_interim(exchange, _):
    exchange.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def flood(name, head, piece):
    def spoil(exchange, truth):
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
        body = false_body(exchange)
        body += b" " * (size - len(body))
        length = b"Content-Length: %d\r\n" % size if declared else b""
        exchange.send(H11.replace("{status}", str(exchange.good_status)).encode() + length + b"\r\n" + body)
    return spoil


fault("flood", "a byte too large, declared", REFUSED, padded(4 * 1024 * 1024 + 1, True))
fault("flood", "a byte too large, undeclared", REFUSED, padded(4 * 1024 * 1024 + 1, False))
fault("flood", "millions of small values, cut", REFUSED,
      lambda x, truth: x.send(answer(x.good_status, b'{"session_id":"' + x.session.encode() + b'","a":[' + b"0," * 2_000_000)))
fault("flood", "millions of empty objects, cut", REFUSED,
      lambda x, truth: x.send(answer(x.good_status, b'{"session_id":"' + x.session.encode() + b'","a":[' + b"{}," * 1_300_000)))
