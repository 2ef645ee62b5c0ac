"""File operations below an open folder, which no name and no symbolic link can leave.

This package opens, writes, renames and removes files only through this class. Names are relative paths; each part of a name
is opened relative to the folder before it. Names are passed to the system as UTF-8 in any locale.
"""

import contextlib
import errno
import os
import stat

from typing import Iterable, Iterator, List, Optional, Tuple

from .openat import (
    CHUNK_BYTES,
    CREATE_FLAGS,
    FOLDER_FLAGS,
    FOLDER_MODE,
    READ_FLAGS,
    NotRegularFile,
    check_name,
    decode,
    encode,
    named,
    open_descriptor,
    open_part,
    read_at_most,
    remove_folder,
    split_name,
    take_ownership,
    unlink,
    write_all,
)

FILE_MODE = 0o644
# JSON and RECORD files are held in memory; the largest wheels have some 20,000 files, a few MB of RECORD.
READ_LIMIT = 1 << 28


class Folder:
    """An open folder. `path` is for messages only."""

    def __init__(self, descriptor: int, path: str) -> None:
        self.descriptor = descriptor
        self.path = path

    @classmethod
    def open(cls, path: str, create: bool = False) -> "Folder":
        """Opens the folder at an absolute path. Follows symbolic links: root alone can make them in root's folders."""
        flags = FOLDER_FLAGS & ~os.O_NOFOLLOW
        try:
            return cls(os.open(encode(path), flags), path)
        except FileNotFoundError:
            if not create or path == "/":
                raise
        with cls.open(os.path.dirname(path), create=True) as parent:
            return parent.enter(os.path.basename(path), create=True)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def path_of(self, name: str) -> str:
        return os.path.join(self.path, name)

    def enter(self, name: str, create: bool = False) -> "Folder":
        """Opens a folder below this one, or this one if the name is empty; `create`: makes missing folders, which all users can read."""
        descriptor = os.dup(self.descriptor)
        try:
            for part in split_name(name) if name else []:
                inner = open_part(descriptor, part, create, self.path_of(name))
                os.close(descriptor)
                descriptor = inner
        except BaseException:
            os.close(descriptor)
            raise
        return Folder(descriptor, self.path_of(name))

    def enter_own(self, name: str) -> "Folder":
        """Like `enter` with one system call, for folders that only this process, or only root, could have made: it follows links above the last part."""
        path = check_name(name) if name else b"."
        try:
            return Folder(os.open(path, FOLDER_FLAGS, dir_fd=self.descriptor), self.path_of(name))
        except OSError as error:
            raise named(error, self.path_of(name))

    def make_own(self, names: Iterable[str]) -> None:
        """Makes folders that all users can read, in ones that `enter_own` may enter. No other thread may make files meanwhile."""
        umask = os.umask(0o022)
        try:
            for name in names:
                try:
                    os.mkdir(check_name(name), FOLDER_MODE, dir_fd=self.descriptor)
                except OSError as error:
                    raise named(error, self.path_of(name))
        finally:
            os.umask(umask)

    def names(self) -> List[str]:
        """The names in this folder, sorted."""
        return sorted(decode(name) for name in os.listdir(self.descriptor))

    def status(self, name: str) -> Optional[os.stat_result]:
        """lstat(2); None if the name does not exist."""
        try:
            with self._holding(name) as (holder, part):
                return os.stat(part, dir_fd=holder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_link(self, name: str) -> Optional[str]:
        """The target of a symbolic link; None if the name does not exist or is not a link."""
        try:
            with self._holding(name) as (holder, part):
                return decode(os.readlink(part, dir_fd=holder))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.EINVAL:
                return None
            raise

    def open_file(self, name: str) -> int:
        """A descriptor of a regular file, for reading. Does not wait, and opens no device."""
        folder, _, last = name.rpartition("/")
        if folder:
            with self.enter(folder) as inner:
                return inner.open_file(last)
        (part,) = split_name(name)
        try:
            # Opening a device can have an effect, so the type is checked first.
            if not stat.S_ISREG(os.stat(part, dir_fd=self.descriptor, follow_symlinks=False).st_mode):
                raise NotRegularFile(self.path_of(name))
            descriptor = os.open(part, READ_FLAGS, dir_fd=self.descriptor)
        except OSError as error:
            raise named(error, self.path_of(name))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotRegularFile(self.path_of(name))
        return descriptor

    def own_status(self, name: str) -> os.stat_result:
        """lstat(2) with one system call, of a name in folders that `enter_own` may enter; of this folder if the name is empty."""
        path = check_name(name) if name else b"."
        try:
            return os.stat(path, dir_fd=self.descriptor, follow_symlinks=False)
        except OSError as error:
            raise named(error, self.path_of(name))

    def open_own_file(self, name: str) -> int:
        """Like `open_file` with one system call, for a name that `own_status` found to be a regular file."""
        path = check_name(name)
        try:
            return os.open(path, READ_FLAGS, dir_fd=self.descriptor)
        except OSError as error:
            raise named(error, self.path_of(name))

    def link_own(self, name: str, target: "Folder") -> None:
        """Makes the same name in the folder `target` a second name of a file, with one system call."""
        part = check_name(name)
        try:
            os.link(part, part, src_dir_fd=self.descriptor, dst_dir_fd=target.descriptor, follow_symlinks=False)
        except OSError as error:
            error.filename, error.filename2 = self.path_of(name), target.path_of(name)
            raise

    def read(self, name: str, limit: int = READ_LIMIT) -> bytes:
        """The content of a regular file; an OSError (EFBIG) if it has more than `limit` bytes."""
        with open_descriptor(self.open_file(name)) as descriptor:
            data = read_at_most(descriptor, limit + 1)
        if len(data) > limit:
            raise OSError(errno.EFBIG, "it has more than {} bytes".format(limit), self.path_of(name))
        return data

    def create_file(self, name: str, mode: int = FILE_MODE) -> int:
        """A descriptor of a new file with this mode for any umask; fails if the name exists."""
        with self._holding(name) as (holder, part):
            descriptor = os.open(part, CREATE_FLAGS, 0o600, dir_fd=holder)
            try:
                os.fchmod(descriptor, mode)
            except BaseException:
                os.close(descriptor)
                unlink(holder, part)
                raise
            return descriptor

    def write_file(self, name: str, chunks: Iterable[bytes], mode: int = FILE_MODE) -> None:
        with os.fdopen(self.create_file(name, mode), "wb", buffering=0) as file:
            for chunk in chunks:
                write_all(file.fileno(), chunk)

    def make_link(self, name: str, target: str) -> None:
        with self._holding(name) as (holder, part):
            os.symlink(encode(target), part, dir_fd=holder)

    def rename(self, name: str, target: "Folder", other: str) -> None:
        """Moves `name` to `other` in the folder `target`, and replaces an existing one."""
        with self._holding(name) as (holder, part), target._holding(other) as (other_holder, other_part):
            with _naming(self.path_of(name), target.path_of(other)):
                os.rename(part, other_part, src_dir_fd=holder, dst_dir_fd=other_holder)

    def link(self, name: str, target: "Folder", other: str) -> None:
        """Makes `other` in the folder `target` a second name of a file."""
        with self._holding(name) as (holder, part), target._holding(other) as (other_holder, other_part):
            with _naming(self.path_of(name), target.path_of(other)):
                os.link(part, other_part, src_dir_fd=holder, dst_dir_fd=other_holder, follow_symlinks=False)

    def take_ownership(self, mode: int = FOLDER_MODE) -> None:
        """Makes the user that runs this the owner of the folder, and sets its mode."""
        take_ownership(self.descriptor, mode)

    def take_file_ownership(self, name: str, mode: int = FILE_MODE) -> None:
        with open_descriptor(self.open_file(name)) as descriptor:
            take_ownership(descriptor, mode)

    def remove(self, name: str) -> None:
        """Removes a file, a link, or a folder with its content. A missing name is not an error."""
        with self._holding(name) as (holder, part):
            if not unlink(holder, part):
                remove_folder(holder, part, self.path_of(name))

    def remove_empty(self, name: str) -> None:
        """Removes a folder if it is empty."""
        try:
            with self._holding(name) as (holder, part):
                os.rmdir(part, dir_fd=holder)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY, errno.ELOOP):
                raise

    def sync(self) -> None:
        os.fsync(self.descriptor)

    @contextlib.contextmanager
    def _holding(self, name: str) -> Iterator[Tuple[int, bytes]]:
        """The descriptor of the folder that contains `name`, and the last part of the name; system errors name the whole path."""
        folder, _, _ = name.rpartition("/")
        part = split_name(name)[-1]
        inner = self.enter(folder) if folder else None
        try:
            yield (inner or self).descriptor, part
        except OSError as error:
            raise named(error, self.path_of(name))
        finally:
            if inner is not None:
                inner.close()


@contextlib.contextmanager
def _naming(source: str, target: str) -> Iterator[None]:
    """Makes system errors name both whole paths."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = source, target
        raise
