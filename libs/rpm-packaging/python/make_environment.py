"""Makes the environment of an application for an image: as pinpack-runtime does on a server, with symbolic links to the wheels' trees.

Run by the image's own Python, in a sandbox, with the tools' trees on sys.path. The job comes as JSON on standard input:
name, python, home (where the environment will lie), work (where it is made), scratch, wheels: [{tree, dist_info}].
"""

import json
import os
import sys

from typing import Any, Dict

from fold_links import place_links
from installer import install
from installer.records import Hash, RecordEntry
from pinpack_runtime.environment_fill import make_virtualenv
from pinpack_runtime.environment_link import LinkDestination, TreeSource, plan_schemes


class SymlinkDestination(LinkDestination):
    """Remembers where files of trees belong, over all the wheels; what is written is written at once."""

    def __init__(self, *arguments: Any, placements: Dict[str, str]) -> None:
        super().__init__(*arguments)
        self._placements = placements

    def write_to_fs(self, scheme: Any, path: str, *arguments: Any, **named: Any) -> RecordEntry:
        self._placements.pop(_whole(self._target(scheme, path)), None)
        return super().write_to_fs(scheme, path, *arguments, **named)

    def _place(self, source: str, target: str) -> None:
        target = _whole(target)
        if os.path.lexists(target):
            os.unlink(target)
        self._placements[target] = source


def make_environment(job: Dict[str, Any]) -> None:
    """Every path in it says job["home"]."""
    found = "{}.{}".format(*sys.version_info[:2])
    if found != job["python"]:
        raise SystemExit("{} is Python {}, expected {}".format(sys.executable, found, job["python"]))
    creator = make_virtualenv(job)
    placements = {}  # type: Dict[str, str]
    for wheel in job["wheels"]:
        source = TreeSource(wheel["tree"], wheel["dist_info"])
        schemes = plan_schemes(job, creator, source.distribution)
        interpreter = os.path.join(job["home"], "bin", "python")
        destination = SymlinkDestination(schemes, interpreter, "posix", source, placements=placements)
        install(source, destination, {"INSTALLER": b"pinpack\n"})
    place_links(placements)


def main() -> int:
    """Does the job on standard input."""
    os.umask(0o022)
    make_environment(json.load(sys.stdin))
    return 0


def _whole(path: str) -> str:
    """Without links on the way: lib64 is one where purelib and platlib are two."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)
