"""Calls through tinyproxy."""

import unittest

import egress_tests

CONFIGURATION = """
Port {port}
Listen 127.0.0.1
Timeout 60
LogFile "{folder}/proxy-tiny.log"
LogLevel Connect
MaxClients 50
BasicAuth {user} {password}
ConnectPort {allowed}
"""


class Tinyproxy(egress_tests.EgressProxy):
    def command(self):
        text = CONFIGURATION.format(port=self.port, folder=self.folder, user=egress_tests.USER,
                                    password=egress_tests.PASSWORD, allowed=self.allowed_port)
        (self.folder / "tinyproxy.conf").write_text(text)
        return ["tinyproxy", "-d", "-c", self.folder / "tinyproxy.conf"]


class ThroughTinyproxy(egress_tests.EgressTests, unittest.TestCase):
    proxy_class = Tinyproxy


if __name__ == "__main__":
    unittest.main(verbosity=2)
