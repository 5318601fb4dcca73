#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Fuzz one target of fuzz/meson.build by AFL++, or all of them, with edits that know its format: Debian's package is afl++.
#
#     afl.sh [TARGET|all [SECONDS]]        elf for 10 seconds, if not given
#
# From its seeds, or, if they are there, from what was found before.  All is in build-afl; the exit status is 1 if there
# is a crash or a hang in build-afl/found/TARGET/default.
set -eu
cd "$(dirname "$0")/.."
targets=${1:-elf}
seconds=${2:-10}
folder=build-afl
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
# The names of the targets, as meson.build has them.
[ "$targets" != all ] || targets=$(ninja -C "$folder/targets" -t query fuzz-targets | sed -n 's,^[ |]*fuzz/fuzz_,,p')
[ -n "$targets" ] || { echo 'afl.sh: there is no target'; exit 1; }

# What it came to, in one line.
fuzz() {
    found=$folder/found/$1
    seeds=$folder/targets/fuzz/seeds/$1
    ninja -C "$folder/targets" "fuzz/fuzz_$1" fuzz/seeds >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    [ ! -d "$found/default" ] || seeds=-
    mkdir -p "$found"
    MUTATED=$1 afl-fuzz -V "$seconds" -m none -i "$seeds" -o "$found" -- "$folder/targets/fuzz/fuzz_$1" \
        >"$folder/log" 2>&1 || { tail -n 20 "$folder/log"; exit 1; }
    awk -v name="$1" '$2 == ":" { value[$1] = $3 }
        END { printf "%-12s %d inputs, a corpus of %d, %d crashes, %d hangs\n", name, value["execs_done"],
              value["corpus_count"], value["saved_crashes"], value["saved_hangs"] }' "$found/default/fuzzer_stats"
    [ -z "$(find "$found/default/crashes" "$found/default/hangs" -name 'id:*')" ] || failed=yes
}

export AFL_CUSTOM_MUTATOR_LIBRARY="$folder/edits/fuzz/afl_mutator.so" AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 \
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1
failed=
for target in $targets; do
    fuzz "$target"
done
[ -z "$failed" ]
