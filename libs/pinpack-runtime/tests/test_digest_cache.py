"""Files that an earlier application digested: which are not digested again, and that every change of them is found."""

import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest

from types import SimpleNamespace
from typing import Any, Callable, Dict, List
from unittest import mock

from application_fixture import ApplicationTestCase

from pinpack_runtime import bytecode_process, content, digest_cache, parallel, tree
from pinpack_runtime.digest_cache import DigestCache
from pinpack_runtime.environment import make_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.folder import Folder
from pinpack_runtime.record import RecordRow

SECOND = 10 ** 9
COMPILE = "import compileall, sys; compileall.compile_dir(sys.argv[1], quiet=2, invalidation_mode=__import__('py_compile').PycInvalidationMode.UNCHECKED_HASH)"


class CacheTestCase(ApplicationTestCase):
    def setUp(self) -> None:
        # Reflinks are independent files: each is digested.
        patch = mock.patch.object(content, "_clone", return_value=False)
        patch.start()
        self.addCleanup(patch.stop)
        super().setUp()
        self.number = 0

    def make_another(self, *wheels: "Dict[str, str]") -> List[str]:
        """Makes a further application; gives the files of trees that were digested for it."""
        self.number += 1
        self.folder = os.path.join(self.root, "opt", "app{}".format(self.number))
        os.mkdir(self.folder)
        self.application = self.make_application(*wheels)
        return self.make()

    def make(self, run: "Callable[[Any], None]" = make_environment) -> List[str]:
        digested = []
        real = tree.check_file

        def check(descriptor: int, size: int, row: Any) -> None:
            digested.append(row.name)
            real(descriptor, size, row)

        with mock.patch.object(tree, "check_file", check):
            run(self.application)
        verify_environment(self.application)
        return sorted(digested)

    def shared_names(self, name: str, version: str) -> List[str]:
        info, data = "{}-{}.dist-info/".format(name, version), "{}-{}.data/".format(name, version)
        names = [name + "/" + each for each in ("__init__.py", "gr\u00fc\u00dfe, all.txt", "later.py", "tool.so")]
        names += [info + each for each in ("METADATA", "WHEEL", "entry_points.txt")]
        names += [data + each.format(name) for each in ("scripts/{}-shell", "data/share/{}.txt", "headers/{}.h")]
        return sorted(names)

    def cache_of(self, name: str) -> str:
        return os.path.join(self.root, "run/pinpack/reqset1", name + ".json")

    def read_cache(self, name: str) -> Any:
        with open(self.cache_of(name)) as file:
            return json.load(file)

    def write_cache(self, name: str, text: str) -> None:
        with open(self.cache_of(name), "w") as file:
            file.write(text)

    def module(self) -> str:
        return os.path.join(self.first["tree"], "first", "later.py")


