"""kill -9 under load, repeatedly, with many sessions to load at each start."""

import random
import statistics
import time

import checks
import session_scenarios
from load import Load
from world import World


def run(step):
    crowd, kills = (1_000, 12) if step.short else (10_000, 200)
    world = World(step.build, step.folder / "world", session_scenarios.SCENARIOS, webhooks=True)
    try:
        world.start_daemon()
        for _ in range(0, crowd, 1_000):
            world.submit_many("waiting", 1_000)
        load = Load(world, step.seed)
        load.start()
        chance = random.Random(step.seed)
        ready = []
        for _ in range(kills):
            time.sleep(chance.uniform(0.02, 0.6))
            world.kill_daemon()
            ready.append(world.start_daemon())
            assert ready[-1] is not None, f"it did not start again: {world.log_tail()}"
        load.end()
        checks.check_all(world)
        ready.sort()
        step.say(f"{kills} kills, {len(world.acknowledged) - crowd} sessions ended as expected, {crowd} waited; READY again "
                 f"median {statistics.median(ready) * 1e3:.0f} ms, p99 {ready[int(len(ready) * 0.99)] * 1e3:.0f} ms, most {ready[-1] * 1e3:.0f} ms")
    finally:
        world.end()
