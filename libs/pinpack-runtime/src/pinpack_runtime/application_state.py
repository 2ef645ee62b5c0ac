"""Whether an application's environment is what its manifest asks for: what `rpm -V` asks through the RPM's verify script.

Files are compared with RECORD (Python packaging specifications, "Recording installed projects"), the wheel's and the environment's.
"""

import os
import subprocess

from typing import Dict, Iterable, List, NamedTuple, Optional

from .application import Application, ApplicationWheel, tree_source
from .errors import RuntimeProblem
from .installed_record import FileClaim, find_file_issue, parse_installed_record
from .parallel import map_in_threads
from .record import RecordRow
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


def find_environment_issues(application: Application, environment: str) -> List[str]:
    """Every difference between the folder `environment` and the manifest; nothing is imported from it."""
    if not os.path.isdir(environment):
        return ["{} is missing".format(environment)]
    found = map_in_threads(lambda wheel: _read_claims(wheel, environment, application.python), application.wheels)
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
    trees = ["{}/{}/RECORD".format(tree_source(wheel), wheel.dist_info) for wheel in wheels]
    paths = " ".join(trees + list(others))
    return 'Reinstall the wheel RPMs: dnf reinstall $(rpm -qf {} | sort -u)'.format(paths)


class _Claims(NamedTuple):
    claims: List[FileClaim]
    issues: List[str]


def _read_claims(wheel: ApplicationWheel, environment: str, python: str) -> _Claims:
    """What the wheel's RECORD in the environment says of its files, and where that differs from the wheel itself."""
    label = "{} {}".format(wheel.name, wheel.version)
    folder = _find_site_packages(wheel, environment, python)
    if folder is None:
        return _Claims([], [label + " is not installed: its RECORD is missing"])
    try:
        with open(os.path.join(folder, wheel.dist_info, "RECORD"), "rb") as file:
            installed = parse_installed_record(file.read())
        rows = Tree(tree_source(wheel), wheel.dist_info).read_rows()
    except ValueError as error:
        return _Claims([], ["{}: its RECORD in the environment cannot be read: {}".format(label, error)])
    except RuntimeProblem as problem:
        return _Claims([], ["{}: {}: {}".format(label, problem.subject, line) for line in problem.found])
    claims = [_claim_of(row, wheel, environment, folder) for row in installed]
    return _Claims(claims, ["{}: {}".format(label, line) for line in _find_record_issues(rows, installed, wheel)])


def _claim_of(row: RecordRow, wheel: ApplicationWheel, environment: str, folder: str) -> FileClaim:
    path, tree = os.path.normpath(os.path.join(folder, row.name)), tree_source(wheel)
    is_script = os.path.dirname(path) == os.path.join(environment, "bin")
    # What a wheel brings as a script has the permissions that it has there.
    script = os.path.join(tree, _stem(wheel) + ".data", "scripts", os.path.basename(path))
    return FileClaim(environment, path, row, tree, is_script and not os.path.exists(script))


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
