"""Finds the environments that processes use: by command lines, mapped files, open files and current folders (proc(5))."""

import contextlib
import os

from typing import Iterable, Iterator, List, NamedTuple, Set

PROC = "/proc"
FILES = ("cmdline", "maps")
LINKS = ("cwd", "root", "exe")


class Usage(NamedTuple):
    """names: environments that a process uses; is_known: false if /proc is not available."""

    names: Set[str]
    is_known: bool


def find_usage(folders: List[str], names: Iterable[str]) -> Usage:
    """folders: absolute paths of the folder that contains the environments `names`."""
    prefixes = {os.fsencode(path) + b"/" for path in folders + [os.path.realpath(folders[0])]}
    wanted = {name: [prefix + os.fsencode(name) + b"/" for prefix in prefixes] for name in names}
    if not wanted:
        return Usage(set(), True)
    try:
        processes = [name for name in os.listdir(PROC) if name.isdigit()]
    except OSError:
        processes = []
    used = set()  # type: Set[str]
    for process in processes:
        text = b"\n".join(_read_process(os.path.join(PROC, process))) if process != str(os.getpid()) else b""
        used.update(name for name, paths in wanted.items() if any(path in text for path in paths))
    # At least this process is listed.
    return Usage(used, bool(processes))


def _read_process(folder: str) -> Iterator[bytes]:
    """Texts with the paths that the process uses. The command line is readable without permission for the rest."""
    for name in FILES:
        with contextlib.suppress(OSError), open(os.path.join(folder, name), "rb") as file:
            yield file.read()
    links = list(LINKS)
    with contextlib.suppress(OSError):
        links += ["fd/" + name for name in os.listdir(os.path.join(folder, "fd"))]
    for name in links:
        with contextlib.suppress(OSError):
            yield os.fsencode(os.readlink(os.path.join(folder, name))) + b"/"
