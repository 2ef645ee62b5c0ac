"""Work that is shared with a child process."""

import os
import signal
import unittest

from typing import Any, List
from unittest import mock

import wheel_fixture  # noqa: F401

from pinpack_runtime import parallel
from pinpack_runtime.parallel import map_in_processes

ITEMS = list(range(20))
SIZES = [1 + item % 7 for item in ITEMS]


class ProcessesTest(unittest.TestCase):
    def setUp(self) -> None:
        for patch in (mock.patch.object(parallel, "LEAST_WORK", 1), mock.patch.object(parallel, "count_workers", lambda: 2)):
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(self.assert_no_child)
        self.parent = os.getpid()

    def assert_no_child(self) -> None:
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

    def in_child(self) -> bool:
        return os.getpid() != self.parent

    def test_results_have_the_order_of_the_items_and_half_are_of_a_child(self) -> None:
        found = map_in_processes(lambda item: [item, os.getpid()], ITEMS, SIZES)
        self.assertEqual([item for item, _ in found], ITEMS)
        of_parent = [item for item, process in found if process == self.parent]
        self.assertLess(abs(sum(SIZES[item] for item in of_parent) * 2 - sum(SIZES)), 8)

    def test_results_larger_than_a_pipe(self) -> None:
        self.assertEqual(map_in_processes(lambda item: "x" * 100000, ITEMS, SIZES), ["x" * 100000] * len(ITEMS))

    def test_what_is_little_needs_no_process(self) -> None:
        with mock.patch.object(parallel, "LEAST_WORK", sum(SIZES) + 1):
            self.assertEqual(map_in_processes(lambda item: os.getpid(), ITEMS, SIZES), [self.parent] * len(ITEMS))
        self.assertEqual(map_in_processes(lambda item: item, [], []), [])

    def test_what_a_child_does_not_finish_is_done_here(self) -> None:
        def kill() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        def leave() -> None:
            raise SystemExit(0)

        def fail() -> None:
            raise OSError(5, "of the child")

        for strike in (kill, leave, fail):

            def run(item: int) -> int:
                if self.in_child():
                    strike()
                return item

            with self.subTest(strike.__name__):
                self.assertEqual(map_in_processes(run, ITEMS, SIZES), ITEMS)

    def test_an_error_ends_the_child(self) -> None:
        def run(item: int) -> Any:
            if self.in_child():
                signal.pause()
            raise OSError(5, "of the parent")

        with self.assertRaises(OSError):
            map_in_processes(run, ITEMS, SIZES)

    def test_an_error_of_an_item_is_raised_wherever_it_is(self) -> None:
        for bad in ITEMS:

            def run(item: int) -> List[int]:
                if item == bad:
                    raise ValueError(item)
                return [item]

            with self.assertRaises(ValueError):
                map_in_processes(run, ITEMS, SIZES)


if __name__ == "__main__":
    unittest.main()
