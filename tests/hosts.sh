#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# The unit and property tests on other processors than this machine's, by qemu-user:
#
#     tests/hosts.sh [ARCH...]
#
# ARCH is a Debian architecture: i386 has 32-bit words, s390x is big-endian, and arm64.  The libraries are unpacked,
# never run, from Debian's packages to build-hosts/ARCH; it is made once.  A longer check, by hand, as root; needs
# debootstrap.  Of the codecs, gzip, lz4 and zstd take part.
set -eu
cd "$(dirname "$0")/.."
mirror=http://deb.debian.org/debian
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mkdir -p build-hosts

# What Debian, gcc, QEMU and meson call it.
names() {
    case $1 in
    i386) triplet=i686-linux-gnu multiarch=i386-linux-gnu qemu=qemu-i386 family=x86 endian=little ;;
    arm64) triplet=aarch64-linux-gnu multiarch=$triplet qemu=qemu-aarch64 family=aarch64 endian=little ;;
    s390x) triplet=s390x-linux-gnu multiarch=$triplet qemu=qemu-s390x family=s390x endian=big ;;
    *) echo "hosts.sh: there is no $1" >&2; exit 2 ;;
    esac
}

sysroot() {
    root=$PWD/build-hosts/$1
    [ -f "$root/complete" ] && return
    rm -rf "$root"
    debootstrap --foreign --arch="$1" --variant=minbase \
        --include=libc6-dev,zlib1g-dev,libelf-dev,liblz4-dev,libzstd-dev,libfdt-dev,check \
        "$codename" "$root" "$mirror" >"build-hosts/$1.log" 2>&1 || { tail "build-hosts/$1.log"; exit 1; }
    for deb in "$root"/var/cache/apt/archives/*.deb; do
        dpkg-deb -x "$deb" "$root"
    done
    touch "$root/complete"
}

cross_file() {
    cat <<CROSS
[binaries]
c = ['$triplet-gcc', '--sysroot=$root']
ar = '$triplet-ar'
nm = '$triplet-nm'
strip = '$triplet-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['$qemu', '-L', '$root']

[properties]
sys_root = '$root'
pkg_config_libdir = ['$root/usr/lib/$multiarch/pkgconfig', '$root/usr/share/pkgconfig']
needs_exe_wrapper = true

[host_machine]
system = 'linux'
cpu_family = '$family'
cpu = '$family'
endian = '$endian'
CROSS
}

[ $# -gt 0 ] || set -- i386 s390x arm64
for arch; do
    names "$arch"
    sh tools/debian-packages.sh qemu-user debootstrap "gcc-$triplet" meson ninja-build pkg-config
    sysroot "$arch"
    cross_file >"build-hosts/$arch.ini"
    rm -rf "build-hosts/$arch-build"
    meson setup "build-hosts/$arch-build" --cross-file "build-hosts/$arch.ini" --werror -Dtests=enabled \
        -Dtools=disabled -Dbzip2=disabled -Dlzma=disabled >"build-hosts/$arch.log" 2>&1 ||
        { tail -n 20 "build-hosts/$arch.log"; exit 1; }
    CK_FORK=no PVHLOAD_PROPERTY_COUNT=20000 meson test -C "build-hosts/$arch-build" --timeout-multiplier 10 \
        --suite unit --suite property >"build-hosts/$arch.log" 2>&1 ||
        { grep -E 'error|FAIL|TIMEOUT|^Ok' "build-hosts/$arch.log"; exit 1; }
    echo "$arch: $(sed -n 's/^Ok: *//p' "build-hosts/$arch.log") passed"
done
