"""Runs programs and measures them with everything that they start: wall and processor seconds, peak memory (getrusage(2)).

Reads {"commands": [[...], ...], "at_once": bool, "folder": path, "environment": {...}} as JSON from stdin. The output of the
programs goes to stderr. Writes {"wall", "cpu", "peak_kb"} as JSON to stdout; exits with the first exit code that isn't 0.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def run(commands, at_once, folder, environment):
    # The programs' exit codes: one after the other up to the first that fails, or all at once.
    environment = {**os.environ, **environment}
    codes, running = [], []
    for command in commands:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
        if at_once:
            running.append(process)
        else:
            codes.append(process.wait())
            if codes[-1] != 0:
                break
    return codes + [process.wait() for process in running]


def wait_for_orphans():
    # What a program leaves behind counts too; without the subreaper init would inherit it and its processor time.
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    order = json.load(sys.stdin)
    start = time.monotonic()
    codes = run(order["commands"], order["at_once"], order["folder"], order["environment"])
    wall = time.monotonic() - start
    wait_for_orphans()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.dump({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_kb": usage.ru_maxrss}, sys.stdout)
    return next((code for code in codes if code != 0), 0)


if __name__ == "__main__":
    sys.exit(main())
