"""Reads the event log as it grows. The checks compare later that no event has changed."""

import json
import threading

import checks
from world import NoAnswer


class EventReader(threading.Thread):
    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.seq, self.over, self.error = world, 0, threading.Event(), None

    def run(self):
        try:
            while not self.over.wait(0.02):
                self.read_new()
        except Exception as error:  # raised by end()
            self.error = error

    def read_new(self):
        try:
            status, answer = self.world.request("GET", f"/v1/events?after={self.seq}&limit=1000")
        except NoAnswer:
            return
        checks.demand(status in (200, 503), f"the event log: {status} {answer[:200]}")
        for line in answer.splitlines() if status == 200 else ():
            event = json.loads(line)
            self.world.seen_events[event["seq"]] = json.dumps(event, sort_keys=True)
            self.seq = event["seq"]

    def end(self):
        self.over.set()
        self.join()
        if self.error:
            raise self.error
