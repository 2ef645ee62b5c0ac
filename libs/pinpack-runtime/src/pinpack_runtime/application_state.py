"""Whether an application's environment is what its manifest asks for: what `rpm -V` asks through the RPM's verify script.

Files are compared with RECORD (Python packaging specifications, "Recording installed projects"), the wheel's and the environment's.
"""

import os
import subprocess

from typing import Container, Dict, Iterable, List, NamedTuple, Optional

from .application import Application, ApplicationWheel
from .errors import RuntimeProblem
from .installed_record import FileClaim, find_file_issue, parse_installed_record
from .parallel import map_in_threads
from .record import RecordRow
from .stored_wheel import read_stored_rows
from .tree import Tree

ASK_PYTHON = "import sys; print('%d.%d' % sys.version_info[:2], sys.prefix)"


def find_issues(application: Application) -> List[str]:
    """Every difference: the link, then the environment that the manifest asks for."""
    return find_link_issues(application) + find_environment_issues(application, application.environment)


def find_link_issues(application: Application) -> List[str]:
    try:
        target = os.readlink(application.home)
    except FileNotFoundError:
        return ["the link {} is missing".format(application.home)]
    except OSError:
        return ["{} is not a symbolic link".format(application.home)]
    if target == application.target:
        return []
    return ["the link {} says {}, and the manifest asks for {}".format(application.home, target, application.target)]


def find_environment_issues(application: Application, environment: str, trees_are_checked: bool = False) -> List[str]:
    """Every difference between the folder `environment` and the manifest; nothing is imported from it.

    trees_are_checked: this run has compared the trees with their digests, so that a hard link to one of their files is right.
    """
    if not os.path.isdir(environment):
        return ["{} is missing".format(environment)]
    # rpm verifies the files of its trees; those that stored wheels are unpacked into are nobody else's to verify.
    links = trees_are_checked or application.layout == "tree"
    found = map_in_threads(lambda wheel: _read_claims(wheel, environment, application.python, links), application.wheels)
    issues = [issue for each in found for issue in each.issues]
    claims = {}  # type: Dict[str, List[FileClaim]]
    for claim in (claim for each in found for claim in each.claims):
        claims.setdefault(claim.path, []).append(claim)
    compared = map_in_threads(_find_group_issues, _groups(list(claims.values())))
    return find_python_issues(environment, application.python) + issues + [line for lines in compared for line in lines]


def find_python_issues(environment: str, python: str) -> List[str]:
    """Whether the environment's interpreter starts, is of the minor version `python`, and knows that it is an environment."""
    path = os.path.join(environment, "bin", "python")
    try:
        # It starts with the site-packages' .pth files, as it does for the application.
        run = subprocess.run([path, "-IB", "-c", ASK_PYTHON], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})
    except OSError as error:
        return ["the interpreter {} does not start: {}".format(path, error.strerror)]
    if run.returncode != 0:
        lines = run.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        return ["the interpreter {} fails: {}".format(path, lines[-1] if lines else run.returncode)]
    found, _, prefix = run.stdout.decode("utf-8", "surrogateescape").strip().partition(" ")
    if found != python:
        return ["the interpreter {} is Python {}, and the wheels are for {}".format(path, found, python)]
    if not os.path.exists(prefix) or not os.path.samefile(prefix, environment):
        return ["the interpreter {} does not use the environment: its prefix is {}".format(path, prefix)]
    return []


def reinstall_trees_step(wheels: Iterable[ApplicationWheel], others: Iterable[str] = ()) -> str:
    """What to type to get the trees and wheels of these back."""
    owned = [wheel.stored or "{}/{}/RECORD".format(wheel.tree, wheel.dist_info) for wheel in wheels]
    paths = " ".join(owned + list(others))
    return 'Reinstall the wheel RPMs: dnf reinstall $(rpm -qf {} | sort -u)'.format(paths)


class _Claims(NamedTuple):
    claims: List[FileClaim]
    issues: List[str]


def _read_claims(wheel: ApplicationWheel, environment: str, python: str, links: bool) -> _Claims:
    """What the wheel's RECORD in the environment says of its files, and where that differs from the wheel itself."""
    label = "{} {}".format(wheel.name, wheel.version)
    folder = _find_site_packages(wheel, environment, python)
    if folder is None:
        return _Claims([], [label + " is not installed: its RECORD is missing"])
    try:
        with open(os.path.join(folder, wheel.dist_info, "RECORD"), "rb") as file:
            installed = parse_installed_record(file.read())
        rows = read_rows(wheel)
    except ValueError as error:
        return _Claims([], ["{}: its RECORD in the environment cannot be read: {}".format(label, error)])
    except RuntimeProblem as problem:
        return _Claims([], ["{}: {}: {}".format(label, problem.subject, line) for line in problem.found])
    names = {row.name for row in rows}
    claims = []
    for row in installed:
        path = os.path.normpath(os.path.join(folder, row.name))
        is_made = _is_made_script(path, environment, wheel, names)
        claims.append(FileClaim(environment, path, row, wheel.tree if links else None, is_made))
    return _Claims(claims, ["{}: {}".format(label, line) for line in _find_record_issues(rows, installed, wheel)])


def read_rows(wheel: ApplicationWheel) -> List[RecordRow]:
    """The wheel's own RECORD; a RuntimeProblem where it is missing or wrong."""
    if wheel.stored:
        return read_stored_rows(wheel.stored, wheel.dist_info)
    return Tree(wheel.tree, wheel.dist_info).read_rows()


def _is_made_script(path: str, environment: str, wheel: ApplicationWheel, names: Container[str]) -> bool:
    # What a wheel brings as a script has the permissions that it has there.
    if os.path.dirname(path) != os.path.join(environment, "bin"):
        return False
    return "{}.data/scripts/{}".format(_stem(wheel), os.path.basename(path)) not in names


def _find_site_packages(wheel: ApplicationWheel, environment: str, python: str) -> Optional[str]:
    # Some distributions keep wheels with compiled modules in lib64.
    for lib in ("lib", "lib64"):
        folder = os.path.join(environment, lib, "python" + python, "site-packages")
        if os.path.isfile(os.path.join(folder, wheel.dist_info, "RECORD")):
            return folder
    return None


def _find_record_issues(rows: List[RecordRow], installed: List[RecordRow], wheel: ApplicationWheel) -> List[str]:
    digests = {row.name: row.digest for row in installed}
    return [
        "{} is not recorded in the environment as the wheel has it".format(row.name)
        for row in rows
        if row.digest and _is_installed_as_it_is(row.name, wheel) and digests.get(row.name) != row.digest
    ]


def _is_installed_as_it_is(name: str, wheel: ApplicationWheel) -> bool:
    # Installers put what is in .data elsewhere, leave out bytecode that a wheel has, and write INSTALLER and REQUESTED themselves.
    own = ("INSTALLER", "REQUESTED", "RECORD")
    if name.startswith(_stem(wheel) + ".data/") or "__pycache__" in name.split("/")[:-1]:
        return False
    return name not in ["{}/{}".format(wheel.dist_info, file) for file in own]


def _stem(wheel: ApplicationWheel) -> str:
    return wheel.dist_info[: -len(".dist-info")]


def _groups(claims: List[List[FileClaim]], size: int = 500) -> List[List[List[FileClaim]]]:
    return [claims[start : start + size] for start in range(0, len(claims), size)]


def _find_group_issues(group: List[List[FileClaim]]) -> List[str]:
    # Where two wheels bring the same path, the file is one of the two.
    found = [[find_file_issue(claim) for claim in claims] for claims in group]
    return [issues[0] for issues in found if all(issues) and issues[0]]
