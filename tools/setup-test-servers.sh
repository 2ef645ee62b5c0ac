#!/usr/bin/env bash
# Makes .venv-test at the workspace root with the servers that specs and benchmarks run against: tools/test-servers.txt. Apart from .venv,
# for building RPMs needs none of it.
set -euo pipefail

exec "$(dirname -- "${BASH_SOURCE[0]}")/setup-python.sh" tools/test-servers.txt .venv-test
