#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Measure libpvhload beside its limits, and print one table:
#
#     sh bench/run.sh [WHAT...] [--case PATTERN] [--rounds N] [--noisy] [--baseline FOLDER] [--tsv] ...
#
# WHAT is times, memory or boot, all three without any; or counts: instructions, by valgrind's callgrind, with a status
# of 1 if one is above its target; or bombs: what decoding costs at worst; or limits: what an input at a limit costs.
# --help says it all, docs/performance.md what is measured against what.  It builds the library in build-bench, with -O2 and shared, and whatever else it needs there,
# and fetches Debian's kernels into .cache.
set -eu
cd "$(dirname "$0")/.."
build=build-bench
kernels=$build/kernels

[ -f "$build/build.ninja" ] ||
    meson setup "$build" -Dbuildtype=debugoptimized -Ddefault_library=shared -Dtools=enabled -Dtests=disabled \
        -Dlzo=auto -Dbench=enabled >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
rm -f "$build.log"
ninja -C "$build" bench-all tools/pvhload >"$build/bench.log" 2>&1 || { cat "$build/bench.log"; exit 1; }

# The kernel of a series, what it decodes to, that by gzip as a whole, and a bzImage of it by each of some codecs.
extract() {
    folder=$kernels/$1
    [ ! -f "$folder/complete" ] || ! cmp -s ".cache/$1/vmlinuz" "$folder/vmlinuz" || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    cp ".cache/$1/vmlinuz" "$folder/"
    "$build/tools/pvhload" extract "$folder/vmlinuz" --output "$folder/vmlinux"
    gzip -9nc "$folder/vmlinux" >"$folder/vmlinux.gz"
    "$build/tools/pvhload" info --json "$folder/vmlinuz" >"$folder/info"
    PVHLOAD="$build/tools/pvhload" SOURCE_ROOT=. CACHE_DIR=.cache python3 -B bench/recompressed.py "$folder"
    : >"$folder/complete"
}

case " $* " in
*" counts "* | *" bombs "* | *" limits "* | *" --help "*) ;;
*)
    sh tests/fetch-kernels.sh .cache 6.1 6.12 >&2
    extract 6.1
    extract 6.12
    ;;
esac
exec python3 -B bench/run.py "$build" "$@"
