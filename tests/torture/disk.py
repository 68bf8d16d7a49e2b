"""An ext4 file system of a step's own: an image file on a loop device, in a private mount namespace. The mount and the
loop device disappear when the processes in the namespace have ended."""

import contextlib
import ctypes
import errno
import fcntl
import os
import struct
import subprocess
import time

import world

CLONE_NEWNS = 0x00020000
EXT4_IOC_SHUTDOWN = 0x8004587D
FLUSH, LOG_FLUSH, NO_LOG_FLUSH = 0, 1, 2  # what is still written: everything, the journal, nothing
TIMEOUT = 10  # seconds


def need_disks(folder):
    """Gives this thread, and all threads and processes it starts, a mount namespace of their own."""
    world.need_root()
    world.need_program("mkfs.ext4", "e2fsprogs")
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWNS) != 0:
        world.skip(f"needs a mount namespace of its own ({os.strerror(ctypes.get_errno())})")
    private = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True, check=False)
    if private.returncode != 0:
        world.skip(f"needs a root that is a mount point, which a chroot is not ({private.stderr.strip()})")
    trial = folder / "trial"
    trial.mkdir()
    disk = Disk(trial, 8, inodes=64)
    try:
        disk.mount()
    except AssertionError as why:
        world.skip(f"needs ext4 on a loop device ({str(why).strip()})")
    disk.unmount()


def command(*arguments):
    done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, arguments))}: {done.stderr}"


def retried(*arguments):
    """Retries a command: a device that was just released may stay busy for a moment."""
    end = time.monotonic() + TIMEOUT
    while True:
        try:
            return command(*arguments)
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


class Disk:
    def __init__(self, folder, megabytes, inodes=65_536):
        self.image = folder / "disk.img"
        self.mount_point = folder / "disk"
        self.mount_point.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        command("mkfs.ext4", "-q", "-F", "-b", 4096, "-m", 0, "-N", inodes, "-E", "lazy_itable_init=0,nodiscard", self.image)

    def mount(self, image=None):
        """Mounts the image, or the file that stands for it. The journal is replayed."""
        retried("mount", "-o", "loop", image or self.image, self.mount_point)

    def unmount(self):
        if os.path.ismount(self.mount_point):
            retried("umount", self.mount_point)

    def shut_down(self, how):
        """From now on all I/O fails with EIO, and nothing more is written."""
        with self._opened() as folder:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", how))

    def write_back(self):
        """Writes dirty pages, as the kernel does from time to time without an fsync."""
        with self._opened() as folder:
            ctypes.CDLL(None).syncfs(folder)

    @contextlib.contextmanager
    def _opened(self):
        folder = os.open(self.mount_point, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield folder
        finally:
            os.close(folder)


class Ballast:
    """A file that takes up free space."""

    def __init__(self, disk):
        self.path = disk.mount_point / "ballast"

    def fill(self, leave):
        """Takes all free space but `leave` bytes. Space that is freed later stays free."""
        with open(self.path, "ab", buffering=0) as file:
            for chunk in (1 << 20, 1 << 16, 4096):
                while self._fits(file, chunk, leave):
                    pass

    def _fits(self, file, chunk, leave):
        if leave and self._free() < leave + chunk:
            return False
        try:
            os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, chunk)
            return True
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return False

    def _free(self):
        there = os.statvfs(self.path)
        return there.f_bavail * there.f_frsize

    def give_back(self, size):
        os.truncate(self.path, os.path.getsize(self.path) - size)

    def remove(self):
        self.path.unlink(missing_ok=True)
