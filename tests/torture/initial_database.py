"""The database that a short run begins with, and the scenarios of its sessions at the stand-in."""

import json
import pathlib
import random
import shutil
import time
import uuid

from session_scenarios import Scenario
from world import World

SETTINGS = """
polling.progress_interval = "100ms"
polling.upload_interval_min = "100ms"
polling.safety_interval = "150ms"
"""

# A newly started stand-in gets the sessions of the database by their ids. `already_requested` makes it process a
# session without another initiate.
SCENARIOS = """
[scenario.plain]
no_uploads = "0s"
in_progress = "60ms"
processing = "60ms"

[scenario.two_banks]
no_uploads = "0s"
in_progress = "0s"
processing = "100ms"
accounts = [{{ bank = "axis", statements = 2 }}, {{ bank = "iob", outcome = "failed", error_code = "UNPARSABLE" }}]
insights_size = "60KiB"

[scenario.answer_lost]
no_uploads = "0s"
in_progress = "0s"
processing = "60ms"
[[scenario.answer_lost.fault]]
call = "initiate"
nth = [1]
kind = "drop_after"

[scenario.held]
no_uploads = "0s"
in_progress = "0s"
processing = "60ms"

[scenario.done]
no_uploads = "0s"
in_progress = "0s"
processing = "0s"
initiate = "already_requested"

[scenario.processing]
no_uploads = "0s"
in_progress = "0s"
processing = "{processing}"
initiate = "already_requested"

[scenario.unparsable]
no_uploads = "0s"
in_progress = "0s"
initiate = "unparsable"

[scenario.waiting]
then = "no_uploads"
expires_in = "30d"
"""

ENDINGS = {
    "plain": Scenario(1, "ENRICHED complete"),
    "two_banks": Scenario(1, "ENRICHED partial"),
    "answer_lost": Scenario(1, "ENRICHED complete"),
    "held": Scenario(1, "ENRICHED complete"),
    "done": Scenario(0, "ENRICHED complete", 0),
    "processing": Scenario(0, "ENRICHED complete", 0),
    "unparsable": Scenario(0, "FAILED UNPARSABLE_STATEMENTS", 0),
    "waiting": Scenario(0, "", 0),
}
INITIAL_SESSIONS = ["done", "erased", "held", "processing", "unparsable", "waiting"]  # the sessions of the database
SUBMITTED = ["plain", "two_banks", "answer_lost"]


def scenario_of(name):
    return "done" if name == "erased" else name


def scenario_file(ids, processing):
    sessions = "".join(f'[[session]]\nid = "{ids[name]}"\nscenario = "{scenario_of(name)}"\n\n' for name in INITIAL_SESSIONS)
    return sessions + SCENARIOS.format(processing=processing)


class InitialDatabase:
    """The database each run begins with. Its daemon was killed, so that the write-ahead log has to be recovered."""

    def __init__(self, build, folder):
        self.folder = pathlib.Path(folder)
        chance = random.Random(1)
        self.ids = {name: str(uuid.UUID(int=chance.getrandbits(128), version=4)) for name in INITIAL_SESSIONS}
        world = World(build, self.folder, scenario_file(self.ids, "1h"), SETTINGS, endings=ENDINGS, webhooks=True)
        try:
            world.start_daemon()
            for name in INITIAL_SESSIONS:
                body = json.dumps({"session_id": self.ids[name], "reference": name, "hold": name == "held"})
                status, answer = world.request("POST", "/v1/sessions", body, "application/json")
                assert status == 201, answer
            wanted = {"done": "ENRICHED", "erased": "ENRICHED", "held": "COMPLETED", "processing": "PROCESSING",
                      "unparsable": "FAILED"}
            end = time.monotonic() + 20
            while any(world.session(self.ids[name])["state"] != state for name, state in wanted.items()):
                assert time.monotonic() < end, [world.session(one) for one in self.ids.values()]
                time.sleep(0.05)
            self.seen_events = {event["seq"]: json.dumps(event, sort_keys=True) for event in world.events()}
            paths = [f"/bank-connect/v1/session_data/{self.ids[name]}/{kind}/"
                     for name in ("done", "erased") for kind in ("session_status", "insights")]
            self.sent = {path: world.sandbox_request("GET", path) for path in paths}
            world.kill_daemon()
        finally:
            world.end()

    def copy_to(self, folder):
        for name in ("db", "db-wal"):
            shutil.copy(self.folder / name, folder / name)
