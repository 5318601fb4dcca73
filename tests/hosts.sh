#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# The unit and property tests on other processors than this machine's, by qemu-user:
#
#     tests/hosts.sh [ARCH...]
#
# ARCH is a Debian architecture: i386 has 32-bit words, s390x is big-endian, and arm64.  The libraries are unpacked,
# never run, from Debian's packages to build-hosts/ARCH; it is made once.  All codecs take part.  A longer check, by
# hand, as root; needs debootstrap.
set -eu
cd "$(dirname "$0")/.."
mirror=http://deb.debian.org/debian
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
libraries=libc6-dev,zlib1g-dev,libdeflate-dev,libelf-dev,libbz2-dev,liblz4-dev,liblzma-dev,liblzo2-dev,libzstd-dev,libfdt-dev,check
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
    [ "$(cat "$root/complete" 2>/dev/null)" = "$codename $libraries" ] && return
    rm -rf "$root"
    debootstrap --foreign --arch="$1" --variant=minbase \
        --include="$libraries" \
        "$codename" "$root" "$mirror" >"build-hosts/$1.log" 2>&1 || { tail "build-hosts/$1.log"; exit 1; }
    for deb in "$root"/var/cache/apt/archives/*.deb; do
        dpkg-deb -x "$deb" "$root"
    done
    echo "$codename $libraries" >"$root/complete"
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

# Programs and their tests that passed, and what was left out: each reason with how often, as the tests say it.
report() {
    log=build-hosts/$1-build/meson-logs/testlog.txt
    echo "$1: $(sed -n 's/^Ok: *\([0-9]*\).*/\1/p' "build-hosts/$1.log") passed, of $(grep -cE '^(ok|not ok) ' "$log") tests in them"
    sed -n 's/^# \(SKIP\|skipped\):* */    skipped: /p' "$log" | sort | uniq -c
}

[ $# -gt 0 ] || set -- i386 s390x arm64
for arch; do
    names "$arch"
    sh tools/debian-packages.sh qemu-user debootstrap "gcc-$triplet" meson ninja-build pkg-config
    sysroot "$arch"
    cross_file >"build-hosts/$arch.ini"
    again=
    [ -d "build-hosts/$arch-build" ] && again=--reconfigure
    # shellcheck disable=SC2086  # nothing, or a word
    meson setup $again "build-hosts/$arch-build" --cross-file "build-hosts/$arch.ini" --werror -Dtests=enabled \
        -Dtools=disabled -Ddigests=disabled -Ddeflate=enabled -Dzstd=enabled -Dlz4=enabled -Dbzip2=enabled \
        -Dlzma=enabled -Dlzo=enabled -Dfdt=enabled >"build-hosts/$arch.log" 2>&1 ||
        { tail -n 20 "build-hosts/$arch.log"; exit 1; }
    CK_FORK=no PVHLOAD_PROPERTY_COUNT=20000 meson test -C "build-hosts/$arch-build" --timeout-multiplier 10 \
        --suite unit --suite property >"build-hosts/$arch.log" 2>&1 ||
        { grep -E 'error|FAIL|TIMEOUT|^Ok' "build-hosts/$arch.log"; exit 1; }
    report "$arch"
done
