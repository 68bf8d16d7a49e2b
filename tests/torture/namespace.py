"""A network and a mount namespace of the step's own, with its own packet rules and name service. They end with the
process."""

import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import threading
import traceback

import world

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
PR_SET_PDEATHSIG = 1
TEST_ADDRESS = "127.0.0.9"  # source of the test's own requests; exempt from all rules


def run_inside(body):
    """Runs body() in a process and namespaces of its own. Its exceptions are raised here."""
    world.need_root()
    world.need_program("ip", "iproute2")
    world.need_program("nft", "nftables")
    forked = multiprocessing.get_context("fork")
    receiving, sending = forked.Pipe(duplex=False)
    process = forked.Process(target=_run, args=(body, sending), daemon=True)
    process.start()
    sending.close()
    try:
        outcome, text = receiving.recv()
    except EOFError:
        outcome, text = "failed", "its process ended without a result"
    process.join()
    if outcome == "skipped":
        world.skip(text)
    if outcome == "failed":
        raise AssertionError(text)


def _run(body, sending):
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        _unshare()
        body()
        sending.send(("passed", ""))
    except world.Skipped as why:
        sending.send(("skipped", str(why)))
    except BaseException as error:  # raised by run_inside()
        text = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
        sending.send(("failed", text))


def _unshare():
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        world.skip(f"needs a network namespace of its own ({os.strerror(ctypes.get_errno())})")
    private = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True, check=False)
    if private.returncode != 0:
        world.skip(f"needs a root that is a mount point, which a chroot is not ({private.stderr.strip()})")
    command("ip", "link", "set", "lo", "up")
    trial = "table inet torture {\nchain trial {\nnumgen random mod 100 < 30 drop\n}\n}\n"
    tried = subprocess.run(["nft", "-f", "-"], input=trial, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        world.skip(f"needs nftables in the kernel ({tried.stderr.strip().splitlines()[0]})")


def command(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr}"


def use_name_server(folder, options=""):
    """Host names are resolved at 127.0.0.1 only."""
    for name, text in (("resolv.conf", f"nameserver 127.0.0.1\n{options}\n"), ("hosts", "127.0.0.1 localhost\n"),
                       ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")):
        path = folder / name
        path.write_text(text)
        if not os.path.exists(f"/etc/{name}"):
            world.skip(f"needs a /etc/{name} to mount another file over")
        command("mount", "--bind", path, f"/etc/{name}")


class Rules:
    """An nftables chain, in force from `strike` to `heal`. It is hooked at input: the sender of a dropped packet gets
    no error."""

    _one_at_a_time = threading.Lock()

    def __init__(self, name):
        self.name = name
        self.striking = False

    def strike(self, rules, sets=""):
        """`sets`: nftables sets that the rules use."""
        self.heal()
        exempt = [f"ip saddr {TEST_ADDRESS} accept", f"ip daddr {TEST_ADDRESS} accept"]
        counted = [rule.replace(" drop", " counter drop").replace(" reject", " counter reject") for rule in rules]
        lines = "\n".join([*exempt, *counted])
        self._nft(f"table inet torture {{\n{sets}\nchain {self.name} {{\ntype filter hook input priority 0;\n{lines}\n}}\n}}\n")
        self.striking = True

    def heal(self):
        if self.striking:
            self._nft(f"delete chain inet torture {self.name}\n")
        self.striking = False

    def matched_packets(self):
        """The number of packets that matched."""
        listed = subprocess.run(["nft", "-j", "list", "chain", "inet", "torture", self.name],
                                capture_output=True, text=True, check=True)
        rules = [one["rule"]["expr"] for one in json.loads(listed.stdout)["nftables"] if "rule" in one]
        return sum(part["counter"]["packets"] for rule in rules for part in rule if "counter" in part)

    def _nft(self, text):
        with self._one_at_a_time:
            done = subprocess.run(["nft", "-f", "-"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}: {done.stderr}"


def ports_in_use(port):
    """Local ports of the established connections to that port."""
    established, found = "01", set()
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            _, local, remote, state = line.split()[:4]
            if state == established and int(remote.split(":")[1], 16) == port:
                found.add(int(local.split(":")[1], 16))
    return sorted(found)
