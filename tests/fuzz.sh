#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Fuzz all targets of fuzz/meson.build by libFuzzer, under the address and undefined behaviour sanitizers:
#
#     fuzz.sh [SECONDS]          SECONDS for all of them together, 60 if not given, from their seeds
#     fuzz.sh --night HOURS      half of it from seeds and corpora of nights before, half from nothing
#     fuzz.sh --executions HOURS [TARGET]...
#                                each target, or these in this order, to its number of executions, for HOURS at most;
#                                half of them from nothing, half from its seeds.  What was done before counts.
#     fuzz.sh --coverage [FILE]...
#                                lines of src/ that the corpora reach, by folder, or those of files that they do not;
#                                the exit status is 1 if they are less than 95 % of src/image, codec, pvh, linux or
#                                layout
#
# As many at a time as there are processors, or as JOBS in the environment says.  A finding is printed, with the command
# that runs it again, and the exit status is 1.  All is in build-fuzz: corpora in corpus/TARGET, those of --executions
# from nothing in nothing/TARGET, inputs that were found in findings, and executions so far in totals.
set -eu
cd "$(dirname "$0")/.."
folder=build-fuzz
jobs=${JOBS:-$(nproc)}

# The executions of --executions: fewer where much is decoded, or a whole boot is done, each time.
goal() {
    case $1 in
    boot_load | codec | flat | flow | recompress | zboot) echo 2000000 ;;
    *) echo 20000000 ;;
    esac
}

# Its own translation of ELF structures is what is to be fuzzed, not libelf's; what is undefined ends the target.
configure() {
    # One that was made before there was this option has it off.
    if [ -f "$folder/build.ninja" ]; then
        grep -q trace-pc "$folder/build.ninja" ||
            meson setup --reconfigure "$folder" -Dfuzz-steps=true >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
        return 0
    fi
    mkdir -p "$folder"
    CC=${CC:-clang} meson setup "$folder" -Dlzo=auto -Delf=own -Dtools=disabled -Dtests=enabled -Doptimization=1 \
        -Dfuzz-engine=libfuzzer -Dfuzz-steps=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args=-fno-sanitize-recover=undefined >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
}

# The names of the targets in a build folder, as meson.build has them.
targets() {
    ninja -C "$1" -t query fuzz-targets | sed -n 's,^[ |]*fuzz/fuzz_,,p'
}

# The options of fuzz.options: a section's, each after a prefix.
options() {
    sed -n "/^\\[$1\\]/,/^\$/s/^\([a-z_]*\) = /$2\1=/p" fuzz/fuzz.options
}
ASAN_OPTIONS=${ASAN_OPTIONS:-$(options asan '' | paste -sd :)}
export ASAN_OPTIONS

# Run a target for some seconds on corpora, from the start after each finding, of which twenty are enough.  One line
# for each start goes to $stats: executions, when it began and ended.
run_target() {
    target=$1
    left=$2
    shift 2
    dict=$folder/fuzz/$target.dict
    [ ! -f "$dict" ] || set -- "-dict=$dict" "$@"
    log=$folder/logs/$target
    starts=0
    end=$(($(date +%s) + left))
    while [ "$left" -gt 0 ] && [ "$starts" -lt 20 ]; do
        starts=$((starts + 1))
        begun=$(date +%s.%N)
        # shellcheck disable=SC2046  # words
        "$folder/fuzz/fuzz_$target" $(options libfuzzer -) "-max_total_time=$left" -print_final_stats=1 \
            "-artifact_prefix=$folder/findings/$target-" "$@" >"$log" 2>&1 && failed= || failed=yes
        echo "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") $begun $(date +%s.%N)" >>"$stats"
        [ -n "$failed" ] || return 0
        tell "$target" "$log"
        left=$((end - $(date +%s)))
    done
    [ "$starts" -lt 20 ]
}

# A finding, as the sanitizers or MUST() have it, and how to see it again; a target that does not start is one.
tell() {
    input=$(sed -n 's/.*Test unit written to //p' "$2" | tail -n 1)
    {
        echo "== a finding of $1"
        grep -v '^#[0-9]' "$2" | tail -n 60
        [ -z "$input" ] || echo "to run it again: $folder/fuzz/fuzz_$1 $input"
        if [ -n "$input" ] && [ "$(wc -c <"$input")" -le 8192 ]; then
            echo "which is, by base64 -d:"
            base64 "$input"
        fi
    } >>"$folder/findings/$1.txt"
}

