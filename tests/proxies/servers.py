"""The real proxies, each with its documented configuration and the test's ports and paths."""

import os

import documented_configuration
import processes


class Proxy:
    def __init__(self, folder, daemon_port):
        self.folder = folder
        self.daemon_port = daemon_port
        self.log = folder / "proxy.log"
        for _ in range(5):
            # Another process may take the port before the proxy does; then another port is tried.
            self.port = processes.free_port()
            self.process = processes.start(self.command(), self.log)
            processes.until("the proxy listens or ends", lambda: self._ended() or processes.listens(self.port))
            if not self._ended():
                return
        raise AssertionError("the proxy does not start:\n" + self.logs())

    def _ended(self):
        return self.process.poll() is not None

    def stop(self):
        processes.stop(self.process)

    def logs(self):
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")) if path.name != "daemon.log")


class Nginx(Proxy):
    # The surrounding configuration, as in Debian's nginx.conf.
    AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log info;
events {{}}
http {{
  access_log {folder}/nginx-access.log;
  client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/answers;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/bankconnect.conf;
}}
"""

    def command(self):
        replacements = {
            "443": str(self.port),
            "127.0.0.1:8080": f"127.0.0.1:{self.daemon_port}",
            "/etc/letsencrypt/live/hooks.lender.example/fullchain.pem": f"{self.folder}/certificate.pem",
            "/etc/letsencrypt/live/hooks.lender.example/privkey.pem": f"{self.folder}/key.pem",
        }
        text = documented_configuration.adapted(documented_configuration.read("nginx"), replacements)
        (self.folder / "bankconnect.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(self.AROUND.format(user=user, folder=self.folder))
        return ["nginx", "-p", self.folder, "-e", self.folder / "nginx-error.log", "-c", self.folder / "nginx.conf"]


class Haproxy(Proxy):
    def command(self):
        replacements = {
            ":443": f":{self.port}",
            "127.0.0.1:8080": f"127.0.0.1:{self.daemon_port}",
            "/etc/haproxy/hooks.lender.example.pem": f"{self.folder}/both.pem",
            "log /dev/log local0": "log stdout format raw daemon",
            # The proxy keeps the user of the test.
            "chroot /var/lib/haproxy": "",
            "user haproxy": "",
            "group haproxy": "",
        }
        text = documented_configuration.adapted(documented_configuration.read("haproxy"), replacements)
        (self.folder / "haproxy.cfg").write_text(text)
        return ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"]
