#!/usr/bin/env bash
# Makes the roots of the matrix with debootstrap, one to three minutes each: make-roots.sh <folder> [<suite> …]. Existing ones are kept. Needs root's rights and the network.
set -euo pipefail

folder=${1:?the folder of the roots}
suites=("${@:2}")
[[ ${#suites[@]} -gt 0 ]] || suites=(bullseye bookworm trixie sid)
mkdir -p "$folder"

declare -A installers=([bullseye]='dnf' [bookworm]='dnf,deltarpm' [trixie]='dnf,zypper' [sid]='dnf5,zypper,deltarpm')

for suite in "${suites[@]}"; do
  [[ ! -e $folder/$suite ]] || continue
  rm -rf "$folder/$suite.part"
  debootstrap --variant=minbase --include="rpm,${installers[$suite]:?no such root},python3,ca-certificates,systemd,passwd" \
    "$suite" "$folder/$suite.part"
  mv "$folder/$suite.part" "$folder/$suite"
done
