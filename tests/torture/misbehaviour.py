"""Every fault of the catalogue strikes each of the calls, among sessions without faults."""

import concurrent.futures
import random
import time

import catalogue
import misbehaviour_runner
import tls_runs
import webhook_registration
from certificates import Certificates
from evidence import ErrorReport
from faulty_proxy import Assignment
from tls_faults import CLOSE_FAULTS, context_of, handshake_faults, handshake_with
from world import need_program

AT_ONCE = 5  # daemons
CROWD = 200  # faults a daemon, few enough that good answers outnumber the bad ones


def assignments(step):
    """Each fault at each of its calls, shuffled by the seed: once, twice, or for three seconds."""
    chance = random.Random(step.seed)
    found = []
    for fault in catalogue.all_faults():
        for call in fault.calls:
            if fault.expected.startswith(catalogue.FAILED):  # the daemon repeats the call before the session fails
                found.append(Assignment(fault, call, strikes=2))
            elif fault.max_strikes == 1 or chance.random() < 0.6:
                found.append(Assignment(fault, call))
            elif fault.ending.startswith("ENRICHED") and fault.family != "status" and chance.random() < 0.2:
                found.append(Assignment(fault, call, seconds=3))
            else:
                found.append(Assignment(fault, call, strikes=2))
    chance.shuffle(found)
    return found


def with_impact(some, impact):
    return [one for one in some if one.fault.impact == impact]


def chunks_of(what, size):
    return [what[at:at + size] for at in range(0, len(what), size)]


def plan(step, runner):
    """(name, work) of each daemon."""
    chance = random.Random(step.seed + 1)
    all_assignments = assignments(step)
    certificates = Certificates(step.folder / "certificates")
    handshakes = handshake_faults(certificates, chance)
    passing, pausing, slowing, lone, idle = (with_impact(all_assignments, impact) for impact in (
        catalogue.PASSING, catalogue.PAUSING, catalogue.SLOWING, catalogue.LONE, catalogue.IDLE))
    calls = list(catalogue.ALL)
    registering = webhook_registration.applicable_faults()
    if step.short:
        passing, pausing, slowing, lone, idle = passing[:90], pausing[:5], slowing[:3], lone[:1], idle[:2]
        handshakes = {name: handshakes[name] for name in chance.sample(sorted(handshakes), 3)}
        calls = chance.sample(calls, 1)
        registering = chance.sample(registering, 25)
    plain = handshake_with(context_of(certificates.right))  # TLS where the daemon speaks plain HTTP
    closing = [Assignment(fault, call) for fault in CLOSE_FAULTS for call in calls]
    return [
        *[(f"TLS {name}", lambda name=name, fault=fault: tls_runs.handshake_fault(runner, name, fault, certificates, calls))
          for name, fault in handshakes.items()],
        ("TLS on the plain port", lambda: tls_runs.handshake_fault(runner, "TLS on the plain port", plain, None, calls)),
        ("TLS, system roots", lambda: tls_runs.unknown_root(runner, certificates)),
        ("TLS ends", lambda: tls_runs.close_faults(runner, closing, certificates)),
        ("registration", lambda: webhook_registration.run_registrations(runner, registering)),
        *[(f"lone {at}", lambda some=some: runner.run_long_waits(some)) for at, some in enumerate(chunks_of(lone, 5))],
        *[(f"idle {at}", lambda some=some: runner.run_mixed(some, one_by_one=True)) for at, some in enumerate(chunks_of(idle, 8))],
        *[(f"pausing {at}", lambda some=some: runner.run_mixed(some, poll_waiting=True)) for at, some in enumerate(chunks_of(pausing, 40))],
        *[(f"slowing {at}", lambda some=some: runner.run_mixed(some)) for at, some in enumerate(chunks_of(slowing, 20))],
        *[(f"passing {at}", lambda some=some: runner.run_mixed(some)) for at, some in enumerate(chunks_of(passing, CROWD))],
    ]


def run(step):
    need_program("openssl", "openssl")
    error_report = ErrorReport()
    runner = misbehaviour_runner.Runner(step, error_report)
    jobs = plan(step, runner)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(jobs) if step.short else AT_ONCE) as pool:
        running = {name: pool.submit(work) for name, work in jobs}
        wrong = {name: found for name, job in running.items() if (found := findings_of(job))}
    error_report.write(step.folder / "errors.txt")
    step.say(f"{len(error_report.rows)} faults at calls on {len(jobs)} daemons in {time.monotonic() - began:.0f} s; memory grew by "
             f"{runner.most_memory / 1024:.0f} MiB at most; errors reported for each fault: {step.folder / 'errors.txt'}")
    lines = [f"{name}: {line}" for name, found in wrong.items() for line in found]
    (step.folder / "defects.txt").write_text("\n".join(lines) + "\n")
    assert not lines, f"{len(lines)} defects:\n  " + "\n  ".join(lines[:40])


def findings_of(job):
    try:
        return job.result()
    except Exception as error:  # the findings of the other daemons are still reported
        return [f"{type(error).__name__}: {error}"]
