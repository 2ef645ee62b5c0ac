"""Work on files in a few threads: Python releases its lock while it reads files and computes digests."""

import os
import threading

from typing import Any, Callable, Iterable, List, Tuple, TypeVar

ITEM = TypeVar("ITEM")
RESULT = TypeVar("RESULT")
# More threads would only wait for the disk.
MOST_THREADS = 4


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
