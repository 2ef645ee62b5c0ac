"""Work on files in a few threads: Python releases its lock while it reads files and computes digests. Or in processes, for many small files."""

import json
import os
import signal
import threading

from typing import Any, Callable, Iterable, List, Sequence, Tuple, TypeVar

ITEM = TypeVar("ITEM")
RESULT = TypeVar("RESULT")
# More threads would only wait for the disk.
MOST_THREADS = 4
# A process costs as much as some hundred files.
LEAST_WORK = 1 << 24


def count_workers() -> int:
    return min(MOST_THREADS, os.cpu_count() or 1)


def map_in_threads(run: Callable[[ITEM], RESULT], items: Iterable[ITEM], here: Iterable[ITEM] = ()) -> List[RESULT]:
    """The results of `run` in the order of the items, and then those of `here`, which the calling thread works on.

    Raises the exception of the first item that has one. No thread works any more when it returns or raises.
    """
    # Not concurrent.futures: its imports are a tenth of the start-up time of a scriptlet.
    work = _Work(run, list(items))
    threads = [threading.Thread(target=work.run) for _ in range(min(count_workers(), len(work.items)))]
    started = []  # type: List[threading.Thread]
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        own = [run(item) for item in here]
        for thread in started:
            thread.join()
    finally:
        # After an exception here, or a signal.
        work.is_stopped = True
        for thread in started:
            thread.join()
    if work.errors:
        raise min(work.errors, key=lambda each: each[0])[1]
    return work.results + own


class _Work:
    def __init__(self, run: Callable[[Any], Any], items: List[Any]) -> None:
        self.items = items
        self.results = [None] * len(items)  # type: List[Any]
        self.errors = []  # type: List[Tuple[int, BaseException]]
        self.is_stopped = False
        self._run = run
        # list.pop is atomic. The first item is the last of the list.
        self._waiting = list(reversed(range(len(items))))

    def run(self) -> None:
        while not self.is_stopped:
            try:
                index = self._waiting.pop()
            except IndexError:
                return
            try:
                self.results[index] = self._run(self.items[index])
            except BaseException as error:
                self.errors.append((index, error))
                self.is_stopped = True


def map_in_processes(run: "Callable[[ITEM], RESULT]", items: Sequence[ITEM], sizes: Sequence[int]) -> List[RESULT]:
    """The results of `run`, which JSON can contain, in the order of the items. `run` changes nothing: half of the calls are in a child process.

    sizes: of the items, in bytes to read. Items that are too few for a process, or whose process fails, are worked on here.
    """
    if sum(sizes) < LEAST_WORK or count_workers() == 1:
        return [run(item) for item in items]
    shares = ([], [])  # type: Tuple[List[int], List[int]]
    loads = [0, 0]
    for index in sorted(range(len(items)), key=lambda index: -sizes[index]):
        lighter = loads.index(min(loads))
        shares[lighter].append(index)
        loads[lighter] += sizes[index]
    child = _Child(run, [items[index] for index in shares[1]])
    try:
        results = {index: run(items[index]) for index in shares[0]}
        theirs = child.results()
    except BaseException:
        child.kill()
        raise
    if theirs is None:
        # The error is raised here.
        theirs = [run(items[index]) for index in shares[1]]
    results.update(zip(shares[1], theirs))
    return [results[index] for index in range(len(items))]


class _Child:
    """A process that calls `run` for all items. It is forked while no other thread runs."""

    def __init__(self, run: Callable[[Any], Any], items: List[Any]) -> None:
        self._output, write = os.pipe()
        self._process = os.fork()
        if self._process != 0:
            os.close(write)
            return
        status = 1
        try:
            os.close(self._output)
            with os.fdopen(write, "w") as file:
                file.write(json.dumps([run(item) for item in items]))
            status = 0
        finally:
            # Not even a SystemExit may continue what the parent does.
            os._exit(status)

    def results(self) -> Any:
        """A list; None if the process failed."""
        with os.fdopen(self._output) as file:
            text = file.read()
        return json.loads(text) if self._wait() == 0 else None

    def kill(self) -> None:
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            self._wait()

    def _wait(self) -> int:
        process, self._process = self._process, 0
        return os.waitpid(process, 0)[1]
