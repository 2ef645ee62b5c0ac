#!/usr/bin/env bash
# Checks everything that must hold before a change lands: system packages, types, lint, format, every test. The last line counts the tests.
# The linters run beside the rest; where they fail, their output comes before that line.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

npm run build
logs=$(mktemp -d)
npm run lint >"$logs/lint" 2>&1 &
lint=$!
trap 'kill "$lint" 2>/dev/null || :; rm -rf "$logs"' EXIT

tools/setup-system.sh
tools/setup-python.sh &
python=$!
tools/setup-test-servers.sh
wait "$python"
npm run check:shell

status=0
NX_DAEMON=false npx vitest run --reporter=default --reporter=./tools/summary-reporter.ts | tee "$logs/tests" || status=$?
if ! wait "$lint"; then
  status=1
  cat "$logs/lint"
  tail -n 1 "$logs/tests"
fi
exit "$status"
