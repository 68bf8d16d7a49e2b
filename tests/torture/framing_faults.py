"""Faults of the catalogue: the framing of HTTP."""

import gzip

from catalogue import ACCEPTED, EITHER, GETS, REFUSED, Fault, body_to_spoil

FAULTS = []


def fault(family, name, expected, spoil, **more):
    FAULTS.append(Fault(family, name, expected, spoil, **more))


# Templates: {status}, {n}, {body} and so on are replaced. Closing the connection ends bodies without a length.

H11 = "HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
LENGTH = "Content-Length: {n}\r\n"
PLAIN = H11 + LENGTH + "\r\n{body}"


def with_header(line):
    return H11 + LENGTH + line + "\r\n\r\n{body}"


def with_length(value):
    return H11 + f"Content-Length: {value}\r\n\r\n{{body}}"


def coded(fields, payload="{chunk}0\r\n\r\n", head=H11):
    return head + fields + "\r\n\r\n" + payload


def chunked(payload):
    return coded("Transfer-Encoding: chunked", payload)


REFUSED_FRAMES = {
    "no status line": "Content-Type: application/json\r\n" + LENGTH + "\r\n{body}",
    "HTTP/0.9": "{body}",
    "HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2 settings": "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x10\x00\x00{body}",
    "an SSH banner": "SSH-2.0-OpenSSH_9.2\r\n{body}",
    "version 2.0": PLAIN.replace("1.1", "2.0"),
    "version 11.1": PLAIN.replace("1.1", "11.1"),
    "version 1": PLAIN.replace("1.1", "1"),
    "version HTPT": PLAIN.replace("HTTP", "HTPT"),
    "version in small letters": PLAIN.replace("HTTP", "http"),
    "status 99": PLAIN.replace("{status}", "99"),
    "status 1000": PLAIN.replace("{status}", "1000"),
    "status 2000": PLAIN.replace("{status}", "2000"),
    "status abc": PLAIN.replace("{status}", "abc"),
    "status -200": PLAIN.replace("{status}", "-200"),
    "status 000": PLAIN.replace("{status}", "000"),
    "no status": PLAIN.replace(" {status} OK", ""),
    "two lengths": H11 + LENGTH + "Content-Length: {less}\r\n\r\n{body}",
    "two lengths, the right one last": H11 + "Content-Length: {less}\r\n" + LENGTH + "\r\n{body}",
    "a list of two lengths": with_length("{n}, {less}"),
    "length -1": with_length("-1"),
    "length +n": with_length("+{n}"),
    "length in hexadecimal": with_length("0x{hex}"),
    "length of nothing": with_length(""),
    "length with a fraction": with_length("{n}.0"),
    "length with a unit": with_length("{n} bytes"),
    "length of two words": with_length("{n} {n}"),
    "length with a bare CR": with_length("{n}\r0"),
    "length 2^63": with_length(2 ** 63),
    "length 2^64+5": with_length(2 ** 64 + 5),
    "length 2^64+n": with_length("{wrapped}"),
    "length too great": with_length("{more}"),
    "length too small": with_length("{less}"),
    "length and chunks": coded("Content-Length: {n}\r\nTransfer-Encoding: chunked"),
    "length and chunks, both false": coded("Transfer-Encoding: chunked\r\nContent-Length: {n}", "{body}"),
    "coded gzip, and is not": coded("Transfer-Encoding: gzip", "{body}"),
    "coded gzip, and not chunked": coded("Transfer-Encoding: gzip", "{zipped}"),
    "coded gzip with a length": coded("Transfer-Encoding: gzip\r\nContent-Length: {n}", "{body}"),
    "coded gzip, chunked": coded("Transfer-Encoding: gzip, chunked"),
    "coded chunked, gzip": coded("Transfer-Encoding: chunked, gzip"),
    "coded chunked, chunked": coded("Transfer-Encoding: chunked, chunked"),
    "coded xchunked": coded("Transfer-Encoding: xchunked", "{body}"),
    "coded twice": coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"),
    "chunks on HTTP/1.0": coded("Transfer-Encoding: chunked", head=H11.replace("1.1", "1.0")),
    "chunk of zz": chunked("zz\r\n{body}\r\n0\r\n\r\n"),
    "chunk of -1": chunked("-1\r\n{body}\r\n0\r\n\r\n"),
    "chunk of 0x": chunked("0x{hex}\r\n{body}\r\n0\r\n\r\n"),
    "chunk of no size": chunked("\r\n{body}\r\n0\r\n\r\n"),
    "chunk of 2^64": chunked("10000000000000000\r\n{body}\r\n0\r\n\r\n"),
    "chunk of 2^64+n": chunked("1{hex16}\r\n{body}\r\n0\r\n\r\n"),
    "chunk of 2^64-1": chunked("ffffffffffffffff\r\n{body}\r\n0\r\n\r\n"),
    "chunk without its end": chunked("{hex}\r\n{body}0\r\n\r\n"),
    "last chunk missing": chunked("{chunk}"),
    "last chunk cut": chunked("{chunk}0\r\n"),
    "chunk cut": chunked("{hexmore}\r\n{body}"),
    "header without a colon": with_header("this is no header"),
    "header with a blank in its name": with_header("Foo Bar: 1"),
    "header without a name": with_header(": 1"),
    "header with NUL in its name": with_header("Fo\0o: 1"),
    "header of 1 MiB": with_header("X-Long: {mega}"),
    "headers cut": H11 + LENGTH + "X-Cut: ",
    "header that is not ended": H11 + LENGTH + "{body}",
}

