"""Asks a service all the time, with a new connection for each request, until it is ended. Prints what it saw as JSON."""

import http.client
import json
import signal
import sys
import threading
import time

HOST, PORT, PATH = sys.argv[1], int(sys.argv[2]), sys.argv[3]
CLIENTS = 4
ended = threading.Event()
lock = threading.Lock()
seen = {"requests": 0, "failures": [], "slowest": 0.0, "answers": []}
last_success = {}
gaps = [0.0]


def ask(client: int) -> None:
    while not ended.is_set():
        started = time.monotonic()
        try:
            connection = http.client.HTTPConnection(HOST, PORT, timeout=60)
            connection.request("GET", PATH)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8").strip()
            problem = None if answer.status == 200 else "status {}".format(answer.status)
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            problem, text = repr(error), ""
        now = time.monotonic()
        with lock:
            seen["requests"] += 1
            if problem is None:
                seen["slowest"] = max(seen["slowest"], now - started)
                if text not in seen["answers"]:
                    seen["answers"].append(text)
                gaps.append(now - last_success.get("at", now))
                last_success["at"] = now
            else:
                seen["failures"].append(problem)
        ended.wait(0.002)


signal.signal(signal.SIGTERM, lambda *_: ended.set())
threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# The longest time in which nobody got an answer.
seen["gap"] = round(max(gaps), 3)
seen["slowest"] = round(seen["slowest"], 3)
seen["failed"] = len(seen["failures"])
seen["failures"] = sorted(set(seen["failures"]))
print(json.dumps(seen))
