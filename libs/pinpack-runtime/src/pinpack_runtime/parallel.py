"""Work on files in a few threads: digests and reading leave Python's lock free."""

import os

from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterable, List, TypeVar

ITEM = TypeVar("ITEM")
RESULT = TypeVar("RESULT")
# More would only wait for the disk.
MOST_THREADS = 4


def map_in_threads(run: Callable[[ITEM], RESULT], items: Iterable[ITEM]) -> List[RESULT]:
    """`run` of every item, in the order of the items. The first exception ends it."""
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as executor:
        return list(executor.map(run, items))
