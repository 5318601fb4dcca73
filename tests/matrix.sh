#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Configure, build and test libpvhload in the ways that its users do, one after the other, in build-matrix:
#
#     tests/matrix.sh [NAME...]
#
# the static library alone; the shared one alone, with link-time optimization, and what bench/ measures with; each codec
# and libfdt alone, and none; and as a subproject.  Each is built without a warning and passes tests: all unit tests where
# the sources differ most, else those that the difference is about.  run.sh has both libraries, by gcc and by clang.
set -eu
cd "$(dirname "$0")/.."
source=$PWD
folder=build-matrix
mkdir -p "$folder"

# What a build that is not optimized would warn of by mistake is found by the others.
fast='-Doptimization=0 -Ddebug=false -Dc_args=-Wno-format-truncation'
few='codec elf explain image_load payload status'

configure() {
    name=$1
    shift
    rm -rf "${folder:?}/$name"
    meson setup "$folder/$name" "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
}

# Test the build $1 by the tests named, all unit tests if there are none.
check() {
    name=$1
    shift
    set -- ${*:---suite unit}
    CK_FORK=no meson test -C "$folder/$name" --print-errorlogs "$@" >"$folder/log" 2>&1 ||
        { cat "$folder/log"; exit 1; }
    echo "$name: $(sed -n 's/^Ok: *//p' "$folder/log") passed"
}

# The same of a build that is made whole, and installed, with the examples built against it.
whole() {
    ninja -C "$folder/$1" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    check "$@" install examples-c examples-c++
}

one() {
    case $1 in
    static)
        configure static --werror -Ddefault_library=static -Dtools=enabled -Dtests=enabled $fast
        # shellcheck disable=SC2086  # words
        whole static $few examples-static
        ;;
    shared)
        configure shared --werror -Ddefault_library=shared -Dtools=enabled -Dtests=disabled -Ddigests=disabled -Dbench=enabled -Db_lto=true
        whole shared symbols refusals measure bench
        ;;
    none)
        configure none --werror -Dauto_features=disabled -Dtests=enabled -Delf=own $fast
        check none
        ;;
    bzip2 | deflate | lz4 | lzma | lzo | zstd)
        configure "$1" --werror -Dauto_features=disabled -Dtests=enabled "-D$1=enabled" $fast
        check "$1" codec codec_framing gzip_ways payload progress_decode status symbols
        ;;
    fdt)
        configure fdt --werror -Dauto_features=disabled -Dtests=enabled -Dfdt=enabled $fast
        check fdt conformance_fdt fdt_check fdt_edit fdt_memory fdt_read fdt_rules fdt_tree plan_flat plan_flat_rules symbols
        ;;
    subproject)
        vmm=$folder/vmm
        rm -rf "$vmm"
        mkdir -p "$vmm/subprojects"
        ln -s "$source" "$vmm/subprojects/libpvhload"
        cp docs/examples/boot.c "$vmm/"
        cat >"$vmm/meson.build" <<'MESON'
project('vmm', 'c')
pvhload = dependency('libpvhload', fallback: 'libpvhload')
executable('vmm', 'boot.c', dependencies: pvhload)
MESON
        rm -rf "$folder/subproject"
        meson setup "$folder/subproject" "$vmm" --wrap-mode=forcefallback >"$folder/log" 2>&1 &&
            ninja -C "$folder/subproject" vmm >>"$folder/log" 2>&1 ||
            { cat "$folder/log"; exit 1; }
        # shellcheck disable=SC2086  # words
        check subproject $few symbols
        ;;
    *)
        echo "matrix.sh: there is no $1" >&2
        exit 2
        ;;
    esac
}

[ $# -gt 0 ] || set -- static shared none bzip2 deflate lz4 lzma lzo zstd fdt subproject
for name; do
    one "$name"
done
