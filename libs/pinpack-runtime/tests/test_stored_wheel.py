"""One stored wheel: unpacked, verified, and in the wheelhouse."""

import io
import os
import stat
import unittest
import zipfile

from unittest import mock

from wheel_fixture import DIST_INFO, EXECUTABLE, FILES, RECORD, WheelTestCase

from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.record import parse_record
from pinpack_runtime.stored_wheel import read_stored_rows, unpack_wheel
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

    def test_is_unpacked_with_the_modes_of_a_tree_whatever_the_umask(self) -> None:
        umask = os.umask(0o077)
        try:
            unpack_wheel(self.stored_place.stored, self.folder + "/out")
        finally:
            os.umask(umask)
        found = {}
        for folder, _, names in os.walk(os.fsencode(self.folder + "/out")):
            for name in names:
                path = os.path.join(folder, name)
                shown = os.path.relpath(path, os.fsencode(self.folder + "/out")).decode("utf-8")
                with open(path, "rb") as file:
                    found[shown] = file.read()
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o755 if shown in EXECUTABLE else 0o644)
        self.assertEqual(found, self.files)

    def test_its_record_is_read_without_unpacking(self) -> None:
        rows = read_stored_rows(self.stored_place.stored, DIST_INFO)
        self.assertEqual(rows, parse_record(self.files[RECORD], DIST_INFO, ""))
        self.assertEqual(len(rows), len(FILES) + 1)

    def test_every_truncation_and_what_is_no_wheel_is_told(self) -> None:
        for length in list(range(0, 2000, 37)) + [len(self.expected) - at for at in range(1, 400, 29)]:
            with self.subTest(length):
                with open(self.stored_place.stored, "wb") as file:
                    file.write(self.expected[:length])
                for run in (lambda: unpack_wheel(self.stored_place.stored, "{}/out{}".format(self.folder, length)), self.read_rows):
                    with self.assertRaises(RuntimeProblem) as caught:
                        run()
                    self.assertEqual(caught.exception.code, "STORED_DAMAGED")
                    self.assertIn("dnf reinstall", caught.exception.next_step)

    def read_rows(self) -> None:
        read_stored_rows(self.stored_place.stored, DIST_INFO)

    def test_no_name_leads_out_of_the_folder(self) -> None:
        for name in ("../out.py", "/tmp/out.py", "a/../../out.py", "a//b.py"):
            content = io.BytesIO()
            with zipfile.ZipFile(content, "w") as archive:
                archive.writestr(name, b"")
            with open(self.stored_place.stored, "wb") as file:
                file.write(content.getvalue())
            with self.assertRaises(RuntimeProblem) as caught:
                unpack_wheel(self.stored_place.stored, "{}/{}".format(self.folder, len(name)))
            self.assertEqual(caught.exception.code, "STORED_DAMAGED")

    def test_is_verified_with_whatever_was_made_of_it(self) -> None:
        verify_wheel(self.stored_place)
        os.makedirs(os.path.dirname(self.tree))
        unpack_wheel(self.stored_place.stored, self.tree)
        make_wheelhouse(self.folder, None)
        verify_wheel(self.stored_place)
        self.write("demo/tool.so", b"damaged")
        with self.assertRaises(RuntimeProblem) as caught:
            verify_wheel(self.stored_place)
        self.assertEqual(caught.exception.code, "TREE_DAMAGED")
        self.assertIn("demo/tool.so has 7 bytes", caught.exception.found[0])
        self.assertIn("application repair", caught.exception.next_step)
        # The wheelhouse's has the same inode.
        with open(self.stored_place.stored, "ab") as file:
            file.write(b"x")
        with self.assertRaises(RuntimeProblem) as caught:
            verify_wheel(self.stored_place)
        self.assertEqual(caught.exception.code, "STORED_DAMAGED")
        self.assertEqual(len(caught.exception.found), 3)
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
