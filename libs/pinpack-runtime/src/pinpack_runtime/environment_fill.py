"""Fills an environment: plans its files from the wheels, places each, and compares it with its digest.

On file systems that share blocks between files (XFS, Btrfs) each file is a reflink: a copy that takes no space. On others it is a hard
link to the file of the wheel RPM, or an ordinary copy if the system refuses the link or the application does not share files.
Links are compared when all of them exist, so that their times are older than the comparison: see digest_cache.
"""

import functools
import os

from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from .application import Application, ApplicationWheel, repair_command, root_of
from .bytecode_process import Bytecode, find_bytecode
from .content import UnusableFile, can_clone
from .digest_cache import DigestCache, open_cache, wait_for_tick
from .environment_plan import Layout, NameProblem, PlannedFile, PlannedLink, merge_plans, plan_base, plan_wheel
from .errors import RuntimeProblem
from .folder import Folder
from .inventory import InventoryEntry
from .names import folders_of
from .openat import open_descriptor, write_all
from .parallel import map_in_processes, map_in_threads
from .python2 import find_base, is_python2
from .record import RecordRow
from .tree import Tree

# Placing a smaller file is mostly system calls, and threads that make them wait for each other at Python's lock.
LARGE_BYTES = 1 << 18
# What is digested in the time that it takes to open a file.
OPENING_BYTES = 1 << 15


class _Written(NamedTuple):
    """The files of one folder. unchecked: links whose content must be compared yet, with their status."""

    entries: List[InventoryEntry]
    issues: List[str]
    unchecked: List[Tuple[PlannedFile, os.stat_result]]


class _Target(NamedTuple):
    """The environment being filled. rpms: by the id of each source, only if files are hard links."""

    work: Folder
    rpms: Dict[int, str]
    uses_cache: bool


def fill_environment(
    application: Application, interpreter: str, work: Folder, scratch: Folder, lock: int, uses_cache: bool
) -> List[InventoryEntry]:
    """Writes the environment into `work`; gives its inventory. A RuntimeProblem lists every issue of the sources.

    lock: a descriptor that other processes inherit, see bytecode_process. uses_cache: whether files that were just digested for
    another application are not digested again.
    """
    sources = _for_each(application, application.wheels, lambda wheel: _open_source(application, wheel))
    rpms = _find_rpms(application, sources, scratch)
    caches = _open_caches(application, sources) if uses_cache and rpms else []
    bytecode = find_bytecode(application, sources, interpreter, scratch, lock)
    environment = application.environment
    base = find_base(interpreter) if is_python2(application.python) else None
    is_bundled = bool(application.interpreter)
    layout = Layout(application.name, application.python, environment, application.home, interpreter, True, base, is_bundled)
    try:
        planned = list(zip(application.wheels, sources, bytecode))
        plans = _for_each(application, planned, lambda each: _plan(layout, each[1], each[2]))
        entries = _write_plan(application, merge_plans(plan_base(layout), plans), _Target(work, rpms, uses_cache))
    except NameProblem as problem:
        raise _sources_problem(application, problem.issues, application.wheels)
    finally:
        for descriptor in {each.spool for group in bytecode for each in group if each.spool is not None}:
            os.close(descriptor)
    for cache in caches:
        cache.save()
    return entries


def _open_caches(application: Application, sources: List[Any]) -> List[DigestCache]:
    for wheel, (tree, _) in zip(application.wheels, sources):
        tree.cache = open_cache(root_of(application.folder), application.reqset, wheel.name, tree.record_sha256)
    return [tree.cache for tree, _ in sources if tree.cache is not None]


def _find_rpms(application: Application, sources: List[Any], scratch: Folder) -> Dict[int, str]:
    if not application.share_files or application.layout == "stored" or can_clone(scratch):
        return {}
    return {id(source): application.wheel_rpm(wheel) for wheel, (source, _) in zip(application.wheels, sources)}


