"""Tests the HAProxy configuration of docs/webhooks.md."""

import threading
import unittest

import proxy_tests
import servers


class Haproxy(proxy_tests.ProxyTests, unittest.TestCase):
    proxy_class = servers.Haproxy
    status_when_down = 503

    def test_a_webhook_during_a_restart_waits_for_the_daemon(self):
        self.daemon.stop()
        status = []
        sender = threading.Thread(target=lambda: status.append(self.send()))
        sender.start()
        self.daemon.start()
        sender.join()
        self.assertEqual(status, [200])


if __name__ == "__main__":
    unittest.main(verbosity=2)
