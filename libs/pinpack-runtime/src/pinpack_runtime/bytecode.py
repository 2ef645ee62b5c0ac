"""Bytecode of an application's modules: hash-based .pyc files (PEP 552). Runs under the application's own Python, with `-I -S`.

Sources are compiled, never run. Python loads an unchecked .pyc without reading its source, so each .pyc of a wheel RPM is compared
with its source: during an upgrade the tree may still contain those of the old version.
"""

import hashlib
import importlib.util
import json
import marshal
import struct
import sys

from typing import Any, Dict, Iterator, List, Optional, Tuple

from .content import UnusableFile
from .openat import write_all
from .record import RecordRow, encode_digest
from .stored_wheel import StoredWheel
from .tree import Tree

# magic, flags (bit 0: hash-based, bit 1: Python checks it), hash of the source
HEADER = struct.Struct("<4sI8s")
HASH_BASED = (1, 3)
HASH_BASED_UNCHECKED = 1


def main() -> None:
    """Reads a job from standard input and writes rows of RECORD to standard output; see bytecode_process."""
    job = json.load(sys.stdin)
    rows = []  # type: List[List[Any]]
    for index, fields in job["wheels"]:
        if job["spool"] is None:
            found = find_bytecode(Tree(fields["tree"], fields["dist_info"]))
        else:
            found = _compile_wheel(fields, job["spool"])
        rows.extend([index, name, digest, size] for name, digest, size in found)
    json.dump(rows, sys.stdout)


def belongs_to(data: bytes, code: bytes) -> bool:
    """Whether `data` is a hash-based .pyc of this Python for the source `code`."""
    if len(data) < HEADER.size:
        return False
    magic, flags, digest = HEADER.unpack_from(data)
    return magic == importlib.util.MAGIC_NUMBER and flags in HASH_BASED and digest == importlib.util.source_hash(code)


def find_bytecode(tree: Tree) -> "Iterator[Tuple[str, str, int]]":
    """Names, digests and sizes of the tree's .pyc files that belong to a module in RECORD."""
    rows = tree.read_rows()
    shipped = {row.name for row in rows}
    for name in _module_names(rows):
        cached = importlib.util.cache_from_source(name)
        if cached in shipped:
            continue
        try:
            data, code = tree.read(cached), tree.read(name)
        except UnusableFile:
            continue
        if belongs_to(data, code):
            yield cached, _digest_of(data), len(data)


def _compile_wheel(fields: Dict[str, str], spool: int) -> "Iterator[Tuple[str, str, int]]":
    """Writes the bytecode of every module that compiles to the descriptor `spool`, one after the other."""
    wheel = StoredWheel(fields["stored"], fields["dist_info"], fields["sha256"])
    for name in _module_names(wheel.read_rows()):
        data = _compile(wheel.read(name), name)
        if data is not None:
            write_all(spool, data)
            yield importlib.util.cache_from_source(name), _digest_of(data), len(data)


def _module_names(rows: List[RecordRow]) -> List[str]:
    # Files below .data are installed elsewhere, and need not be modules.
    tops = (".data", ".dist-info")
    return [row.name for row in rows if row.name.endswith(".py") and not row.name.split("/")[0].endswith(tops)]


def _compile(source: bytes, name: str) -> Optional[bytes]:
    try:
        # Any error of the parser or the compiler: wheels contain files for other versions of Python, and templates.
        data = marshal.dumps(compile(source, name, "exec", dont_inherit=True, optimize=0))
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return HEADER.pack(importlib.util.MAGIC_NUMBER, HASH_BASED_UNCHECKED, importlib.util.source_hash(source)) + data


def _digest_of(data: bytes) -> str:
    return "sha256=" + encode_digest(hashlib.sha256(data).digest())
