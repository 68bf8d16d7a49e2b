"""A client that submits sessions one after the other and retries each until it is acknowledged."""

import random
import threading
import time

import session_scenarios


class Load(threading.Thread):
    """`scenario`: of all sessions; by default each gets a random one."""

    def __init__(self, world, seed, pause=0.02, scenario=None):
        super().__init__(daemon=True)
        self.world, self.chance, self.pause, self.scenario = world, random.Random(seed), pause, scenario
        self.over = threading.Event()
        self.error = None
        self.refused = 0

    def run(self):
        try:
            while not self.over.is_set():
                self.submit_until_acknowledged(self.scenario or session_scenarios.pick(self.chance))
                time.sleep(self.pause * self.chance.uniform(0, 2))
        except Exception as error:  # raised by end()
            self.error = error

    def submit_until_acknowledged(self, scenario):
        session = self.world.create_session(scenario)
        while not self.world.submit(session, scenario):
            self.refused += 1
            if self.over.is_set():
                return
            time.sleep(0.01)

    def end(self):
        self.over.set()
        self.join()
        if self.error:
            raise self.error
