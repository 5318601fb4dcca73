#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# The README's commands, in its order, on a fresh machine: a bare root of a Debian release, as make-root.sh makes it,
# with a clone of what is committed here.
#
#     tests/bare-root.sh RELEASE [tests | documents]
#
# RELEASE is a name, as bookworm, trixie or sid.  The root is in build-root/RELEASE and is made once; what is in it
# from an earlier run is removed first, but for installed packages.  tests/run.sh, which takes long, is left out
# unless asked for; "documents" has it too, and then the commands of CONTRIBUTING.md and docs/.  A longer check, by
# hand, as root; needs debootstrap.
set -eu
cd "$(dirname "$0")/.."
release=$1
case ${2:-} in
'' | tests | documents) ;;
*) echo "bare-root.sh: $2 is neither tests nor documents" >&2; exit 2 ;;
esac
root=$PWD/build-root/$release

sh tests/make-root.sh "$release" "$root"
rm -rf "$root/libpvhload"
git clone -q --depth 1 "file://$PWD" "$root/libpvhload"

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"
trap 'umount "$root/dev/pts" "$root/dev" "$root/proc"' EXIT
# What a machine of a person has, and a bare root not.
chroot "$root" sh -c 'command -v sudo python3 >/dev/null ||
    { apt-get -qq update && apt-get -qq -y --no-install-recommends install sudo python3; }' >"$root.log" 2>&1 ||
    { tail "$root.log"; exit 1; }
arguments=
case ${2:-} in
tests) arguments='--tests README.md' ;;
documents) arguments='--tests README.md CONTRIBUTING.md docs/security.md docs/testing.md
    docs/write-a-pvh-kernel.md' ;;
esac
chroot "$root" sh -c "cd libpvhload && python3 -B tests/docs_commands.py $arguments" </dev/null
