"""The sha256 of a file."""

import errno
import hashlib
import os

from typing import Optional

from .folder import CHUNK_BYTES, Folder, NotRegularFile
from .openat import open_descriptor


def find_digest_issue(path: str, sha256: str) -> Optional[str]:
    """Describes why the file at an absolute path is not a regular file with that sha256 (hex); None if it is one."""
    try:
        with Folder.open(os.path.dirname(path)) as folder, open_descriptor(folder.open_file(os.path.basename(path))) as file:
            found = digest_of(file)
    except NotRegularFile:
        return "it is not a regular file"
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise
        return "it is missing"
    return None if found == sha256 else "it has sha256 {}".format(found)


def digest_of(descriptor: int) -> str:
    """The sha256 (hex) of a file's content, from its beginning."""
    hasher = hashlib.sha256()
    offset = 0
    for chunk in iter(lambda: os.pread(descriptor, CHUNK_BYTES, offset), b""):
        hasher.update(chunk)
        offset += len(chunk)
    return hasher.hexdigest()
