"""Bytecode that wheel RPMs bring: hash-based .pyc files in the tree (PEP 552), which no RECORD names.

Python believes an unchecked one blindly, so each is compared with its source here: during an upgrade the old version's may lie there.
"""

import base64
import hashlib
import importlib.util
import os
import struct

from typing import NamedTuple, Optional

# magic, flags (bit 0: hash-based, bit 1: Python checks it), hash of the source
HEADER = struct.Struct("<4sI8s")
HASH_BASED = (1, 3)


class Bytecode(NamedTuple):
    """name: below the tree; path: the file; sha256 as RECORD writes it; size in bytes."""

    name: str
    path: str
    sha256: str
    size: int


def find_bytecode(tree: str, source: str) -> Optional[Bytecode]:
    """The bytecode for the tree's `source` (a path below it) for this Python; None where there is none that belongs to it."""
    if not source.endswith(".py"):
        return None
    name = importlib.util.cache_from_source(source)
    try:
        with open(os.path.join(tree, name), "rb") as file:
            data = file.read()
        with open(os.path.join(tree, source), "rb") as file:
            code = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not belongs_to(data, code):
        return None
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")
    return Bytecode(name, os.path.join(tree, name), digest, len(data))


def belongs_to(data: bytes, code: bytes) -> bool:
    """Whether the .pyc `data` is this Python's, hash-based, and of the source `code`."""
    if len(data) < HEADER.size:
        return False
    magic, flags, digest = HEADER.unpack_from(data)
    return magic == importlib.util.MAGIC_NUMBER and flags in HASH_BASED and digest == importlib.util.source_hash(code)
