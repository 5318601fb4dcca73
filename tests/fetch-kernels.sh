#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Fetch what the tests boot out of Debian's packages, with the package manager, installing nothing:
#
#     fetch-kernels.sh [--check] FOLDER WHAT...
#
# WHAT is a series of Debian's stock cloud kernel, 6.1 or 6.12, which becomes FOLDER/WHAT/vmlinuz (where
# the archive has no 6.12, the newest cloud kernel there is);
# 6.1-686, the kernel for 32-bit processors, likewise; 6.1-kvm, of which FOLDER/WHAT gets the kernel and its modules
# for KVM on AMD's processors; 6.1-arm64, trixie-arm64, sid-arm64-16k, trixie-riscv64 and sid-loong64, kernels for other
# machines, most of them out of that suite of Debian's archive; ukify, what builds unified kernel images, out of trixie,
# as it would be installed in /; firmware, OVMF's and SeaBIOS's packages likewise; 6.1-amd64, gnumach and xen, for the
# longer tests of Multiboot; or one of the packages memtest86+, ipxe, syslinux-common and busybox-static-ARCHITECTURE,
# of which FOLDER/WHAT gets the one file that the tests know.
# Beside it is the name of the package it came from.  The kernels that the tests know digests of are
# preferred; otherwise it is the newest there is.
#
# With --check nothing is fetched: of what the package lists do not have it is said which line of
# sources.list would bring it, and the exit status is 1.
set -eu

check=
if [ "$1" = --check ]; then
    check=yes
    shift
fi
folder=$1
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

# From here on the package manager sees the packages of architecture $1, by lists of our own: the machine's stay as they
# are.  They are of the machine's own sources, or of the suite $2 of Debian's archive.
foreign() {
    lists=$scratch/$1-${2:-}
    mkdir -p "$lists/state/lists/partial" "$lists/cache/archives/partial"
    cat >"$lists/apt.conf" <<CONF
APT::Architecture "$1";
APT::Architectures { "$1"; };
Dir::State "$lists/state";
Dir::Cache "$lists/cache";
CONF
    if [ $# -gt 1 ]; then
        printf 'deb [signed-by=%s] %s %s main\n' /usr/share/keyrings/debian-archive-keyring.gpg \
            http://deb.debian.org/debian "$2" >"$lists/sources.list"
        cat >>"$lists/apt.conf" <<CONF
Dir::Etc::sourcelist "$lists/sources.list";
Dir::Etc::sourceparts "-";
CONF
    fi
    export APT_CONFIG="$lists/apt.conf"
    # One list of several that cannot be fetched is no reason to stop: what is needed may be in another.
    [ -f "$lists/log" ] || apt-get -qq update >"$lists/log" 2>&1 || true
}

# The lists in which $1 is found.
choose_lists() {
    unset APT_CONFIG
    [ ! -f "$folder/$1/package" ] || return 0
    case $1 in
    *686 | *-i386 | gnumach) foreign i386 ;;
    trixie-arm64) foreign arm64 trixie ;;
    sid-arm64*) foreign arm64 sid ;;
    *-arm64) foreign arm64 ;;
    *-riscv64) foreign riscv64 trixie ;;
    *-loong64) foreign loong64 sid ;;
    ukify) foreign amd64 trixie ;;
    esac
}

newest() {
    apt-cache search --names-only "$1" | cut -d ' ' -f 1 | sort -V | tail -n 1
}

# The newest cloud kernel whose version matches.  Newer releases have the kernel itself in linux-binary-*.
newest_cloud() {
    version=$(newest "^linux-image-$1-cloud-amd64\$" | sed 's/^linux-image-//')
    [ -n "$version" ] || return 0
    if apt-cache show "linux-binary-$version" >/dev/null 2>&1; then
        echo "linux-binary-$version"
    else
        echo "linux-image-$version"
    fi
}

# The package of a series: the known one if the archive still has it.
kernel_package() {
    if apt-cache show "$1" >/dev/null 2>&1; then
        echo "$1"
    else
        newest_cloud "$2"
    fi
}