def _open_source(application: Application, wheel: ApplicationWheel) -> "Tuple[Any, List[RecordRow]]":
    """The wheel, and the rows of its RECORD."""
    if wheel.stored:
        from .stored_wheel import StoredWheel

        stored = StoredWheel(wheel.stored, wheel.dist_info, wheel.sha256)
        return stored, stored.read_rows()
    tree = Tree(wheel.tree, wheel.dist_info, is_checked=True)
    if application.fill == "pip":
        from .canonical_wheel import WheelPlace
        from .wheel_state import find_tree_issues

        # Like pip with --require-hashes: the digest of the whole wheel, not only of each file.
        issues = find_tree_issues(WheelPlace(wheel.tree, wheel.dist_info, wheel.wheel, wheel.sha256))
        if issues:
            raise tree.damaged(issues)
    return tree, tree.read_rows()


def _plan(layout: Layout, source: "Tuple[Any, List[RecordRow]]", bytecode: List[Bytecode]) -> List[PlannedFile]:
    wheel, rows = source
    compiled = [
        PlannedFile(each.row.name, 0o644, each.row, wheel=wheel)
        if each.spool is None
        else PlannedFile(each.row.name, 0o644, each.row, write=each.copy)
        for each in bytecode
    ]
    return plan_wheel(layout, wheel, rows, compiled)


def _write_plan(application: Application, plan: Dict[str, Any], target: _Target) -> List[InventoryEntry]:
    work = target.work
    links = [each for each in plan.values() if isinstance(each, PlannedLink)]
    work.make_own(sorted(folders_of(plan)))
    large, small = _group(application, [each for each in plan.values() if isinstance(each, PlannedFile)])
    # Links are only system calls.
    in_threads, here = ([], large + small) if target.rpms else (large, small)
    written = map_in_threads(lambda group: _write_group(target, group), in_threads, here=here)
    found = _check_links(target, [each for each in written if each.unchecked])
    issues = [issue for each in written for issue in each.issues] + found
    if issues:
        raise _sources_problem(application, issues, _find_damaged(application.wheels, issues))
    for link in links:
        work.make_link(link.path, link.target)
    return [InventoryEntry(each.path, 0, None, each.target) for each in links] + [
        entry for each in written for entry in each.entries
    ]


def _find_damaged(wheels: List[ApplicationWheel], issues: List[str]) -> List[ApplicationWheel]:
    """The wheels that the issues name; all if they name none."""
    return [wheel for wheel in wheels if any(issue.startswith((wheel.stored or wheel.tree) + ": ") for issue in issues)] or wheels


def _takes_long(application: Application, each: PlannedFile) -> bool:
    """Whether a file is worth a thread: its digest is computed, or it is unpacked, without Python's lock."""
    return application.layout == "stored" or (each.row.size or 0) >= LARGE_BYTES


def _group(application: Application, files: List[PlannedFile]) -> "Tuple[List[List[PlannedFile]], List[List[PlannedFile]]]":
    """By folder of the environment and of the source, so that each is opened once: groups of files that are worth a thread, and the others."""
    groups = {}  # type: Dict[Tuple[bool, str, int, str], List[PlannedFile]]
    for each in files:
        key = (_takes_long(application, each), each.path.rpartition("/")[0], id(each.wheel), each.row.name.rpartition("/")[0])
        groups.setdefault(key, []).append(each)
    # The largest first, so that the threads end at about the same time.
    large = [group for key, group in groups.items() if key[0]]
    large.sort(key=lambda group: -sum(each.row.size or 0 for each in group))
    return large, [group for key, group in groups.items() if not key[0]]


def _write_group(target: _Target, group: List[PlannedFile]) -> _Written:
    written = _Written([], [], [])
    with target.work.enter_own(os.path.dirname(group[0].path)) as folder:
        if group[0].wheel is None:
            for each in group:
                _write_file(folder, each, lambda descriptor: _write_made(each, descriptor), written)
            return written
        try:
            with group[0].wheel.files(os.path.dirname(group[0].row.name)) as files:
                for each in group:
                    _place_file(folder, each, files, target.rpms.get(id(each.wheel), ""), written)
        except UnusableFile as error:
            # Of the folder.
            written.issues.extend("{}: {} {}".format(_place_of(each), each.row.name, error) for each in group)
    return written


