"""The trees that stored wheels are unpacked into, /var/lib/pinpack/REQSET/trees/NAME-ID, each once for all applications of a host.

Environments hold hard links to their files. A tree that no environment links to goes with the run that finds it so: every `make` and
`remove`. So no RPM has to know of them, and what other file systems only get copies of takes no room twice.
"""

import contextlib
import os

from typing import Iterator, List, Optional

from .application import Application, ApplicationWheel, root_of
from .compile_bytecode import LIST, compile_tree
from .digest import find_digest_issue
from .environments import locked_folder, place_folder, remove_leftovers, remove_others, remove_whole
from .installed_record import parse_installed_record
from .places import STATE, TREES
from .record import RecordRow
from .stored_wheel import read_stored_rows, unpack_wheel
from .tree import Tree


@contextlib.contextmanager
def holding_trees(application: Application) -> Iterator[Optional[int]]:
    """While it lasts no other run makes or removes the reqset's trees. At its end those go that no environment links to.

    Gives the descriptor that carries the lock, in layout `stored`: whoever inherits it holds the lock too.
    """
    if application.layout == "stored":
        os.makedirs(os.path.dirname(application.trees), exist_ok=True)
        with locked_folder(application.trees) as lock:
            remove_leftovers(application.trees)
            try:
                yield lock
            except BaseException:
                # The reason is worth more than a second refusal; what stays is the next run's to remove.
                with contextlib.suppress(OSError):
                    _remove_unused(application.trees)
                raise
            _remove_unused(application.trees)
    else:
        yield None
        # Of the layout that the reqset had before.
        _remove_unused_trees(application.trees)


def remove_unused_trees(folder: str) -> None:
    """Removes trees of all reqsets that no environment links to any more. folder: of an application, opt/NAME."""
    state = os.path.join(root_of(folder), STATE)
    for reqset in sorted(os.listdir(state)) if os.path.isdir(state) else []:
        _remove_unused_trees(os.path.join(state, reqset, TREES))


def make_tree(wheel: ApplicationWheel, compiler: str, lock: Optional[int]) -> List[str]:
    """Unpacks the wheel where its tree is not there yet, intact; gives what keeps it from that.

    compiler: the Python that compiles its modules; empty where none is asked for. lock: what holding_trees gave.
    """
    issue = find_digest_issue(wheel.stored, wheel.sha256)
    if issue:
        return ["{}: {}".format(wheel.stored, issue)]
    if is_intact(wheel, bool(compiler)):
        return []
    work = "{}/.{}.{}".format(os.path.dirname(wheel.tree), os.path.basename(wheel.tree), os.getpid())
    unpack_wheel(wheel.stored, work)
    if compiler:
        compile_tree(compiler, work, wheel.dist_info, lock)
    place_folder(work, wheel.tree)
    remove_whole(work)
    return []


def is_intact(wheel: ApplicationWheel, needs_bytecode: bool) -> bool:
    """Whether the tree is there and has every file as the stored wheel has it, and its bytecode as it was compiled."""
    if not os.path.isdir(wheel.tree):
        return False
    tree = Tree(wheel.tree, wheel.dist_info)
    compiled = _read_list(wheel)
    if compiled is None:
        return not needs_bytecode and not tree.find_issues(read_stored_rows(wheel.stored, wheel.dist_info))
    return not tree.find_issues(read_stored_rows(wheel.stored, wheel.dist_info) + compiled)


def _read_list(wheel: ApplicationWheel) -> Optional[List[RecordRow]]:
    try:
        with open(os.path.join(wheel.tree, wheel.dist_info, LIST), "rb") as file:
            return parse_installed_record(file.read())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def _remove_unused_trees(folder: str) -> None:
    if os.path.isdir(folder):
        with locked_folder(folder):
            _remove_unused(folder)


def _remove_unused(folder: str) -> None:
    used = [name for name in os.listdir(folder) if not name.startswith(".") and _is_linked(os.path.join(folder, name))]
    remove_others(folder, used)
    if not used:
        os.rmdir(folder)


def _is_linked(tree: str) -> bool:
    """Whether any of the tree's files has another name, which only environments give them."""
    for folder, _, names in os.walk(os.fsencode(tree)):
        if any(os.lstat(os.path.join(folder, name)).st_nlink > 1 for name in names):
            return True
    return False
