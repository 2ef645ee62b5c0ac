#!/usr/bin/env bash
# Builds libs/rpm-gen/wasm/zstd-1.5.4.wasm from the sources of libzstd 1.5.4 (crate zstd-sys) and prints its sha256. The compiler is Debian 12's: clang-14,
# lld-14, wasi-libc and libclang-rt-14-dev-wasm32. The bytes are the same on every run: docs/decisions/0038-writing-engine.md.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../libs/rpm-gen/wasm"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/src"
touch "$work/src/lib.rs"
printf '%s\n' '[package]' 'name = "sources"' 'version = "0.1.0"' '[dependencies]' 'zstd-sys = "=2.0.7"' >"$work/Cargo.toml"
cargo vendor --quiet --manifest-path "$work/Cargo.toml" "$work/vendor" >/dev/null
lib=$work/vendor/zstd-sys/zstd/lib

clang-14 --target=wasm32-wasi --sysroot=/usr -isystem /usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi \
  -O2 -mbulk-memory -DNDEBUG -DZSTD_DISABLE_ASM -I"$lib" \
  -mexec-model=reactor -nostartfiles -Wl,--no-entry,--strip-all,--gc-sections,-z,stack-size=262144 \
  -o zstd-1.5.4.wasm zstd.c "$lib"/common/*.c "$lib"/compress/*.c
chmod 644 zstd-1.5.4.wasm
cp "$work/vendor/zstd-sys/zstd/LICENSE" LICENSE-zstd
sha256sum zstd-1.5.4.wasm
