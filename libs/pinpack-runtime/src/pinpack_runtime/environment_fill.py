"""Fills an environment: virtualenv makes it, then the wheels come in by links or by pip.

Runs under the application's own Python, with the tools' trees on sys.path, so it needs what these need (today 3.11 or newer).
The job comes as JSON on standard input, the answer leaves as JSON on standard output.
"""

import json
import os
import sys

from typing import Any, Dict, Iterator, Optional

from .errors import EXIT_OK, EXIT_PROBLEM, RuntimeProblem, fields_of_problem, problem_from_os_error


def main() -> int:
    """Does the job on standard input and gives the exit code."""
    # What tools print belongs to standard error: the answer must stay readable.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    problem = _find_problem(job)
    with answer:
        json.dump(fields_of_problem(problem) if problem else {}, answer)
    return EXIT_PROBLEM if problem else EXIT_OK


def fill_environment(job: Dict[str, Any]) -> None:
    """Makes the complete environment in job["work"]; every path in it says job["home"]. Fields: see fill_process.plan_job."""
    _check_python(job["python"])
    creator = make_virtualenv(job)
    if job["fill"] == "link":
        # Here, since these import tools that only one of the two ways has.
        from .environment_link import link_wheels

        link_wheels(job, creator)
    else:
        from .environment_pip import install_wheels

        install_wheels(job, creator)


def make_virtualenv(job: Dict[str, Any]) -> Any:
    """An environment without pip; gives virtualenv's creator, which knows its paths."""
    from virtualenv.run import session_via_cli

    arguments = ["--no-seed", "--no-download", "--no-periodic-update", "--no-vcs-ignore", "--discovery", "builtin"]
    arguments += ["--python", sys.executable, "--app-data", job["scratch"], "--prompt", job["name"]]
    session = session_via_cli(arguments + [job["work"]], setup_logging=False)
    with session:
        session.run()
    for path in _files_of(job["work"]):
        _replace_path(path, job)
    return session.creator


def _find_problem(job: Dict[str, Any]) -> Optional[RuntimeProblem]:
    try:
        fill_environment(job)
    except RuntimeProblem as problem:
        return problem
    except OSError as error:
        return problem_from_os_error(error, job["work"])
    except ImportError as error:
        return _tool_problem(job, error)
    return None


def _tool_problem(job: Dict[str, Any], error: ImportError) -> RuntimeProblem:
    return RuntimeProblem(
        "TOOL_MISSING",
        error.name or "a tool",
        ["it cannot be imported from {}: {}".format(", ".join(job["tools"]), error)],
        "the tools that the application's manifest names, complete",
        "Reinstall the RPMs that own these folders: dnf reinstall $(rpm -qf {})".format(" ".join(job["tools"])),
    )


def _check_python(python: str) -> None:
    found = "{}.{}".format(*sys.version_info[:2])
    if found != python:
        raise RuntimeProblem(
            "PYTHON_UNEXPECTED",
            sys.executable,
            ["it is Python " + found],
            "Python {}, which the application's wheels are made for".format(python),
            "Install it again: dnf reinstall python{}".format(python),
        )


def _files_of(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                yield path


def _replace_path(path: str, job: Dict[str, Any]) -> None:
    """Puts `home` where virtualenv wrote the work folder, and the application's name where it wrote that folder's name."""
    with open(path, "rb") as file:
        data = file.read()
    work, home = os.fsencode(job["work"]), os.fsencode(job["home"])
    replaced = data.replace(work, home).replace(os.path.basename(work), os.fsencode(job["name"]))
    if replaced != data:
        with open(path, "wb") as file:
            file.write(replaced)
