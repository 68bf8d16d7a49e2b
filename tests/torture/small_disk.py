"""A daemon on a small disk, a ballast file that fills the disk, and clients that are refused meanwhile."""

import http.client
import json
import os
import random
import struct
import time
import uuid

import checks
import session_scenarios
from disk import Ballast, Disk
from world import WEBHOOK_PATH, WEBHOOK_SECRET, World

SHOWN_WITHIN = 3  # seconds until the status says that the disk is full
RECOVERS_WITHIN = 5  # seconds from freed space until submissions are accepted and no problem is shown
ANSWERS_WITHIN = 3  # seconds
FRAME = 4096 + 24  # bytes of a page in the write-ahead log
COMMIT = 8  # pages that storing a small webhook writes at most


class SmallDiskWorld(World):
    def __init__(self, step, name):
        folder = step.folder / name.replace(" ", "_")
        folder.mkdir()
        self.chance = random.Random(f"{step.seed} {name}")
        self.disk = Disk(folder, 128)
        self.disk.mount()
        self.ballast = Ballast(self.disk)
        super().__init__(step.build, folder / "world", session_scenarios.SCENARIOS, webhooks=True,
                         store=self.disk.mount_point / "db")
        (self.disk.mount_point / "status").mkdir()
        (self.folder / "status").symlink_to(self.disk.mount_point / "status")
        self.wal_index = None
        self.noticed, self.recovered = [], []
        self.accepted, self.refused = 0, {}  # refusals by their message

    def begin(self):
        assert self.start_daemon() is not None, self.log_tail()

    def end(self):
        self.ballast.remove()
        super().end()
        if self.wal_index is not None:
            os.close(self.wal_index)
        self.disk.unmount()

    # Clients.

    def webhook(self, size, session=None):
        """Sends a webhook, by default for an unknown session. True if it was accepted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.webhook_port, timeout=ANSWERS_WITHIN)
        body = json.dumps({"session_id": session or str(uuid.uuid4()), "event_name": "ENRICHMENT_NOTIFICATION",
                           "text": os.urandom(size // 2).hex()})
        connection.request("POST", WEBHOOK_PATH, body, {"Content-Type": "application/json", "x-secret-key": WEBHOOK_SECRET})
        answer = connection.getresponse()
        accepted = self.was_accepted(answer.status, answer.read(), "a webhook")
        connection.close()
        return accepted

    def submit_one(self):
        session = self.create_session("plain")
        status, answer = self.request("POST", "/v1/sessions", json.dumps({"session_id": session}), "application/json", ANSWERS_WITHIN)
        accepted = self.was_accepted(status, answer, "a submission")
        if accepted:
            self.acknowledged[session] = "plain"
        return accepted

    def was_accepted(self, status, answer, what):
        if status == 503:
            error = json.loads(answer)["error"]
            checks.demand(error["code"] == "STORE_UNAVAILABLE", f"{what} is refused with {error}")
            self.refused[error["message"]] = self.refused.get(error["message"], 0) + 1
        else:
            checks.demand(status in (200, 201), f"{what} got {status} {answer[:200]}")
            self.accepted += 1
        return status != 503

    def check_reads(self):
        some = self.chance.choice(list(self.acknowledged))
        for target in ("/v1/status", "/v1/sessions?limit=100", f"/v1/sessions/{some}", "/v1/events?after=0&limit=100",
                       f"/v1/webhooks?session_id={some}"):
            status, answer = self.request("GET", target, timeout=ANSWERS_WITHIN)
            checks.demand(status == 200, f"{target} got {status} {answer[:200]}")

    def problems(self):
        return {problem["code"]: problem["text"] for problem in self.status()["problems"]}

    # Filling the disk and freeing it.

    def until_refused(self, smallest, largest):
        for _ in range(5_000):
            if not self.webhook(self.chance.randint(smallest, largest)):
                return
        raise AssertionError("no webhook was refused although the disk is full")

    def until_status_says_full(self, smallest=1_000, largest=300_000):
        self.until_refused(smallest, largest)
        began = time.monotonic()
        while "DISK_FULL" not in self.problems():
            checks.demand(time.monotonic() - began < SHOWN_WITHIN,
                          f"{SHOWN_WITHIN} s after a webhook got 503 the status says {self.problems()}")
            self.webhook(largest)
            time.sleep(0.02)
        self.noticed.append(time.monotonic() - began)

    def free_space(self):
        """Removes the ballast and waits until submissions are accepted again."""
        self.ballast.remove()
        began = time.monotonic()
        while not self.submit_one() or self.problems():
            checks.demand(time.monotonic() - began < RECOVERS_WITHIN,
                          f"{RECOVERS_WITHIN} s after space was freed the status says {self.problems()}")
            time.sleep(0.05)
        self.recovered.append(time.monotonic() - began)

    # The write-ahead log.

    def empty_wal(self):
        """Empties the write-ahead log by an erasure. Otherwise it would reuse pages and need no new space."""
        session = str(uuid.uuid4())
        checks.demand(self.webhook(100, session), "a webhook was refused while there was free space")
        self.request("DELETE", f"/v1/sessions/{session}")

    def wal_pages(self):
        """Pages in use, and pages checkpointed, from the log's index. The file stays open: closing it would drop the
        locks of this process's SQLite connections."""
        if self.wal_index is None:
            self.wal_index = os.open(f"{self.store}-shm", os.O_RDONLY)
        head = os.pread(self.wal_index, 100, 0)
        return struct.unpack_from("=I", head, 16)[0], struct.unpack_from("=I", head, 96)[0]

    def fill_wal(self, pages):
        while self.wal_pages()[0] < pages - 100:
            checks.demand(self.webhook(300_000), "a webhook was refused while there was free space")
        while self.wal_pages()[0] < pages - COMMIT:
            checks.demand(self.webhook(100), "a webhook was refused while there was free space")
