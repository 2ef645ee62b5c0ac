"""Validates SBOMs with other readers: CycloneDX's own Python library with the official JSON schema, and the SPDX project's tools.

Prints what they read, as JSON: name, version, purl, sha256 and licence of each component, and the edges.
"""

import json
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def read_cyclonedx(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error is not None:
        sys.exit(f"{path}: {error}")
    bom = Bom.from_json(json.loads(text))
    bom.validate()

    def describe(component):
        return {
            "name": component.name,
            "version": component.version,
            "purl": str(component.purl) if component.purl else None,
            "sha256": next((one.content for one in component.hashes), None),
            "licenses": [getattr(one, "value", None) or one.name or one.id for one in component.licenses],
            "bundled": [describe(one) for one in component.components],
        }

    edges = {str(one.ref.value): sorted(str(to.ref.value) for to in one.dependencies) for one in bom.dependencies}
    return {
        "subject": describe(bom.metadata.component),
        "components": [describe(one) for one in bom.components],
        "edges": {ref: to for ref, to in edges.items() if to},
    }


def read_spdx(path):
    document = parse_file(path)
    messages = validate_full_spdx_document(document)
    if messages:
        sys.exit("\n".join(f"{path}: {one.validation_message}" for one in messages))
    return {
        "packages": [
            {
                "name": one.name,
                "version": one.version,
                "sha256": next((each.value for each in one.checksums), None),
                "license": str(one.license_declared),
                "purl": next((each.locator for each in one.external_references), None),
            }
            for one in document.packages
        ],
        "relationships": len(document.relationships),
    }


print(json.dumps([read_spdx(path) if path.endswith(".spdx.json") else read_cyclonedx(path) for path in sys.argv[1:]]))
