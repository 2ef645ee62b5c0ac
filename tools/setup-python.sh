#!/usr/bin/env bash
# Makes .venv at the workspace root with the tools of tools/python-tools.txt, hashes checked. Does nothing when nothing changed.
# The index is the one that pip is configured with. PYTHON names another interpreter than python3 (3.8 or newer).
# Another list goes into another folder: tools/setup-python.sh tools/test-servers.txt .venv-test
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
list=${1:-tools/python-tools.txt}
folder=${2:-.venv}
venv=$root/$folder
tools=$root/$list
stamp=$venv/python-tools.sha256
python=${PYTHON:-python3}

fail() {
  printf 'tools/setup-python.sh: %s\n' "$@" >&2
  exit 1
}

digest_of_tools() { # also the interpreter's version: another one needs another .venv
  { cat "$tools" && "$python" -c 'import sys; print(sys.version)'; } | sha256sum | cut -d ' ' -f 1
}

venv_packages() {
  local version
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  printf 'On Debian: apt-get install python3-venv (or python%s-venv). On Fedora: dnf install python3-pip' "$version"
}

command -v "$python" >/dev/null || fail "$python is not installed" 'On Debian: apt-get install python3 python3-venv. On Fedora: dnf install python3'
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' || fail "$python is older than 3.8" 'Name a newer one: PYTHON=python3.11 tools/setup-python.sh'

digest=$(digest_of_tools)
# The interpreter is looked at too: a copied folder, or one whose Python was removed, is made anew.
if "$venv/bin/python" -c '' 2>/dev/null && [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ]; then
  exit 0
fi

"$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python cannot make virtual environments" "$(venv_packages)"
echo "tools/setup-python.sh: making $folder with what $list names"
# The stamp goes last: a killed run leaves none, and the next one begins anew.
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r "$tools" ||
  fail "pip could not install what $list names (see above)" 'Does pip reach its index? pip config list shows which one it uses'
printf '%s\n' "$digest" >"$stamp"
