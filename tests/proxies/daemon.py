"""A real bankconnectd with a webhook listener and without an upstream, and queries of its state."""

import json
import pathlib
import re
import subprocess

import processes

SECRET = "3d2f-the-secret-of-these-tests-9a41"
PATH = "/webhooks/bankconnect"

CONFIGURATION = """
upstream.base_url = "http://127.0.0.1:9/bank-connect/v1"
webhook.listen = "127.0.0.1:{port}"
webhook.secret_file = "webhook-secret"
store.path = "{folder}/db"
control.socket = "{folder}/control.sock"
status.dir = "{folder}/status"
log.format = "json"
"""

# Makes descriptor $1 number 3, the first of those that systemd passes, and runs the rest as a command.
PASS_SOCKET = 'eval "exec 3<&$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=webhook exec "$@"'


class Daemon:
    """`inherited`: a listening socket, passed as systemd does; without it the daemon opens its own."""

    def __init__(self, build, folder, inherited=None):
        self.inherited = inherited
        self.build = pathlib.Path(build)
        self.folder = folder
        self.log = folder / "daemon.log"
        self.port = 0
        self.process = None
        for name, text in (("api-key", "any"), ("server-hash", "any"), ("webhook-secret", SECRET)):
            (folder / name).write_text(text + "\n")
        self.start()

    def start(self):
        """Starts the daemon, on the same port as before if it ran before."""
        file = self.folder / "bankconnectd.toml"
        file.write_text(CONFIGURATION.format(port=self.port, folder=self.folder))
        self.log.write_text("")
        command = [self.build / "src/daemon/bankconnectd", "--config", file]
        if self.inherited:
            descriptor = self.inherited.fileno()
            self.process = processes.start(["sh", "-c", PASS_SOCKET, "sh", str(descriptor), *command], self.log, [descriptor])
            self.port = self.inherited.getsockname()[1]
        else:
            self.process = processes.start(command, self.log)
            address = re.compile(r'"event":"webhooks_listening","address":"127\.0\.0\.1:(\d+)"')
            self.port = int(processes.until("the daemon listens", lambda: address.search(self.log.read_text()))[1])
        processes.until("the daemon is ready", lambda: '"event":"ready"' in self.log.read_text())

    def stop(self):
        processes.stop(self.process)

    def ctl(self, *arguments):
        command = [self.build / "src/ctl/bankconnectctl", "--socket", self.folder / "control.sock", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def webhooks(self):
        """What `bankconnectctl webhooks` lists, by session."""
        lines = self.ctl("--json", "webhooks").splitlines()
        return {webhook["session_id"]: webhook for webhook in map(json.loads, lines)}

    def received(self):
        """The daemon's counters of webhook requests, by result."""
        return json.loads(self.ctl("--json", "status"))["webhooks"]["received"]

    def open_connections(self):
        """Remote ports of its open webhook connections."""
        established = "01"
        peers = set()
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, state = line.split()[:4]
            if state == established and int(local.split(":")[1], 16) == self.port:
                peers.add(int(remote.split(":")[1], 16))
        return peers
