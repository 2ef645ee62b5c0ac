"""The error class of this package: a problem that the administrator can understand and fix, reported without a traceback."""

import errno
import re

from typing import Iterable, List

EXIT_OK = 0
EXIT_PROBLEM = 1
EXIT_USAGE = 2

# A damaged disk can affect thousands of files; the first ones are enough.
SHOWN_LINES = 20
# Names come from wheels and must not control the terminal.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class RuntimeProblem(Exception):
    """A problem of the server, not a bug in this program.

    code: stable word for programs (e.g. "TREE_DAMAGED"); subject: the path concerned; found: the problems, one line each;
    expected: the right state; next_step: a command or instruction.
    """

    def __init__(self, code: str, subject: str, found: Iterable[str], expected: str, next_step: str) -> None:
        super().__init__(code, subject)
        self.code = code
        self.subject = _printable(subject)
        self.found = [_printable(line) for line in found]
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


def _printable(text: str) -> str:
    return UNPRINTABLE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


_NEXT_STEPS = {
    errno.ENOSPC: "Free some space on that file system, then run the same command again.",
    errno.EDQUOT: "Raise the quota or free some space, then run the same command again.",
    errno.EACCES: "Run the same command as root.",
    errno.EPERM: "Run the same command as root.",
    errno.EROFS: "Remount that file system read-write, then run the same command again.",
}


def problem_from_os_error(error: OSError, subject: str) -> RuntimeProblem:
    """An error of the operating system (no space, no permission, no such file), reported like any other problem."""
    # The second name of a rename is the one that the administrator knows.
    path = next((name for name in (error.filename2, error.filename) if name is not None), subject)
    shown = path.decode("utf-8", "backslashreplace") if isinstance(path, bytes) else str(path)
    return RuntimeProblem(
        "SYSTEM_REFUSED",
        shown,
        ["{} ({})".format(error.strerror or error, errno.errorcode.get(error.errno or 0, "unknown error"))],
        "a file that can be read and a folder that can be written",
        _NEXT_STEPS.get(error.errno or 0, "Look at that path, then run the same command again."),
    )
