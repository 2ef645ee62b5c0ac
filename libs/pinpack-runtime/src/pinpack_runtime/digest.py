"""A file and the sha256 that it must have."""

import hashlib
import os
import stat

from typing import Optional

from .tree import CHUNK_BYTES


def find_digest_issue(path: str, sha256: str) -> Optional[str]:
    """What keeps `path` from being a regular file with that sha256 (hex), or None."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "it is missing"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    found = _sha256_of_file(path)
    return None if found == sha256 else "it has sha256 {}".format(found)


def _sha256_of_file(path: str) -> str:
    hasher = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
            hasher.update(chunk)
    return hasher.hexdigest()
