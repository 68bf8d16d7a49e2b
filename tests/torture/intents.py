"""Samples the database for sessions with a stored intent to initiate, and checks initiates while commits fail."""

import bisect
import sqlite3
import threading
import time
import typing

import checks

# In COMPLETED or EXPIRED, with the intent stored.
INTENDED = "SELECT lower(hex(id)) FROM sessions WHERE final = 0 AND requested_at IS NOT NULL AND state IN (2, 3)"


class Sample(typing.NamedTuple):
    began: float
    ended: float
    version: int  # of the database; each commit changes it
    intended: set


class IntentSampler(threading.Thread):
    def __init__(self, database):
        super().__init__(daemon=True)
        self.database, self.over, self.error = database, threading.Event(), None
        self.samples = []

    def run(self):
        try:
            connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, isolation_level=None)
            while not self.over.wait(0.02):
                self.sample(connection)
            connection.close()
        except Exception as error:  # raised by end()
            self.error = error

    def sample(self, connection):
        began = time.monotonic()
        connection.execute("BEGIN")
        intended = {row[0] for row in connection.execute(INTENDED)}
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        connection.execute("COMMIT")
        self.samples.append(Sample(began, time.monotonic(), version, intended))

    def end(self, requests):
        """Two samples in a row with the same version: nothing was committed in between, so a session initiated between
        them must have its intent on disk. Returns the number of those, and the seconds without a commit."""
        self.over.set()
        self.join()
        if self.error:
            raise self.error
        pairs = [(before, after) for before, after in zip(self.samples, self.samples[1:]) if before.version == after.version]
        ends = [before.ended for before, _ in pairs]
        found = 0
        for request in requests:
            at = request["steady_us"] / 1e6
            place = bisect.bisect_left(ends, at) - 1
            if request["call"] != "initiate" or place < 0 or at > pairs[place][1].began:
                continue
            found += 1
            intended = request["session_id"].replace("-", "") in pairs[place][0].intended
            checks.demand(intended, f"initiated before the intent was on disk: {request}")
        return found, sum(after.began - before.ended for before, after in pairs)
