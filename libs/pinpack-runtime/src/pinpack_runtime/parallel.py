"""Work on files in a few threads: computing digests and reading release Python's lock."""

import os

from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterable, List, TypeVar

ITEM = TypeVar("ITEM")
RESULT = TypeVar("RESULT")
# More would only wait for the disk.
MOST_THREADS = 4


def count_workers() -> int:
    return min(MOST_THREADS, os.cpu_count() or 1)


def map_in_threads(run: Callable[[ITEM], RESULT], items: Iterable[ITEM]) -> List[RESULT]:
    """`run` of every item, in the order of the items. The first exception ends it."""
    with ThreadPoolExecutor(count_workers()) as executor:
        return list(executor.map(run, items))
