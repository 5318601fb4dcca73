#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Fuzz one target of fuzz/meson.build by AFL++, with edits that know its format: Debian's package is afl++.
#
#     afl.sh [TARGET [SECONDS]]        elf for 10 seconds, if not given
#
# From its seeds, or, if they are there, from what was found before.  All is in build-afl; the exit status is 1 if there
# is a crash or a hang in build-afl/found/TARGET/default.
set -eu
cd "$(dirname "$0")/.."
target=${1:-elf}
seconds=${2:-10}
folder=build-afl
found=$folder/found/$target
mkdir -p "$folder"

# The edits are a library of a build that is not instrumented.
setup() {
    [ -f "$1/build.ninja" ] || meson setup "$@" -Dtools=disabled -Dtests=enabled >"$1.log" 2>&1 || { cat "$1.log"; exit 1; }
    rm -f "$1.log"
}
CC=${CC:-clang} setup "$folder/edits"
CC=afl-clang-fast setup "$folder/targets" -Delf=own -Doptimization=1 -Dfuzz-engine=libfuzzer -Db_sanitize=address,undefined \
    -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined
ninja -C "$folder/edits" fuzz/afl_mutator.so >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
ninja -C "$folder/targets" "fuzz/fuzz_$target" fuzz/seeds >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }

seeds=$folder/targets/fuzz/seeds/$target
[ ! -d "$found/default" ] || seeds=-
mkdir -p "$found"
export AFL_CUSTOM_MUTATOR_LIBRARY="$folder/edits/fuzz/afl_mutator.so" MUTATED="$target" AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 \
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1
afl-fuzz -V "$seconds" -m none -i "$seeds" -o "$found" -- "$folder/targets/fuzz/fuzz_$target" >"$folder/log" 2>&1 ||
    { tail -n 20 "$folder/log"; exit 1; }
grep -E '^(execs_done|corpus_count|saved_crashes|saved_hangs) ' "$found/default/fuzzer_stats"
[ -z "$(find "$found/default/crashes" "$found/default/hangs" -name 'id:*')" ]
