"""Every fault of the catalogue strikes each of the calls, among sessions without faults."""

import concurrent.futures
import random
import time

import catalogue
import registrations
import scenes
import tls
from certificates import Certificates
from crooked import Assignment
from doors import ENDS, context_of, meetings, shaken
from evidence import Sayings
from world import need_program

AT_ONCE = 5  # daemons
CROWD = 200  # faults a daemon, few enough that good answers outnumber the bad ones


def assignments(step):
    """Each fault at each of its calls, shuffled by the seed: once, twice, or for three seconds."""
    chance = random.Random(step.seed)
    found = []
    for fault in catalogue.whole():
        for call in fault.calls:
            if fault.right.startswith(catalogue.FAILED):  # the daemon repeats the call before the session fails
                found.append(Assignment(fault, call, strikes=2))
            elif fault.most == 1 or chance.random() < 0.6:
                found.append(Assignment(fault, call))
            elif fault.ending.startswith("ENRICHED") and fault.family != "status" and chance.random() < 0.2:
                found.append(Assignment(fault, call, seconds=3))
            else:
                found.append(Assignment(fault, call, strikes=2))
    chance.shuffle(found)
    return found


def of_pace(everyone, pace):
    return [one for one in everyone if one.fault.pace == pace]


def shares(what, size):
    return [what[at:at + size] for at in range(0, len(what), size)]


def plan(step, scene):
    """(name, work) of each daemon."""
    chance = random.Random(step.seed + 1)
    everyone = assignments(step)
    certificates = Certificates(step.folder / "certificates")
    doors = meetings(certificates, chance)
    passing, pausing, slowing, lone, idle = (of_pace(everyone, pace) for pace in (
        catalogue.PASSING, catalogue.PAUSING, catalogue.SLOWING, catalogue.LONE, catalogue.IDLE))
    calls = list(catalogue.ALL)
    registering = registrations.struck()
    if step.short:
        passing, pausing, slowing, lone, idle = passing[:90], pausing[:5], slowing[:3], lone[:1], idle[:2]
        doors = {name: doors[name] for name in chance.sample(sorted(doors), 3)}
        calls = chance.sample(calls, 1)
        registering = chance.sample(registering, 25)
    plain = shaken(context_of(certificates.right))  # TLS where the daemon speaks plain HTTP
    return [
        *[(f"TLS {name}", lambda name=name, meet=meet: tls.turned_away(scene, name, meet, certificates, calls))
          for name, meet in doors.items()],
        ("TLS on the plain port", lambda: tls.turned_away(scene, "TLS on the plain port", plain, None, calls)),
        ("TLS, system roots", lambda: tls.not_trusted(scene, certificates)),
        ("TLS ends", lambda: tls.ends_in_tls(scene, [Assignment(fault, call) for fault in ENDS for call in calls], certificates)),
        ("registration", lambda: registrations.registrations(scene, registering)),
        *[(f"lone {at}", lambda some=some: scene.patient(some)) for at, some in enumerate(shares(lone, 5))],
        *[(f"idle {at}", lambda some=some: scene.mixed(some, alone=True)) for at, some in enumerate(shares(idle, 8))],
        *[(f"pausing {at}", lambda some=some: scene.mixed(some, hurried=True)) for at, some in enumerate(shares(pausing, 40))],
        *[(f"slowing {at}", lambda some=some: scene.mixed(some)) for at, some in enumerate(shares(slowing, 20))],
        *[(f"passing {at}", lambda some=some: scene.mixed(some)) for at, some in enumerate(shares(passing, CROWD))],
    ]


def run(step):
    need_program("openssl", "openssl")
    sayings = Sayings()
    scene = scenes.Scene(step, sayings)
    jobs = plan(step, scene)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(jobs) if step.short else AT_ONCE) as pool:
        running = {name: pool.submit(work) for name, work in jobs}
        wrong = {name: told for name, job in running.items() if (told := told_by(job))}
    sayings.write(step.folder / "sayings.txt")
    step.say(f"{len(sayings.rows)} faults at calls on {len(jobs)} daemons in {time.monotonic() - began:.0f} s; memory grew by "
             f"{scene.most_memory / 1024:.0f} MiB at most; errors reported for each fault: {step.folder / 'sayings.txt'}")
    lines = [f"{name}: {line}" for name, told in wrong.items() for line in told]
    (step.folder / "wrong.txt").write_text("\n".join(lines) + "\n")
    assert not lines, f"{len(lines)} defects:\n  " + "\n  ".join(lines[:40])


def told_by(job):
    try:
        return job.result()
    except Exception as error:  # the findings of the other daemons are still reported
        return [f"{type(error).__name__}: {error}"]
