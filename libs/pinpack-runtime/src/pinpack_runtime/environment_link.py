"""Fills an environment with hard links to the unzipped trees. What it means to install a wheel (binary distribution format,
entry points, RECORD) is pypa/installer's business: here are its source, which reads a tree, and its destination, which links.
"""

import os
import shutil

from typing import Any, BinaryIO, Dict, Iterable, Iterator, List, Set, Tuple

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.records import Hash, RecordEntry
from installer.sources import WheelSource

from .bytecode import find_bytecode
from .record import RecordRow, encode_digest
from .replacement import LINK_REFUSALS
from .tree import Tree


def link_wheels(job: Dict[str, Any], creator: Any) -> None:
    """Installs every wheel of the job; job["home"] is what scripts say, `creator` (virtualenv's) where files go."""
    for wheel in job["wheels"]:
        source = TreeSource(wheel["tree"], wheel["dist_info"])
        schemes = plan_schemes(job, creator, source.distribution)
        destination = LinkDestination(schemes, os.path.join(job["home"], "bin", "python"), "posix", source)
        install(source, destination, {"INSTALLER": b"pinpack\n"})


def plan_schemes(job: Dict[str, Any], creator: Any, distribution: str) -> Dict[str, str]:
    """Folders of sysconfig's schemes; for headers pip's, since a virtual environment has none of its own."""
    return {
        "purelib": str(creator.purelib),
        "platlib": str(creator.platlib),
        "scripts": str(creator.script_dir),
        "data": job["work"],
        "headers": os.path.join(job["work"], "include", "site", "python" + job["python"], distribution),
    }


class TreeStream:
    """A file of a tree: opened only where its content is asked for, which is for scripts alone."""

    def __init__(self, path: str, row: RecordRow) -> None:
        self.path = path
        self.row = row


class TreeSource(WheelSource):
    """The wheel that is unzipped in `folder`; nothing but what RECORD names, since other versions' files may lie there too."""

    def __init__(self, folder: str, dist_info: str) -> None:
        distribution, _, version = dist_info[: -len(".dist-info")].rpartition("-")
        super().__init__(distribution, version)
        self.folder = folder
        self._rows = Tree(folder, dist_info).read_rows()

    @property
    def dist_info_filenames(self) -> List[str]:
        prefix = self.dist_info_dir + "/"
        return [row.name[len(prefix) :] for row in self._rows if row.name.startswith(prefix)]

    def read_dist_info(self, filename: str) -> str:
        with open(os.path.join(self.folder, self.dist_info_dir, filename), encoding="utf-8") as file:
            return file.read()

    def get_contents(self) -> "Iterator[Tuple[Tuple[str, str, str], Any, bool]]":
        for row in self._rows:
            # Digest and size go with the stream: written out here, they would be parsed again for each file.
            yield (row.name, "", ""), TreeStream(os.path.join(self.folder, row.name), row), False


class LinkDestination(SchemeDictionaryDestination):
    """Links files of a tree, and writes what has no file there: RECORD, INSTALLER, and scripts, whose first line changes."""

    def __init__(self, schemes: Dict[str, str], interpreter: str, script_kind: Any, source: TreeSource) -> None:
        super().__init__(schemes, interpreter, script_kind, overwrite_existing=True)
        self._source = source
        self._folders = set()  # type: Set[str]

    def write_file(self, scheme: Any, path: Any, stream: Any, is_executable: bool) -> RecordEntry:
        if not isinstance(stream, TreeStream):
            return super().write_file(scheme, path, stream, is_executable)
        if scheme == "scripts":
            # Written, since the first line may change; and the mode of a link would be the tree's.
            with open(stream.path, "rb") as script:
                executable = bool(os.fstat(script.fileno()).st_mode & 0o111)
                return super().write_file(scheme, path, script, executable)
        self._place(stream.path, self._target(scheme, path))
        row = stream.row
        return RecordEntry(path, Hash(row.algorithm, encode_digest(row.digest)), row.size)

    def write_to_fs(self, scheme: Any, path: str, stream: BinaryIO, is_executable: bool) -> RecordEntry:
        # Where two wheels bring the same path the later one gets it, as with pip; writing into a link would change the tree.
        _unlink_if_there(self._target(scheme, path))
        return super().write_to_fs(scheme, path, stream, is_executable)

    def finalize_installation(
        self, scheme: Any, record_file_path: str, records: "Iterable[Tuple[Any, RecordEntry]]"
    ) -> None:
        rows = list(records)
        for place, record in list(rows):
            if place in ("purelib", "platlib"):
                rows.extend((place, entry) for entry in self._link_bytecode(place, record))
        super().finalize_installation(scheme, record_file_path, rows)

    def _link_bytecode(self, scheme: Any, record: RecordEntry) -> List[RecordEntry]:
        # Of purelib and platlib, what lies in the wheel's .data has no bytecode in the tree.
        found = find_bytecode(self._source.folder, record.path)
        if found is None:
            return []
        self._place(found.path, self._target(scheme, found.name))
        return [RecordEntry(found.name, Hash("sha256", found.sha256), found.size)]

    def _target(self, scheme: Any, path: str) -> str:
        return os.path.join(self.scheme_dict[scheme], path)

    def _place(self, source: str, target: str) -> None:
        folder = os.path.dirname(target)
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)
            self._folders.add(folder)
        link_or_copy(source, target)


def link_or_copy(source: str, target: str) -> None:
    """`target` becomes a hard link to `source`, or a copy with its permissions where the system refuses links."""
    try:
        os.link(source, target)
    except FileExistsError:
        os.unlink(target)
        link_or_copy(source, target)
    except OSError as error:
        if error.errno not in LINK_REFUSALS:
            raise
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def _unlink_if_there(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
