"""Starts a server, asks it for one path over loopback, compares the status, and ends it.

Run by the environment's own interpreter: python -I ask_http.py '{"command": ["serve"], "port": 8000, "path": "/health", "status": 200, "seconds": 60}'
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

SHOWN_BYTES = 2000


def ask(port, path):
    """The status and the body's beginning; None while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(SHOWN_BYTES).decode("utf-8", "replace")
    except (ConnectionError, http.client.BadStatusLine):
        return None
    finally:
        connection.close()


def wait_for_answer(server, options):
    deadline = time.monotonic() + options["seconds"]
    while time.monotonic() < deadline:
        if server.poll() is not None:
            return None, "the server ended by itself, exit code {}".format(server.returncode)
        try:
            answer = ask(options["port"], options["path"])
        except OSError as error:
            return None, "no answer: {}".format(error)
        if answer is not None:
            return answer, None
        time.sleep(0.1)
    return None, "nobody listened on port {} within {} s".format(options["port"], options["seconds"])


def judge(answer, options):
    status, body = answer
    if status == options["status"]:
        return None
    return "GET {} was answered by {}, expected {}\n{}".format(options["path"], status, options["status"], body)


def end(server):
    """With all that it started; by force where it doesn't go."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
        except ProcessLookupError:
            pass
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            continue
        return


def main():
    options = json.loads(sys.argv[1])
    with tempfile.TemporaryFile() as log:
        try:
            server = subprocess.Popen(options["command"], stdout=log, stderr=log, start_new_session=True)
        except OSError as error:
            print("the server could not be started: {}".format(error))
            return 1
        try:
            answer, problem = wait_for_answer(server, options)
        finally:
            end(server)
        problem = problem or judge(answer, options)
        if problem is None:
            print("GET {}: {}".format(options["path"], options["status"]))
            return 0
        log.seek(0)
        print(problem)
        print(log.read().decode("utf-8", "replace"), end="")
        return 1


if __name__ == "__main__":
    sys.exit(main())
