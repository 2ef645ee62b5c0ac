"""The pins and edges of pip's resolver report, as JSON: {"pins": {name: version}, "edges": [[name, name], ...]}.

    pip_edges.py <report.json> <requirements.txt>

Markers are evaluated in the report's own environment; extras are those that the requirements and the edges themselves ask for.
"""

import json
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def main(report_file, requirements_file):
    with open(report_file, encoding="utf-8") as file:
        report = json.load(file)
    environment = report["environment"]
    metadata = {canonicalize_name(item["metadata"]["name"]): item["metadata"] for item in report["install"]}
    with open(requirements_file, encoding="utf-8") as file:
        lines = [line.split("#")[0].strip() for line in file]
    pending = [Requirement(line) for line in lines if line]
    extras = {name: set() for name in metadata}
    seen = set()
    edges = set()
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        for extra in [""] + sorted(requirement.extras):
            if name not in metadata or (name, extra) in seen:
                continue
            seen.add((name, extra))
            extras[name].add(extra)
            for text in metadata[name].get("requires_dist", []):
                other = Requirement(text)
                if other.marker and not other.marker.evaluate({**environment, "extra": extra}):
                    continue
                pending.append(other)
                if canonicalize_name(other.name) != name:
                    edges.add((name, canonicalize_name(other.name)))
    pins = {name: item["version"] for name, item in metadata.items()}
    json.dump({"pins": pins, "edges": sorted(edges)}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
