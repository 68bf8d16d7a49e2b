"""A webhook client over TLS that can also send raw bytes."""

import http.client
import json
import re
import socket
import ssl
import subprocess
import uuid

import daemon
import processes

HOST = "hooks.lender.example"  # as in docs/webhooks.md


def make_certificate(folder):
    """Makes a certificate and its key; `both.pem` holds both, as HAProxy needs them."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True)
    (folder / "both.pem").write_text((folder / "certificate.pem").read_text() + (folder / "key.pem").read_text())


def new_session():
    return str(uuid.uuid4())


def body_for(session, size=0):
    """A webhook's body, padded to `size` bytes."""
    body = json.dumps({"event_name": "ENRICHMENT_NOTIFICATION", "session_id": session, "message": ""}).encode()
    return body[:-2] + b"x" * max(0, size - len(body)) + body[-2:]


class Client:
    def __init__(self, folder, port):
        self.port = port
        self.trust = ssl.create_default_context(cafile=folder / "certificate.pem")

    def connect(self, source="127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=processes.TIMEOUT, source_address=(source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.trust.wrap_socket(plain, server_hostname=HOST)

    def send(self, body, method="POST", path=daemon.PATH, secret=daemon.SECRET, chunked=False, connection=None):
        """Sends one request, by default on a new connection; returns the answer's status and body."""
        fields = {"Host": HOST, "Content-Type": "application/json"}
        if secret is not None:
            fields["x-secret-key"] = secret
        if chunked:
            fields["Transfer-Encoding"] = "chunked"
            framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        else:
            fields["Content-Length"] = str(len(body))
            framed = body
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
        if connection is not None:
            return self.exchange(connection, head.encode() + framed, method)
        with self.connect() as own:
            return self.exchange(own, head.encode() + framed, method)

    @staticmethod
    def exchange(connection, request, method):
        try:
            connection.sendall(request)
        except OSError:
            pass  # refused and closed before the whole request was sent
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        return answer.status, answer.read()

    def statuses(self, request, source="127.0.0.1", wanted=None):
        """Sends raw bytes and reads until the peer closes, sends nothing for a second or has sent `wanted` answers."""
        with self.connect(source) as connection:
            connection.settimeout(1)
            came = b""
            try:
                connection.sendall(request)
                while part := connection.recv(65536):
                    came += part
                    if wanted is not None and len(re.findall(rb"HTTP/1\.[01] \d{3}", came)) >= wanted:
                        break
            except OSError:
                pass
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", came)]
