"""The nginx configuration of docs/webhooks.md, by the real nginx."""

import unittest

import client
import servers
import stories


class Nginx(stories.Stories, unittest.TestCase):
    proxy_class = servers.Nginx
    when_down = 502

    def test_no_body_is_written_to_a_temporary_file(self):
        self.client.send(client.body_for(client.new_session(), 1 << 20))
        self.assertNotIn("buffered to a temporary file", self.proxy.logs())


if __name__ == "__main__":
    unittest.main(verbosity=2)
