"""The wheelhouse: the canonical wheels of all wheel RPMs of a reqset, in /var/lib/pinpack/REQSET/wheelhouse, for use with pip.

The wheels are ghosts of their RPMs, so rpm removes each with its RPM. They are created only on request: by the file trigger of
the RPM pinpack-wheelhouse, or by an administrator.
"""

import os

from typing import Callable, Container, List, Optional

from .canonical_wheel import rebuild_wheel
from .errors import RuntimeProblem, problem_from_os_error
from .parallel import map_in_threads
from .folder import Folder
from .places import WHEELHOUSE
from .replacement import remove_file, remove_leftovers
from .wheel_facts import STATE, InstalledWheel, find_installed_wheels, find_reqsets_with_state, read_place
from .wheel_state import find_wheel_issue

MAKE_AGAIN = "pinpack-runtime wheelhouse make"


def make_wheelhouse(root: str, reqset: Optional[str], listed: Optional[Container[str]] = None) -> None:
    """Makes every wheel that is missing or differs from its facts; `listed`: only those whose facts are among these paths.

    A failure of one wheel does not stop the others. Raises one RuntimeProblem about all failures.
    """
    wheels = _find_wheels(root, reqset)
    chosen = [wheel for wheel in wheels if listed is None or wheel.facts in listed]
    _run_for_each(_make_wheel, chosen, os.path.join(root, STATE))


def verify_wheelhouse(root: str, reqset: Optional[str]) -> None:
    """Raises one RuntimeProblem that lists every wheel that is missing or changed. Changes nothing; `rpm -V` verifies the trees."""
    _run_for_each(_verify_wheel, _find_wheels(root, reqset), os.path.join(root, STATE))


def remove_wheelhouse(root: str, reqset: Optional[str]) -> None:
    """Removes the wheels, the leftovers of killed runs, and folders that no RPM owns any more. Other files stay."""
    wheels = find_installed_wheels(root, reqset)
    try:
        _run_for_each(lambda wheel: remove_file(read_place(wheel).wheel), wheels, os.path.join(root, STATE))
    finally:
        for each in find_reqsets_with_state(root) if reqset is None else [reqset]:
            _tidy(root, each, each in [wheel.reqset for wheel in wheels])
        if not find_installed_wheels(root):
            _remove_if_empty(os.path.join(root, os.path.dirname(STATE)), os.path.basename(STATE))


def _find_wheels(root: str, reqset: Optional[str]) -> List[InstalledWheel]:
    wheels = find_installed_wheels(root, reqset)
    if reqset is None or wheels:
        return wheels
    known = sorted({wheel.reqset for wheel in find_installed_wheels(root)})
    raise RuntimeProblem(
        "REQSET_UNKNOWN",
        reqset,
        ["no wheel RPM of it is installed"],
        "one of: " + ", ".join(known) if known else "a reqset of which wheel RPMs are installed",
        "Give another name, or none for all.",
    )


def _make_wheel(wheel: InstalledWheel) -> None:
    place = read_place(wheel)
    if find_wheel_issue(place):
        rebuild_wheel(place)


def _verify_wheel(wheel: InstalledWheel) -> None:
    place = read_place(wheel)
    issue = find_wheel_issue(place)
    if issue:
        raise RuntimeProblem(
            "WHEEL_DAMAGED", place.wheel, [issue], "sha256 " + place.sha256, "Make it again: " + MAKE_AGAIN
        )


def _run_for_each(run: Callable[[InstalledWheel], None], wheels: List[InstalledWheel], subject: str) -> None:
    def find_problem(wheel: InstalledWheel) -> Optional[RuntimeProblem]:
        try:
            run(wheel)
        except RuntimeProblem as problem:
            return problem
        except OSError as error:
            return problem_from_os_error(error, wheel.facts)
        return None

    problems = [problem for problem in map_in_threads(find_problem, wheels) if problem]
    if problems:
        raise _gather(problems, subject)


def _gather(problems: List[RuntimeProblem], subject: str) -> RuntimeProblem:
    if len(problems) == 1:
        return problems[0]
    # Without repetitions: all wheels can fail for the same reason.
    steps = list(dict.fromkeys(problem.next_step for problem in problems))
    return RuntimeProblem(
        "WHEELHOUSE_INCOMPLETE",
        subject,
        ["{}: {}".format(problem.subject, line) for problem in problems for line in problem.found],
        "wheels with the sha256 that their RPMs record",
        "\n    ".join(steps),
    )


def _tidy(root: str, reqset: str, is_installed: bool) -> None:
    path = os.path.join(root, STATE, reqset)
    try:
        with Folder.open(path) as state, state.enter(WHEELHOUSE) as folder:
            remove_leftovers(folder)
    except (FileNotFoundError, NotADirectoryError):
        pass
    if not is_installed:
        _remove_if_empty(path, WHEELHOUSE)
        _remove_if_empty(os.path.join(root, STATE), reqset)


def _remove_if_empty(path: str, name: str) -> None:
    try:
        with Folder.open(path) as folder:
            folder.remove_empty(name)
    except (FileNotFoundError, NotADirectoryError):
        pass