# Of $1: its package, the file in it (a pattern), and what the file is to be called.
describe() {
    choose_lists "$1"
    more=
    case $1 in
    6.1-686) package=$(newest '^linux-image-6\.1\.0-[0-9]+-686$')
             file='./boot/vmlinuz-*' name=vmlinuz ;;
    6.1-arm64) package=$(newest '^linux-image-6\.1\.0-[0-9]+-cloud-arm64$')
               file='./boot/vmlinuz-*' name=vmlinuz ;;
    trixie-arm64) package=$(newest '^linux-image-[0-9.]+\+deb13-cloud-arm64$')
                  file='./boot/vmlinuz-*' name=vmlinuz ;;
    sid-arm64-16k) package=$(newest '^linux-binary-[0-9].*-arm64-16k$')
                   file='*/vmlinuz' name=vmlinuz ;;
    trixie-riscv64) package=$(newest '^linux-image-[0-9.]+\+deb13-riscv64$')
                    file='./boot/vmlinux-*' name=vmlinuz ;;
    sid-loong64) package=$(newest '^linux-binary-[0-9].*-loong64$')
                 file='*/vmlinuz' name=vmlinuz ;;
    ukify) package=systemd-ukify more='systemd-boot-efi python3-pefile' name=usr/lib/systemd/ukify ;;
    busybox-static-*) package=busybox-static file='*/bin/busybox' name=busybox ;;
    6.1 | 6.1-kvm)
        package=$(kernel_package linux-image-6.1.0-56-cloud-amd64 '6\.1\.0-[0-9]+')
        file='*/vmlinuz*' name=vmlinuz
        [ "$1" = 6.1 ] || file="$file */irqbypass.ko */kvm.ko */kvm-amd.ko" ;;
    6.12) package=$(kernel_package linux-image-6.12.111+deb12-cloud-amd64 \
              '6\.12\.[0-9]+(\+deb[0-9]+)?(-[0-9]+)?')
          [ -n "$package" ] || package=$(newest_cloud '[0-9]+\.[0-9.]+(\+deb[0-9]+)?(-[0-9]+)?')
          file='*/vmlinuz*' name=vmlinuz ;;
    firmware) package=ovmf more=seabios name=usr/share/ovmf/OVMF.fd ;;
    # Multiboot kernels, and what Xen's dom0 takes: Debian 12's.
    gnumach) package=gnumach-image-1.8-486 file='./boot/*.gz' name=gnumach.gz ;;
    xen) package=xen-hypervisor-4.17-amd64 file='./boot/xen-*.gz' name=xen.gz ;;
    6.1-amd64) package=$(newest '^linux-image-6\.1\.0-[0-9]+-amd64$')
               file='./boot/vmlinuz-*' name=vmlinuz ;;
    memtest86+) package=$1 file='*/memtest86+x64.bin' name=memtest86+x64.bin ;;
    ipxe) package=$1 file='*/ipxe.lkrn' name=ipxe.lkrn ;;
    syslinux-common) package=$1 file='*/memdisk' name=memdisk ;;
    *) echo "fetch-kernels.sh: nothing is known of $1" >&2; exit 1 ;;
    esac
}

say_missing() {
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    {
        echo "fetch-kernels.sh: the package lists have no package for $1.  After apt-get update has run, a line"
        echo "that sources.list lacks may be"
        echo "    deb http://deb.debian.org/debian-security ${codename:-CODENAME}-security main"
    } >&2
}

fetch() {
    if [ -z "$package" ]; then
        say_missing "$1"
        exit 1
    fi
    work=$scratch/work
    mkdir "$work"
    # shellcheck disable=SC2086  # words
    (cd "$work" && apt-get -qq download "$package" $more 2>apt.log || { cat apt.log >&2; exit 1; })
    mkdir -p "$work/files" "$folder/$1"
    if [ -n "$more" ]; then
        for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$folder/$1"; done
        echo "$package" >"$folder/$1/package"
        rm -rf "$work"
        return
    fi
    dpkg-deb --fsys-tarfile "$work"/*.deb >"$work/content"
    set -f # $file has patterns, not for the shell
    # shellcheck disable=SC2086  # words
    tar -x -C "$work/files" --wildcards $file <"$work/content" 2>/dev/null ||
        { echo "fetch-kernels.sh: $package has no file $file" >&2; exit 1; }
    set +f
    find "$work/files" -name '*.ko' -exec mv {} "$folder/$1/" \;
    find "$work/files" -type f -exec mv {} "$folder/$1/$name.new" \;
    echo "$package" >"$folder/$1/package"
    mv "$folder/$1/$name.new" "$folder/$1/$name"
    rm -rf "$work"
}

if [ -n "$check" ]; then
    result=0
    for what; do
        describe "$what"
        if [ ! -f "$folder/$what/$name" ] && ! apt-cache show "$package" >/dev/null 2>&1; then
            say_missing "$what"
            result=1
        fi
    done
    exit "$result"
fi
for what; do
    describe "$what"
    [ -f "$folder/$what/$name" ] || fetch "$what"
    echo "$what: $(cat "$folder/$what/package")"
done