# The executions that are told in files.
executions() {
    cat "$@" 2>/dev/null | awk '{ runs += NF == 3 ? $1 : 0 } END { printf "%d\n", runs }'
}

# Half of a target's goal, from nothing or from seeds; in starts of ten minutes, so that little is lost with one.
reach() {
    half=$1
    shift
    stats=$folder/totals/$target.$half
    while left=$(($(goal "$target") / 2 - $(executions "$stats"))) && [ "$left" -gt 0 ]; do
        seconds=$((until - $(date +%s)))
        [ "$seconds" -gt 0 ] || return 0
        [ "$seconds" -lt 600 ] || seconds=600
        run_target "$target" "$seconds" "-runs=$left" "$@" || return 0
    done
}

# A night's first half begins with nothing each time.
one() {
    mode=$1
    target=$2
    seconds=$3
    stats=$folder/stats/$target
    seeds=$folder/fuzz/seeds/$target
    corpus=$folder/corpus/$target
    new=$folder/new/$target
    mkdir -p "$corpus" "$new"
    case $mode in
    # The same inputs each time, as far as the seconds go: a change is what CI is to judge.
    --short) run_target "$target" "$seconds" -seed=1 "$new" "$seeds" ;;
    --night)
        run_target "$target" $((seconds / 2)) "$new"
        run_target "$target" $((seconds - seconds / 2)) "$corpus" "$new" "$seeds"
        minimise "$corpus" "$new" "$seeds"
        ;;
    --executions)
        until=$seconds
        nothing=$folder/nothing/$target
        mkdir -p "$nothing"
        reach nothing "$nothing"
        reach seeds "$corpus" "$seeds"
        minimise "$corpus" "$nothing" "$seeds"
        ;;
    esac
}

# What is left of folders, as the corpus, has all of their coverage, in as few bytes as is easy.
minimise() {
    rm -rf "$corpus.least"
    mkdir "$corpus.least"
    # shellcheck disable=SC2046  # words
    "$folder/fuzz/fuzz_$target" $(options libfuzzer -) -merge=1 "-artifact_prefix=$folder/findings/$target-" "$corpus.least" \
        "$@" >"$folder/logs/$target.merge" 2>&1 || tell "$target" "$folder/logs/$target.merge"
    [ -z "$(ls "$corpus.least")" ] || { rm -rf "$corpus"; mv "$corpus.least" "$corpus"; }
}

# One row for each target.
table() {
    echo 'target           executions  per second  findings  corpus'
    for target in $(targets "$folder"); do
        awk -v name="$target" \
            -v findings="$(find "$folder/findings" -name "$target-*" | wc -l)" \
            -v corpus="$(find "$folder/corpus/$target" "$folder/new/$target" -type f | wc -l)" \
            '{ runs += NF == 3 ? $1 : 0; seconds += $NF - $(NF - 1) }
             END { printf "%-14s %12d %11.0f %9d %7d\n", name, runs, (seconds > 0 ? runs / seconds : 0), findings, corpus }' \
            "$folder/stats/$target"
    done
}

# One row for each target, of all runs of --executions.
totals() {
    echo 'target              goal   nothing     seeds  seconds  per second  findings'
    for target in $(targets "$folder"); do
        cat "$folder/totals/$target."* 2>/dev/null | awk -v name="$target" -v goal="$(goal "$target")" \
            -v nothing="$(executions "$folder/totals/$target.nothing")" \
            -v seeds="$(executions "$folder/totals/$target.seeds")" \
            -v findings="$(find "$folder/findings" -name "$target-*" | wc -l)" \
            '{ seconds += $NF - $(NF - 1) }
             END { printf "%-14s %9d %9d %9d %8d %11.0f %9d\n", name, goal, nothing, seeds, seconds,
                   (seconds > 0 ? (nothing + seeds) / seconds : 0), findings }'
    done
}

build() {
    configure
    ninja -C "$folder" fuzz-targets >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
}

# The status is 1 if there is a finding.
judge() {
    [ -n "$(ls "$folder/findings")" ] || return 0
    cat "$folder/findings/"*.txt
    exit 1
}

