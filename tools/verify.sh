#!/usr/bin/env bash
# All that must hold before a change lands: system packages, types, lint, format, every test. The last line counts the tests.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

tools/setup-system.sh
tools/setup-python.sh
tools/setup-test-servers.sh
npm run check
NX_DAEMON=false npx vitest run --reporter=default --reporter=./tools/summary-reporter.ts
