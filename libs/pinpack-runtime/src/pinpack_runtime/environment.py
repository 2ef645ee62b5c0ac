"""Makes the environment of an application beside the one that serves, then switches to it: all or nothing.

environments/.ID.PID is the work folder; it becomes environments/ID by rename when it is complete, and `venv` is a symbolic
link that is replaced by rename (rename(2): whoever looks finds the old one or the new one).
"""

import contextlib
import os

from typing import Optional

from .application import Application, find_place_issues
from .application_state import find_environment_issues, find_issues, reinstall_trees_step
from .environments import (
    locked_folder,
    place_folder,
    remove_leftovers,
    remove_others,
    remove_whole,
    switch_link,
)
from .errors import RuntimeProblem
from .fill_process import FillProcess, find_interpreter
from .replacement import remove_file
from .shared_trees import holding_trees, remove_unused_trees
from .sources import check_trees, gather_wheels, make_trees, unpack_tools


def make_environment(application: Application) -> None:
    """Makes the environment that the manifest asks for, or only switches to it where it is there and intact.

    Raises a RuntimeProblem, or an OSError, and then leaves what served before.
    """
    _make(application, always=False)


def repair_environment(application: Application) -> None:
    """Makes the environment again, even where nothing seems wrong."""
    _make(application, always=True)


def verify_environment(application: Application) -> None:
    """Raises one RuntimeProblem that lists every difference. Changes nothing."""
    issues = find_issues(application)
    if issues:
        raise RuntimeProblem(
            "ENVIRONMENT_DAMAGED",
            application.home,
            issues,
            "a link to {}, with the wheels of {}".format(application.target, application.manifest),
            "Make it again: pinpack-runtime application repair --manifest {}".format(application.manifest),
        )


def remove_environment(manifest: str) -> None:
    """Removes the link and the environments. Needs no more of the manifest than its path: a damaged one must not keep them."""
    path = os.path.abspath(manifest)
    issues = find_place_issues(path)
    if issues:
        raise RuntimeProblem(
            "MANIFEST_INVALID", path, issues, "the path of an application's manifest", "Give the path again."
        )
    folder = os.path.dirname(path)
    environments, home = os.path.join(folder, "environments"), os.path.join(folder, "venv")
    if os.path.islink(home):
        remove_file(home)
    if os.path.lexists(environments):
        with locked_folder(environments):
            remove_whole(environments)
    remove_unused_trees(folder)


def _make(application: Application, always: bool) -> None:
    # In scriptlets it is 022 anyway; an administrator's own may hide the environment from the application's user.
    umask = os.umask(0o022)
    try:
        _refuse_a_folder(application)
        with locked_folder(application.environments) as lock, holding_trees(application) as trees_lock:
            remove_leftovers(application.environments)
            if always or find_environment_issues(application, application.environment):
                _fill_and_place(application, lock, trees_lock)
            switch_link(application.home, application.target, application.environments)
            remove_others(application.environments, [application.id])
    finally:
        os.umask(umask)


def _refuse_a_folder(application: Application) -> None:
    if os.path.lexists(application.home) and not os.path.islink(application.home):
        raise RuntimeProblem(
            "NOT_OURS",
            application.home,
            ["it is not a symbolic link"],
            "nothing, or the link that pinpack-runtime makes",
            "Move it away, then run the same command again.",
        )


def _fill_and_place(application: Application, lock: int, trees_lock: Optional[int]) -> None:
    work = os.path.join(application.environments, ".{}.{}".format(application.id, os.getpid()))
    scratch = work + ".scratch"
    try:
        os.mkdir(scratch)
        sources = _gather_sources(application, scratch, trees_lock)
        _fill(application, sources, work, lock)
        place_folder(work, application.environment)
    except BaseException:
        # The reason is worth more than a second refusal; what stays is the next run's to remove.
        with contextlib.suppress(OSError):
            remove_leftovers(application.environments)
        raise
    remove_leftovers(application.environments)


def _gather_sources(application: Application, scratch: str, trees_lock: Optional[int]) -> Application:
    """The application with paths from which it is filled."""
    sources = application
    if application.fill == "pip":
        sources = gather_wheels(application, os.path.join(scratch, "wheels"))
    elif application.layout == "stored":
        make_trees(application, find_interpreter(application.python), trees_lock)
    if application.layout == "stored":
        sources = unpack_tools(sources, os.path.join(scratch, "tools"))
    return sources


def _fill(application: Application, sources: Application, work: str, lock: int) -> None:
    with FillProcess(sources, find_interpreter(application.python), work, work + ".scratch", lock) as process:
        if application.fill == "link" and application.layout == "tree":
            # What is linked meanwhile is thrown away where this finds a fault.
            check_trees(application)
        process.finish()
    issues = find_environment_issues(application, work, trees_are_checked=True)
    if issues:
        raise RuntimeProblem(
            "ENVIRONMENT_INCOMPLETE",
            application.manifest,
            issues,
            "an environment with every file of its wheels",
            "Run the same command again; where that does not help: " + reinstall_trees_step(application.wheels),
        )
