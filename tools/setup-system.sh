#!/usr/bin/env bash
# Installs the system packages that the tests need, by apt (Debian, Ubuntu), dnf (Fedora, RHEL and its like) or zypper (SUSE). What is there is skipped.
# --check installs nothing, says what is missing, and exits with 1 if anything is.
# --build is for building RPMs alone: the sandbox and compilers of builds from source.
set -euo pipefail

# What to look for and the packages that have it: need, purpose, package on Debian, Fedora, RHEL and SUSE.
here=${BASH_SOURCE[0]%/*}
[ "$here" != "${BASH_SOURCE[0]}" ] || here=.
table=$here/../libs/pinpack-executors/system-requirements.txt
purpose=''

say() { printf 'tools/setup-system.sh: %s\n' "$*"; }

fail() {
  say "$@" >&2
  exit 1
}

is_there() {
  case $1 in
    /*) [ -e "$1" ] ;;
    python:*) python3 -c "import ${1#python:}" 2>/dev/null ;;
    python-headers) python3 -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# One line for each package that is missing, once.
missing_packages() { # $1: the column of the package's name
  local fields
  while read -ra fields; do
    case ${fields[0]:-#} in '#'*) continue ;; esac
    [ -z "$purpose" ] || [ "${fields[1]}" = "$purpose" ] || continue
    is_there "${fields[0]}" || printf '%s\n' "${fields[$1]}"
  done <"$table" | sort -u
}

is_rhel() {
  local ID='' ID_LIKE=''
  # shellcheck source=/dev/null
  [ ! -r /etc/os-release ] || . /etc/os-release
  case " $ID $ID_LIKE " in *' rhel '*) return 0 ;; *) return 1 ;; esac
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root is needed, and there is no sudo. Run as root: $*"
  fi
}

check=false
case ${1:-} in
  '') ;;
  --check) check=true ;;
  --build) purpose=build ;;
  *) fail "unknown argument $1; there are --check and --build" ;;
esac

if command -v apt-get >/dev/null; then
  column=2
elif command -v dnf >/dev/null; then
  column=3
  if is_rhel; then column=4; fi
elif command -v zypper >/dev/null; then
  column=5
else
  fail 'neither apt-get, dnf nor zypper is here. Install these by hand (names as on Fedora):' "$(missing_packages 3 | paste -sd ' ')"
fi

mapfile -t packages < <(missing_packages "$column")
if [ "${#packages[@]}" = 0 ]; then
  say 'everything is there'
  exit 0
fi
if "$check"; then
  say "missing: ${packages[*]}"
  exit 1
fi

say "installing ${packages[*]}"
case $column in
  2)
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
    ;;
  5) as_root zypper --non-interactive install --no-recommends "${packages[@]}" ;;
  *) as_root dnf install -y --setopt=install_weak_deps=False "${packages[@]}" ;;
esac

mapfile -t packages < <(missing_packages "$column")
[ "${#packages[@]}" = 0 ] || fail "still missing after the installation: ${packages[*]}"
say 'everything is there'
