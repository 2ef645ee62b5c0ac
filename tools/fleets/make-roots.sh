#!/usr/bin/env bash
# Makes the roots of the matrix with debootstrap, one to three minutes each: make-roots.sh <folder> [<suite> …]. Existing ones are kept. `build` is Debian 11 with what CPython needs. Needs root's rights and the network.
set -euo pipefail

folder=${1:?the folder of the roots}
suites=("${@:2}")
[[ ${#suites[@]} -gt 0 ]] || suites=(bullseye bookworm trixie sid build)
mkdir -p "$folder"

declare -A installers=([bullseye]='dnf' [bookworm]='dnf,deltarpm' [trixie]='dnf,zypper,binutils' [sid]='dnf5,zypper,deltarpm'
  [build]='gcc,libc6-dev,make,libssl-dev,libffi-dev,libsqlite3-dev,libbz2-dev,liblzma-dev,zlib1g-dev,uuid-dev,libncurses-dev')

for suite in "${suites[@]}"; do
  [[ ! -e $folder/$suite ]] || continue
  rm -rf "$folder/$suite.part"
  debootstrap --variant=minbase --include="rpm,${installers[$suite]:?no such root},python3,ca-certificates,systemd,passwd" \
    "${suite/build/bullseye}" "$folder/$suite.part"
  mv "$folder/$suite.part" "$folder/$suite"
done
