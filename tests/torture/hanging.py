"""The calls of some sessions hang, by each call and in each way; the others keep their cadence."""

import asyncio
import re
import threading
import time

import checks
from world import World

PREFIX = "/bank-connect/v1"
CALL = re.compile(PREFIX.encode() + rb"/session_data/([0-9a-f-]{36})/([a-z_]+)/")
HEALTHY = 100
INTERVAL = 1  # seconds between polls of a session
WAYS = ("silent", "drips", "stops")
SETTLE = 12  # seconds until sessions that hang are known as such
MEASURE = 20
LEAST = 0.95  # of the polls that are made while nothing hangs

SETTINGS = f"""
polling.progress_interval = "{INTERVAL}s"
upstream.allow_http = true
"""
SCENARIOS = """
[scenario.parked]
no_uploads = "0s"
in_progress = "0s"
processing = "1h"
"""


class HangingProxy:
    """Between the daemon and the stand-in; hangs on the calls of the sessions in `victims`."""

    def __init__(self, sandbox_port):
        self.sandbox_port = sandbox_port
        self.victims = {}  # session id -> how its calls hang
        self.polls = []  # (when, session id) of answered calls for the progress
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self.run, args=(started,), daemon=True).start()
        started.wait()
        self.url = f"http://127.0.0.1:{self.port}{PREFIX}"

    def run(self, started):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    async def serve(self, reader, writer):
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.sandbox_port)
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                found = CALL.search(head)
                session, call = (found[1].decode(), found[2].decode()) if found else ("", "")
                if session in self.victims:
                    await self.hang(self.victims[session], reader, writer)
                    return
                up_writer.write(head + body)
                answer = await up_reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", answer)
                answer += await up_reader.readexactly(int(length[1]))
                writer.write(answer)
                await writer.drain()
                if call == "progress":
                    self.polls.append((time.monotonic(), session))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def hang(self, way, reader, writer):
        closed = asyncio.ensure_future(reader.read())
        if way != "silent":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")
        while not closed.done():
            await asyncio.wait([closed], timeout=0.5)
            if way == "drips" and not closed.done():
                writer.write(b" ")
        closed.exception()  # a reset is as good an end as any

    def rate(self, seconds):
        """Polls a second, and how many sessions were not asked at all."""
        begin = time.monotonic()
        time.sleep(seconds)
        recent = [session for at, session in self.polls if at >= begin]
        return len(recent) / seconds, HEALTHY - len(set(recent))


def run(step):
    world = World(step.build, step.folder, SCENARIOS, settings=SETTINGS)
    proxy = HangingProxy(world.sandbox_port)
    world.upstream_url = proxy.url
    try:
        checks.demand(world.start_daemon(), world.log_tail())
        world.submit_many("parked", HEALTHY)
        time.sleep(3)
        alone, missed = proxy.rate(MEASURE / 2)
        checks.demand(missed == 0, f"{missed} sessions are not asked although nothing hangs")
        step.say(f"nothing hangs: {alone:.1f} polls a second")
        for count, way in ((40, "drips"),) if step.short else [(count, way) for way in WAYS for count in (24, 40, 200)]:
            try_hanging(step, world, proxy, count, way, alone)
        checks.demand(world.stop_daemon() == 0, world.log_tail())
    finally:
        world.end()


def try_hanging(step, world, proxy, count, way, alone):
    ids = [world.create_session("parked") for _ in range(count)]
    proxy.victims = dict.fromkeys(ids, way)
    status, answer = world.request("POST", "/v1/sessions", "\n".join(ids) + "\n", "text/plain")
    checks.demand(status == 200, answer[:300])
    time.sleep(SETTLE)
    rate, missed = proxy.rate(MEASURE)
    step.say(f"{count} sessions hang ({way}): {rate:.1f} polls a second of the others")
    checks.demand(missed == 0, f"{missed} healthy sessions are not asked")
    checks.demand(rate >= LEAST * alone, f"{rate:.1f} polls a second instead of {alone:.1f}")
    proxy.victims = {}
    for session in ids:
        world.request("DELETE", f"/v1/sessions/{session}")
