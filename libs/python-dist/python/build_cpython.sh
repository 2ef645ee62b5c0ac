#!/bin/sh
# Builds CPython from its source into ../out/python, in the layout of python-build-standalone. Runs in the sandbox, in the source tree.
# Called as: build_cpython.sh JOBS own|system CONFIGURE-OPTION...
# own: libraries of the system that extension modules need are copied beside them; system: servers must have them.
set -eu

jobs=$1
libraries=$2
shift 2
out=$(cd ../out && pwd)

# make reduces $$ to $. The backslash keeps the shell and setup.py (3.11 and older) from expanding $ORIGIN.
if [ "$libraries" = own ]; then
    # DT_RPATH, unlike DT_RUNPATH, also applies to the libraries that a library needs.
    export LDFLAGS_NODIST='-Wl,--disable-new-dtags,-rpath,\$$ORIGIN/../..'
fi
# Not the names that configure finds: setup.py and sysconfig repeat them.
export CC=cc CXX=c++ AR=ar

# Not asked of the sandbox: glibc before 2.34 has semaphores only where /dev/shm is in memory. multiprocessing needs them.
export ac_cv_posix_semaphores_enabled=yes ac_cv_broken_sem_getvalue=no

./configure --prefix=/python --disable-shared --without-ensurepip --disable-test-modules --without-static-libpython "$@"
make -j "$jobs"
# One after the other: targets of the installation depend on each other in ways that older versions do not declare.
# The installation compiles each module three times and ignores errors of it; pinpack compiles what it delivers itself.
mv Lib/compileall.py ..
make install DESTDIR="$out/installed"

home=$out/installed/python
mv ../compileall.py "$home"/lib/python3.*/
find "$home" -name __pycache__ -exec rm -rf {} +
rm -rf "$home/share"
programs=$(find "$home/bin" "$home/lib" -type f \( -name 'python3.*' -o -name '*.so' \) ! -name '*-config' ! -name '*.pc')

if [ "$libraries" = own ]; then
    # What glibc consists of belongs to the server: its parts must have one version.
    for library in $(ldd $programs 2>/dev/null | sed -n 's/^.* => \(\/[^ ]*\) (0x.*$/\1/p' | sort -u); do
        case ${library##*/} in
            libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libutil.so.* | libresolv.so.* | libnsl.so.1) ;;
            libcrypt.so.1 | libgcc_s.so.* | ld-linux*) ;;
            *) cp -L "$library" "$home/lib/" && chmod 755 "$home/lib/${library##*/}" ;;
        esac
    done
fi
find "$home/bin" "$home/lib" -type f \( -name 'python3.*' -o -name '*.so' -o -name '*.so.*' \) ! -name '*-config' ! -name '*.pc' \
    -exec strip --strip-unneeded {} +
mv "$home" "$out/python"
