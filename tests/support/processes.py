"""Processes of a test: started in the foreground, ended by their id, never outliving the test."""

import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

TIMEOUT = 20  # seconds; for a loaded machine


def _end_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def start(arguments, log, descriptors=(), environment=None):
    """`environment`: on top of this process's own."""
    with open(log, "ab") as out:
        return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=descriptors,
                                env={**os.environ, **(environment or {})}, preexec_fn=_end_with_parent)


def stop(process):
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(what, condition):
    """Waits for the condition and returns its value."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {TIMEOUT} s in vain: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    """Looked up and not tried: a connection to a free port of one's own range may meet itself."""
    listening = "0A"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not pathlib.Path(table).exists():
            continue
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            _, local, _, state = line.split()[:4]
            if state == listening and int(local.split(":")[1], 16) == port:
                return True
    return False
