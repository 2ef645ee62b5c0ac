#!/usr/bin/env bash
# Builds from the sources in crates, and prints their sha256, which are the same on every run:
# - libs/compression/wasm: libzstd 1.5.4, liblzma 5.8.4 and zlib 1.3.2 as WebAssembly. libs/python-dist/wasm: libdeflate.
# - libs/compression/native: the compressors of libzstd and zlib as addons of Node for Linux with glibc, x64 and arm64.
# The compilers are Debian 12's on x86_64: clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32; gcc and gcc-aarch64-linux-gnu.
# docs/decisions/0045-compressors.md has the reasons.
set -euo pipefail
libs=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../libs" && pwd)

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/src"
touch "$work/src/lib.rs"
printf '%s\n' '[package]' 'name = "sources"' 'version = "0.1.0"' '[dependencies]' \
  'zstd-sys = "=2.0.7"' 'liblzma-sys = "=0.4.9"' 'libz-sys = "=1.1.31"' 'libdeflate-sys = "=1.26.1"' >"$work/Cargo.toml"
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

npm install --silent --prefix "$work/npm" node-api-headers@1.9.0

# compile_addon NAME FILE [OPTION|SOURCE]...: FILE defines the functions of coder.h
compile_addon() {
  local name=$1 library=$2 target
  shift 2
  for target in x64:x86_64 arm64:aarch64; do
    local file=../native/$name-linux-${target%:*}.node
    "${target#*:}-linux-gnu-gcc" -shared -fPIC -O3 -DNDEBUG -fvisibility=hidden -fstack-protector-strong "-ffile-prefix-map=$work=." \
      -Wl,--build-id=none,-z,relro,-z,now,-z,noexecstack -s -o "$file" \
      -DNAPI_VERSION=8 "-I$work/npm/node_modules/node-api-headers/include" "-DLIBRARY=\"../wasm/$library\"" ../native/addon.c "$@"
    chmod 644 "$file"
    sha256sum "$file"
  done
}

cd -- "$libs/compression/wasm"
zstd=$work/vendor/zstd-sys/zstd
cp "$zstd/LICENSE" LICENSE-zstd
compile zstd-1.5.4.wasm 262144 -DZSTD_DISABLE_ASM -I"$zstd/lib" zstd.c "$zstd/lib"/common/*.c "$zstd/lib"/compress/*.c
compile unzstd-1.5.4.wasm 262144 -DZSTD_DISABLE_ASM -I"$zstd/lib" unzstd.c "$zstd/lib"/common/*.c "$zstd/lib"/decompress/*.c

# Hidden, because newer versions of Node export the functions of another libzstd, which would take their place.
hidden='__attribute__((visibility("hidden")))'
compile_addon zstd-1.5.4 zstd.c -DZSTD_DISABLE_ASM -DZSTD_TRACE=0 "-DZSTDLIB_VISIBLE=$hidden" "-DZSTDERRORLIB_VISIBLE=$hidden" "-I$zstd/lib" \
  "$zstd/lib"/common/*.c "$zstd/lib"/compress/*.c

zlib=$work/vendor/libz-sys/src/zlib
cp "$zlib/LICENSE" LICENSE-zlib
deflate=(-DHAVE_UNISTD_H "-I$zlib" "$zlib"/{adler32,crc32,deflate,trees,zutil}.c)
# WebAssembly loads two bytes at once wherever they are, and compilers do not find that out.
compile gzip-1.3.2.wasm 65536 -DUNALIGNED_OK gzip.c "${deflate[@]}"
compile_addon gzip-1.3.2 gzip.c "${deflate[@]}"

crate=$work/vendor/liblzma-sys
xz=$crate/xz/src/liblzma
cp "$crate/xz/COPYING.0BSD" LICENSE-liblzma
# WebAssembly has 64-bit registers, although its pointers have 32 bits.
sed -i 's/&& SIZE_MAX == UINT64_MAX) \\/\&\& (SIZE_MAX == UINT64_MAX || defined(__wasm__))) \\/' "$xz/common/memcmplen.h"
lzma=(-DHAVE_CONFIG_H -DTUKLIB_FAST_UNALIGNED_ACCESS=1 "-I$crate" "-I$crate/xz/src/common" "-I$xz/api")
for folder in lzma lz check simple delta common rangecoder; do lzma+=("-I$xz/$folder"); done
# Without threads, files and the programs that make the tables.
mapfile -t sources < <(find "$xz"/{common,lzma,lz,check,delta,rangecoder,simple} -name '*.c' | grep -Ev 'tablegen|small|clmul_consts|_mt\.c|hardware|outqueue' | LC_ALL=C sort)
compile xz-5.8.4.wasm 262144 "${lzma[@]}" xz.c "${sources[@]}"
compile unxz-5.8.4.wasm 262144 "${lzma[@]}" unxz.c "${sources[@]}"

cd -- "$libs/python-dist/wasm"
libdeflate=$work/vendor/libdeflate-sys/libdeflate
# Here too.
sed -i 's/^typedef size_t machine_word_t;/typedef u64 machine_word_t;/' "$libdeflate/common_defs.h"
cp "$libdeflate/COPYING" LICENSE-libdeflate
compile libdeflate.wasm 65536 -I"$libdeflate" inflate.c "$libdeflate/lib/deflate_decompress.c" "$libdeflate/lib/utils.c"
