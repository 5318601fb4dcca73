#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Fetch Debian's stock cloud kernels with the package manager:
#
#     fetch-kernels.sh FOLDER SERIES...
#
# leaves FOLDER/SERIES/vmlinuz and, beside it, the name of the package it came from.  The versions
# that the tests know digests of are preferred; otherwise it is the newest there is.
set -eu

folder=$1
shift

newest() {
    apt-cache search --names-only "$1" | cut -d ' ' -f 1 | sort -V | tail -n 1
}

# The package of a series: the known one if the archive still has it.
package_of() {
    case $1 in
    6.1) known=linux-image-6.1.0-56-cloud-amd64 pattern='^linux-image-6\.1\.0-[0-9]+-cloud-amd64$' ;;
    6.12) known=linux-image-6.12.111+deb12-cloud-amd64
          pattern='^linux-image-6\.12\.[0-9]+\+deb12-cloud-amd64$' ;;
    *) echo "fetch-kernels.sh: no package is known for series $1" >&2; exit 1 ;;
    esac
    if apt-cache show "$known" >/dev/null 2>&1; then
        echo "$known"
    else
        newest "$pattern"
    fi
}

fetch() {
    package=$(package_of "$1")
    if [ -z "$package" ]; then
        echo "fetch-kernels.sh: the package lists have no $1 cloud kernel: apt-get update?" >&2
        exit 1
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    (cd "$work" && apt-get -qq download "$package" 2>apt.log || { cat apt.log >&2; exit 1; })
    mkdir -p "$work/files" "$folder/$1"
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work/files" --wildcards './boot/vmlinuz-*'
    mv "$work"/files/boot/vmlinuz-* "$folder/$1/vmlinuz.new"
    echo "$package" >"$folder/$1/package"
    mv "$folder/$1/vmlinuz.new" "$folder/$1/vmlinuz"
    rm -rf "$work"
    trap - EXIT
}

for series; do
    [ -f "$folder/$series/vmlinuz" ] || fetch "$series"
    echo "$series: $(cat "$folder/$series/package")"
done
