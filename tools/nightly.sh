#!/usr/bin/env bash
# Everything that tools/verify.sh checks, with the combinations that are too many for every change: CONTRIBUTING.md lists them. CI calls it by the clock.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

PINPACK_NIGHTLY=1 PINPACK_E2E_VERSIONS=all ./verify.sh
node lock-twice.mjs
selinux/check-module.sh
fleets/make-roots.sh "${PINPACK_ROOTS:=/var/tmp/pinpack-roots}"
# PINPACK_CPYTHON names the source of CPython 3.13.5 (.tgz) for the rows with an own Python; without it they are skipped.
node fleets/matrix.mjs --roots "$PINPACK_ROOTS"
node fleets/architectures.mjs
upgrades=$(mktemp --directory)
trap 'rm -rf -- "$upgrades"' EXIT
node upgrades/upgrades.mjs --rpms --folder "$upgrades" numpy scipy
PINPACK_TEST_DNF5_ROOT=$PINPACK_ROOTS/sid PINPACK_TEST_ZYPPER_ROOT=$PINPACK_ROOTS/trixie PINPACK_TEST_UPGRADES=$upgrades/made \
  npm --prefix .. run integration -- libs/rpm-repo/src/patches/{patches,fetch,real-upgrade}.integration.spec.ts
npm --prefix .. run site
