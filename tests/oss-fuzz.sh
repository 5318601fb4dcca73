#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Run fuzz/oss-fuzz/build.sh with the variables that OSS-Fuzz sets, and what it builds:
#
#     oss-fuzz.sh [RELEASE]
#
# with libFuzzer under the address and then the undefined behaviour sanitizer, each target for 2000 executions from its
# zipped seeds; and with an engine in a library, as others are: fuzz/replay.c, which runs the seeds.  With RELEASE in a
# bare root of that Debian release, as make-root.sh makes it; as root.  OSS-Fuzz's own image is not used.
set -eu
cd "$(dirname "$0")/.."
packages='clang libclang-rt-14-dev|libclang-rt-19-dev|libclang-rt-dev meson ninja-build pkg-config python3 libc6-dev g++
    zlib1g-dev libdeflate-dev libzstd-dev liblz4-dev libbz2-dev liblzma-dev liblzo2-dev libfdt-dev check libsubunit-dev'

# The rest of this file in a root, on a clone of what is committed.
if [ $# -gt 0 ]; then
    root=$PWD/build-root/$1
    sh tests/make-root.sh "$1" "$root"
    rm -rf "$root/libpvhload"
    git clone -q --depth 1 "file://$PWD" "$root/libpvhload"
    mount -t proc proc "$root/proc"
    trap 'umount "$root/proc"' EXIT
    chroot "$root" sh -c 'cd libpvhload && sh tests/oss-fuzz.sh' </dev/null
    exit
fi

# shellcheck disable=SC2086  # words
sh tools/debian-packages.sh $packages
folder=$PWD/build-oss-fuzz
rm -rf "$folder"
mkdir -p "$folder/src"
ln -s "$PWD" "$folder/src/libpvhload"
export SRC="$folder/src" CC="${CC:-clang}" CXX="${CXX:-clang++}"

# The build $1 with the arguments $2 of the compiler, engine $3.
build() {
    export OUT="$folder/$1" WORK="$folder/work-$1" CFLAGS="$2" CXXFLAGS="$2" LIB_FUZZING_ENGINE="$3"
    mkdir -p "$OUT" "$WORK"
    sh fuzz/oss-fuzz/build.sh >"$WORK/log" 2>&1 || { tail -n 60 "$WORK/log"; exit 1; }
    # What it runs with elsewhere is what every Linux has.
    for target in $(targets); do
        ldd "$OUT/$target" | grep -Ev '(linux-vdso|ld-linux[^ ]*|libc|libm|libdl|libpthread|librt|libresolv|libstdc\+\+|libgcc_s)\.so' &&
            { echo "oss-fuzz.sh: $1: $target needs that library"; exit 1; }
    done
    echo "$1: $(targets | wc -l) targets built"
}

targets() {
    (cd "$OUT" && for name in *.options; do echo "${name%.options}"; done)
}

# Its seeds, out of the zip, in a folder of its own.
seeds() {
    rm -rf "$WORK/seeds"
    mkdir "$WORK/seeds"
    python3 -m zipfile -e "$OUT/$1_seed_corpus.zip" "$WORK/seeds"
}

# Each target by libFuzzer, with its dictionary and options.
fuzz() {
    for target in $(targets); do
        seeds "$target"
        set -- -runs=2000 -print_final_stats=1
        [ ! -f "$OUT/$target.dict" ] || set -- "$@" "-dict=$OUT/$target.dict"
        # shellcheck disable=SC2046  # words
        (cd "$WORK" && "$OUT/$target" $(sed -n 's/^\([a-z_]*\) = /-\1=/p' "$OUT/$target.options") "$@" seeds) \
            >"$WORK/log" 2>&1 || { tail -n 60 "$WORK/log"; exit 1; }
        awk -v name="$target" '/^stat::number_of_executed_units/ { runs = $2 } /^stat::average_exec_per_sec/ { rate = $2 }
            END { printf "  %-14s %6d executions, %6d per second\n", name, runs, rate }' "$WORK/log"
    done
}

common='-O1 -fno-omit-frame-pointer -gline-tables-only -Wno-error -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION'
export SANITIZER=address
build address "$common -fsanitize=address -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link" -fsanitize=fuzzer
fuzz
export SANITIZER=undefined
build undefined "$common -fsanitize=undefined -fno-sanitize-recover=undefined -fsanitize=fuzzer-no-link" -fsanitize=fuzzer
fuzz

export SANITIZER=address
# shellcheck disable=SC2086  # words
$CC $common -fsanitize=address -D_GNU_SOURCE -c fuzz/replay.c -o "$folder/replay.o"
ar rcs "$folder/libFuzzingEngine.a" "$folder/replay.o"
build engine "$common -fsanitize=address" "$folder/libFuzzingEngine.a"
for target in $(targets); do
    seeds "$target"
    "$OUT/$target" "$WORK/seeds" >"$WORK/log" 2>&1 || { tail -n 60 "$WORK/log"; exit 1; }
done
echo '== all targets run'
