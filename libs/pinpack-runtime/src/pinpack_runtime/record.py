"""RECORD, the list of a wheel's files and their digests (Python packaging specifications, "Recording installed projects")."""

import base64
import binascii
import csv
import functools
import io

from typing import Dict, List, NamedTuple, Optional, Tuple

from .errors import RuntimeProblem
from .names import find_path_fault, folders_of

# Length of the digest in bytes. md5 and sha1 are refused, as the specification requires.
STRONG_ALGORITHMS = {"sha256": 32, "sha384": 48, "sha512": 64}


class RecordRow(NamedTuple):
    """One file of the wheel. algorithm, digest and size (bytes) are None if RECORD omits them."""

    name: str
    algorithm: Optional[str]
    digest: Optional[bytes]
    size: Optional[int]


def parse_record(data: bytes, dist_info: str, subject: str) -> List[RecordRow]:
    """The files of the canonical wheel, sorted by the UTF-8 bytes of the name: RECORD itself always, signatures never.

    Raises one RuntimeProblem about `subject` with every issue.
    """
    record_name = dist_info + "/RECORD"
    unlisted = {record_name, record_name + ".jws", record_name + ".p7s"}
    rows = {record_name: RecordRow(record_name, None, None, None)}  # type: Dict[str, RecordRow]
    issues = []  # type: List[str]
    seen = set()
    for number, fields in _read_rows(data, issues):
        row, issue = _parse_row(fields, without_digest=bool(fields) and fields[0] in unlisted)
        if row is None:
            issues.append("line {}: {}".format(number, issue))
        elif row.name in seen:
            issues.append("line {}: {} is listed twice".format(number, row.name))
        else:
            seen.add(row.name)
            if row.name not in unlisted:
                rows[row.name] = row
    issues.extend(_names_that_are_folders_too(rows))
    if issues:
        raise record_problem(subject, issues)
    return sorted(rows.values(), key=lambda row: row.name.encode("utf-8"))


def record_problem(subject: str, issues: List[str]) -> RuntimeProblem:
    return RuntimeProblem(
        "RECORD_INVALID",
        subject,
        issues,
        "the RECORD that the wheel RPM installed: lines of path, digest and size, with every path inside the tree",
        reinstall_step(subject),
    )


# RECORD of the environment and its inventory have the same digests.
@functools.lru_cache(maxsize=None)
def encode_digest(digest: Optional[bytes]) -> str:
    """The digest as RECORD writes it."""
    return base64.urlsafe_b64encode(digest or b"").rstrip(b"=").decode("ascii")


def reinstall_step(path: str) -> str:
    return "Reinstall the RPM that owns the file: dnf reinstall \"$(rpm -qf '{}')\"".format(path.replace("'", "'\\''"))


def module_names(rows: List[RecordRow]) -> List[str]:
    """The names of modules that can have bytecode."""
    # Files below .data are installed elsewhere, and need not be modules.
    tops = (".data", ".dist-info")
    return [row.name for row in rows if row.name.endswith(".py") and not row.name.split("/")[0].endswith(tops)]


def _read_rows(data: bytes, issues: List[str]) -> List[Tuple[int, List[str]]]:
    rows = []  # type: List[Tuple[int, List[str]]]
    try:
        # csv rejects NUL bytes only in old Pythons.
        if b"\0" in data:
            raise ValueError("it has a NUL byte")
        reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
        rows.extend((reader.line_num, fields) for fields in reader if fields)
    except (ValueError, csv.Error) as error:
        issues.append("it cannot be read as UTF-8 and CSV: {}".format(error))
    return rows


def _parse_row(fields: List[str], without_digest: bool) -> Tuple[Optional[RecordRow], str]:
    if len(fields) != 3:
        return None, "{} fields, expected three: {}".format(len(fields), ",".join(fields))
    name, digest_text, size_text = fields
    fault = find_path_fault(name)
    if fault:
        return None, "{!r} {}".format(name, fault)
    # RECORD cannot contain its own digest. The digest of the whole wheel covers it.
    if without_digest:
        return RecordRow(name, None, None, None), ""
    algorithm, digest = parse_digest(digest_text)
    if digest is None:
        return None, "{} has no usable digest ({!r}); sha256, sha384 and sha512 are".format(name, digest_text)
    if not _is_count(size_text):
        return None, "{} has the size {!r}".format(name, size_text)
    return RecordRow(name, algorithm, digest, int(size_text) if size_text else None), ""


def _is_count(text: str) -> bool:
    return all(character in "0123456789" for character in text)


def parse_digest(text: str) -> Tuple[str, Optional[bytes]]:
    algorithm, _, encoded = text.partition("=")
    if algorithm not in STRONG_ALGORITHMS:
        return algorithm, None
    try:
        digest = base64.urlsafe_b64decode(encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4))
    except (ValueError, binascii.Error):
        return algorithm, None
    return algorithm, digest if len(digest) == STRONG_ALGORITHMS[algorithm] else None


def _names_that_are_folders_too(rows: Dict[str, RecordRow]) -> List[str]:
    return ["{} is listed as a file and as a folder".format(name) for name in sorted(folders_of(rows) & set(rows))]