# Those targets, or all of them, until the hours are over.
to_goal() {
    until=$(($(date +%s) + $(awk "BEGIN { print int(${1:?hours} * 3600) }")))
    shift
    build
    # shellcheck disable=SC2046  # words
    [ $# -gt 0 ] || set -- $(targets "$folder")
    mkdir -p "$folder/findings" "$folder/logs" "$folder/totals"
    printf '%s\n' "$@" | xargs -P "$jobs" -I TARGET sh tests/fuzz.sh --one --executions TARGET "$until"
    totals
    judge
}

# Build, and give each target its part of the seconds; in the mode --short or --night.
all() {
    mode=$1
    seconds=$2
    build
    rm -rf "$folder/findings" "$folder/stats" "$folder/logs" "$folder/new"
    mkdir -p "$folder/findings" "$folder/stats" "$folder/logs"
    count=$(targets "$folder" | wc -l)
    [ "$count" -gt 0 ] || { echo 'fuzz.sh: there is no target'; exit 1; }
    share=$((seconds * jobs / count))
    [ "$share" -gt 1 ] || share=2
    targets "$folder" | xargs -P "$jobs" -I TARGET sh tests/fuzz.sh --one "$mode" TARGET "$share"
    # Those of a night are in the corpus now.
    [ "$mode" = --short ] || rm -rf "${folder:?}/new/"*/*
    table
    judge
}

coverage() {
    files=$*
    build=build-fuzz-coverage
    # What runs while it is built leaves one as well.
    export LLVM_PROFILE_FILE="$PWD/$build/build.profile"
    [ -f "$build/build.ninja" ] ||
        CC=${CC:-clang} meson setup "$build" -Dlzo=auto -Delf=own -Dtools=disabled -Dtests=enabled -Doptimization=1 \
            "-Dc_args=-fprofile-instr-generate -fcoverage-mapping" -Dc_link_args=-fprofile-instr-generate
    ninja -C "$build" fuzz-targets >"$build/log" 2>&1 || { cat "$build/log"; exit 1; }
    rm -rf "$build/profiles"
    objects=
    for target in $(targets "$build"); do
        set -- "$build/fuzz/seeds/$target"
        [ -z "$(ls "$folder/corpus/$target" 2>/dev/null)" ] || set -- "$@" "$folder/corpus/$target"
        LLVM_PROFILE_FILE=$build/profiles/$target "$build/fuzz/fuzz_$target" "$@" >/dev/null
        objects="$objects -object $build/fuzz/fuzz_$target"
    done
    llvm-profdata merge -o "$build/profile" "$build/profiles/"*
    # shellcheck disable=SC2086  # words
    llvm-cov export -summary-only -instr-profile="$build/profile" $objects >"$build/coverage.json"
    judged=0
    python3 - "$build/coverage.json" <<'PYTHON' || judged=1
import collections, json, sys

folders = collections.defaultdict(lambda: [0, 0, 0, 0])
for file in json.load(open(sys.argv[1]))['data'][0]['files']:
    _, found, rest = file['filename'].rpartition('/src/')
    if found:
        lines, branches = file['summary']['lines'], file['summary']['branches']
        for name in (rest.split('/')[0], 'all'):
            sums = folders[name]
            for i, number in enumerate((lines['covered'], lines['count'], branches['covered'], branches['count'])):
                sums[i] += number
print('folder        lines          branches')
for name, (lines, of_lines, branches, of_branches) in sorted(folders.items(), key=lambda row: (row[0] == 'all', row)):
    print(f'{name:<10} {lines:>5} {lines / max(of_lines, 1):>7.1%} {branches:>8} {branches / max(of_branches, 1):>7.1%}')
low = [name for name in ('image', 'codec', 'pvh', 'linux', 'layout') if folders[name][0] < max(1, 0.95 * folders[name][1])]
sys.exit(f'less than 95 % of the lines of {", ".join(low)}' if low else 0)
PYTHON
    # shellcheck disable=SC2086  # words
    missing $files
    return "$judged"
}

# What of files, as src/image/elf.c, is not reached.
missing() {
    # shellcheck disable=SC2086  # words
    llvm-cov show -instr-profile="$build/profile" $objects >"$build/lines"
    for file; do
        awk -v name="$PWD/$file:" '/^\/.*:$/ { here = $0 == name; if (here) print; next }
            here && /^ *[0-9]+\| +0\|/' "$build/lines"
    done
}

case ${1:-60} in
--one) one "$2" "$3" "$4" ;;
--night) all --night "$(awk "BEGIN { print int(${2:?hours} * 3600) }")" ;;
--executions) shift && to_goal "$@" ;;
--coverage) shift && coverage "$@" ;;
*[!0-9]*) sed -n 's/^#  \{5\}//p' "$0" >&2; exit 2 ;;
*) all --short "${1:-60}" ;;
esac
