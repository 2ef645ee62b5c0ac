"""The one error class of this package: a fault that the administrator can understand and act on, without a traceback."""

import errno

from typing import Any, Dict, Iterable, List

EXIT_OK = 0
EXIT_PROBLEM = 1
EXIT_USAGE = 2

# A damaged disk can spoil thousands of files; the first ones tell enough.
SHOWN_LINES = 20
PROBLEM_FIELDS = ("code", "subject", "found", "expected", "next_step")


class RuntimeProblem(Exception):
    """A fault of the target, not of this program.

    code: stable word for programs (e.g. "TREE_DAMAGED"); subject: the path concerned; found: lines, what is wrong;
    expected: what should be; next_step: what to type or do.
    """

    def __init__(self, code: str, subject: str, found: Iterable[str], expected: str, next_step: str) -> None:
        super().__init__(code, subject)
        self.code = code
        self.subject = subject
        self.found = list(found)
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        lines = ["{}: {}".format(self.subject, self.found[0])] if len(self.found) == 1 else self._listing()
        return "\n".join(lines + ["  expected: " + self.expected, "  next step: " + self.next_step])

    def _listing(self) -> List[str]:
        shown = ["  " + line for line in self.found[:SHOWN_LINES]]
        hidden = len(self.found) - len(shown)
        more = ["  and {} more".format(hidden)] if hidden else []
        return ["{}: {} problems".format(self.subject, len(self.found))] + shown + more


def fields_of_problem(problem: RuntimeProblem) -> Dict[str, Any]:
    """The problem as plain values, for another process; `problem_from_fields` takes them."""
    return {name: getattr(problem, name) for name in PROBLEM_FIELDS}


def problem_from_fields(fields: Dict[str, Any]) -> RuntimeProblem:
    return RuntimeProblem(*(fields[name] for name in PROBLEM_FIELDS))


_NEXT_STEPS = {
    errno.ENOSPC: "Free some space on that file system, then run the same command again.",
    errno.EDQUOT: "Raise the quota or free some space, then run the same command again.",
    errno.EACCES: "Run the same command as root.",
    errno.EPERM: "Run the same command as root.",
    errno.EROFS: "Remount that file system read-write, then run the same command again.",
}


def problem_from_os_error(error: OSError, subject: str) -> RuntimeProblem:
    """The operating system's refusal (no space, no right, no such file), told like any other problem."""
    # Of a rename, the second name is the one that the administrator knows.
    path = next((name for name in (error.filename2, error.filename) if name is not None), subject)
    shown = path.decode("utf-8", "backslashreplace") if isinstance(path, bytes) else str(path)
    return RuntimeProblem(
        "SYSTEM_REFUSED",
        shown,
        ["{} ({})".format(error.strerror or error, errno.errorcode.get(error.errno or 0, "unknown error"))],
        "a file that can be read and a folder that can be written",
        _NEXT_STEPS.get(error.errno or 0, "Look at that path, then run the same command again."),
    )
