#!/usr/bin/env bash
# Makes the roots of the matrix with debootstrap, a minute each: make-roots.sh <folder>. Existing ones are kept. Needs root's rights and the network.
set -euo pipefail

folder=${1:?the folder of the roots}
mkdir -p "$folder"

make_root() {
  local suite=$1 packages=$2
  [[ ! -e $folder/$suite ]] || return 0
  rm -rf "$folder/$suite.part"
  debootstrap --variant=minbase --include="$packages" "$suite" "$folder/$suite.part"
  mv "$folder/$suite.part" "$folder/$suite"
}

make_root trixie rpm,dnf,zypper,python3,ca-certificates
make_root sid rpm,dnf5,zypper,deltarpm,python3,ca-certificates
