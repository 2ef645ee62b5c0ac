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

from .folder import Folder
from .openat import write_all

# magic, flags (bit 0: hash-based, bit 1: Python checks it), hash of the source
HEADER = struct.Struct("<4sI8s")
HASH_BASED = (1, 3)
HASH_BASED_UNCHECKED = 1
CACHE_FOLDER = "__pycache__"


def main() -> None:
    """Reads a job from standard input; writes for each wheel rows of name, sha256 (hex) and size, and the names of missing files; see bytecode_process."""
    job = json.load(sys.stdin)
    wheels = []  # type: List[Any]
    for index, fields in job["wheels"]:
        if job["spool"] is None:
            wheels.append((index,) + find_bytecode(fields["tree"], fields["modules"]))
        else:
            wheels.append((index, list(_compile_wheel(fields, job["spool"])), []))
    # Not json.dump, which is slower.
    sys.stdout.write(json.dumps(wheels))


def belongs_to(data: bytes, code: bytes) -> bool:
    """Whether `data` is a hash-based .pyc of this Python for the source `code`."""
    if len(data) < HEADER.size:
        return False
    magic, flags, digest = HEADER.unpack_from(data)
    return magic == importlib.util.MAGIC_NUMBER and flags in HASH_BASED and digest == importlib.util.source_hash(code)


def find_bytecode(tree: str, modules: List[str]) -> "Tuple[List[Tuple[str, str, int]], List[str]]":
    """Names, digests and sizes of the .pyc files that belong to modules of a tree, and the names of those that are missing or belong to others."""
    folders = {}  # type: Dict[str, List[str]]
    for name in modules:
        folder, _, last = name.rpartition("/")
        folders.setdefault(folder, []).append(last)
    found, missing = [], []
    with Folder.open(tree) as root:
        for folder, names in folders.items():
            cached = {cached_name(name): name for name in names}
            rows = _find_in_folder(root, folder, cached)
            start = folder + "/" if folder else ""
            found.extend((start + name, digest, size) for name, digest, size in rows)
            belonging = {row[0] for row in rows}
            missing.extend(start + name for name in cached if name not in belonging)
    return found, missing


def _find_in_folder(root: Folder, folder: str, cached: Dict[str, str]) -> "List[Tuple[str, str, int]]":
    """cached: names of modules by the names of their bytecode."""
    found = []
    try:
        with root.enter(folder) as sources, sources.enter(CACHE_FOLDER) as cache:
            for name, source in cached.items():
                try:
                    data = cache.read(name.rpartition("/")[2])
                    if belongs_to(data, sources.read(source)):
                        found.append((name, hashlib.sha256(data).hexdigest(), len(data)))
                except OSError:
                    continue
    except OSError:
        pass
    return found


def cached_name(name: str) -> str:
    """importlib.util.cache_from_source of a module in the current folder, which takes as long as two system calls."""
    return "{}/{}.{}.pyc".format(CACHE_FOLDER, name[: -len(".py")], sys.implementation.cache_tag)


def _compile_wheel(fields: Dict[str, str], spool: int) -> "Iterator[Tuple[str, str, int]]":
    """Writes the bytecode of every module that compiles to the descriptor `spool`, one after the other."""
    from .record import module_names
    from .stored_wheel import StoredWheel

    wheel = StoredWheel(fields["stored"], fields["dist_info"], fields["sha256"])
    for name in module_names(wheel.read_rows()):
        data = _compile(wheel.read(name), name)
        if data is not None:
            write_all(spool, data)
            yield importlib.util.cache_from_source(name), hashlib.sha256(data).hexdigest(), len(data)


def _compile(source: bytes, name: str) -> Optional[bytes]:
    try:
        # Any error of the parser or the compiler: wheels contain files for other versions of Python, and templates.
        data = marshal.dumps(compile(source, name, "exec", dont_inherit=True, optimize=0))
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return HEADER.pack(importlib.util.MAGIC_NUMBER, HASH_BASED_UNCHECKED, importlib.util.source_hash(source)) + data
