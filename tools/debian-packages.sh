#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Install those of the packages named that are missing, on Debian or a relative of it:
#
#     debian-packages.sh PACKAGE...
#
# As root, or by sudo.  Without a terminal, without questions.
set -eu

missing=
for package; do
    state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$state" = 'install ok installed' ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "debian-packages.sh: there is no apt-get here; install these yourself:$missing" >&2
    exit 1
fi
root=
[ "$(id -u)" = 0 ] || root=sudo
echo "installing:$missing"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# The lists may be older than the archive, or not there at all.
$root apt-get -qq update
# shellcheck disable=SC2086  # words
$root apt-get -qq -y --no-install-recommends install $missing </dev/null >/dev/null