class DigestCacheTest(CacheTestCase):
    def test_applications_of_one_transaction_digest_each_file_once(self) -> None:
        self.assertEqual(self.make_another(self.first), self.shared_names("first", "1.0"))
        self.assertEqual(self.make_another(self.first, self.second), self.shared_names("second", "2.0"))
        for _ in range(2):
            self.assertEqual(self.make_another(self.first, self.second), [])
        self.assertEqual(os.stat(self.module()).st_nlink, 5)

    def test_a_file_changed_after_it_was_digested_is_found(self) -> None:
        path = self.module()
        with open(path, "rb") as file:
            good = file.read()
        status = os.stat(path)

        def overwrite() -> None:
            with open(path, "r+b") as file:
                file.write(b"#")

        def overwrite_and_restore_the_time() -> None:
            overwrite()
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

        def replace_and_restore_the_time() -> None:
            self.replace(path, b"#" + good[1:])
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

        def append() -> None:
            with open(path, "ab") as file:
                file.write(b"#")

        for change in (overwrite, overwrite_and_restore_the_time, replace_and_restore_the_time, append):
            with self.subTest(change.__name__):
                self.first = self.install("first", "1.0")
                self.make_another(self.first)
                self.assertEqual(self.make_another(self.first), [])
                change()
                with self.assertRaises(RuntimeProblem) as caught:
                    self.make_another(self.first)
                self.assertIn("first/later.py has ", str(caught.exception))
                self.assertIn("dnf reinstall reqset1-wheel-first;", caught.exception.next_step)
                self.assertFalse(os.path.lexists(self.application.home))

    def test_a_file_changed_just_before_it_is_linked_is_found(self) -> None:
        path = self.module()
        real = Folder.link_own

        def write(name: str) -> None:
            with open(path, "r+b") as file:
                file.write(b"#")

        def replace(name: str) -> None:
            status = os.stat(path)
            with open(path, "rb") as file:
                self.replace(path, b"#" + file.read()[1:])
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

        for change in (write, replace):
            self.first = self.install("first", "1.0")
            self.make_another(self.first)

            def link(source: Folder, name: str, target: Folder) -> None:
                if name == "later.py":
                    change(name)
                real(source, name, target)

            with self.subTest(change.__name__), mock.patch.object(Folder, "link_own", link):
                with self.assertRaises(RuntimeProblem) as caught:
                    self.make_another(self.first)
                self.assertIn("first/later.py has sha256=", str(caught.exception))

    def test_a_file_changed_just_after_it_was_linked_is_not_remembered(self) -> None:
        real = tree.check_file

        def check(descriptor: int, size: int, row: Any) -> None:
            real(descriptor, size, row)
            if row.name == "first/later.py":
                with open(self.module(), "r+b") as file:
                    file.write(b"#")

        with mock.patch.object(tree, "check_file", check):
            self.folder = os.path.join(self.root, "opt", "demo-app")
            make_environment(self.application)
        with self.assertRaises(RuntimeProblem) as caught:
            self.make_another(self.first)
        self.assertIn("first/later.py has sha256=", str(caught.exception))

    def test_owner_and_mode_are_compared_in_any_case(self) -> None:
        self.make_another(self.first)
        os.chmod(self.module(), 0o646)
        with self.assertRaises(RuntimeProblem) as caught:
            self.make_another(self.first)
        self.assertIn("can be written by others", str(caught.exception))

    def test_damage_is_found_in_the_half_of_a_child_process_too(self) -> None:
        with mock.patch.object(parallel, "LEAST_WORK", 1), mock.patch.object(parallel, "count_workers", lambda: 2):
            for wheel in (self.first, self.second):
                # entry_points.txt is parsed before.
                names = [name for name in self.shared_names(wheel["name"], wheel["version"]) if not name.endswith("points.txt")]
                for name in names:
                    path = os.path.join(wheel["tree"], name)
                    with open(path, "rb") as file:
                        good = file.read()
                    self.replace(path, b"@" + good[1:])
                    with self.subTest(name), self.assertRaises(RuntimeProblem) as caught:
                        self.make_another(self.first, self.second)
                    self.assertIn("{}: {} has sha256=".format(wheel["tree"], name), str(caught.exception))
                    self.assertIn("dnf reinstall reqset1-wheel-{};".format(wheel["name"]), caught.exception.next_step)
                    self.replace(path, good)
                    os.chmod(path, 0o755 if ".data/scripts/" in name else 0o644)
            make_environment(self.application)
            self.assertEqual(self.make_another(self.first, self.second), [])

    def test_a_repair_digests_everything(self) -> None:
        self.make_another(self.first)
        self.assertEqual(self.make(repair_environment), self.shared_names("first", "1.0"))

    def test_a_cache_that_is_not_valid_or_not_trusted_is_ignored(self) -> None:
        def of_another_boot() -> None:
            self.write_cache("first", json.dumps(dict(self.read_cache("first"), boot="another")))

        def of_another_record() -> None:
            self.write_cache("first", json.dumps(dict(self.read_cache("first"), record="0" * 64)))

        def of_another_format() -> None:
            self.write_cache("first", json.dumps(dict(self.read_cache("first"), format=2)))

        def too_old() -> None:
            fields = self.read_cache("first")
            self.write_cache("first", json.dumps(dict(fields, since=fields["since"] - digest_cache.VALID_SECONDS)))

        def of_the_future() -> None:
            fields = self.read_cache("first")
            self.write_cache("first", json.dumps(dict(fields, since=fields["since"] + 3600)))

        def writable_by_others() -> None:
            os.chmod(self.cache_of("first"), 0o666)

        def in_a_folder_that_others_can_change() -> None:
            os.chmod(os.path.dirname(self.cache_of("first")), 0o777)

        def below_a_folder_that_others_can_change() -> None:
            os.chmod(os.path.join(self.root, "run/pinpack"), 0o777)

        def of_another_user() -> None:
            if os.geteuid() == 0:
                os.chown(self.cache_of("first"), 12345, 12345)
            else:
                os.unlink(self.cache_of("first"))

        def a_symbolic_link() -> None:
            os.rename(self.cache_of("first"), os.path.join(self.root, "elsewhere"))
            os.symlink(os.path.join(self.root, "elsewhere"), self.cache_of("first"))

        cases = [of_another_boot, of_another_record, of_another_format, too_old, of_the_future, writable_by_others, of_another_user]
        cases += [in_a_folder_that_others_can_change, below_a_folder_that_others_can_change, a_symbolic_link]
        texts = ["", "{", "[]", "{}", "3", '"x"', json.dumps({"format": 1}), "\u00fc"]
        cases += [lambda text=text: self.write_cache("first", text) for text in texts]  # type: ignore
        for spoil in cases:
            self.make_another(self.first)
            self.assertEqual(self.make_another(self.first), [])
            spoil()
            with self.subTest(spoil.__name__):
                self.assertEqual(self.make_another(self.first), self.shared_names("first", "1.0"))
            for folder in ("run/pinpack/reqset1", "run/pinpack"):
                os.chmod(os.path.join(self.root, folder), 0o700)
            os.unlink(self.cache_of("first"))

    def test_the_oldest_digest_counts(self) -> None:
        self.make_another(self.first)
        since = self.read_cache("first")["since"]
        self.make_another(self.first)
        self.assertEqual(self.read_cache("first")["since"], since)

    def test_only_its_owner_can_read_it(self) -> None:
        old = os.umask(0)
        try:
            self.make_another(self.first)
        finally:
            os.umask(old)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.root, "run/pinpack")).st_mode), 0o700)

    def test_applications_are_made_without_it(self) -> None:
        def no_run() -> None:
            os.rename(os.path.join(self.root, "run"), os.path.join(self.root, "walk"))

        def a_file_in_its_place() -> None:
            os.rename(os.path.join(self.root, "walk"), os.path.join(self.root, "run"))
            open(os.path.join(self.root, "run/pinpack"), "w").close()

        for spoil in (no_run, a_file_in_its_place):
            spoil()
            for _ in range(2):
                self.assertEqual(self.make_another(self.first), self.shared_names("first", "1.0"))
        self.assertFalse(os.path.exists(self.cache_of("first")))
        with mock.patch.object(digest_cache, "BOOT", os.path.join(self.root, "missing")):
            self.make_another(self.first)

    def test_independent_files_are_always_digested(self) -> None:
        self.make_another(self.first)
        self.share_files = False
        with mock.patch.object(tree, "copy_content", side_effect=tree.copy_content) as copied:
            self.make_another(self.first)
        self.assertEqual(copied.call_count, len(self.shared_names("first", "1.0")))


