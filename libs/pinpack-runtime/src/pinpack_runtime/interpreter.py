"""The Python of an application: the system's, or that of its reqset. It is started with `-I -S`, or what Python 2 has of it: nothing of an environment is imported."""

import os
import sys

from typing import TYPE_CHECKING, Any, Dict, List, Set, Tuple

from .application import Application
from .errors import RuntimeProblem

if TYPE_CHECKING:
    import subprocess

INTERPRETER_FOLDERS = ("/usr/bin", "/usr/local/bin")
OPTIONS = ["-I", "-B", "-S", "-W", "ignore"]
PYTHON2_OPTIONS = ["-E", "-s"] + OPTIONS[1:]
ASK_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
LAST_LINES = 5
TIMEOUT_SECONDS = 60
# Those that have the expected version.
_CHECKED = set()  # type: Set[Tuple[Any, ...]]


def find_interpreter(application: Application) -> str:
    """Path of the application's Python; a RuntimeProblem if it is missing or has another version."""
    if application.interpreter:
        return _find_bundled(application.interpreter, application.python, application.reqset + "-python")
    return _find_system(application.python)


def _find_bundled(path: str, python: str, package: str) -> str:
    if os.access(path, os.X_OK):
        _check_version(path, python, package)
        return path
    raise RuntimeProblem(
        "PYTHON_MISSING",
        path,
        ["it is missing or cannot be executed"],
        "the Python {} of the RPM {}".format(python, package),
        "Install it again: dnf reinstall {}".format(package),
    )


def _find_system(python: str) -> str:
    paths = [os.path.join(folder, "python" + python) for folder in INTERPRETER_FOLDERS]
    for path in paths:
        if os.access(path, os.X_OK):
            _check_version(path, python, "python" + python)
            return path
    raise RuntimeProblem(
        "PYTHON_MISSING",
        "python" + python,
        ["it is in none of " + ", ".join(INTERPRETER_FOLDERS)],
        "the Python {} that the application's wheels are made for".format(python),
        "Install it: dnf install python{}".format("2" if python == "2.7" else python),
    )


def start_interpreter(interpreter: str, code: str, arguments: List[str], **options: Any) -> "subprocess.Popen[bytes]":
    """Starts the Python without the caller's environment variables, home and current folder."""
    # Imports here and in the other modules of scriptlets are late: start-up is a third of their processor time.
    import subprocess

    variables = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}  # type: Dict[str, str]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    is_old = os.path.basename(interpreter).startswith("python2")
    command = [interpreter] + (PYTHON2_OPTIONS if is_old else OPTIONS) + ["-c", code] + arguments
    return subprocess.Popen(command, env=variables, cwd="/", **dict(pipes, **options))


def last_lines(output: bytes) -> List[str]:
    return [line for line in output.decode("utf-8", "backslashreplace").splitlines() if line.strip()][-LAST_LINES:]


def describe_end(code: int) -> str:
    return "it was ended by signal {}".format(-code) if code < 0 else "it ended with exit code {}".format(code)


def runs_this_program(path: str) -> bool:
    try:
        return os.path.samefile(path, sys.executable or os.devnull)
    except OSError:
        # An upgrade may have removed the file since.
        return False


def _check_version(path: str, python: str, package: str) -> None:
    """Starts each Python once."""
    if runs_this_program(path) and python == "%d.%d" % sys.version_info[:2]:
        return
    status = os.stat(path)
    key = (path, python, status.st_ino, status.st_size, status.st_mtime)
    if key not in _CHECKED:
        _ask_version(path, python, package)
        _CHECKED.add(key)


def _ask_version(path: str, python: str, package: str) -> None:
    import subprocess

    try:
        process = start_interpreter(path, ASK_VERSION, [])
        output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
        found = ["it is Python " + output.decode("ascii", "replace").strip()]
        if process.returncode != 0:
            found = last_lines(errors) + [describe_end(process.returncode)]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        found = ["it does not end within {} s".format(TIMEOUT_SECONDS)]
    except OSError as error:
        found = ["it does not start: {}".format(error.strerror)]
    if found != ["it is Python " + python.rstrip("t")]:
        raise RuntimeProblem(
            "PYTHON_UNEXPECTED",
            path,
            found,
            "Python {}, which the application's wheels are made for".format(python),
            "Install it again: dnf reinstall {}".format(package),
        )
