"""Requests whose end two HTTP parsers may see at different places."""

import client
import daemon


def smuggling_requests():
    """Yields (name, bytes). Each hides `GET /smuggled` in what another parser takes for the body."""
    inner = b"GET /smuggled HTTP/1.1\r\nHost: hooks.lender.example\r\n\r\n"
    good = client.body_for(client.new_session())
    last = b"0\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (len(good), good)

    def post(fields, body):
        head = f"POST {daemon.PATH} HTTP/1.1\r\nHost: {client.HOST}\r\nContent-Type: application/json\r\n"
        head += f"x-secret-key: {daemon.SECRET}\r\n"
        return head.encode() + fields + b"\r\n" + body

    length = len(last) + len(inner)
    for name, encoding in {
        "with a length": b"Transfer-Encoding: chunked\r\n", "in odd letters": b"Transfer-Encoding: cHuNkEd\r\n",
        "unknown": b"Transfer-Encoding: xchunked\r\n", "doubled": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "in a list": b"Transfer-Encoding: identity, chunked\r\n", "after a tab": b"Transfer-Encoding:\tchunked\r\n",
        "blank before the colon": b"Transfer-Encoding : chunked\r\n", "folded": b"Transfer-Encoding:\r\n chunked\r\n",
        "bare line feed": b"X: y\nTransfer-Encoding: chunked\r\n", "bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n",
        "vertical tab": b"Transfer-Encoding: \x0bchunked\r\n", "quoted": b'Transfer-Encoding: "chunked"\r\n',
    }.items():
        yield f"encoding {name}", post(b"Content-Length: %d\r\n" % length + encoding, last + inner)
        yield f"encoding {name}, no length", post(encoding, last + inner)
    for name, lengths in {
        "two": b"Content-Length: %d\r\nContent-Length: %d\r\n" % (len(good), len(good + inner)),
        "a list": b"Content-Length: %d, %d\r\n" % (len(good), len(good + inner)), "with a plus": b"Content-Length: +%d\r\n" % len(good),
        "hexadecimal": b"Content-Length: 0x%x\r\n" % len(good), "with a blank": b"Content-Length: %d 0\r\n" % len(good),
        "enormous": b"Content-Length: 18446744073709551617\r\n", "negative": b"Content-Length: -1\r\n",
    }.items():
        yield f"length {name}", post(lengths, good + inner)
    chunked = b"Transfer-Encoding: chunked\r\n"
    for name, body in {
        "trailers": chunk + b"0\r\nContent-Length: 5\r\n\r\n" + inner,
        "size too long": b"1%016x\r\n" % len(good) + good + b"\r\n" + last + inner,
        "bare line feeds": chunk.replace(b"\r\n", b"\n") + b"0\n\n" + inner,
        "line feed in an extension": b"%x;a=b\nc\r\n%b\r\n" % (len(good), good) + last + inner,
        "no line end behind the data": b"%x\r\n%bXX" % (len(good), good) + last + inner, "negative size": b"-1\r\n" + inner,
    }.items():
        yield f"chunks: {name}", post(chunked, body)
