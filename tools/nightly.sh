#!/usr/bin/env bash
# Everything that tools/verify.sh checks, with the combinations that are too many for every change: CONTRIBUTING.md lists them. CI calls it by the clock.
set -euo pipefail

PINPACK_NIGHTLY=1 PINPACK_E2E_VERSIONS=all exec "$(dirname -- "${BASH_SOURCE[0]}")/verify.sh"
