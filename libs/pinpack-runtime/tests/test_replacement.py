"""Files that appear whole or not at all, also when the disk is full, a signal comes, or another run is going on."""

import fcntl
import os
import signal
import subprocess
import sys
import unittest

from unittest import mock

from wheel_fixture import LIBRARY, WheelTestCase

from pinpack_runtime.folder import Folder
from pinpack_runtime.replacement import TEMPORARY_PREFIX, remove_leftovers, write_replacement

# Writes one chunk, says so, and waits for its end.
WAITING_RUN = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pinpack_runtime import cli, replacement, wheelhouse
def chunks():
    yield b"half"
    print("writing", flush=True)
    time.sleep(60)
if sys.argv[3] == "killed":
    replacement.write_replacement(sys.argv[2], chunks(), lambda: None)
else:
    wheelhouse.make_wheelhouse = lambda *_: replacement.write_replacement(sys.argv[2], chunks(), lambda: None)
    sys.exit(cli.main(["wheelhouse", "make"]))
"""


class ReplacementTest(WheelTestCase):
    def setUp(self) -> None:
        super().setUp()
        os.makedirs(self.wheelhouse)
        with open(self.wheel, "wb") as file:
            file.write(b"old")

    def assert_old_file_alone(self) -> None:
        self.assertEqual(os.listdir(self.wheelhouse), [os.path.basename(self.wheel)])
        self.assertEqual(self.read_wheel(), b"old")

    def leftovers(self) -> list:
        return [name for name in os.listdir(self.wheelhouse) if name.startswith(TEMPORARY_PREFIX)]

    def start_waiting_run(self, manner: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-B", "-c", WAITING_RUN, os.path.join(LIBRARY, "src"), self.wheel, manner]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        self.assertEqual(run.stdout.readline(), b"writing\n")
        return run

    def test_every_failing_call_leaves_the_old_file(self) -> None:
        for call in ("fsync", "rename", "fchmod", "write"):
            with self.subTest(call), mock.patch("os." + call, side_effect=OSError(28, "No space left on device")):
                with self.assertRaises(OSError):
                    write_replacement(self.wheel, [b"new"], lambda: None)
            self.assert_old_file_alone()

    def test_a_failing_source_and_a_failing_check_leave_the_old_file(self) -> None:
        def fail() -> None:
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            write_replacement(self.wheel, [b"new"], fail)
        self.assert_old_file_alone()
        with self.assertRaises(ZeroDivisionError):
            write_replacement(self.wheel, (bytes(1 // number) for number in (1, 0)), lambda: None)
        self.assert_old_file_alone()

    def test_termination_and_hang_up_leave_the_old_file(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            run = self.start_waiting_run("graceful")
            self.assertEqual(len(self.leftovers()), 1)
            run.send_signal(number)
            self.assertEqual(run.wait(), 128 + number)
            self.assert_old_file_alone()

    def test_the_next_run_removes_what_a_killed_one_left(self) -> None:
        run = self.start_waiting_run("killed")
        run.kill()
        run.wait()
        self.assertEqual(len(self.leftovers()), 1)
        write_replacement(self.wheel, [b"new"], lambda: None)
        self.assertEqual(self.leftovers(), [])
        self.assertEqual(self.read_wheel(), b"new")

    def test_a_run_that_is_going_on_keeps_its_file(self) -> None:
        self.start_waiting_run("killed")
        write_replacement(self.wheel, [b"new"], lambda: None)
        self.assertEqual(len(self.leftovers()), 1)

    def test_a_file_taken_away_before_it_was_locked_is_made_again(self) -> None:
        real = fcntl.flock
        taken = []

        def steal(descriptor: int, operation: int) -> None:
            if not taken:
                taken.append(os.readlink("/proc/self/fd/{}".format(descriptor)))
                os.unlink(taken[0])
            real(descriptor, operation)

        with mock.patch("fcntl.flock", steal):
            write_replacement(self.wheel, [b"new"], lambda: None)
        self.assertEqual(len(taken), 1)
        self.assertEqual(self.read_wheel(), b"new")

    def test_leaves_other_files_folders_and_links_alone(self) -> None:
        kept = ["other.whl", TEMPORARY_PREFIX + "no-suffix"]
        for name in kept:
            open(os.path.join(self.wheelhouse, name), "w").close()
        folder, link = TEMPORARY_PREFIX + "folder.part", TEMPORARY_PREFIX + "link.part"
        os.mkdir(os.path.join(self.wheelhouse, folder))
        os.symlink(self.wheel, os.path.join(self.wheelhouse, link))
        with Folder.open(self.wheelhouse) as opened:
            remove_leftovers(opened)
        self.assertEqual(sorted(os.listdir(self.wheelhouse)), sorted(kept + [folder, link, os.path.basename(self.wheel)]))


if __name__ == "__main__":
    unittest.main()
