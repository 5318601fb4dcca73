#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Build the Debian packages of what is committed, in build-packages: once with the tests, from a folder that is no
# checkout; once more elsewhere and without, which has to give the same bytes; then lintian, without an error or
# a warning; and the package's own test of building against it, with the packages unpacked:
#
#     tests/packages.sh [autopkgtest]
#
# With "autopkgtest", as root, the packages are then installed in a bare root, and debian/tests run there, the boot
# as well.  A longer check, by hand; otherwise as an ordinary user or as root.  Installs what it needs on Debian 12 and
# later.
set -eu
cd "$(dirname "$0")/.."

sh tools/debian-packages.sh \
    build-essential debhelper lintian meson pkg-config python3 check \
    libelf-dev zlib1g-dev libdeflate-dev libzstd-dev liblz4-dev libbz2-dev liblzma-dev libfdt-dev libjson-c-dev libssl-dev
work=$PWD/build-packages
rm -rf "$work"
mkdir -p "$work"
version=$(sed -n '1s/.*(\(.*\)-.*/\1/p' debian/changelog)

# Build in the folder $1; the rest are options.
build() {
    folder=$work/$1
    shift
    mkdir -p "$folder/libpvhload-$version"
    git archive HEAD | tar -x -C "$folder/libpvhload-$version"
    tar -cJf "$folder/libpvhload_$version.orig.tar.xz" -C "$folder" --exclude debian "libpvhload-$version"
    (cd "$folder/libpvhload-$version" && dpkg-buildpackage -us -uc "$@") >"$folder/log" 2>&1 ||
        { tail -n 60 "$folder/log"; exit 1; }
}

build first
sed -n 's/^\(Ok\|Skipped\|Fail\): */tests, \1: /p' "$work/first/log"
build another/folder -b --build-profiles=nocheck
for deb in "$work"/first/*.deb; do
    cmp "$deb" "$work/another/folder/$(basename "$deb")"
done
echo "the same bytes twice: $(cd "$work/first" && echo *.deb)"

lintian --allow-root --tag-display-limit 0 --fail-on error,warning "$work"/first/*.changes
echo 'lintian: no error, no warning'

# As installed, but for the prefix.
root=$work/root
for deb in "$work"/first/*.deb; do
    dpkg-deb -x "$deb" "$root"
done
libraries=$(dirname "$(find "$root" -name libpvhload.so)")
sed "s#/usr/share/doc#$root&#" debian/tests/build >"$work/test-build"
PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$libraries/pkgconfig LD_LIBRARY_PATH=$libraries \
    sh "$work/test-build"

if [ "${1:-}" = autopkgtest ]; then
    sh tools/debian-packages.sh autopkgtest debootstrap
    sh tests/make-root.sh "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$work/bed"
    mount -t proc proc "$work/bed/proc"
    trap 'umount "$work/bed/proc"' EXIT
    autopkgtest --no-built-binaries "$work"/first/*.deb "$work"/first/*.dsc -- chroot "$work/bed" >"$work/bed.log" 2>&1 ||
        { tail -n 60 "$work/bed.log"; exit 1; }
    sed -n '/@@@@ summary/,$p' "$work/bed.log" | grep -E ' (PASS|SKIP)'
fi
