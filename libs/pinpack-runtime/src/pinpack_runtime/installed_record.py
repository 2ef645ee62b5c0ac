"""RECORD as installers write it into an environment: it also names scripts outside of site-packages, and bytecode without digests."""

import csv
import hashlib
import io
import os
import stat

from typing import List, NamedTuple, Optional

from .record import RecordRow, parse_digest
from .tree import CHUNK_BYTES


class FileClaim(NamedTuple):
    """What a RECORD says of the file `path`; `tree`: the folder that it may be a hard link into, if it may; whether it must be executable."""

    environment: str
    path: str
    row: RecordRow
    tree: Optional[str]
    executable: bool


def parse_installed_record(data: bytes) -> List[RecordRow]:
    """The rows, paths relative to site-packages as they stand there; a ValueError where they are none."""
    rows = []  # type: List[RecordRow]
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    try:
        for fields in reader:
            rows.append(_parse_fields(fields, reader.line_num))
    except csv.Error as error:
        raise ValueError(str(error))
    return rows


def _parse_fields(fields: List[str], line: int) -> RecordRow:
    if len(fields) != 3:
        raise ValueError("line {} has {} fields where three belong".format(line, len(fields)))
    name, digest_text, size_text = fields
    if not digest_text:
        return RecordRow(name, None, None, None)
    algorithm, digest = parse_digest(digest_text)
    if digest is None:
        raise ValueError("line {} has no usable digest: {!r}".format(line, digest_text))
    return RecordRow(name, algorithm, digest, int(size_text) if size_text else None)


def find_file_issue(claim: FileClaim) -> Optional[str]:
    """What is wrong with one file, or None. A hard link to the tree's file is right where its size is: rpm verifies the tree."""
    path, row = os.fsencode(claim.path), claim.row
    shown = os.path.relpath(claim.path, claim.environment)
    if shown.startswith("../"):
        return "{} lies outside of the environment".format(shown)
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "{} is missing".format(shown)
    if not stat.S_ISREG(status.st_mode):
        return "{} is not a regular file".format(shown)
    if row.digest is None:
        return None
    if row.size is not None and row.size != status.st_size:
        return "{} has {} bytes, recorded are {}".format(shown, status.st_size, row.size)
    if claim.tree is not None and _is_link(status, os.path.join(claim.tree, row.name)):
        return None
    if _digest_of(path, row.algorithm or "") != row.digest:
        return "{} was changed: its {} is not the recorded one".format(shown, row.algorithm)
    if claim.executable and not status.st_mode & stat.S_IXUSR:
        return "{} is not executable".format(shown)
    return None


def _is_link(status: os.stat_result, path: str) -> bool:
    try:
        return status.st_nlink > 1 and os.path.samestat(status, os.lstat(os.fsencode(path)))
    except OSError:
        return False


def _digest_of(path: bytes, algorithm: str) -> bytes:
    hasher = hashlib.new(algorithm)
    with open(path, "rb", buffering=0) as file:
        for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
            hasher.update(chunk)
    return hasher.digest()
