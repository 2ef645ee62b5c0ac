"""The manifest: what is read, and everything that is refused, all at once."""

import hashlib
import json
import os
import unittest

from typing import Any

from application_fixture import ApplicationTestCase

from pinpack_runtime.application import parse_application, read_application
from pinpack_runtime.errors import RuntimeProblem


class ApplicationTest(ApplicationTestCase):
    def issues_of(self, data: bytes, path: str = "") -> Any:
        with self.assertRaises(RuntimeProblem) as caught:
            parse_application(data, path or self.manifest)
        self.assertEqual(caught.exception.code, "MANIFEST_INVALID")
        return caught.exception.found

    def test_reads_every_field(self) -> None:
        application = self.make_application(self.first, self.second)
        with open(self.manifest, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.assertEqual(application.id, digest[:16])
        self.assertEqual(application.home, self.folder + "/venv")
        self.assertEqual(application.environments_link, self.folder + "/environments")
        self.assertEqual(application.environment, self.root + "/usr/lib/pinpack/_environments/demo-app/" + digest[:16])
        self.assertEqual([wheel.name for wheel in application.wheels], ["first", "second"])
        wheel = application.wheels[0]
        keys = ("name", "version", "distInfo", "tree", "wheel", "sha256")
        self.assertEqual(list(wheel), [self.first[key] for key in keys] + [""])
        self.assertEqual((application.fill, application.layout, application.bytecode, application.share_files), (self.fill, "tree", False, True))
        self.assertEqual(application.inventories, self.root + "/var/lib/pinpack/reqset1/environments")
        self.assertEqual(application.inventory, "demo-app-{}.csv".format(digest[:16]))

    def test_reads_what_stored_wheels_have_besides(self) -> None:
        self.layout = "stored"
        stored = self.install("first", "1.0")
        fields = dict(self.fields(stored), bytecode=True, shareFiles=False)
        application = parse_application(json.dumps(fields).encode("ascii"), self.manifest)
        self.assertEqual((application.layout, application.bytecode), ("stored", True))
        (wheel,) = application.wheels
        self.assertEqual((wheel.stored, wheel.tree), (self.root + "/usr/lib/pinpack/reqset1/first.whl.stored", ""))
        for key, value, issue in (
            ("layout", "zip", "layout is 'zip', neither of tree and stored"),
            ("bytecode", 1, "bytecode is 1, neither true nor false"),
            ("wheels", [dict(stored, stored="x")], "wheels[0].stored is 'x', expected '{}'".format(wheel.stored)),
            ("layout", "tree", "wheels[0].tree is None, expected '{}'".format(wheel.stored[: -len(".whl.stored")])),
        ):
            self.assertIn(issue, self.issues_of(json.dumps(dict(fields, **{key: value})).encode("ascii")))

    def test_the_python_of_the_reqset_has_one_place(self) -> None:
        place = self.root + "/usr/lib/pinpack/reqset1/_python/bin/python" + self.python
        fields = self.fields(self.first)
        self.assertEqual(parse_application(json.dumps(fields).encode("ascii"), self.manifest).interpreter, "")
        read = parse_application(json.dumps(dict(fields, interpreter=place)).encode("ascii"), self.manifest)
        self.assertEqual(read.interpreter, place)
        for path in ("/tmp/python", place + "/../x", self.root + "/usr/bin/python3", 1):
            issues = self.issues_of(json.dumps(dict(fields, interpreter=path)).encode("ascii"))
            self.assertEqual(issues, ["interpreter is {!r}, expected {!r}".format(path, place)])

    def test_no_path_but_the_one_that_follows_from_the_names_is_read(self) -> None:
        for key, path in (("tree", "/home/app/first"), ("tree", self.first["tree"] + "/../first"), ("wheel", "/tmp/first.whl")):
            fields = self.fields(dict(self.first, **{key: path}))
            (issue,) = self.issues_of(json.dumps(fields).encode("ascii"))
            self.assertIn("wheels[0].{} is {!r}, expected ".format(key, path), issue)

    def test_a_fifo_or_a_device_is_not_waited_for(self) -> None:
        os.unlink(self.manifest)
        os.mkfifo(self.manifest)
        with self.assertRaises(RuntimeProblem) as caught:
            read_application(self.manifest)
        self.assertEqual(caught.exception.found, ["it is not a regular file"])

    def test_unknown_keys_are_ignored(self) -> None:
        fields = dict(self.fields(self.first), release="2")
        self.assertEqual(parse_application(json.dumps(fields).encode("ascii"), self.manifest).name, "demo-app")

    def test_gathers_every_issue(self) -> None:
        wheel = dict(self.first, version="1 0", distInfo="../first", tree="a/b", wheel="/a//b.zip", sha256="AB")
        fields = dict(self.fields(wheel, self.second, self.second), name="other", python="2.6", fill="copy")
        self.assertEqual(
            [issue.split(" is ")[0].split(" has ")[0] for issue in self.issues_of(json.dumps(fields).encode("ascii"))],
            ["python", "name", "fill"]
            + ["wheels[0]." + key for key in ("version", "distInfo", "sha256")]
            + ["wheels[2].name 'second'"],
        )

    def test_refuses_what_is_no_manifest(self) -> None:
        for data, issue in (
            (b"", "cannot be read as UTF-8 and JSON"),
            (b"\xff", "cannot be read as UTF-8 and JSON"),
            (b"[]", "not a JSON object"),
            (b"{}", "its format is None"),
            (b'{"format": 2}', "its format is 2, and this pinpack-runtime knows 1"),
        ):
            with self.subTest(data):
                self.assertIn(issue, self.issues_of(data)[0])

    def test_every_field_is_checked(self) -> None:
        for key in set(self.fields(self.first)) - {"tools"}:
            for value in (None, 1, [], {}, "", "a b", "a/../b", [1], [{}]):
                with self.subTest((key, value)):
                    fields = dict(self.fields(self.first), **{key: value})
                    if key == "format" and value == 1:
                        continue
                    self.assertTrue(self.issues_of(json.dumps(fields).encode("ascii")))
        for key in self.first:
            for value in (None, 1, [], {}, "", "a b", "a/../b", "/a/../b", "/a/\0"):
                with self.subTest((key, value)):
                    fields = self.fields(dict(self.first, **{key: value}))
                    self.assertTrue(self.issues_of(json.dumps(fields).encode("ascii")))

    def test_the_manifests_own_place_is_checked(self) -> None:
        data = json.dumps(self.fields(self.first)).encode("ascii")
        self.assertIn("its file name is not application.json", self.issues_of(data, self.folder + "/other.json"))
        for folder in ("/opt/my apps/demo-app", "/opt/it's/demo-app", "/opt/$HOME/demo-app", "/opt/a:b/demo-app"):
            self.assertIn("scripts cannot name safely", self.issues_of(data, folder + "/application.json")[0])

    def test_a_missing_manifest_is_a_problem(self) -> None:
        os.unlink(self.manifest)
        with self.assertRaises(RuntimeProblem) as caught:
            read_application(self.manifest)
        self.assertIn("dnf reinstall", caught.exception.next_step)


if __name__ == "__main__":
    unittest.main()
