"""Work on files in a few threads: Python releases its lock while it reads files and computes digests."""

import os

from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterable, List, TypeVar

ITEM = TypeVar("ITEM")
RESULT = TypeVar("RESULT")
# More threads would only wait for the disk.
MOST_THREADS = 4


def count_workers() -> int:
    return min(MOST_THREADS, os.cpu_count() or 1)


def map_in_threads(run: Callable[[ITEM], RESULT], items: Iterable[ITEM], here: Iterable[ITEM] = ()) -> List[RESULT]:
    """The results of `run` in the order of the items, and then those of `here`, which the calling thread works on. Raises the first exception."""
    with ThreadPoolExecutor(count_workers()) as executor:
        results = executor.map(run, items)
        own = [run(item) for item in here]
        return list(results) + own
