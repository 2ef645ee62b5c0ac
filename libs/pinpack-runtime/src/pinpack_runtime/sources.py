"""What an environment is made of, compared with its digests before anything is switched: the trees, for `pip` the wheels, and the tools."""

import os

from typing import Callable, List, Optional

from .application import Application, ApplicationWheel
from .application_state import reinstall_trees_step
from .canonical_wheel import WheelPlace, rebuild_wheel
from .errors import RuntimeProblem
from .parallel import map_in_threads
from .shared_trees import make_tree
from .stored_wheel import unpack_wheel
from .tree import Tree
from .wheel_state import find_wheel_issue


def check_trees(application: Application) -> None:
    """Compares the trees with RECORD. Gathers every issue into one RuntimeProblem."""
    _check_each(application, _find_tree_issues)


def make_trees(application: Application, interpreter: str, lock: Optional[int]) -> None:
    """Unpacks the stored wheels that are not there yet, intact. Gathers every issue into one RuntimeProblem. See shared_trees."""
    compiler = interpreter if application.bytecode else ""
    _check_each(application, lambda wheel: _or_lines(lambda: make_tree(wheel, compiler, lock)))


def unpack_tools(application: Application, folder: str) -> Application:
    """The application with its tools unpacked in `folder` (made here), where they are stored: nothing else needs them."""
    os.mkdir(folder)
    tools = []
    for stored in application.tools:
        tools.append(os.path.join(folder, os.path.basename(stored)))
        unpack_wheel(stored, tools[-1])
    return application._replace(tools=tools)


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
    missing = [tool for tool in application.tools if not os.path.exists(tool)]
    if damaged or missing:
        raise RuntimeProblem(
            "SOURCES_DAMAGED",
            application.manifest,
            ["{} is missing".format(tool) for tool in missing] + [line for issues in found for line in issues],
            "the files as the wheel RPMs installed them",
            reinstall_trees_step(damaged, missing),
        )


def _find_tree_issues(wheel: ApplicationWheel) -> List[str]:
    tree = Tree(wheel.tree, wheel.dist_info)
    return _or_lines(lambda: ["{}: {}".format(tree.folder, line) for line in tree.find_issues(tree.read_rows())])


def _place_wheel(wheel: ApplicationWheel, target: str) -> List[str]:
    place = WheelPlace(wheel.tree, wheel.dist_info, wheel.stored or wheel.wheel, wheel.sha256)
    issue = find_wheel_issue(place)
    if issue is None:
        os.symlink(place.wheel, target)
        return []
    if wheel.stored:
        return ["{}: {}".format(wheel.stored, issue)]

    def rebuild() -> List[str]:
        rebuild_wheel(place._replace(wheel=target), durable=False)
        return []

    return _or_lines(rebuild)


def _or_lines(find_issues: Callable[[], List[str]]) -> List[str]:
    try:
        return find_issues()
    except RuntimeProblem as problem:
        return ["{}: {}".format(problem.subject, line) for line in problem.found]