EITHER_FRAMES = {
    "version 1.0": PLAIN.replace("1.1", "1.0"),
    "version 1.9": PLAIN.replace("1.1", "1.9"),
    "no reason": PLAIN.replace(" OK", " "),
    "no reason and no blank": PLAIN.replace(" OK", ""),
    "neither length nor chunks": H11 + "\r\n{body}",
    "two equal lengths": H11 + LENGTH + LENGTH + "\r\n{body}",
    "a list of two equal lengths": with_length("{n}, {n}"),
    "length with zeroes": with_length("000{n}"),
    "length with blanks": with_length("  {n}  "),
    "length in a folded line": with_length("\r\n {n}"),
    "coded identity": coded("Transfer-Encoding: identity\r\nContent-Length: {n}", "{body}"),
    "chunked in capitals": coded("Transfer-Encoding: CHUNKED"),
    "chunk lines of LF": chunked("{hex}\n{body}\n0\n\n"),
    "chunk size with blanks": chunked("{hex}  \r\n{body}\r\n0\r\n\r\n"),
    "chunk size with zeroes": chunked("0000{hex}\r\n{body}\r\n0\r\n\r\n"),
    "trailer Content-Length": chunked("{chunk}0\r\nContent-Length: 5\r\n\r\n"),
    "extension of 1 MiB": chunked("{hex};a={mega}\r\n{body}\r\n0\r\n\r\n"),
    "folded header": with_header("X-Folded: one\r\n two"),
    "folded first header": "HTTP/1.1 {status} OK\r\n X-Folded: one\r\n" + LENGTH + "\r\n{body}",
    "NUL in a header": with_header("X-Null: a\0b"),
    "bare CR in a header": with_header("X-Bare: a\rb"),
    "blank before a colon": with_header("X-Blank : 1"),
    "8-bit header": with_header("X-Eight: \xe4\xf6\xfc"),
    "1,000 headers": with_header("{thousand}X-Last: 1"),
    "LF only": PLAIN.replace("\r\n", "\n"),
    "empty line first": "\r\n" + PLAIN,
    "101 first": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n" + PLAIN,
    "199 first": "HTTP/1.1 199 Odd\r\n\r\n" + PLAIN,
    "eleven 102 first": "HTTP/1.1 102 Processing\r\n\r\n" * 11 + PLAIN,
}

ACCEPTED_FRAMES = {
    "chunks of five bytes": coded("Transfer-Encoding: chunked", "{fives}0\r\n\r\n"),
    "chunk extensions": chunked("{hex};name=value;other=\"quo;ted\"\r\n{body}\r\n0;last\r\n\r\n"),
    "trailers": chunked("{chunk}0\r\nX-Checksum: 1\r\nX-Other: 2\r\n\r\n"),
    "chunk size in capitals": chunked("{HEX}\r\n{body}\r\n0\r\n\r\n"),
    "100 first": "HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
    "103 first": "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + PLAIN,
    "unknown headers": with_header("Server: nginx\r\nX-Request-Id: 1\r\nSet-Cookie: a=b; Path=/\r\nVia: 1.1 proxy"),
    "Connection: close": with_header("Connection: close"),
}


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def framed(template):
    def spoil(exchange, truth):
        body = body_to_spoil(exchange, truth)
        n = len(body)
        words = {"status": truth[0] if truth else exchange.good_status, "n": n, "less": n - 7, "more": n + 7,
                 "wrapped": 2 ** 64 + n, "hex": f"{n:x}", "HEX": f"{n:X}", "hex16": f"{n:016x}", "hexmore": f"{n + 9:x}"}
        data = template
        for word, value in words.items():
            data = data.replace("{" + word + "}", str(value))
        data = data.encode("latin-1")
        for word, value in ((b"{chunk}", chunk(body)), (b"{zipped}", gzip.compress(body)), (b"{mega}", b"a" * (1 << 20)),
                            (b"{thousand}", b"".join(b"X-%d: 1\r\n" % one for one in range(1000))),
                            (b"{fives}", b"".join(chunk(body[at:at + 5]) for at in range(0, n, 5))),
                            (b"{body}", body)):
            if word in data:
                data = data.replace(word, value)
        exchange.send(data)
    return spoil


for expected, frames in ((REFUSED, REFUSED_FRAMES), (EITHER, EITHER_FRAMES), (ACCEPTED, ACCEPTED_FRAMES)):
    for title, text in frames.items():
        fault("framing", title, expected, framed(text))

for coding in ("gzip", "br", "deflate", "zstd"):
    fault("framing", f"encoded {coding}, and is not", REFUSED, framed(with_header(f"Content-Encoding: {coding}")))
fault("framing", "encoded gzip", REFUSED, framed(coded("Content-Encoding: gzip", "{zipped}")))
fault("framing", "encoded gzip, and does not say so", REFUSED, framed(H11 + "\r\n{zipped}"))
fault("framing", "encoded identity", ACCEPTED, framed(with_header("Content-Encoding: identity")))
fault("framing", "204 with a body", REFUSED, framed(PLAIN.replace("{status} OK", "204 No Content")), calls=GETS)
fault("framing", "205 with a body", EITHER, framed(PLAIN.replace("{status} OK", "205 Reset Content")), calls=GETS)
fault("framing", "206, all of it", REFUSED,
      framed(with_header("Content-Range: bytes 0-{less}/{more}").replace("{status} OK", "206 Partial Content")), calls=GETS)
