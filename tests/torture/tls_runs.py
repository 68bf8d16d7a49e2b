"""Runs of the step `misbehaviour` with TLS faults."""

import time

import evidence
import processes
from catalogue import REFUSED
from faulty_proxy import Assignment, FaultyProxy
from misbehaviour_runner import TIMEOUT, peak
from tls_faults import Acceptor, context_of


def handshake_fault(runner, name, fault, certificates, calls):
    """Before each call in turn, the daemon's connections get a TLS fault."""
    secure = certificates is not None
    world = runner.new_world(f'upstream.ca_file = "{certificates.root}"\n' if secure else "")
    acceptor = Acceptor(fault, context_of(certificates.right) if secure else None)
    proxy = FaultyProxy(world.sandbox_port, acceptor=acceptor, secure=secure, closes=True)
    world.upstream_url = proxy.url
    wrong = []
    try:
        world.start_daemon()
        memory = peak(world)
        for at, call in enumerate(calls):
            session = world.create_session("released_by_proxy")
            proxy.plan[session] = Assignment(None, "none")
            strikes, before = 1 + at % 2, acceptor.struck
            if call == "upload_status":
                acceptor.remaining = strikes
            else:
                proxy.before_answer = acceptor.armed_before(call, strikes)
            assert world.submit(session, "released_by_proxy"), "a submission was refused"
            messages = set()
            wait_for(world, session, messages)
            proxy.before_answer = None
            if acceptor.struck - before < strikes:
                wrong.append(f"{call}: struck {acceptor.struck - before} of {strikes} connections")
            failed = evidence.logged_failures(world.folder / "daemon.log")
            codes = {code for (who, _), found in failed.items() if who == session for code in found}
            runner.error_report.add_row(("TLS", name, REFUSED, call), codes, messages)
            if not codes:
                wrong.append(f"{call}: no error was logged")
        if secure and (b"sandbox-api-key" in acceptor.received or b"sandbox-server-hash" in acceptor.received):
            wrong.append("the keys were sent to an unauthenticated server")
        return wrong + runner.final_checks(world, proxy, {}, memory, sample=len(calls))
    finally:
        world.end()
        proxy.end()


def wait_for(world, session, messages):
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        view = world.session(session)
        if view["final"]:
            return
        if view["last_error"]:
            messages.add(view["last_error"]["message"])
        time.sleep(0.1)


def unknown_root(runner, certificates):
    """Without upstream.ca_file the system's roots count, not the test's; with it the session succeeds."""
    world = runner.new_world()
    acceptor = Acceptor(None, context_of(certificates.right))
    proxy = FaultyProxy(world.sandbox_port, acceptor=acceptor, secure=True)
    world.upstream_url = proxy.url
    try:
        world.start_daemon()
        memory = peak(world)
        session = runner.submit(world, proxy, Assignment(None, "none"))
        failed = processes.until("the handshake has failed", lambda: evidence.logged_failures(world.folder / "daemon.log"))
        codes = {code for (who, _), found in failed.items() if who == session for code in found}
        if codes != {"TLS_FAILED"}:
            return [f"it failed with {codes}"]
        if proxy.log:
            return ["a request was sent to a server with an unknown root"]
        world.stop_daemon()
        world.settings += f'upstream.ca_file = "{certificates.root}"\n'
        world.start_daemon()
        runner.wait(world, [session], False)
        return runner.final_checks(world, proxy, {}, memory, sample=1)
    finally:
        world.end()
        proxy.end()


def close_faults(runner, some, certificates):
    world = runner.new_world(f'upstream.ca_file = "{certificates.root}"\n')
    proxy = FaultyProxy(world.sandbox_port, acceptor=Acceptor(None, context_of(certificates.right)), secure=True)
    world.upstream_url = proxy.url
    try:
        world.start_daemon()
        memory = peak(world)
        struck = {runner.submit(world, proxy, assignment): assignment for assignment in some}
        runner.wait(world, struck, False)
        return runner.final_checks(world, proxy, struck, memory)
    finally:
        world.end()
        proxy.end()
