#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Make a bare root of a Debian release, by debootstrap, where there is none yet; as root:
#
#     make-root.sh RELEASE FOLDER
#
# RELEASE is a name, as bookworm, trixie or sid.  It has the package lists' updates and security lines as a machine
# of a person has, and resolves names as this one does.
set -eu
release=$1
root=$2
mirror=http://deb.debian.org/debian

command -v debootstrap >/dev/null || { echo 'make-root.sh: debootstrap is not installed' >&2; exit 1; }
if [ ! -f "$root/complete" ]; then
    mkdir -p "$root"
    debootstrap --variant=minbase "$release" "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
    [ "$release" = sid ] || cat >>"$root/etc/apt/sources.list" <<LIST
deb $mirror $release-updates main
deb $mirror-security $release-security main
LIST
    echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/90assume-yes"
    # A mirror of unstable may be some weeks behind.
    [ "$release" != sid ] || echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/91behind"
    touch "$root/complete"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
