"""What an environment is made of, compared with its digests before anything is switched: the trees, and for `pip` the wheels."""

import os

from typing import Callable, List

from .application import Application, ApplicationWheel, tree_source
from .application_state import reinstall_trees_step
from .canonical_wheel import WheelPlace, rebuild_wheel
from .errors import RuntimeProblem
from .parallel import map_in_threads
from .tree import Tree
from .wheel_state import find_wheel_issue


def check_trees(application: Application) -> None:
    """Compares the trees with RECORD. Gathers every issue into one RuntimeProblem."""
    _check_each(application, _find_tree_issues)


def gather_wheels(application: Application, folder: str) -> Application:
    """The application with wheels in `folder` (made here): links to those of the wheelhouse that are right, the others made from their trees.

    Gathers every issue into one RuntimeProblem.
    """
    os.mkdir(folder)
    placed = [wheel._replace(wheel=os.path.join(folder, os.path.basename(wheel.wheel))) for wheel in application.wheels]
    places = dict(zip(application.wheels, placed))
    _check_each(application, lambda wheel: _place_wheel(wheel, places[wheel].wheel))
    return application._replace(wheels=placed)


def _check_each(application: Application, find_issues: Callable[[ApplicationWheel], List[str]]) -> None:
    found = map_in_threads(find_issues, application.wheels)
    damaged = [wheel for wheel, issues in zip(application.wheels, found) if issues]
    missing = [tool for tool in application.tools if not os.path.isdir(tool)]
    if damaged or missing:
        raise RuntimeProblem(
            "SOURCES_DAMAGED",
            application.manifest,
            ["{} is missing".format(tool) for tool in missing] + [line for issues in found for line in issues],
            "the files as the wheel RPMs installed them",
            reinstall_trees_step(damaged, missing),
        )


def _find_tree_issues(wheel: ApplicationWheel) -> List[str]:
    tree = Tree(tree_source(wheel), wheel.dist_info)
    try:
        issues = tree.find_issues(tree.read_rows())
    except RuntimeProblem as problem:
        return _lines_of(problem)
    return ["{}: {}".format(tree.folder, line) for line in issues]


def _place_wheel(wheel: ApplicationWheel, target: str) -> List[str]:
    place = WheelPlace(tree_source(wheel), wheel.dist_info, wheel.wheel, wheel.sha256)
    if find_wheel_issue(place) is None:
        os.symlink(place.wheel, target)
        return []
    try:
        rebuild_wheel(place._replace(wheel=target), durable=False)
    except RuntimeProblem as problem:
        return _lines_of(problem)
    return []


def _lines_of(problem: RuntimeProblem) -> List[str]:
    return ["{}: {}".format(problem.subject, line) for line in problem.found]
