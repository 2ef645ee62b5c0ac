#!/usr/bin/env bash
# Builds libs/rpm-gen/wasm/{zstd,unzstd}-1.5.4.wasm from the sources of libzstd 1.5.4 (crate zstd-sys) and prints their sha256. The compiler is Debian 12's: clang-14,
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

# build NAME FOLDER: of NAME.c and the sources of FOLDER
build() {
  clang-14 --target=wasm32-wasi --sysroot=/usr -isystem /usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi \
    -O2 -mbulk-memory -DNDEBUG -DZSTD_DISABLE_ASM -I"$lib" \
    -mexec-model=reactor -nostartfiles -Wl,--no-entry,--strip-all,--gc-sections,-z,stack-size=262144 \
    -o "$1-1.5.4.wasm" "$1.c" "$lib"/common/*.c "$lib/$2"/*.c
  chmod 644 "$1-1.5.4.wasm"
}
build zstd compress
build unzstd decompress
cp "$work/vendor/zstd-sys/zstd/LICENSE" LICENSE-zstd
sha256sum ./*.wasm
