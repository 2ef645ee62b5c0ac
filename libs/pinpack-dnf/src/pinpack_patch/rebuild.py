"""Starts the program that rebuilds one RPM without privileges, and moves the result to its place."""

import glob
import json
import os
import subprocess
import sys
import tempfile

from typing import Any, Dict, Iterable, NamedTuple, Optional

from .problem import PatchProblem

PREFIX = ".pinpack-"
_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "pinpack-patch")
_IN_SOURCES = os.path.join(os.path.dirname(os.path.dirname(_PROGRAM)), "bin", "pinpack-patch")
# Of one RPM.
_SECONDS = 3600


class Rpm(NamedTuple):
    """The new RPM as the repository lists it, and its path."""

    path: str
    size: int
    sha256: str
    unpacked: int


class Old(NamedTuple):
    """The old version: its header with magic, and either the root that it is installed in or its RPM."""

    header: bytes
    root: str = "/"
    rpm: Optional[str] = None


def prepare_folders(folders: Iterable[str]) -> None:
    """Creates them, and removes what a run that was killed left in them."""
    for folder in set(folders):
        os.makedirs(folder, exist_ok=True)
        for path in glob.glob(os.path.join(glob.escape(folder), PREFIX + "*")):
            os.unlink(path)


def rebuild_rpm(patch_path: str, patch: Dict[str, Any], old: Optional[Old], rpm: Rpm) -> None:
    """patch: its record in the index; old: unless the patch is made against nothing. Raises PatchProblem, OSError or subprocess.SubprocessError."""
    folder = os.path.dirname(rpm.path)
    header = old and write_temporary(folder, old.header)
    # Created by the program, which must not follow anything that is there.
    output = os.path.join(folder, "{}{}-{}.rpm".format(PREFIX, os.getpid(), rpm.sha256))
    try:
        job = {"patch": patch_path, "patch_size": patch["size"], "patch_sha256": patch["sha256"], "output": output, "header": header}
        job.update(rpm_size=rpm.size, rpm_sha256=rpm.sha256, unpacked_size=rpm.unpacked)
        if old is not None:
            job.update(header_sha256=patch["old"]["header"], payload_sha256=patch["old"]["payload"], root=old.root, old_rpm=old.rpm)
        _run(job)
        os.rename(output, rpm.path)
    finally:
        remove(output)
        if header:
            remove(header)


def _run(job: Dict[str, Any]) -> None:
    program = _PROGRAM if os.path.exists(_PROGRAM) else _IN_SOURCES
    # -I and -S: no code of the caller's environment or of site-packages.
    result = subprocess.run(
        [sys.executable, "-IBS", program],
        input=json.dumps(job).encode("utf-8"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=_SECONDS,
    )
    if result.returncode != 0:
        lines = result.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PatchProblem(lines[-1] if lines else "pinpack-patch ended with {}".format(result.returncode))


def write_temporary(folder: str, content: bytes) -> str:
    descriptor, path = tempfile.mkstemp(prefix=PREFIX, dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return path


def remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
