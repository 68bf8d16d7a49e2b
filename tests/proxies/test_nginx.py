"""Tests the nginx configuration of docs/webhooks.md."""

import unittest

import client
import proxy_tests
import servers


class Nginx(proxy_tests.ProxyTests, unittest.TestCase):
    proxy_class = servers.Nginx
    status_when_down = 502

    def test_no_body_is_written_to_a_temporary_file(self):
        self.client.send(client.body_for(client.new_session(), 1 << 20))
        self.assertNotIn("buffered to a temporary file", self.proxy.logs())


if __name__ == "__main__":
    unittest.main(verbosity=2)