class RememberedTest(unittest.TestCase):
    """Times that do not prove that a later change has another time."""

    def kept(self, changed: int, modified: int, started: int) -> bool:
        with mock.patch.object(digest_cache, "tick", return_value=5 * SECOND + 100):
            cache = DigestCache("unused", "boot", "record")
        status = SimpleNamespace(st_dev=1, st_ino=2, st_size=3, st_mtime_ns=modified, st_ctime_ns=changed)
        cache.add("name", status, started)  # type: ignore
        return "name" in cache._kept

    def test_a_file_is_remembered_only_if_its_times_are_before_the_tick_of_its_digest(self) -> None:
        start = 5 * SECOND + 100
        for changed, modified, started, expected, why in (
            (start + 1, SECOND, start + 2, True, "linked, then digested"),
            (start, SECOND, start + 1, True, "linked in the tick in which the run began"),
            (start + 2, SECOND, start + 2, False, "linked in the tick of the digest"),
            (start + 3, SECOND, start + 2, False, "linked after the digest began, or by another clock"),
            (start + 1, start + 2, start + 2, False, "written in the tick of the digest"),
            (start + 1, 9 * SECOND, start + 2, False, "a modification time in the future"),
            (start - 1, SECOND, start + 2, False, "the clock of the file system is behind"),
            (6 * SECOND, SECOND, 7 * SECOND, False, "the file system has only whole seconds"),
        ):
            with self.subTest(why):
                self.assertEqual(self.kept(changed, modified, started), expected)

    def test_the_tick_is_that_of_files_and_advances(self) -> None:
        before = digest_cache.tick()
        with tempfile.NamedTemporaryFile() as file:
            changed = os.fstat(file.fileno()).st_ctime_ns
        self.assertLessEqual(before, changed)
        self.assertGreater(digest_cache.wait_for_tick(changed), changed)
        future = changed + 3600 * SECOND
        self.assertLess(digest_cache.wait_for_tick(future), future)


