"""Talks to libdnf5's plugin "actions" in its JSON mode: requests on standard output, responses on standard input."""

import json
import sys

from typing import Any, Dict, List


class Actions:
    """The transaction and the configuration of the dnf 5 that started this process."""

    def packages(self) -> List[Dict[str, Any]]:
        """Those that the transaction brings to the system."""
        output = ["name", "arch", "nevra", "repo_id", "location", "download_size"]
        filters = [{"key": "direction", "value": "IN"}]
        return list(self._get("trans_packages", {"output": output, "filters": filters})["trans_packages"])

    def option(self, name: str) -> str:
        """Of the main configuration: `cachedir`; of a repository: `reqset3.baseurl`. Empty if it is not set."""
        try:
            found = self._get("conf", {"key": name})["keys_val"]
        except ValueError:
            return ""
        return str(found[0]["value"]) if found else ""

    def _get(self, domain: str, args: Dict[str, Any]) -> Dict[str, Any]:
        sys.stdout.write(json.dumps({"op": "get", "domain": domain, "args": args}) + "\n")
        sys.stdout.flush()
        response = json.loads(sys.stdin.readline())
        if response["status"] != "OK":
            raise ValueError("dnf: {}".format(response.get("message")))
        return dict(response["return"])
