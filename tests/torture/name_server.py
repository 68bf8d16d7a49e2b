"""A small DNS server. Its answers are set per name and can change while it runs."""

import socket
import struct
import threading
import typing

A_RECORD = 1
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5


class Answer(typing.NamedTuple):
    """An address, an error code or no answer, and a delay in seconds."""

    address: str = "127.0.0.1"
    error: int = 0
    silent: bool = False
    delay: float = 0


SILENCE = Answer(silent=True)


def _name_in(query):
    """The name in a query, and the offset at which its question ends."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    return ".".join(labels), at + 5


def _reply(query, answer):
    _, end = _name_in(query)
    kind = struct.unpack(">H", query[end - 4:end - 2])[0]
    records = b""
    if answer.error == 0 and kind == A_RECORD:
        time_to_live = 0
        records = struct.pack(">HHHIH", 0xC00C, A_RECORD, 1, time_to_live, 4) + socket.inet_aton(answer.address)
    flags = 0x8180 | answer.error
    return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if records else 0, 0, 0) + query[12:end] + records


class NameServer(threading.Thread):
    """Answers at 127.0.0.1:53. A name without an entry in `answers` gets NXDOMAIN."""

    def __init__(self):
        super().__init__(daemon=True)
        self.answers = {}
        self.queries = {}  # name -> queries so far
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    def run(self):
        while True:
            query, asker = self.socket.recvfrom(512)
            name, _ = _name_in(query)
            self.queries[name] = self.queries.get(name, 0) + 1
            answer = self.answers.get(name, Answer(error=NXDOMAIN))
            if answer.silent:
                continue
            threading.Timer(answer.delay, self.socket.sendto, (_reply(query, answer), asker)).start()
