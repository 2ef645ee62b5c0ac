"""Runs `bytecode` under the application's Python: one process for each processor, or here if this is the same Python."""

import json
import os

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .application import Application
from .content import check_content
from .digest_cache import DigestCache, KnownBytecode
from .errors import RuntimeProblem
from .folder import CHUNK_BYTES, Folder
from .interpreter import describe_end, last_lines, runs_this_program, start_interpreter
from .openat import encode, write_all
from .parallel import count_workers, map_in_processes, map_in_threads
from .record import RecordRow, module_names

# The library comes last, so that none of its files shadows a module of the standard library.
START = "import sys; sys.path.append(sys.argv[1]); from pinpack_runtime.bytecode import main; main()"
# What is digested in the time that it takes to compare a module with its bytecode.
MODULE_BYTES = 1 << 16
LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Bytecode(NamedTuple):
    """A .pyc of a wheel: its row of RECORD, and if it was compiled, the descriptor and offset of its content."""

    row: RecordRow
    spool: Optional[int]
    offset: int

    def copy(self, target: int) -> None:
        """Writes the compiled content to a descriptor."""
        check_content(self._chunks(), self.row, lambda chunk: write_all(target, chunk))

    def _chunks(self) -> Any:
        at, end = self.offset, self.offset + (self.row.size or 0)
        while at < end:
            chunk = os.pread(self.spool or 0, min(CHUNK_BYTES, end - at), at)
            if not chunk:
                return
            at += len(chunk)
            yield chunk


def find_bytecode(
    application: Application, sources: List[Any], interpreter: str, scratch: Folder, lock: int
) -> "List[List[Bytecode]]":
    """The bytecode of each of the application's wheels, in their order. In layout `stored` it is compiled, into files of `scratch`.

    sources: the open wheels, and the rows of their RECORD. lock: a descriptor that the processes inherit, so that a later run waits for the processes of a killed run.
    """
    found = [[] for _ in application.wheels]  # type: List[List[Bytecode]]
    if not application.bytecode:
        return found
    identity = _identify(interpreter)
    unknown = []  # type: List[Tuple[int, Dict[str, Any]]]
    for index, (wheel, (source, rows)) in enumerate(zip(application.wheels, sources)):
        if wheel.stored:
            unknown.append((index, dict(wheel._asdict())))
        elif source.cache is not None and _is_known(source.cache, wheel.tree, identity):
            found[index] = [Bytecode(_row_of(*row), None, 0) for row in source.cache.bytecode.rows]
        else:
            unknown.append((index, dict(tree=wheel.tree, modules=module_names(rows))))
    if application.layout != "stored":
        for index, rows, missing in _compare(interpreter, unknown, lock):
            tree, recorded = sources[index]
            # Bytecode in a wheel cannot be compared with a source; pip omits it too.
            shipped = {row.name for row in recorded}
            rows = [row for row in rows if row[0] not in shipped]
            found[index] = [Bytecode(_row_of(*row), None, 0) for row in rows]
            if tree.cache is not None:
                tree.cache.bytecode = KnownBytecode(identity, rows, missing)
        return found
    groups = _share(unknown, count_workers())

    def run(number: int) -> None:
        spool = scratch.create_file("bytecode{}".format(number))
        offset = 0
        for index, rows, _ in _run(interpreter, groups[number], spool, lock):
            for row in rows:
                found[index].append(Bytecode(_row_of(*row), spool, offset))
                offset += row[2]

    map_in_threads(run, range(len(groups)))
    return found


def _compare(interpreter: str, wheels: "List[Tuple[int, Dict[str, Any]]]", lock: int) -> "List[Any]":
    """For each wheel of layout `tree` its number, and the rows and the missing names of its bytecode."""
    if runs_this_program(interpreter):
        from .bytecode import find_bytecode as find_here

        sizes = [len(fields["modules"]) * MODULE_BYTES for _, fields in wheels]
        return map_in_processes(lambda wheel: (wheel[0],) + find_here(**wheel[1]), wheels, sizes)
    groups = _share(wheels, count_workers())
    return [each for found in map_in_threads(lambda group: _run(interpreter, group, None, lock), groups) for each in found]


def _identify(interpreter: str) -> List[Any]:
    status = os.stat(interpreter)
    return [interpreter, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]


def _is_known(cache: DigestCache, tree: str, interpreter: List[Any]) -> bool:
    """Whether an earlier run compared the bytecode with its sources. If it was replaced since, the new one can belong to them too."""
    known = cache.bytecode
    if known is None or known.interpreter != interpreter:
        return False
    if any(os.path.lexists(_path_of(tree, name)) for name in known.missing):
        return False
    try:
        return all(cache.is_unchanged(name, os.lstat(_path_of(tree, name))) for name, _, _ in known.rows)
    except OSError:
        return False


def _path_of(tree: str, name: str) -> bytes:
    return encode(tree) + b"/" + encode(name)


def _share(wheels: "List[Tuple[int, Dict[str, Any]]]", count: int) -> "List[List[Tuple[int, Dict[str, Any]]]]":
    """Divides the wheels into `count` groups of similar size."""
    ordered = sorted(wheels, key=lambda item: len(item[1]["modules"]) if "modules" in item[1] else _size_of(item[1]["stored"]))
    return [group for group in (ordered[start::count] for start in range(count)) if group]


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _run(interpreter: str, wheels: Any, spool: Optional[int], lock: int) -> "List[Tuple[int, List[Any], List[str]]]":
    inherited = (lock,) if spool is None else (lock, spool)
    process = start_interpreter(interpreter, START, [LIBRARY], pass_fds=inherited)
    output, errors = process.communicate(json.dumps({"spool": spool, "wheels": wheels}).encode("ascii"))
    if process.returncode != 0:
        raise RuntimeProblem(
            "BYTECODE_FAILED",
            interpreter,
            last_lines(errors) + [describe_end(process.returncode)],
            "the application's Python to find or make the bytecode of its wheels",
            "Read the lines above, then run the same command again.",
        )
    wheels = json.loads(output.decode("ascii"))  # type: List[Tuple[int, List[Any], List[str]]]
    return wheels


def _row_of(name: str, digest: str, size: int) -> RecordRow:
    return RecordRow(name, "sha256", bytes.fromhex(digest), size)
