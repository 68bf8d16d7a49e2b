"""Reads and replays the vectors and judges the answers as their suites do. README.md describes the notation."""
import os
import re
import socket
import time

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")
FILES = ("compliance.txt", "smuggling.txt", "malformed.txt", "h1spec.txt")
ANSWER_TIMEOUT = 5.0  # seconds, as in Http11Probe
H1SPEC_TIMEOUT = 0.5
ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}


class Vector:
    def __init__(self, line):
        cells = line.split(" | ")
        assert len(cells) == 4, line
        self.id = cells[0].lstrip("~")
        self.scored = not cells[0].startswith("~")
        self.passes = cells[1].split(" ")
        self.warns = [] if cells[2] == "-" else cells[2].split(" ")
        self.text = cells[3]

    def sends(self, host, path, extra=""):
        """The bytes of each step; `extra` is inserted after each Host line."""
        text = re.sub(r"\\(x[0-9a-f]{2}|.)", unescape, self.text)
        for name in ("{host}", "example.com"):
            text = text.replace("Host: %s\r\n" % name, "Host: %s\r\n%s" % (name, extra))
        text = text.replace("{host}", host).replace("{path}", path)
        return [with_sizes(repeated(step)).encode("latin-1") for step in text.split("{then}")]

    def judge(self, replies):
        if any(is_outcome(wanted, replies) for wanted in self.passes):
            return "pass"
        return "warn" if any(is_outcome(wanted, replies) for wanted in self.warns) else "fail"


def read_vectors():
    out = []
    for name in FILES:
        with open(os.path.join(FOLDER, name), encoding="ascii") as file:
            out += [Vector(line.rstrip("\n")) for line in file if line[0] != "#"]
    return out


def unescape(match):
    code = match.group(1)
    return chr(int(code[1:], 16)) if code[0] == "x" else ESCAPES[code]


def repeated(text):
    def one(match):
        return "".join(match.group(2).replace("{n}", str(i)) for i in range(int(match.group(1))))
    return re.sub(r"\{(\d+)\*((?:[^{}]|\{n\})*)\}", one, text, flags=re.S)


def with_sizes(text):
    body = re.search(r"\{body\}(.*)\{end\}", text, flags=re.S)
    if not body:
        return text
    size = len(body.group(1))
    text = text.replace("{body}", "").replace("{end}", "")
    return text.replace("{size}", str(size)).replace("{hexsize}", "%x" % size)


class Reply:
    """The answer to one step; its first status line counts."""

    def __init__(self, raw, closed):
        self.closed = closed
        found = re.match(rb"HTTP/1\.[01] (\d\d\d)", raw)
        self.status = int(found.group(1)) if found else 0
        head, _, body = raw.partition(b"\r\n\r\n")
        self.lines = len(re.findall(rb"HTTP/1\.[01] \d\d\d ", raw))
        self.fields = {}
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            self.fields[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
        self.bare = not body
        self.body = unchunked(body) if self.fields.get("transfer-encoding", "").lower() == "chunked" else body


def unchunked(raw):
    out = b""
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        if length == 0:
            break
        out, raw = out + raw[:length], raw[length + 2:]
    return out


def has_status(wanted, reply):
    if wanted == "close":
        return reply.status == 0 and reply.closed
    if wanted == "silent":
        return reply.status == 0 and not reply.closed
    if reply.status == 0:
        return False
    if wanted == "any":
        return True
    if wanted[0] == "!":
        return reply.status != int(wanted[1:])
    if wanted.endswith("xx"):
        return reply.status // 100 == int(wanted[0])
    return reply.status == int(wanted)


def meets(condition, reply):
    kind, _, text = condition.partition(":")
    said = text.replace("_", " ").encode()
    return {
        "closed": lambda: reply.closed,
        "single": lambda: reply.lines == 1,
        "bare": lambda: reply.bare,
        "dated": lambda: re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", reply.fields.get("date", "")),
        "has": lambda: text in reply.fields,
        "lacks": lambda: text not in reply.fields,
        "says": lambda: reply.body in (said, b"OK"),
        "echoes": lambda: reply.status != 200 or reply.body == said,
    }[kind]()


def is_outcome(outcome, replies):
    for number, step in enumerate(outcome.split(">")):
        reply = replies[number] if number < len(replies) else Reply(b"", False)
        status, *conditions = step.split("+")
        if not has_status(status, reply) or not all(meets(condition, reply) for condition in conditions):
            return False
    return True


def receive(connection, timeout):
    """As Http11Probe: reads up to the end of the header, then for another 150 ms."""
    raw, closed = b"", False
    until = time.monotonic() + timeout
    while not closed:
        connection.settimeout(max(0.001, until - time.monotonic()))
        try:
            part = connection.recv(65536)
        except TimeoutError:
            break
        except OSError:
            part = b""
        had_header = b"\r\n\r\n" in raw
        raw += part
        closed = not part
        if b"\r\n\r\n" in raw and not had_header:
            until = time.monotonic() + 0.15
    return Reply(raw, closed)


def replay(vector, address, path="/", extra=""):
    """A server's answers to a vector, on a new connection."""
    timeout = H1SPEC_TIMEOUT if vector.id.startswith("H1-") else ANSWER_TIMEOUT
    replies = []
    with socket.create_connection(address, timeout=ANSWER_TIMEOUT) as connection:
        for step in vector.sends("%s:%d" % address, path, extra):
            try:
                connection.sendall(step)
            except OSError:
                pass  # closed while sending; there may still be an answer to read
            replies.append(receive(connection, timeout))
            if replies[-1].closed:
                break
    return replies
