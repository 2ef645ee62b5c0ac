#!/usr/bin/env bash
# Builds libs/python-dist/wasm/libdeflate.wasm from the sources of libdeflate (crate libdeflate-sys) and prints its sha256, which is the same on every run.
# The compiler is Debian 12's: clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32. docs/decisions/0038-writing-engine.md has the reasons.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../libs/python-dist/wasm"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/src"
touch "$work/src/lib.rs"
printf '%s\n' '[package]' 'name = "sources"' 'version = "0.1.0"' '[dependencies]' 'libdeflate-sys = "=1.26.1"' >"$work/Cargo.toml"
cargo vendor --quiet --manifest-path "$work/Cargo.toml" "$work/vendor" >/dev/null
library=$work/vendor/libdeflate-sys/libdeflate
# WebAssembly has 64-bit registers, although its pointers have 32 bits.
sed -i 's/^typedef size_t machine_word_t;/typedef u64 machine_word_t;/' "$library/common_defs.h"

clang-14 --target=wasm32-wasi --sysroot=/usr -isystem /usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi \
  -O2 -mbulk-memory -DNDEBUG -I"$library" \
  -mexec-model=reactor -nostartfiles -Wl,--no-entry,--strip-all,--gc-sections,-z,stack-size=65536 \
  -o libdeflate.wasm inflate.c "$library/lib/deflate_decompress.c" "$library/lib/utils.c"
chmod 644 libdeflate.wasm
cp "$library/COPYING" LICENSE-libdeflate
sha256sum libdeflate.wasm
