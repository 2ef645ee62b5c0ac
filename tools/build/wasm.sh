#!/usr/bin/env bash
# Builds the WebAssembly files of libzstd 1.5.4 (libs/rpm-gen/wasm) and libdeflate (libs/python-dist/wasm) from the sources in the crates zstd-sys and libdeflate-sys,
# and prints their sha256, which are the same on every run. The compiler is Debian 12's: clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32.
# docs/decisions/0038-writing-engine.md has the reasons.
set -euo pipefail
libs=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../libs" && pwd)

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/src"
touch "$work/src/lib.rs"
printf '%s\n' '[package]' 'name = "sources"' 'version = "0.1.0"' '[dependencies]' 'zstd-sys = "=2.0.7"' 'libdeflate-sys = "=1.26.1"' >"$work/Cargo.toml"
cargo vendor --quiet --manifest-path "$work/Cargo.toml" "$work/vendor" >/dev/null

# compile FILE STACK [OPTION|SOURCE]...: STACK in bytes
compile() {
  local file=$1 stack=$2
  shift 2
  clang-14 --target=wasm32-wasi --sysroot=/usr -isystem /usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi \
    -O2 -mbulk-memory -DNDEBUG -mexec-model=reactor -nostartfiles "-Wl,--no-entry,--strip-all,--gc-sections,-z,stack-size=$stack" \
    -o "$file" "$@"
  chmod 644 "$file"
  sha256sum "$file"
}

cd -- "$libs/rpm-gen/wasm"
zstd=$work/vendor/zstd-sys/zstd
cp "$zstd/LICENSE" LICENSE-zstd
compile zstd-1.5.4.wasm 262144 -DZSTD_DISABLE_ASM -I"$zstd/lib" zstd.c "$zstd/lib"/common/*.c "$zstd/lib"/compress/*.c
compile unzstd-1.5.4.wasm 262144 -DZSTD_DISABLE_ASM -I"$zstd/lib" unzstd.c "$zstd/lib"/common/*.c "$zstd/lib"/decompress/*.c

cd -- "$libs/python-dist/wasm"
libdeflate=$work/vendor/libdeflate-sys/libdeflate
# WebAssembly has 64-bit registers, although its pointers have 32 bits.
sed -i 's/^typedef size_t machine_word_t;/typedef u64 machine_word_t;/' "$libdeflate/common_defs.h"
cp "$libdeflate/COPYING" LICENSE-libdeflate
compile libdeflate.wasm 65536 -I"$libdeflate" inflate.c "$libdeflate/lib/deflate_decompress.c" "$libdeflate/lib/utils.c"
