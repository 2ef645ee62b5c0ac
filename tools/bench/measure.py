"""Runs programs and measures them including all processes that they start: wall and processor seconds, peak memory (getrusage(2)).

Reads {"commands": [[...], ...], "at_once": bool, "folder": path, "environment": {...}} as JSON from stdin. The output of the
programs goes to stderr; an environment variable that is null is removed. Writes {"wall", "cpu", "peak_kb"} as JSON to stdout; exits with the first exit code that isn't 0.
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
    # Returns the exit codes. In sequence, a program that fails is the last.
    merged = {**os.environ, **environment}
    environment = {name: value for name, value in merged.items() if value is not None}
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
    # Processes that outlive their parent count too: without the subreaper, init would inherit them and their processor time.
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    request = json.load(sys.stdin)
    start = time.monotonic()
    codes = run(request["commands"], request["at_once"], request["folder"], request["environment"])
    wall = time.monotonic() - start
    wait_for_orphans()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.dump({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_kb": usage.ru_maxrss}, sys.stdout)
    return next((code for code in codes if code != 0), 0)


if __name__ == "__main__":
    sys.exit(main())
