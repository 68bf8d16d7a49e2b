"""Runs of the step `misbehaviour` with TLS faults."""

import time

import evidence
import processes
from catalogue import REFUSED
from crooked import Assignment, Crooked
from doors import Door, context_of
from scenes import PATIENCE, peak


def turned_away(scene, name, meet, certificates, calls):
    """Before each call in turn, the daemon's connections get a TLS fault."""
    secure = certificates is not None
    world = scene.world(f'upstream.ca_file = "{certificates.root}"\n' if secure else "")
    door = Door(meet, context_of(certificates.right) if secure else None)
    crooked = Crooked(world.sandbox_port, door=door, secure=secure, closes=True)
    world.upstream_url = crooked.url
    wrong = []
    try:
        world.start_daemon()
        memory = peak(world)
        for at, call in enumerate(calls):
            session = world.create("crooked")
            crooked.plan[session] = Assignment(None, "none")
            strikes, before = 1 + at % 2, door.met
            if call == "upload_status":
                door.remaining = strikes
            else:
                crooked.before_answer = door.arm_before(call, strikes)
            assert world.submit(session, "crooked"), "a submission was refused"
            messages = set()
            wait_for(world, session, messages)
            crooked.before_answer = None
            if door.met - before < strikes:
                wrong.append(f"{call}: met {door.met - before} of {strikes} connections")
            failed = evidence.failures(world.folder / "daemon.log")
            codes = {code for (who, _), found in failed.items() if who == session for code in found}
            scene.sayings.add_row(("TLS", name, REFUSED, call), codes, messages)
            if not codes:
                wrong.append(f"{call}: no error was logged")
        if secure and (b"sandbox-api-key" in door.heard or b"sandbox-server-hash" in door.heard):
            wrong.append("the keys were sent to an unauthenticated server")
        return wrong + scene.finish(world, crooked, {}, memory, sample=len(calls))
    finally:
        world.end()
        crooked.end()


def wait_for(world, session, messages):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        view = world.session(session)
        if view["final"]:
            return
        if view["last_error"]:
            messages.add(view["last_error"]["message"])
        time.sleep(0.1)


def not_trusted(scene, certificates):
    """Without upstream.ca_file the system's roots count, not the test's; with it the session succeeds."""
    world = scene.world()
    door = Door(None, context_of(certificates.right))
    crooked = Crooked(world.sandbox_port, door=door, secure=True)
    world.upstream_url = crooked.url
    try:
        world.start_daemon()
        memory = peak(world)
        session = scene.hand_in(world, crooked, Assignment(None, "none"))
        failed = processes.until("the handshake has failed", lambda: evidence.failures(world.folder / "daemon.log"))
        codes = {code for (who, _), found in failed.items() if who == session for code in found}
        if codes != {"TLS_FAILED"}:
            return [f"it failed with {codes}"]
        if crooked.log:
            return ["a request was sent to a server with an unknown root"]
        world.stop_daemon()
        world.settings += f'upstream.ca_file = "{certificates.root}"\n'
        world.start_daemon()
        scene.wait(world, [session], False)
        return scene.finish(world, crooked, {}, memory, sample=1)
    finally:
        world.end()
        crooked.end()


def ends_in_tls(scene, some, certificates):
    world = scene.world(f'upstream.ca_file = "{certificates.root}"\n')
    crooked = Crooked(world.sandbox_port, door=Door(None, context_of(certificates.right)), secure=True)
    world.upstream_url = crooked.url
    try:
        world.start_daemon()
        memory = peak(world)
        struck = {scene.hand_in(world, crooked, assignment): assignment for assignment in some}
        scene.wait(world, struck, False)
        return scene.finish(world, crooked, struck, memory)
    finally:
        world.end()
        crooked.end()
