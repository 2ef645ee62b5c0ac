"""Rebuilds one RPM without privileges: reads a job from standard input, opens its files, gives up root, and only then looks into them.

The job (JSON): patch, patch_size, patch_sha256; output; header (path of the installed package's header with its magic, or null), header_sha256,
payload_sha256; root, or old_rpm if the package is not installed; rpm_size, rpm_sha256, unpacked_size.
"""

import hashlib
import json
import os
import pwd
import resource
import sys
import tempfile

from typing import Any, Dict, NamedTuple, Optional, Union

from .apply_patch import RpmSink, apply_patch
from .old_parts import OldParts
from .old_rpm import OldRpm
from .patch_file import open_patch
from .problem import PatchProblem

_PIECE = 1 << 20
# Six decoders and encoders of 64 MiB and less, and Python itself.
_MEMORY = 1 << 30
_LARGEST_HEADER = 256 << 20
_NOBODY = 65534


class JobFiles(NamedTuple):
    """Descriptors, opened before root is given up. header: of the old version; scratch: an unnamed file for the payload of the old RPM."""

    patch: int
    output: int
    header: Optional[int]
    old_rpm: Optional[int]
    scratch: int


def main() -> int:
    job = json.load(sys.stdin)
    try:
        with tempfile.TemporaryFile(dir=os.path.dirname(job["output"])) as scratch:
            files = _open_files(job, scratch.fileno())
            _give_up_root()
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            rebuild(job, files)
        return 0
    except PatchProblem as problem:
        print(problem, file=sys.stderr)
    except MemoryError:
        print("not enough memory", file=sys.stderr)
    except OSError as error:
        print(error.strerror or error, file=sys.stderr)
    return 1


def _open_files(job: Dict[str, Any], scratch: int) -> JobFiles:
    reading = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    writing = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return JobFiles(
        patch=os.open(job["patch"], reading),
        output=os.open(job["output"], writing, 0o644),
        header=os.open(job["header"], reading) if job.get("header") else None,
        old_rpm=os.open(job["old_rpm"], reading) if job.get("old_rpm") else None,
        scratch=scratch,
    )


def rebuild(job: Dict[str, Any], files: JobFiles) -> None:
    """Raises PatchProblem and leaves an incomplete output if anything differs from what the job expects."""
    if os.fstat(files.patch).st_size != job["patch_size"] or _digest_of(files.patch) != job["patch_sha256"]:
        raise PatchProblem("the patch is not the one that the repository lists")
    old = _open_old(job, files)
    opened = open_patch(files.patch, job["unpacked_size"])
    if (opened.old_head_size, opened.old_head_size + opened.old_payload_size) != (old.header_size, old.size):
        raise PatchProblem("the patch is for another package than the installed one")
    try:
        if files.header is not None:
            old.check_payload(job["payload_sha256"])
        sink = RpmSink(files.output, opened, job["rpm_size"])
        apply_patch(opened, old, sink)
        if sink.finish() != job["rpm_sha256"]:
            raise PatchProblem("the rebuilt RPM is not the one that the repository lists")
    finally:
        old.close()


def _open_old(job: Dict[str, Any], files: JobFiles) -> Union[OldParts, OldRpm]:
    header = b"" if files.header is None else _read_header(files.header, job["header_sha256"])
    if files.old_rpm is not None:
        return OldRpm(files.old_rpm, header, files.scratch)
    return OldParts(header, os.fsencode(job.get("root", "/")))


def _read_header(descriptor: int, sha256: str) -> bytes:
    if os.fstat(descriptor).st_size > _LARGEST_HEADER:
        raise PatchProblem("the installed package's header is too large")
    with os.fdopen(descriptor, "rb") as file:
        header = file.read()
    if hashlib.sha256(header).hexdigest() != sha256:
        raise PatchProblem("the installed package is not the one that the patch is for")
    return header


def _digest_of(descriptor: int) -> str:
    hasher = hashlib.sha256()
    offset = 0
    for piece in iter(lambda: os.pread(descriptor, _PIECE, offset), b""):
        hasher.update(piece)
        offset += len(piece)
    return hasher.hexdigest()


def _give_up_root() -> None:
    if os.geteuid() != 0:
        return
    try:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    except KeyError:
        uid = gid = _NOBODY
    try:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    except OSError:
        # The user namespace of a container may have no other user.
        if _has_all_users():
            raise


def _has_all_users() -> bool:
    with open("/proc/self/uid_map", "rb") as file:
        return file.read().split() == [b"0", b"0", b"4294967295"]
