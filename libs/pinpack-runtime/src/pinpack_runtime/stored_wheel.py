"""The stored wheel: the canonical wheel as one file, as wheel RPMs of layout `stored` install it (see zip_format).

Who reads it has compared its sha256 or leaves that to rpm -V; even so no name leads out of the folder it is unpacked into.
"""

import os
import shutil
import zipfile
import zlib

from typing import List

from .errors import RuntimeProblem
from .record import RecordRow, parse_record, path_fault, reinstall_step
from .tree import CHUNK_BYTES

# What zipfile raises of a damaged file, of whatever damage.
DAMAGES = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, ValueError, RuntimeError)


def read_stored_rows(path: str, dist_info: str) -> List[RecordRow]:
    """RECORD's files; a RuntimeProblem where the wheel is missing or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = archive.read(dist_info + "/RECORD")
    except FileNotFoundError:
        raise _damaged(path, "is missing")
    except DAMAGES as error:
        raise _damaged(path, str(error))
    return parse_record(data, dist_info, path)


def unpack_wheel(path: str, folder: str) -> None:
    """Writes the wheel's files below `folder`, which is made here, with the modes that a tree has; or raises a RuntimeProblem."""
    os.mkdir(folder)
    root = os.fsencode(folder)
    made = set()
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                target = os.path.join(root, _checked_name(info))
                if os.path.dirname(target) not in made:
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    made.add(os.path.dirname(target))
                with archive.open(info) as source, open(target, "xb", buffering=0) as file:
                    shutil.copyfileobj(source, file, CHUNK_BYTES)
                    # Whatever the umask is.
                    os.fchmod(file.fileno(), 0o755 if (info.external_attr >> 16) & 0o111 else 0o644)
    except FileNotFoundError:
        raise _damaged(path, "is missing")
    except DAMAGES as error:
        raise _damaged(path, str(error))


def _checked_name(info: zipfile.ZipInfo) -> bytes:
    fault = path_fault(info.filename)
    if fault:
        raise zipfile.BadZipFile("{!r} {}".format(info.filename, fault))
    return info.filename.encode("utf-8")


def _damaged(path: str, found: str) -> RuntimeProblem:
    return RuntimeProblem("STORED_DAMAGED", path, [found], "the wheel as its RPM installed it", reinstall_step(path))
