"""Calls through Squid."""

import pathlib
import subprocess
import unittest

import egress_tests

CONFIGURATION = """
http_port 127.0.0.1:{port}
auth_param basic program {helper} {folder}/passwords
auth_param basic credentialsttl 1 second
acl lender proxy_auth REQUIRED
acl bankconnect port {allowed}
acl CONNECT method CONNECT
http_access deny !CONNECT
http_access deny !bankconnect
http_access allow lender
http_access deny all
pid_filename {folder}/squid.pid
access_log stdio:{folder}/proxy-access.log
cache_log {folder}/proxy-cache.log
cache deny all
coredump_dir {folder}
shutdown_lifetime 0 seconds
cache_effective_user {user}
visible_hostname squid.test
"""


class Squid(egress_tests.EgressProxy):
    def command(self):
        hashed = subprocess.run(["openssl", "passwd", "-apr1", egress_tests.PASSWORD], check=True, capture_output=True,
                                text=True).stdout.strip()
        (self.folder / "passwords").write_text(f"{egress_tests.USER}:{hashed}\n")
        for log in ("proxy-access.log", "proxy-cache.log"):
            (self.folder / log).touch()
            (self.folder / log).chmod(0o666)
        self.folder.chmod(0o777)
        helper = "/usr/lib/squid/basic_ncsa_auth"
        text = CONFIGURATION.format(port=self.port, helper=helper, folder=self.folder, allowed=self.allowed_port, user="proxy")
        (self.folder / "squid.conf").write_text(text)
        return ["squid", "-N", "-f", self.folder / "squid.conf"]


class ThroughSquid(egress_tests.EgressTests, unittest.TestCase):
    proxy_class = Squid


if __name__ == "__main__":
    unittest.main(verbosity=2)
