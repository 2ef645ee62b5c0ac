"""RECORD: what is read from it, and every way in which it can be wrong."""

import unittest

from wheel_fixture import DIST_INFO, FILES, RECORD, digest_of, record_of, rows_of

from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.record import parse_record

SHA256_OF_NOTHING = digest_of(b"")


class ParseRecordTest(unittest.TestCase):
    def parse(self, data: bytes) -> list:
        return parse_record(data, DIST_INFO, "the RECORD")

    def test_sorts_by_utf8_bytes(self) -> None:
        # By UTF-16 code units, U+1F40D would come before U+FF5E.
        names = ["a/\uff5e.py", "a/\U0001f40d.py", "a.py", "a-b.py", "B.py", "a/b.py"]
        rows = self.parse(record_of(rows_of({name: b"" for name in names})))
        self.assertEqual(
            [row.name for row in rows], ["B.py", "a-b.py", "a.py", "a/b.py", "a/\uff5e.py", "a/\U0001f40d.py", RECORD]
        )

    def test_keeps_digest_and_size(self) -> None:
        for algorithm, length in (("sha256", 32), ("sha384", 48), ("sha512", 64)):
            row = self.parse(record_of([("a.py", digest_of(b"x", algorithm), "1")]))[0]
            self.assertEqual((row.algorithm, len(row.digest), row.size), (algorithm, length, 1))

    def test_accepts_quotes_crlf_padding_and_missing_sizes(self) -> None:
        data = '"a ""quoted"", name.py",{0},\r\nb.py,{0}=,0\r\n\r\n'.format(SHA256_OF_NOTHING).encode()
        self.assertEqual([row.name for row in self.parse(data)], ['a "quoted", name.py', "b.py", RECORD])

    def test_has_record_once_whether_it_is_listed_or_not(self) -> None:
        listed = self.parse(record_of(rows_of(FILES)))
        self.assertEqual(listed, self.parse(record_of(rows_of(FILES)[:-1])))
        self.assertEqual([row.name for row in listed].count(RECORD), 1)

    def test_reports_each_fault(self) -> None:
        good = SHA256_OF_NOTHING
        cases = [
            (record_of([("/etc/passwd", good, "0")]), "'/etc/passwd' is an absolute path"),
            (record_of([("a/../../b", good, "0")]), "leaves the tree"),
            (record_of([("..", good, "0")]), "leaves the tree"),
            (record_of([("a//b", good, "0")]), "is not a plain relative path"),
            (record_of([("./a", good, "0")]), "is not a plain relative path"),
            (record_of([("a/", good, "0")]), "is not a plain relative path"),
            (record_of([("", good, "0")]), "is not a plain relative path"),
            (record_of([("a\\..\\b", good, "0")]), "has a backslash"),
            (record_of([("a", good, "0"), ("a", good, "0")]), "line 2: a is listed twice"),
            (record_of([("a", good, "0"), ("a/b", good, "0")]), "a is listed as a file and as a folder"),
            (record_of([("a", "", "")]), "a has no usable digest"),
            (record_of([("a", digest_of(b"", "md5"), "0")]), "sha256, sha384 and sha512 are"),
            (record_of([("a", digest_of(b"", "sha1"), "0")]), "a has no usable digest"),
            (record_of([("a", good[:-1], "0")]), "a has no usable digest"),
            (record_of([("a", "sha256=\u00e9" + good[8:], "0")]), "a has no usable digest"),
            (record_of([("a", good, "-1")]), "a has the size '-1'"),
            (record_of([("a", good, "\u0663")]), "a has the size"),
            (b"a,b\n", "2 fields, expected three"),
            (b"\xff,,\n", "cannot be read as UTF-8 and CSV"),
            (b"a\0b,,\n", "cannot be read as UTF-8 and CSV"),
            (b'"a,,\n', "cannot be read as UTF-8 and CSV"),
        ]
        for data, message in cases:
            with self.subTest(message, data=data):
                with self.assertRaises(RuntimeProblem) as caught:
                    self.parse(data)
                self.assertIn(message, str(caught.exception))
                self.assertEqual(caught.exception.code, "RECORD_INVALID")

    def test_reports_all_faults_at_once_and_not_more_than_fit_a_screen(self) -> None:
        with self.assertRaises(RuntimeProblem) as caught:
            self.parse(record_of([("/{}".format(number), SHA256_OF_NOTHING, "0") for number in range(50)]))
        lines = str(caught.exception).splitlines()
        self.assertEqual(lines[0], "the RECORD: 50 problems")
        self.assertIn("  and 30 more", lines)
        self.assertTrue(lines[-1].startswith("  next step: Reinstall the RPM"), lines[-1])


if __name__ == "__main__":
    unittest.main()
