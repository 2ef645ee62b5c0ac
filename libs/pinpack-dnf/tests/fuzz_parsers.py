"""Feeds changed bytes to every parser that reads what a server or a disk gives: nothing but PatchProblem may come out, in bounded time and memory.

Usage: fuzz_parsers.py RUNS SEED FOLDER, with FOLDER/patch, header and old.rpm (the old version), primary.xml.gz, repomd.xml and index.gz; prints the
number of inputs that were accepted. Called by libs/rpm-repo/src/patches/fuzz-patch.integration.spec.ts.
"""

import gzip
import os
import random
import resource
import sys
import tempfile

from typing import Callable, Dict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src"))

from pinpack_fetch.metadata import parse_primary, parse_repomd  # noqa: E402
from pinpack_patch.apply_patch import RpmSink, apply_patch  # noqa: E402
from pinpack_patch.old_rpm import OldRpm, read_rpm_header  # noqa: E402
from pinpack_patch.patch_file import open_patch  # noqa: E402
from pinpack_patch.patch_index import parse_index  # noqa: E402
from pinpack_patch.problem import PatchProblem  # noqa: E402
from pinpack_patch.rpm_header import list_files  # noqa: E402

_LARGEST = 4 << 20
_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF)


def mutate(data: bytes, draw: random.Random) -> bytes:
    """A few changes: of bytes, of the length, of numbers in a header."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8))):
        # Headers decide the most.
        at = draw.randrange(min(len(changed), draw.choice((160, len(changed)))) or 1)
        kind = draw.randrange(5)
        if kind == 0 and changed:
            changed[at] ^= 1 << draw.randrange(8)
        elif kind == 1 and changed:
            changed[at] = draw.choice(_INTERESTING)
        elif kind == 2:
            del changed[at : at + draw.randrange(1, 64)]
        elif kind == 3:
            changed[at:at] = changed[at : at + draw.randrange(1, 64)]
        else:
            del changed[draw.randrange(len(changed) + 1) :]
    return bytes(changed)


class Scratch:
    """A file with the input, and another one to write to."""

    def __init__(self, folder: str) -> None:
        self._files = [tempfile.TemporaryFile(dir=folder) for _ in range(2)]

    def fill(self, data: bytes) -> int:
        for file in self._files:
            os.ftruncate(file.fileno(), 0)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        os.write(self._files[0].fileno(), data)
        return self._files[0].fileno()

    def output(self) -> int:
        return self._files[1].fileno()


def parsers(folder: str, scratch: Scratch) -> Dict[str, Callable[[bytes], object]]:
    """By the file that they read."""
    with open(os.path.join(folder, "old.rpm"), "rb") as rpm:
        old_rpm = os.dup(rpm.fileno())
    header = read(folder, "header")
    with tempfile.TemporaryFile(dir=folder) as unpacked:
        payload = os.dup(unpacked.fileno())
    old = OldRpm(old_rpm, header, payload)

    def apply(data: bytes) -> None:
        patch = open_patch(scratch.fill(data), _LARGEST)
        apply_patch(patch, old, RpmSink(scratch.output(), patch, _LARGEST))

    def unpack(data: bytes) -> None:
        descriptor = scratch.fill(data)
        OldRpm(descriptor, read_rpm_header(descriptor), scratch.output())

    return {
        "patch": apply,
        "header": list_files,
        "old.rpm": unpack,
        "index.gz": parse_index,
        "repomd.xml": parse_repomd,
        "primary.xml.gz": parse_primary,
    }


def read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def main() -> int:
    runs, seed, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    draw = random.Random(seed)
    accepted = 0
    for name, parse in parsers(folder, Scratch(folder)).items():
        original = read(folder, name)
        # What is right has to be accepted, or nothing is tested.
        parse(original)
        for _ in range(runs):
            # Behind the checksum of gzip too.
            inside = name.endswith(".gz") and draw.random() < 0.5
            data = gzip.compress(mutate(gzip.decompress(original), draw)) if inside else mutate(original, draw)
            try:
                parse(data)
                accepted += 1
            except PatchProblem:
                pass
            except Exception:
                sys.stderr.write("{} of {} bytes, seed {}: {}\n".format(name, len(data), seed, data[:200].hex()))
                raise
    print(accepted)
    return 0


sys.exit(main())
