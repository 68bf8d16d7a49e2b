"""Polls the daemon's status, and measures its response time, descriptors, threads and memory."""

import os
import pathlib
import threading
import time

import checks

SLOWEST = 1.0  # seconds an answer at the control socket may take
WEBHOOKS = 64  # connections the stand-in sends webhooks on in parallel
CLIENTS = 4  # connections at the control socket: this one, the load's, and two that were just closed
LOOKUPS = 1  # threads
MEGABYTES = 32


def resources_of(process):
    """Descriptors, threads and megabytes of memory."""
    folder = pathlib.Path(f"/proc/{process.pid}")
    pages = int((folder / "statm").read_text().split()[1])
    return len(os.listdir(folder / "fd")), len(os.listdir(folder / "task")), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_wait_of(process):
    """Seconds for which its main thread was runnable and waited for a processor."""
    return int(pathlib.Path(f"/proc/{process.pid}/schedstat").read_text().split()[1]) / 1e9


class StatusMonitor(threading.Thread):
    """Runs until `end`. `connections`: upstream.max_connections; as many may stay open."""

    def __init__(self, world, connections=32):
        super().__init__(daemon=True)
        self.world = world
        self.over = threading.Event()
        self.error = None
        self.took = []
        self.before = self.most = resources_of(world.daemon)
        self.after_all = (connections + CLIENTS, LOOKUPS, MEGABYTES)
        self.meanwhile = (connections + CLIENTS + WEBHOOKS, LOOKUPS, MEGABYTES)
        self.start()

    def run(self):
        try:
            while not self.over.wait(0.05):
                self.took.append(self.answer())
                self.most = tuple(map(max, self.most, resources_of(self.world.daemon)))
        except Exception as error:  # raised by end()
            self.error = error

    def answer(self):
        """How long an answer took, without the time the daemon waited for a processor if it was slow."""
        waited, began = cpu_wait_of(self.world.daemon), time.monotonic()
        self.world.status()
        took = time.monotonic() - began
        return took if took <= SLOWEST else took - (cpu_wait_of(self.world.daemon) - waited)

    def end(self):
        """Returns the measurements as text; fails if one is above its limit."""
        self.over.set()
        self.join()
        if self.error:
            raise self.error
        self.took.sort()
        checks.demand(self.took[-1] <= SLOWEST, f"an answer at the control socket took {self.took[-1]:.2f} s")
        after = resources_of(self.world.daemon)
        for when, counts, bounds in (("meanwhile", self.most, self.meanwhile), ("after all", after, self.after_all)):
            for what, before, count, bound in zip(("descriptors", "threads", "megabytes"), self.before, counts, bounds):
                checks.demand(count <= before + bound, f"{before:.0f} {what} at first, {count:.0f} {when}")
        change = " to ".join(f"{counts[0]} descriptors, {counts[1]} threads, {counts[2]:.0f} MB" for counts in (self.before, after))
        return (f"socket p99 {self.took[int(len(self.took) * 0.99)] * 1e3:.0f} ms, most {self.took[-1] * 1e3:.0f} ms; "
                f"{change}, at most {self.most[0]}, {self.most[1]}, {self.most[2]:.0f}")
