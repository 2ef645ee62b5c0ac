"""Evaluates wheel tags, requirements and markers for a target environment with `packaging`.

Reads one request as JSON from standard input and writes the answer as JSON to standard output:

  {"question": "wheels", "target": T, "candidates": {name: [file name, ...]}}
    -> {name: best file name or null}

  {"question": "requirements", "target": T, "roots": [requirement, ...],
   "packages": {name: [Requires-Dist, ...]}}
    -> {name: {"extras": [...], "requires": ["numpy<2.7,>=1.26.4", ...], "dependencies": ["numpy", ...]}}

  {"question": "markers", "target": T, "markers": [marker, ...], "groups": [name, ...]}
    -> [true or false, ...], for a lock (PEP 751) without extras and with these dependency groups

T is {"python": "3.11.2", "platform": "manylinux_2_28_x86_64"}. Specifications: PEP 425, 508, 600, 685.

The answer to invalid requirements is {"invalid": [{"name": package, "line": Requires-Dist, "problem": text}, ...]}.
"""

import json
import re
import sys

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

# PEP 600: the older names are aliases of glibc versions.
LEGACY_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


# Old metadata with mistakes that setuptools once accepted. uv reads them in the same way, and it has resolved with them before this is asked.
REPAIRS = (
    (re.compile(r"(?<=\d)(?=[<>=~^!])"), ","),  # >=1.0<2: a missing comma
    (re.compile(r"!=~((?:\d\.)*\d)"), r"!=\1.*"),  # !=~5.0
    (re.compile(r"([<>]=?)(\d+(?:\.\d+)*)\.\*"), r"\1\2"),  # >=1.9.*
    (re.compile(r"(\d\.\d)\*"), r"\1.*"),  # !=3.0*
    (re.compile(r",\s*$"), ""),  # >=3.6,
    (re.compile(r">dev"), ">0.0.0dev"),  # >dev
    (re.compile(r"(\d+(?:\.\d)*(?:a|b|rc|post|dev)\d+)\.0"), r"\1"),  # >=9.0.0a1.0
    (re.compile(r"^[^;]*"), lambda match: re.sub("['\"]", "", match.group())),  # >='2.7'
)


class InvalidMetadata(Exception):
    """Requirements of packages that cannot be read."""


def read_requirement(line):
    """Parses a Requires-Dist line, if necessary with its known mistakes repaired, in turn until it is valid."""
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        for mistake, replacement in REPAIRS:
            line = mistake.sub(replacement, line)
            try:
                return Requirement(line)
            except InvalidRequirement:
                pass
        raise error


def read_packages(lines_by_name):
    packages, invalid = {}, []
    for name, lines in lines_by_name.items():
        packages[name] = []
        for line in lines:
            try:
                packages[name].append(read_requirement(line))
            except InvalidRequirement as error:
                invalid.append({"name": name, "line": line, "problem": str(error).split("\n")[0]})
    if invalid:
        raise InvalidMetadata(invalid)
    return packages


def platforms(platform):
    """The platform tags that the target supports, best first."""
    newest, machine = glibc_of(platform)
    if newest is None:
        return [platform]
    tags = []
    for minor in range(newest, 4, -1):
        tags.append(f"manylinux_2_{minor}_{machine}")
        if minor in LEGACY_MANYLINUX:
            tags.append(f"{LEGACY_MANYLINUX[minor]}_{machine}")
    return tags + [f"linux_{machine}"]


def glibc_of(platform):
    """manylinux_2_28_x86_64 and its older spellings -> (28, "x86_64")."""
    match = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", platform)
    if match:
        return int(match.group(1)), match.group(2)
    for minor, alias in LEGACY_MANYLINUX.items():
        if platform.startswith(alias + "_"):
            return minor, platform[len(alias) + 1 :]
    return None, None


def abi_of(version):
    """CPython's ABI tag on Linux. The flag `m` (pymalloc) was removed in 3.8, `u` (wide characters) in 3.3."""
    flags = "mu" if version < (3, 3) else "m" if version < (3, 8) else ""
    return "cp{}{}{}".format(*version, flags)


def tags_of(target):
    major, minor = (int(part) for part in target["python"].split(".")[:2])
    # Without the GIL (PEP 703). The stable ABI (abi3) is not available there, which `packaging` knows.
    abi = abi_of((major, minor)) + ("t" if target["python"].endswith("t") else "")
    interpreter = f"cp{major}{minor}"
    accepted = platforms(target["platform"])
    yield from cpython_tags((major, minor), abis=[abi], platforms=accepted)
    yield from compatible_tags((major, minor), interpreter=interpreter, platforms=accepted)


def choose_wheels(question):
    rank = {tag: position for position, tag in enumerate(tags_of(question["target"]))}

    def score(file_name):
        try:
            _, _, build, tags = parse_wheel_filename(file_name)
        except InvalidWheelFilename:  # Indexes have old files with invalid names, which pip ignores too.
            return None
        best = min((rank[tag] for tag in tags if tag in rank), default=None)
        return None if best is None else (-best, build)

    chosen = {}
    for name, file_names in question["candidates"].items():
        scored = [(score(file_name), file_name) for file_name in file_names]
        fitting = [pair for pair in scored if pair[0] is not None]
        chosen[name] = max(fitting)[1] if fitting else None
    return chosen


def marker_environment(target):
    version = target["python"].rstrip("t")
    machine = re.sub(r"^manylinux(_\d+_\d+|\d+)_|^linux_", "", target["platform"])
    return {
        "implementation_name": "cpython",
        "implementation_version": version,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": version,
        "python_version": ".".join(target["python"].split(".")[:2]),
        "sys_platform": "linux",
    }


def active_requirements(question):
    environment = marker_environment(question["target"])
    packages = read_packages(question["packages"])
    extras = {name: set() for name in packages}

    def is_active(requirement, of_extras):
        if requirement.marker is None:
            return True
        return any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in (of_extras or {""}))

    # A later extra may activate requirements of a package that was already visited: repeat to a fixed point.
    pending = [r for r in map(Requirement, question["roots"]) if is_active(r, set())]
    visited = set()
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        if name not in packages:
            continue
        asked = {canonicalize_name(extra) for extra in requirement.extras}
        if name in visited and asked <= extras[name]:
            continue
        visited.add(name)
        extras[name] |= asked
        pending.extend(r for r in packages[name] if is_active(r, extras[name] | {""}))

    answer = {}
    for name, requirements in packages.items():
        active = [r for r in requirements if is_active(r, extras[name] | {""})]
        # A requirement on itself (`celery[all]` requires `celery[redis]`) only adds extras.
        others = [r for r in active if canonicalize_name(r.name) != name]
        answer[name] = {
            "extras": sorted(extras[name]),
            "requires": sorted({f"{canonicalize_name(r.name)}{r.specifier}" for r in others}),
            "dependencies": sorted({canonicalize_name(r.name) for r in others}),
        }
    return answer


def holding_markers(question):
    environment = marker_environment(question["target"])
    locked = {"extra": "", "extras": set(), "dependency_groups": set(question.get("groups", []))}
    return [Marker(text).evaluate({**environment, **locked}, context="lock_file") for text in question["markers"]]


QUESTIONS = {"wheels": choose_wheels, "requirements": active_requirements, "markers": holding_markers}

if __name__ == "__main__":
    asked = json.load(sys.stdin)
    try:
        answer = QUESTIONS[asked["question"]](asked)
    except InvalidMetadata as error:
        answer = {"invalid": error.args[0]}
    json.dump(answer, sys.stdout)