class BytecodeCacheTest(CacheTestCase):
    bytecode = True
    MODULES = ("first/__init__.py", "first/later.py", "first/none.py")

    def setUp(self) -> None:
        super().setUp()
        self.compile()

    def compile(self) -> None:
        subprocess.check_call(["/usr/bin/python" + self.python, "-IBS", "-c", COMPILE, self.first["tree"]])

    def cached(self, name: str) -> str:
        return "first/__pycache__/{}.cpython-{}.pyc".format(name, self.python.replace(".", ""))

    def compared(self) -> List[str]:
        """Makes a further application; gives the wheels whose bytecode was compared with its sources."""
        compared = []
        real = bytecode_process._compare

        def compare(interpreter: str, wheels: Any, lock: int) -> Any:
            compared.extend(os.path.basename(fields["tree"]) for _, fields in wheels)
            return real(interpreter, wheels, lock)

        with mock.patch.object(bytecode_process, "_compare", compare):
            self.make_another(self.first)
        return compared

    def installed(self) -> List[str]:
        return [name for name in ("__init__", "later") if os.path.exists(self.site_packages(self.cached(name)))]

    def test_bytecode_is_compared_with_its_sources_once(self) -> None:
        for expected in (["first"], [], []):
            self.assertEqual(self.compared(), expected)
            self.assertEqual(self.installed(), ["__init__", "later"])
        self.assertEqual(self.make_another(self.first), [])
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")

    def test_bytecode_changed_replaced_removed_or_added_is_compared_again(self) -> None:
        path = os.path.join(self.first["tree"], self.cached("later"))

        def replace() -> None:
            os.unlink(path)
            self.compile()

        def change() -> None:
            with open(path, "r+b") as file:
                file.seek(8)
                file.write(b"another!")

        def remove() -> None:
            os.unlink(path)

        self.compared()
        for spoil, installed in ((replace, 2), (remove, 1), (self.compile, 2), (change, 1)):
            spoil()
            with self.subTest(getattr(spoil, "__name__", "")):
                self.assertEqual(self.compared(), ["first"])
                self.assertEqual(len(self.installed()), installed)

    def test_a_process_and_this_program_find_the_same(self) -> None:
        found = []
        for is_same in (False, True):
            # Of this test's Python: the application's can be another one.
            with mock.patch.object(bytecode_process, "runs_this_program", return_value=is_same):
                self.folder = os.path.join(self.root, "opt", "demo-app")
                self.application = self.make_application(self.first)
                sources = [(SimpleNamespace(cache=None), [RecordRow(name, None, None, None) for name in self.MODULES])]
                with Folder.open(self.root) as scratch:
                    found.append(bytecode_process.find_bytecode(self.application, sources, sys.executable, scratch, 0))
        self.assertEqual(found[0], found[1])
        self.assertEqual(len(found[0][0]), 2 if self.python == "%d.%d" % sys.version_info[:2] else 0)

    def test_bytecode_for_another_python_is_compared_again(self) -> None:
        self.compared()
        with mock.patch.object(bytecode_process, "_identify", return_value=["another"]):
            self.assertEqual(self.compared(), ["first"])


if __name__ == "__main__":
    unittest.main()
