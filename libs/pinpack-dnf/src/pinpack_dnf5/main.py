"""The hook of dnf 5: before it downloads RPMs from repositories of pinpack, rebuilds them from patches into its cache, where it verifies them as usual.

dnf 5 has compared repomd.xml with its signature, and the index of patches with repomd.xml. After any fault dnf downloads the RPM. dnf 5 has no hook between the user's
confirmation and the download: patches are downloaded before the question.
"""

import concurrent.futures
import hashlib
import os
import subprocess
import sys

from typing import Any, Dict, List, NamedTuple, Optional

from pinpack_patch.download import Source, Wanted
from pinpack_patch.patch_index import choose_patch, needs_old
from pinpack_patch.problem import PatchProblem
from pinpack_patch.rebuild import PREFIX, Old, Rpm, prepare_folders, rebuild_rpm, remove
from pinpack_patch.rpm_header import MAGIC

from .actions import Actions
from .repository import Repository


class Job(NamedTuple):
    """An RPM that dnf would download, and its patch."""

    name: str
    rpm: Rpm
    patch: Dict[str, Any]
    old: Optional[Old]
    source: Source


def main() -> int:
    try:
        actions = Actions()
        # Only asked what it would do, or without the rights to do it.
        if os.geteuid() != 0 or actions.option("assumeno") in ("1", "true", "yes"):
            return 0
        packages = actions.packages()
        jobs = plan_jobs(actions, packages)
        if jobs:
            rebuild_all(jobs, len(packages))
    except Exception as error:  # whatever it is, dnf can do without patches
        report("{}: downloading RPMs".format(error))
    return 0


def plan_jobs(actions: Actions, packages: List[Dict[str, Any]]) -> List[Job]:
    root = actions.option("installroot") or "/"
    jobs = []  # type: List[Job]
    for repo_id in sorted({package["repo_id"] for package in packages}):
        if repo_id.startswith("@"):
            continue
        repository = Repository(actions, repo_id)
        index = {entry["rpm"]: (sha256, entry) for sha256, entry in repository.read_index().items() if "rpm" in entry}
        if not index:
            continue
        source = repository.source()
        for package in packages:
            found = index.get(package["location"]) if package["repo_id"] == repo_id else None
            job = found and plan_job(package, found, repository, root, source)
            if job:
                jobs.append(job)
    return jobs


def plan_job(package: Dict[str, Any], found: Any, repository: Repository, root: str, source: Source) -> Optional[Job]:
    sha256, entry = found
    size = int(package["download_size"])
    path = os.path.join(repository.packages, os.path.basename(package["location"]))
    if os.path.exists(path) and os.path.getsize(path) == size:
        return None
    headers = installed_headers(root, package["name"]) if needs_old(entry) else {}
    patch = choose_patch(entry, headers, size)
    if patch is None:
        return None
    old = Old(headers[patch["old"]["header"]], root) if "old" in patch else None
    return Job(package["name"], Rpm(path, size, sha256, entry["unpacked"]), patch, old, source)


def installed_headers(root: str, name: str) -> Dict[str, bytes]:
    """By sha256. The immutable region is the header as it was in the RPM. rpm's own program: its module for Python may not be installed."""
    query = ["rpm", "--root", root, "--query", "--queryformat", "%{HEADERIMMUTABLE}\n", "--", name]
    found = {}
    result = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in result.stdout.splitlines() if result.returncode == 0 else []:
        header = MAGIC + bytes.fromhex(line.decode("ascii"))
        found[hashlib.sha256(header).hexdigest()] = header
    return found


def rebuild_all(jobs: List[Job], count: int) -> None:
    prepare_folders(os.path.dirname(job.rpm.path) for job in jobs)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        done = [job for job, is_done in zip(jobs, pool.map(rebuild_or_report, jobs)) if is_done]
    if done:
        sizes = [sum(each) / 1e6 for each in zip(*((job.patch["size"], job.rpm.size) for job in done))]
        report("rebuilt {} of {} RPMs from patches of {:.1f} MB instead of {:.1f} MB".format(len(done), count, *sizes))


def rebuild_or_report(job: Job) -> bool:
    patch = os.path.join(os.path.dirname(job.rpm.path), PREFIX + os.path.basename(job.patch["file"]))
    try:
        job.source.fetch(Wanted(job.patch["file"], job.patch["size"], job.patch["sha256"]), patch)
        rebuild_rpm(patch, job.patch, job.old, job.rpm)
        return True
    except (PatchProblem, OSError, subprocess.SubprocessError) as error:
        report("{}: {}: downloading the RPM".format(job.name, error))
        return False
    finally:
        remove(patch)


def report(line: str) -> None:
    # Standard output is the channel to dnf.
    print("pinpack: " + line, file=sys.stderr)
