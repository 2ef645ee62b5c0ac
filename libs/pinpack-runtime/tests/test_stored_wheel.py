"""One stored wheel: read, verified, and in the wheelhouse."""

import hashlib
import os
import unittest

from unittest import mock

from wheel_fixture import DIST_INFO, EXECUTABLE, FILES, RECORD, WheelTestCase

from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.record import parse_record
from pinpack_runtime.stored_wheel import StoredWheel
from pinpack_runtime.wheel_facts import InstalledWheel, read_place
from pinpack_runtime.wheel_state import verify_wheel
from pinpack_runtime.wheelhouse import make_wheelhouse, remove_wheelhouse, verify_wheelhouse


class StoredWheelTest(WheelTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.stored_place = self.store()

    def test_its_facts_are_read(self) -> None:
        wheel = InstalledWheel(self.folder, "reqset1", "demo")
        self.assertEqual(read_place(wheel), self.stored_place)
        self.write_facts(layout="zip")
        with self.assertRaises(RuntimeProblem) as caught:
            read_place(wheel)
        self.assertEqual(caught.exception.found, ["layout is 'zip', and this pinpack-runtime knows tree and stored"])

    def open(self) -> StoredWheel:
        return StoredWheel(self.stored_place.stored, DIST_INFO, self.stored_place.sha256)

    def test_its_files_are_read_without_unpacking(self) -> None:
        wheel = self.open()
        rows = wheel.read_rows()
        self.assertEqual(rows, parse_record(self.files[RECORD], DIST_INFO, ""))
        self.assertEqual(len(rows), len(FILES) + 1)
        self.assertTrue(wheel.starts_with("demo-1.0.data/scripts/demo", b"#!python"))
        target = os.path.join(self.folder, "copy")
        for row in rows:
            folder, _, name = row.name.rpartition("/")
            descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            with wheel.files(folder) as files:
                self.assertEqual(files.copy(name, row, descriptor), row.name in EXECUTABLE)
            os.close(descriptor)
            with open(target, "rb") as file:
                self.assertEqual(file.read(), self.files[row.name])

    def test_every_truncation_another_digest_and_a_missing_one_are_reported(self) -> None:
        for length in list(range(0, 2000, 37)) + [len(self.expected) - at for at in range(1, 400, 29)]:
            with open(self.stored_place.stored, "wb") as file:
                file.write(self.expected[:length])
            for sha256 in (self.stored_place.sha256, hashlib.sha256(self.expected[:length]).hexdigest()):
                self.assert_damaged(self.stored_place.stored, sha256)
        os.unlink(self.stored_place.stored)
        self.assert_damaged(self.stored_place.stored, self.stored_place.sha256)

    def assert_damaged(self, path: str, sha256: str) -> None:
        with self.subTest(sha256), self.assertRaises(RuntimeProblem) as caught:
            StoredWheel(path, DIST_INFO, sha256).read_rows()
        self.assertEqual(caught.exception.code, "STORED_DAMAGED")
        self.assertIn("dnf reinstall", caught.exception.next_step)

    def test_fifos_and_devices_are_not_waited_for(self) -> None:
        os.unlink(self.stored_place.stored)
        os.mkfifo(self.stored_place.stored)
        self.assert_damaged(self.stored_place.stored, self.stored_place.sha256)
        with self.assertRaises(RuntimeProblem) as caught:
            verify_wheel(self.stored_place)
        self.assertEqual(caught.exception.found, ["the stored wheel: it is not a regular file"])
        self.assert_damaged("/dev/tty", self.stored_place.sha256)

    def test_is_verified_with_the_wheel_made_of_it(self) -> None:
        verify_wheel(self.stored_place)
        make_wheelhouse(self.folder, None)
        verify_wheel(self.stored_place)
        # The wheelhouse's has the same inode.
        with open(self.stored_place.stored, "ab") as file:
            file.write(b"x")
        with self.assertRaises(RuntimeProblem) as caught:
            verify_wheel(self.stored_place)
        self.assertEqual(caught.exception.code, "STORED_DAMAGED")
        self.assertEqual(len(caught.exception.found), 2)
        self.assertIn("dnf reinstall", caught.exception.next_step)

    def test_is_linked_into_the_wheelhouse(self) -> None:
        make_wheelhouse(self.folder, None)
        self.assertTrue(os.path.samefile(self.wheel, self.stored_place.stored))
        self.assertEqual(os.listdir(self.wheelhouse), [os.path.basename(self.wheel)])
        verify_wheelhouse(self.folder, None)
        # Another release, which rpm puts in place by rename.
        os.unlink(self.wheel)
        with open(self.wheel, "wb") as file:
            file.write(b"of another release")
        make_wheelhouse(self.folder, None)
        self.assertEqual(self.read_wheel(), self.expected)
        remove_wheelhouse(self.folder, None)
        self.assertEqual(os.listdir(self.wheelhouse), [])
        self.assertTrue(os.path.exists(self.stored_place.stored))

    def test_is_copied_into_the_wheelhouse_of_another_file_system(self) -> None:
        with mock.patch("os.link", side_effect=OSError(18, "Invalid cross-device link")):
            make_wheelhouse(self.folder, None)
        self.assertEqual(self.read_wheel(), self.expected)
        self.assertFalse(os.path.samefile(self.wheel, self.stored_place.stored))
        self.assertEqual(os.listdir(self.wheelhouse), [os.path.basename(self.wheel)])

    def test_a_damaged_one_gets_no_wheel(self) -> None:
        with open(self.stored_place.stored, "ab") as file:
            file.write(b"x")
        with self.assertRaises(RuntimeProblem) as caught:
            make_wheelhouse(self.folder, None)
        self.assertEqual((caught.exception.code, caught.exception.subject), ("STORED_DAMAGED", self.stored_place.stored))
        self.assertFalse(os.path.exists(self.wheel))


if __name__ == "__main__":
    unittest.main()
