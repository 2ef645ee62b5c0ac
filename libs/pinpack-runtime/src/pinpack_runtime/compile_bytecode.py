"""Compiles modules to unchecked hash-based pycs (PEP 552), under the application's own Python: what wheel RPMs of layout `tree` bring.

BYTECODE, beside RECORD, lists the pycs of an unpacked tree as RECORD lists files; no RECORD names either.
"""

import base64
import csv
import hashlib
import importlib.util
import io
import marshal
import os
import subprocess
import sys

from typing import Iterable, List, Optional, Tuple

from .errors import RuntimeProblem
from .record import RecordRow
from .tree import Tree

LIST = "BYTECODE"
HASH_BASED_UNCHECKED = (1).to_bytes(4, "little")
START = "import sys; sys.path.append(sys.argv[1]); from pinpack_runtime.compile_bytecode import main; main(*sys.argv[2:])"
LAST_LINES = 5


def compile_tree(interpreter: str, folder: str, dist_info: str, lock: Optional[int]) -> None:
    """Compiles the modules of the tree in `folder` by another Python, which holds the descriptor `lock`; a RuntimeProblem where that fails."""
    library = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    command = [interpreter, "-IBS", "-W", "ignore", "-c", START, library, folder, dist_info]
    run = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env={},
        pass_fds=() if lock is None else (lock,),
    )
    if run.returncode != 0:
        lines = run.stderr.decode("utf-8", "backslashreplace").splitlines()[-LAST_LINES:]
        raise RuntimeProblem(
            "COMPILE_FAILED",
            folder,
            lines + ["{} ended with exit code {}".format(interpreter, run.returncode)],
            "modules that the application's Python compiles",
            "Look at the lines above, then run the same command again.",
        )


def main(folder: str, dist_info: str) -> None:
    rows = write_bytecode(folder, Tree(folder, dist_info).read_rows())
    with open(os.path.join(folder, dist_info, LIST), "w", encoding="utf-8", newline="") as file:
        file.write(format_rows(rows))


def write_bytecode(folder: str, rows: "Iterable[RecordRow]") -> List[Tuple[str, str, int]]:
    """Writes the pyc of each module among `rows` that compiles, below `folder`; gives rows for a RECORD."""
    names = [row.name for row in rows]
    written = []
    for name in names:
        target = _target_of(name)
        path = os.path.join(os.fsencode(folder), name.encode("utf-8"))
        if target is None or target in names or not os.path.isfile(path):
            continue
        with open(path, "rb") as source:
            data = _compile(source.read(), name)
        if data is not None:
            _write(os.path.join(os.fsencode(folder), target.encode("utf-8")), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")
            written.append((target, "sha256=" + digest, len(data)))
    return written


def format_rows(rows: "Iterable[Tuple[str, str, int]]") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _target_of(name: str) -> Optional[str]:
    # What is below .data goes elsewhere when the wheel is installed, and may be no module.
    top = name.split("/")[0]
    if not name.endswith(".py") or top.endswith((".data", ".dist-info")):
        return None
    folder, _, file = name.rpartition("/")
    cached = "__pycache__/{}.{}.pyc".format(file[: -len(".py")], sys.implementation.cache_tag)
    return folder + "/" + cached if folder else cached


def _compile(source: bytes, name: str) -> Optional[bytes]:
    try:
        # Any error of the parser or the compiler: wheels carry files for other Pythons, and templates that are none.
        data = marshal.dumps(compile(source, name, "exec", dont_inherit=True, optimize=0))
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return importlib.util.MAGIC_NUMBER + HASH_BASED_UNCHECKED + importlib.util.source_hash(source) + data


def _write(path: bytes, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
        os.fchmod(file.fileno(), 0o644)
