#!/usr/bin/env bash
# Checks everything that must hold before a change lands: system packages, types, lint, format, every test. The last line counts the tests.
# The linters run beside the rest; where they fail, their output comes before that line.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

logs=$(mktemp -d)
trap 'kill -- "${prepared:-}" "${lint:-}" 2>/dev/null || :; rm -rf "$logs"' EXIT

# The set-up mostly waits for the network, so the build runs beside it.
{
  tools/setup-system.sh
  tools/setup-python.sh &
  python=$!
  tools/setup-test-servers.sh
  wait "$python"
} &
prepared=$!
npm run build
# With a low priority: the linters use the processors while tests wait.
nice npm run lint >"$logs/lint" 2>&1 &
lint=$!
wait "$prepared"
npm run check:shell

status=0
NX_DAEMON=false npx vitest run --reporter=default --reporter=./tools/summary-reporter.ts | tee "$logs/tests" || status=$?
if ! wait "$lint"; then
  status=1
  cat "$logs/lint"
  tail -n 1 "$logs/tests"
fi
exit "$status"
