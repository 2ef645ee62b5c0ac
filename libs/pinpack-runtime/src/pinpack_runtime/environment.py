"""Makes the environment of an application beside the current one, then switches to it: all or nothing.

Environments are in /usr/lib/pinpack/_environments/NAME. `.ID.PID` is the work folder, which is renamed to ID when it is complete. The
link /opt/NAME/venv is replaced by rename too (rename(2): every reader finds the old target or the new one).
"""

import contextlib
import errno
import os
import re
import stat

from typing import Iterator, List, Optional, Set

from .application import (
    ENVIRONMENTS_LINK,
    HOME,
    MANIFEST_NAME,
    Application,
    find_place_issues,
    inventory_name,
    repair_command,
    root_of,
)
from .application_state import find_access_issues, find_environment_issues, find_link_issues, read_inventory
from .environments import (
    locked_folder,
    place_folder,
    remove_leftovers,
    remove_others,
    remove_unfinished_link,
    switch_link,
)
from .errors import RuntimeProblem
from .folder import Folder
from .interpreter import find_interpreter
from .inventory import SHARED, DamagedInventory, format_inventory
from .places import INVENTORIES, STATE, environments
from .processes import find_usage
from .replacement import remove_leftovers as remove_unfinished
from .replacement import write_replacement

LINKS = (HOME, ENVIRONMENTS_LINK)


def make_environment(application: Application) -> None:
    """Makes the environment that the manifest describes, or only switches to it if it exists and is intact.

    If the application migrates its data and has another environment, that one stays in use until `switch_environment`.
    If it raises a RuntimeProblem or an OSError, the current environment stays in use.
    """
    _make(application, always=False)


def repair_environment(application: Application) -> None:
    """Makes the environment again, even if no difference is found."""
    _make(application, always=True)
    switch_environment(application)


def switch_environment(application: Application) -> None:
    """Switches to the environment that the manifest describes, after the application's migration if it has one.

    If it raises a RuntimeProblem or an OSError, the current environment stays in use.
    """
    with Folder.open(application.folder) as holder:
        if holder.read_link(HOME) == application.environment:
            return
        issues = find_environment_issues(application)
        if issues:
            raise RuntimeProblem(
                "ENVIRONMENT_DAMAGED",
                application.environment,
                issues,
                "the environment that pinpack-runtime makes from {}".format(application.manifest),
                "Make it again: {}".format(repair_command(application.manifest)),
            )
        if application.migrates:
            from .migration import migrate

            # Not under the lock: it can take minutes. `prune` keeps the environment that the manifest describes.
            migrate(application)
        with _locked(application.environments):
            switch_link(holder, HOME, application.environment)


def verify_environment(application: Application) -> None:
    """Raises one RuntimeProblem that lists every difference. Changes nothing, and runs nothing of the environment."""
    issues = find_access_issues(application) + find_link_issues(application) + find_environment_issues(application)
    if issues:
        # The first ones are printed, and those of shared files concern other applications too.
        issues.sort(key=lambda issue: SHARED not in issue)
        shared = sorted({issue.rpartition(SHARED)[2] for issue in issues if SHARED in issue})
        reinstall = "; if it reports damaged files, first reinstall their RPMs: dnf reinstall {}".format(" ".join(shared))
        raise RuntimeProblem(
            "ENVIRONMENT_DAMAGED",
            application.home,
            issues,
            "a link to {}, as pinpack-runtime made it from {}".format(application.environment, application.manifest),
            "Make it again: {}{}".format(repair_command(application.manifest), reinstall if shared else ""),
        )


def prune_environments(application: Application) -> None:
    """Removes the environments that are neither current nor described by the manifest, and that no process uses any more."""
    with Folder.open(application.folder) as holder, _locked(application.environments, create=False) as folder:
        if folder is not None:
            # After a `make` that failed, the current environment is not the one that the manifest describes.
            _prune(application, folder, holder.read_link(HOME), is_surely_kept=True)


def remove_environment(manifest: str) -> None:
    """Removes the links and the environments. Needs only the path of the manifest: a damaged one must not prevent it.

    The folders stay, as the RPM owns them.
    """
    path = os.path.abspath(manifest)
    issues = find_place_issues(path)
    if issues:
        raise RuntimeProblem("MANIFEST_INVALID", path, issues, "the path of an application's manifest", "Give the path again.")
    holder = os.path.dirname(path)
    _remove_links(holder)
    with _locked(environments(root_of(holder), os.path.basename(holder)), create=False) as folder:
        if folder is not None:
            remove_others(folder, [])
    _remove_inventories(holder, [])


