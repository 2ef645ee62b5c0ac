"""Runs `bytecode` under the application's Python: one process for each processor."""

import json
import os

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .application import Application, ApplicationWheel
from .content import check_content
from .errors import RuntimeProblem
from .folder import CHUNK_BYTES, Folder
from .interpreter import describe_end, last_lines, start_interpreter
from .openat import write_all
from .parallel import count_workers, map_in_threads
from .record import RecordRow, parse_digest

# The library comes last, so that none of its files shadows a module of the standard library.
START = "import sys; sys.path.append(sys.argv[1]); from pinpack_runtime.bytecode import main; main()"
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


def find_bytecode(application: Application, interpreter: str, scratch: Folder, lock: int) -> "List[List[Bytecode]]":
    """The bytecode of each of the application's wheels, in their order. In layout `stored` it is compiled, into files of `scratch`.

    lock: a descriptor that the processes inherit, so that a later run waits for the processes of a killed run.
    """
    found = [[] for _ in application.wheels]  # type: List[List[Bytecode]]
    if not application.bytecode:
        return found
    groups = _share(application.wheels, count_workers())

    def run(number: int) -> None:
        spool = scratch.create_file("bytecode{}".format(number)) if application.layout == "stored" else None
        offset = 0
        for index, row in _run(interpreter, groups[number], spool, lock):
            found[index].append(Bytecode(row, spool, offset))
            offset += row.size or 0

    map_in_threads(run, range(len(groups)))
    return found


def _share(wheels: List[ApplicationWheel], count: int) -> "List[List[Tuple[int, Dict[str, str]]]]":
    """Divides the wheels into `count` groups of similar size."""
    numbered = [(index, dict(wheel._asdict())) for index, wheel in enumerate(wheels)]
    numbered.sort(key=lambda item: _size_of(item[1]["stored"] or item[1]["tree"] + "/" + item[1]["dist_info"] + "/RECORD"))
    return [group for group in (numbered[start::count] for start in range(count)) if group]


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _run(interpreter: str, wheels: Any, spool: Optional[int], lock: int) -> "List[Tuple[int, RecordRow]]":
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
    return [(index, _row_of(name, digest, size)) for index, name, digest, size in json.loads(output.decode("ascii"))]


def _row_of(name: str, digest: str, size: int) -> RecordRow:
    algorithm, decoded = parse_digest(digest)
    return RecordRow(name, algorithm, decoded, size)
