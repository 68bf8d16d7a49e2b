"""Concurrent clients submit, hold, release, erase and read the same few sessions while the daemon is killed."""

import json
import random
import threading
import time

import linearizability
import session_scenarios
from linearizability import Call
from world import NoAnswer, World

CLIENTS, SESSIONS = 6, 4
NAMES = ["submit"] * 3 + ["hold", "release", "read", "read"] * 2 + ["erase"]
PATHS = {"hold": ("POST", "/hold"), "release": ("POST", "/release"), "read": ("GET", ""), "erase": ("DELETE", "")}


class Client(threading.Thread):
    def __init__(self, world, ids, seed, histories):
        super().__init__(daemon=True)
        self.world, self.ids, self.histories = world, ids, histories
        self.chance = random.Random(seed)
        self.over = threading.Event()
        self.error = None

    def run(self):
        try:
            while not self.over.is_set():
                self.call_once()
        except Exception as error:  # raised by the step
            self.error = error

    def call_once(self):
        session, name = self.chance.choice(self.ids), self.chance.choice(NAMES)
        call = {"name": name, "reference": self.chance.choice(["", "red", "blue"]) if name == "submit" else "",
                "hold": name == "submit" and self.chance.random() < 0.3}
        begin = time.monotonic()
        try:
            answer = self.answer(session, call)
        except NoAnswer as error:
            answer = None
            time.sleep(0.01)
            if isinstance(error.__cause__, (ConnectionRefusedError, FileNotFoundError)):
                return  # it was not sent
        self.histories[session].append((call, begin, time.monotonic(), answer))

    def answer(self, session, call):
        """Status, reference and hold; None for 503, after which it may still happen."""
        if call["name"] == "submit":
            body = json.dumps({"session_id": session, "reference": call["reference"], "hold": call["hold"]})
            status, text = self.world.request("POST", "/v1/sessions", body, "application/json")
        else:
            method, path = PATHS[call["name"]]
            status, text = self.world.request(method, f"/v1/sessions/{session}{path}")
        if status == 503:
            return None
        assert status in (200, 201, 202, 204, 404), (call, status, text)
        if status in (204, 404):
            return (status,)
        view = json.loads(text)
        return 200 if status == 202 else status, view["reference"] or "", view["hold"]


def as_calls(history, starts):
    """A call without an answer can take effect until the daemon that had it is dead: the next one's start."""
    calls = []
    for call, begin, end, answer in history:
        if answer is None:
            end = min((start for start in starts if start >= end), default=float("inf"))
        calls.append(Call(begin=begin, end=end, answer=answer, **call))
    return calls


def run(step):
    linearizability.check_the_checker()
    seconds = 8 if step.short else 120
    world = World(step.build, step.folder / "world", session_scenarios.SCENARIOS)
    try:
        world.start_daemon()
        ids = [world.create_session("waiting") for _ in range(SESSIONS)]
        histories = {session: [] for session in ids}
        clients = [Client(world, ids, step.seed + number, histories) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        chance, starts, end = random.Random(step.seed), [], time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.05, 1.5))
            world.kill_daemon()
            starts.append(time.monotonic())
            assert world.start_daemon() is not None, f"it did not start again: {world.log_tail()}"
        for client in clients:
            client.over.set()
            client.join()
            if client.error:
                raise client.error
        calls = [as_calls(history, starts) for history in histories.values()]
        for one in calls:
            wrong = linearizability.contradiction(one)
            assert wrong is None, f"no order of the calls explains {wrong}; around it: {around(one, wrong)}"
        answered = sum(call.answer is not None for one in calls for call in one)
        assert answered > 50 * seconds, f"only {answered} calls were answered"
        step.say(f"{sum(map(len, calls))} calls of {CLIENTS} clients for {SESSIONS} sessions, {answered} answered, {len(starts)} kills: "
                 "an order explains all answers")
    finally:
        world.end()


def around(calls, wrong):
    near = [call for call in calls if call.end >= wrong.begin - 0.1 and call.begin <= wrong.end]
    return "\n".join(map(str, sorted(near, key=lambda call: call.begin)))
