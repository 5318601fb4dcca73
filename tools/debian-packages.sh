#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Install those of the packages named that are missing, on Debian or a relative of it:
#
#     debian-packages.sh PACKAGE...
#     debian-packages.sh --lists         only fetch the package lists, where there are none
#
# PACKAGE may be several, "A|B": the first that is installed or that the archive has.  As root, or by sudo.  Without
# a terminal, without questions.  If the archive lacks one, that is said before anything is installed.
set -eu

update() {
    root=
    [ "$(id -u)" = 0 ] || root=sudo
    $root apt-get -qq update
}

if [ "$1" = --lists ]; then
    ! command -v apt-get >/dev/null || [ -n "$(apt-cache search --names-only '^libc6$')" ] || update
    exit 0
fi

is_installed() {
    [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]
}

# A package that can be installed; what only another one provides counts.
is_there() {
    [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ] ||
        apt-cache showpkg "$1" 2>/dev/null | sed '1,/^Reverse Provides/d' | grep -q .
}

any_installed() {
    for one in $(echo "$1" | tr '|' ' '); do
        is_installed "$one" && return 0
    done
    return 1
}

first_there() {
    for one in $(echo "$1" | tr '|' ' '); do
        is_there "$one" && echo "$one" && return
    done
}

wanted=
for package; do
    any_installed "$package" || wanted="$wanted $package"
done
[ -n "$wanted" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "debian-packages.sh: there is no apt-get here; install these yourself:$wanted" >&2
    exit 1
fi
# The lists may be older than the archive, or not there at all.
update

missing=
unknown=
for package in $wanted; do
    found=$(first_there "$package")
    if [ -n "$found" ]; then missing="$missing $found"; else unknown="$unknown $package"; fi
done
if [ -n "$unknown" ]; then
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    echo "debian-packages.sh: the package lists have no$unknown; nothing was installed.  Debian's archive is" >&2
    echo "    deb http://deb.debian.org/debian ${codename:-CODENAME} main" >&2
    exit 1
fi
echo "installing:$missing"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# shellcheck disable=SC2086  # words
$root apt-get -qq -y --no-install-recommends install $missing </dev/null >/dev/null
