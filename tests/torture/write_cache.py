"""A disk with a volatile write cache: one file, served through FUSE from an image. Writes since the last flush are
cached. At a power cut each cached sector is written or lost at random, and from then on all I/O fails. write_cache.py
IMAGE FILE serves the file until its standard input ends."""

import ctypes
import errno
import os
import random
import select
import struct
import subprocess
import sys

import disk

SECTOR = 512  # bytes a disk writes atomically
MOST = 1 << 17  # bytes in one request

IN = struct.Struct("<IIQQIIII")  # length, operation, unique, node, …
OUT = struct.Struct("<IiQ")  # length, error, unique
GETATTR, OPEN, READ, WRITE, STATFS, RELEASE, FSYNC, FLUSH, INIT, INTERRUPT = 3, 14, 15, 16, 17, 18, 20, 25, 26, 36
BIG_WRITES, MAX_PAGES = 1 << 5, 1 << 22


class CachedImage:
    """The image, and the sectors not written to it yet."""

    def __init__(self, image):
        self.file = os.open(image, os.O_RDWR)
        self.size = os.fstat(self.file).st_size
        self.cached = []  # (offset, bytes) of each sector, in the order written
        self.newest = {}
        self.failed = False

    def write(self, offset, data):
        for at in range(0, len(data), SECTOR):
            sector = bytes(data[at:at + SECTOR])
            self.cached.append((offset + at, sector))
            self.newest[offset + at] = sector

    def read(self, offset, length):
        found = bytearray(os.pread(self.file, length, offset))
        if self.newest:
            for at in range(0, len(found), SECTOR):
                sector = self.newest.get(offset + at)
                if sector:
                    found[at:at + SECTOR] = sector
        return bytes(found)

    def flush(self):
        for offset, sector in self.newest.items():
            os.pwrite(self.file, sector, offset)
        self.cached.clear()
        self.newest.clear()

    def cut(self, chance):
        """Writes a random subset of the cached sectors. Returns how many, and of how many."""
        self.failed = True
        share = chance.choice((0, 0.1, 0.5, 0.9))
        written = [(offset, sector) for offset, sector in self.cached if chance.random() < share]
        for offset, sector in written:
            os.pwrite(self.file, sector, offset)
        return len(written), len(self.cached)


class Server:
    def __init__(self, image, place):
        self.image = CachedImage(image)
        self.device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.device},rootmode=100600,user_id=0,group_id=0"
        library = ctypes.CDLL(None, use_errno=True)
        if library.mount(b"write-cache", os.fsencode(place), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")

    def run(self):
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([self.device, sys.stdin], [], [])
            if sys.stdin in ready:
                seed = sys.stdin.readline()
                if not seed:
                    return
                print(*self.image.cut(random.Random(int(seed))), flush=True)
            elif not self.serve():
                return

    def serve(self):
        """Serves one request; False once the file is unmounted."""
        try:
            request = os.read(self.device, MOST + 4096)
        except OSError as error:
            if error.errno == errno.ENODEV:
                return False
            raise
        _, operation, unique, *_ = IN.unpack_from(request)
        if operation == INTERRUPT:
            return True
        try:
            error, answer = 0, self.answer(operation, memoryview(request)[IN.size:])
        except OSError as failed:
            error, answer = -failed.errno, b""
        os.write(self.device, OUT.pack(OUT.size + len(answer), error, unique) + answer)
        return True

    def answer(self, operation, body):
        if operation == INIT:
            return struct.pack("<IIIIHHIIHHI28x", 7, 31, MOST, BIG_WRITES | MAX_PAGES, 16, 12, MOST, 1, MOST // 4096, 0, 0)
        if operation == GETATTR:
            return struct.pack("<QII6Q10I", 3600, 0, 0, 1, self.image.size, self.image.size // 512, 0, 0, 0,
                               0, 0, 0, 0o100600, 1, 0, 0, 0, 4096, 0)
        if operation == OPEN:
            return struct.pack("<QII", 0, 0, 0)
        if operation in (RELEASE, FLUSH):
            return b""
        if operation == STATFS:
            return bytes(80)
        if operation not in (READ, WRITE, FSYNC):
            raise OSError(errno.ENOSYS, "not needed")
        if self.image.failed:
            raise OSError(errno.EIO, "no power")
        if operation == FSYNC:
            self.image.flush()
            return b""
        _, offset, size = struct.unpack_from("<QQI", body)
        if operation == READ:
            return self.image.read(offset, size)
        self.image.write(offset, body[40:40 + size])
        return struct.pack("<II", size, 0)


class WriteCache:
    """Starts and ends the server. `file` is to be mounted instead of the image."""

    def __init__(self, image, file):
        self.file = file
        self.file.touch()
        command = [sys.executable, __file__, image, file]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout.readline() == "ready\n", "no file through FUSE"

    def cut(self, seed):
        print(seed, file=self.server.stdin, flush=True)
        written, of = map(int, self.server.stdout.readline().split())
        return written, of

    def end(self):
        """To be called once the file is not in use."""
        try:
            disk.retried("umount", self.file)
        finally:
            self.server.stdin.close()
            self.server.wait()
            self.server.stdout.close()


if __name__ == "__main__":
    Server(sys.argv[1], sys.argv[2]).run()
