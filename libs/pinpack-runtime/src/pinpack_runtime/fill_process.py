"""The process that fills an environment: the application's own Python, with the tools' trees, and with nothing of its caller's."""

import json
import os
import subprocess

from typing import Any, Dict, List, Optional

from .application import Application
from .errors import RuntimeProblem, problem_from_fields

INTERPRETER_FOLDERS = ("/usr/bin", "/usr/local/bin")
LAST_LINES = 15
# The tools come last, so that no file of theirs can stand in for a module of the standard library.
START = "import sys; sys.path += sys.argv[1:]; from pinpack_runtime.environment_fill import main; sys.exit(main())"


def find_interpreter(python: str) -> str:
    """Path of the system's Python `python` ("3.11"); a RuntimeProblem where there is none."""
    paths = [os.path.join(folder, "python" + python) for folder in INTERPRETER_FOLDERS]
    for path in paths:
        if os.access(path, os.X_OK):
            return path
    raise RuntimeProblem(
        "PYTHON_MISSING",
        "python" + python,
        ["it is in none of " + ", ".join(INTERPRETER_FOLDERS)],
        "the Python {} that the application's wheels are made for".format(python),
        "Install it: dnf install python{}".format(python),
    )


class FillProcess:
    """Runs environment_fill; leaving the context ends whatever is still running."""

    def __init__(self, application: Application, interpreter: str, work: str, scratch: str, lock: int) -> None:
        self._application = application
        library = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self._process = subprocess.Popen(
            [interpreter, "-IBS", "-c", START, library] + application.tools,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=plan_variables(scratch),
            cwd="/",
            pass_fds=(lock,),
            # So that a tool's own child ends with it.
            start_new_session=True,
        )
        self._hand_over(json.dumps(plan_job(application, work, scratch)).encode("ascii"))

    def _hand_over(self, job: bytes) -> None:
        stdin, self._process.stdin = self._process.stdin, None
        try:
            with stdin:  # type: ignore
                stdin.write(job)  # type: ignore
        except BrokenPipeError:
            # It ended already; finish() tells how.
            pass

    def __enter__(self) -> "FillProcess":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            _end_session(self._process.pid)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        self._process.wait()

    def finish(self) -> None:
        """Waits for its end; a RuntimeProblem where it fails."""
        answer, output = self._process.communicate()
        fields = _parse_answer(answer)
        if fields is not None and self._process.returncode == 0:
            return
        if fields and "code" in fields:
            raise problem_from_fields(fields)
        raise RuntimeProblem(
            "FILL_FAILED",
            self._application.manifest,
            _last_lines(output) + [_describe_end(self._process.returncode)],
            "the application's Python and tools to fill its environment",
            "Look at the lines above; reinstall the packages they name, then run the same command again.",
        )


def plan_job(application: Application, work: str, scratch: str) -> Dict[str, Any]:
    """What environment_fill is to do, as plain values for JSON."""
    return {
        "name": application.name,
        "python": application.python,
        "fill": application.fill,
        "home": application.home,
        # virtualenv resolves links in it, and what it writes is searched for it.
        "work": os.path.realpath(work),
        "scratch": scratch,
        "tools": application.tools,
        "bytecode": application.bytecode,
        "wheels": [dict(wheel._asdict()) for wheel in application.wheels],
    }


def plan_variables(scratch: str) -> Dict[str, str]:
    """The whole environment of the process: no setting of pip, virtualenv or Python of the caller's gets in."""
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "PIP_CONFIG_FILE": os.devnull,
        "VIRTUALENV_CONFIG_FILE": os.devnull,
    }


def _parse_answer(answer: bytes) -> Optional[Dict[str, Any]]:
    try:
        fields = json.loads(answer.decode("utf-8"))
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _last_lines(output: bytes) -> List[str]:
    return [line for line in output.decode("utf-8", "backslashreplace").splitlines() if line.strip()][-LAST_LINES:]


def _describe_end(code: int) -> str:
    return "it was ended by signal {}".format(-code) if code < 0 else "it ended with exit code {}".format(code)


def _end_session(process: int) -> None:
    try:
        os.killpg(process, 9)
    except ProcessLookupError:
        pass
