"""A stand-in for the daemon. On each connection it answers the first request and closes after the second without an
answer."""

import re
import socket
import threading


class ClosingDaemon:
    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.closed_over_a_request = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.listening.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            if self._read_request(connection):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                if self._read_request(connection):
                    self.closed_over_a_request += 1

    @staticmethod
    def _read_request(connection):
        came = b""
        while part := connection.recv(65536):
            came += part
            head, end, body = came.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)^content-length: (\d+)\r?$", head + b"\r\n", re.M)
            if end and length and len(body) >= int(length[1]):
                return True
        return False