def _place_file(folder: Folder, each: PlannedFile, files: Any, rpm: str, written: _Written) -> None:
    name = each.row.name.rpartition("/")[2]
    try:
        link = files.link(name, each.row, folder, each.mode) if rpm else None
    except UnusableFile as error:
        written.issues.append("{}: {} {}".format(_place_of(each), each.row.name, error))
        return
    if link is None:
        _write_file(folder, each, lambda descriptor: files.copy(name, each.row, descriptor), written)
        return
    written.entries.append(InventoryEntry(each.path, link.mode, each.row, "", rpm))
    if link.unchecked is not None:
        written.unchecked.append((each, link.unchecked))


def _check_links(target: _Target, groups: List[_Written]) -> List[str]:
    """Compares the links that are not known with their digests; gives the issues."""
    links = [link for group in groups for link in group.unchecked]
    if not links:
        return []
    started = wait_for_tick(max(status.st_ctime_ns for _, status in links)) if target.uses_cache else 0
    sizes = [sum(status.st_size + OPENING_BYTES for _, status in group.unchecked) for group in groups]
    found = map_in_processes(functools.partial(_check_group, target), groups, sizes)
    issues = []
    for (each, status), issue in zip(links, [issue for group in found for issue in group]):
        if issue:
            issues.append("{}: {} {}".format(_place_of(each), each.row.name, issue))
        elif each.wheel.cache is not None:
            each.wheel.cache.add(each.row.name, status, started)
    return issues


def _check_group(target: _Target, group: _Written) -> List[str]:
    """The issue of each link, or an empty text."""
    issues = []
    with target.work.enter_own(group.unchecked[0][0].path.rpartition("/")[0]) as folder:
        for each, status in group.unchecked:
            try:
                each.wheel.check_linked(folder, each.path.rpartition("/")[2], each.row, status)
                issues.append("")
            except UnusableFile as error:
                issues.append(str(error))
    return issues


def _write_file(folder: Folder, each: PlannedFile, write: Callable[[int], bool], written: _Written) -> None:
    with open_descriptor(folder.create_file(os.path.basename(each.path))) as descriptor:
        try:
            is_executable = write(descriptor)
        except UnusableFile as error:
            written.issues.append("{}: {} {}".format(_place_of(each), each.row.name, error))
            return
        mode = each.mode or (0o755 if is_executable else 0o644)
        if mode != 0o644:
            os.fchmod(descriptor, mode)
    written.entries.append(InventoryEntry(each.path, mode, each.row, ""))


def _write_made(each: PlannedFile, descriptor: int) -> bool:
    if each.write is not None:
        each.write(descriptor)
    else:
        write_all(descriptor, each.content or b"")
    return False


def _place_of(each: PlannedFile) -> str:
    return getattr(each.wheel, "folder", getattr(each.wheel, "path", "the environment"))


def _for_each(application: Application, items: "Iterable[Any]", run: Callable[[Any], Any]) -> List[Any]:
    """Calls `run` for every item; raises the problems of all items as one."""

    def attempt(item: Any) -> "Tuple[Any, List[str]]":
        wheel = item if isinstance(item, ApplicationWheel) else item[0]
        try:
            return run(item), []
        except RuntimeProblem as problem:
            if problem.code == "SYSTEM_REFUSED":
                raise
            return None, ["{}: {}".format(problem.subject, line) for line in problem.found]
        except (NameProblem, UnusableFile) as error:
            issues = error.issues if isinstance(error, NameProblem) else [str(error)]
            return None, ["{}: {}".format(wheel.stored or wheel.tree, issue) for issue in issues]

    items = list(items)
    found = map_in_threads(attempt, items)
    damaged = [item if isinstance(item, ApplicationWheel) else item[0] for item, (_, issues) in zip(items, found) if issues]
    if damaged:
        raise _sources_problem(application, [issue for _, issues in found for issue in issues], damaged)
    return [result for result, _ in found]


def _sources_problem(application: Application, issues: List[str], wheels: List[ApplicationWheel]) -> RuntimeProblem:
    rpms = " ".join(application.wheel_rpm(wheel) for wheel in wheels)
    return RuntimeProblem(
        "SOURCES_DAMAGED",
        application.manifest,
        issues,
        "the files as the wheel RPMs installed them, owned by root, with names that an environment can have",
        "Reinstall the wheel RPMs: dnf reinstall {}; then make the environment: {}".format(rpms, repair_command(application.manifest)),
    )
