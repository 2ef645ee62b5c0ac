#!/usr/bin/env bash
# Installs the system packages that the tests need, by apt (Debian, Ubuntu) or dnf (Fedora, RHEL and its like). What is there is skipped.
# --check installs nothing, says what is missing, and exits with 1 if anything is.
# --build is for building RPMs alone: the sandbox and compilers of builds from source.
set -euo pipefail

# what to look for (a program, a /path, or python:module), package on Debian, package on Fedora
build_needs=(
  'bwrap bubblewrap bubblewrap'
  'cc gcc gcc'
  'c++ g++ gcc-c++'
  # gcc alone brings no C library headers on Debian
  '/usr/include/stdio.h libc6-dev glibc-devel'
  'python3 python3 python3'
  'python:ensurepip python3-venv python3-pip'
  'python-headers python3-dev python3-devel'
)
needs=(
  "${build_needs[@]}"
  'rpm rpm rpm'
  'rpmbuild rpm rpm-build'
  'rpmsign rpm rpm-sign'
  'dnf dnf dnf'
  'applydeltarpm deltarpm deltarpm'
  'createrepo_c createrepo-c createrepo_c'
  'rpmlint rpmlint rpmlint'
  'gpg gnupg gnupg2'
  'zstd zstd zstd'
  'cpio cpio cpio'
  # container images: a base to test with, and what users read images with
  'rpm2cpio rpm2cpio rpm'
  'debootstrap debootstrap debootstrap'
  'skopeo skopeo skopeo'
  'umoci umoci umoci'
  'podman podman podman'
  'shellcheck shellcheck ShellCheck'
)

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
  local need fields
  for need in "${needs[@]}"; do
    read -ra fields <<<"$need"
    is_there "${fields[0]}" || printf '%s\n' "${fields[$1]}"
  done | sort -u
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
  --build) needs=("${build_needs[@]}") ;;
  *) fail "unknown argument $1; there are --check and --build" ;;
esac

if command -v apt-get >/dev/null; then
  column=1
elif command -v dnf >/dev/null; then
  column=2
else
  fail 'neither apt-get nor dnf is here. Install these by hand (names as on Fedora):' "$(missing_packages 2 | paste -sd ' ')"
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
if [ "$column" = 1 ]; then
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
else
  as_root dnf install -y --setopt=install_weak_deps=False "${packages[@]}"
fi

mapfile -t packages < <(missing_packages "$column")
[ "${#packages[@]}" = 0 ] || fail "still missing after the installation: ${packages[*]}"
say 'everything is there'
