"""Starts the program that keeps a local repository up to date. It is part of pinpack-dnf, with the code that applies patches."""

import os
import sys

from typing import List

from .errors import EXIT_PROBLEM, RuntimeProblem

PROGRAM = "/usr/lib/pinpack-dnf/pinpack-fetch"
_IN_SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../pinpack-dnf/bin/pinpack-fetch")


def run_fetch(arguments: List[str]) -> int:
    """Replaces this process, unless the program is not installed."""
    for program in (PROGRAM, _IN_SOURCES):
        if os.path.exists(program):
            os.execv(sys.executable, [sys.executable, "-IBS", program] + arguments)
    problem = RuntimeProblem(
        "FETCH_MISSING",
        PROGRAM,
        ["is not installed"],
        "the RPM pinpack-dnf, which publications with patches contain",
        "zypper install pinpack-dnf, or dnf install pinpack-dnf",
    )
    sys.stderr.write("pinpack-runtime: {}\n".format(problem))
    return EXIT_PROBLEM