def _remove_links(path: str) -> None:
    try:
        holder = Folder.open(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    with holder:
        for link in LINKS:
            if holder.read_link(link) is not None:
                holder.remove(link)
            remove_unfinished_link(holder, link)


@contextlib.contextmanager
def _locked(path: str, create: bool = True) -> Iterator[Optional[Folder]]:
    """The folder of an application's environments, under its lock; None if it is missing and `create` is false."""
    try:
        holder = Folder.open(os.path.dirname(path), create)
    except FileNotFoundError:
        yield None
        return
    with holder, locked_folder(holder, os.path.basename(path), create) as folder:
        yield folder


def _make(application: Application, always: bool) -> None:
    with Folder.open(application.folder) as holder:
        for link in LINKS:
            _refuse_a_folder(holder, link)
        # After a `chown -R` of the application's folder its user could replace the links.
        holder.take_ownership()
        holder.take_file_ownership(MANIFEST_NAME)
        with _locked(application.environments) as folder:
            assert folder is not None
            remove_leftovers(folder)
            if always:
                _restore_shared_files(application, folder)
            if always or find_environment_issues(application):
                # A repair compares every file.
                _fill_and_place(application, folder, uses_cache=not always)
            replaced = holder.read_link(HOME)
            switch_link(holder, ENVIRONMENTS_LINK, application.environments)
            # A migration comes before the switch.
            is_kept = application.migrates and _is_other_environment(application, folder, replaced)
            if not is_kept:
                switch_link(holder, HOME, application.environment)
            _prune(application, folder, replaced, is_surely_kept=is_kept)


def _is_other_environment(application: Application, folder: Folder, target: Optional[str]) -> bool:
    return target not in (None, application.environment) and folder.status(os.path.basename(str(target))) is not None


def _refuse_a_folder(holder: Folder, link: str) -> None:
    status = holder.status(link)
    if status is None or not stat.S_ISDIR(status.st_mode):
        return
    holder.remove_empty(link)
    if holder.status(link) is not None:
        raise RuntimeProblem(
            "NOT_OURS",
            holder.path_of(link),
            ["it is a folder with files"],
            "nothing, or the link that pinpack-runtime makes",
            "Move it away, then run the same command again.",
        )


def _restore_shared_files(application: Application, folder: Folder) -> None:
    """Of all environments: after an upgrade that failed, the current one is not the one that the manifest describes."""
    from .shared_files import restore_shared_files

    for identity in folder.names():
        try:
            with folder.enter(identity) as environment:
                restore_shared_files(environment, read_inventory(application, identity))
        except DamagedInventory:
            # There is nothing to compare with.
            continue
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL):
                raise


def _fill_and_place(application: Application, folder: Folder, uses_cache: bool) -> None:
    from .environment_fill import fill_environment

    work = ".{}.{}".format(application.id, os.getpid())
    try:
        with folder.enter(work, create=True) as target, folder.enter(work + ".scratch", create=True) as scratch:
            interpreter = find_interpreter(application)
            entries = fill_environment(application, interpreter, target, scratch, folder.descriptor, uses_cache)
        inventory = os.path.join(application.inventories, application.inventory)
        write_replacement(inventory, [format_inventory(entries)], lambda: None, durable=False)
        place_folder(folder, work, application.id)
    except BaseException:
        # Report the first failure, not a second one; the next run removes the rest.
        with contextlib.suppress(OSError):
            remove_leftovers(folder)
        raise
    remove_leftovers(folder)


def _prune(application: Application, folder: Folder, target: Optional[str], is_surely_kept: bool) -> None:
    """Removes the environments that no process uses. target: of `venv`, now or before; it stays if /proc is not available."""
    others = [name for name in folder.names() if name != application.id and not name.startswith(".")]
    usage = find_usage([application.environments, application.environments_link], others)
    kept = {application.id} | usage.names  # type: Set[str]
    if target is not None and (is_surely_kept or not usage.is_known):
        kept.add(os.path.basename(target))
    remove_others(folder, kept)
    _remove_inventories(application.folder, sorted(kept))


def _remove_inventories(folder: str, kept: List[str]) -> None:
    """Removes the inventories of the application's environments, in all reqsets, except those in `kept`."""
    name = os.path.basename(folder)
    pattern = re.compile(inventory_name(re.escape(name), "[0-9a-f]{16}") + r"\Z")
    names = [inventory_name(name, identity) for identity in kept]
    try:
        state = Folder.open(os.path.join(root_of(folder), STATE))
    except (FileNotFoundError, NotADirectoryError):
        return
    with state:
        for reqset in state.names():
            _remove_matching(state, "{}/{}".format(reqset, INVENTORIES), pattern, names)


def _remove_matching(state: Folder, path: str, pattern: "re.Pattern[str]", kept: List[str]) -> None:
    try:
        folder = state.enter(path)
    except OSError:
        return
    with folder:
        remove_unfinished(folder)
        for name in folder.names():
            if pattern.match(name) and name not in kept:
                folder.remove(name)
    state.remove_empty(path)
