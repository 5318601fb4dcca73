#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Build libpvhload and pass all its tests: with gcc; with clang under the address and undefined
# behaviour sanitizers, but for boots that would only be done again; what threads share, under the
# thread sanitizer; the unit tests under valgrind; and other ways to build it, by matrix.sh.  On Debian
# 12 it installs what it needs; Debian's kernels are fetched into .cache, the builds are in build-*.
set -eu
cd "$(dirname "$0")/.."

if [ "$(uname -m)" != x86_64 ]; then
    echo "run.sh: this boots kernels for x86_64 and takes Debian's packages for amd64; this is $(uname -m)" >&2
    exit 1
fi
# What is missing is said before anything is installed.  Debian 12 has all of it; what a later release has no
# more is left out, and its tests say so.
sh tools/debian-packages.sh --lists
images=
for image in 6.1 6.12 memtest86+ ipxe syslinux-common firmware; do
    if sh tests/fetch-kernels.sh --check .cache "$image"; then
        images="$images $image"
    elif grep -q '^VERSION_ID="12"' /etc/os-release; then
        exit 1
    fi
done
sh tools/debian-packages.sh \
    gcc g++ clang 'libclang-rt-14-dev|libclang-rt-19-dev|libclang-rt-dev' meson ninja-build pkg-config python3 libc6-dev \
    libelf-dev zlib1g-dev libdeflate-dev libzstd-dev liblz4-dev libbz2-dev liblzma-dev liblzo2-dev libfdt-dev \
    libjson-c-dev libssl-dev check valgrind abigail-tools qemu-system-x86 qemu-system-arm busybox-static \
    acpica-tools bzip2 git lz4 lzop xz-utils zstd grub-common grub-pc-bin grub-xen-bin xorriso mtools mandoc cmake bindgen rustc
# shellcheck disable=SC2086  # words
sh tests/fetch-kernels.sh .cache $images
# Most are of other architectures, whose package lists are fetched for it.  Debian 12 was the last with a kernel
# for i386, and has the one for arm64.
case "$images " in
*' 6.1 '*) sh tests/fetch-kernels.sh .cache 6.1-kvm 6.1-686 busybox-static-i386 6.1-arm64 busybox-static-arm64 ;;
esac

# A build folder with everything on, LZO included, and warnings as errors; what meson says is shown if it fails.
configure() {
    folder=$1
    shift
    [ -d "$folder" ] && set -- --reconfigure "$@"
    meson setup "$folder" --werror -Dtools=enabled -Dtests=enabled -Dlzo=enabled -Ddigests=enabled \
        "$@" >.cache/configure.log 2>&1 ||
        { cat .cache/configure.log; exit 1; }
}

echo '== gcc'
CC=gcc configure build-gcc
ninja -C build-gcc
meson test -C build-gcc --print-errorlogs --no-suite long

echo '== clang, address and undefined behaviour sanitizers, no libelf'
# Without libelf, so that both translations of ELF structures pass every suite.
CC=clang CXX=clang++ configure build-sanitized -Delf=own -Db_sanitize=address,undefined -Db_lundef=false
ninja -C build-sanitized
# What looks at the tree sees the same as before.
CK_FORK=no PVHLOAD_PROPERTY_COUNT=50000 meson test -C build-sanitized --print-errorlogs \
    --no-suite once --no-suite tree --no-suite long

echo '== gcc, thread sanitizer'
CC=gcc configure build-threads -Db_sanitize=thread
ninja -C build-threads tests/test_threads tests/test_pool docs/examples/two_vms
meson test -C build-threads --print-errorlogs --no-rebuild --suite threads

echo '== valgrind'
# Without those that do one thing thousands of times, which the sanitizers have seen.
meson test -C build-gcc --print-errorlogs --setup valgrind --suite unit --no-suite repeats

echo '== fuzzing'
sh tests/fuzz.sh 60

echo '== other builds'
sh tests/matrix.sh

echo '== all tests passed'
