#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# What four analysers find in src/ and tools/, less what tests/check/analysers.txt accepts with a reason:
#
#     tests/analysers.sh [NAME...]
#
# NAME is gcc (-fanalyzer), clang (its static analyser), tidy (clang-tidy: bugprone and cert) or cppcheck.  A longer
# check, by hand, in build-analysers.  Made for the versions of Debian 12; others find more, or less.
set -eu
cd "$(dirname "$0")/.."
sh tools/debian-packages.sh \
    gcc clang clang-tidy cppcheck meson ninja-build pkg-config python3 libc6-dev \
    libelf-dev zlib1g-dev libdeflate-dev libzstd-dev liblz4-dev libbz2-dev liblzma-dev liblzo2-dev libfdt-dev \
    libjson-c-dev libssl-dev check
mkdir -p build-analysers
for compiler in gcc clang; do
    folder=build-analysers/$compiler
    again=
    [ ! -f "$folder/build.ninja" ] || again=--reconfigure
    CC=$compiler meson setup "$folder" $again -Dtools=enabled -Dtests=enabled -Dlzo=enabled -Ddigests=enabled \
        >build-analysers/log 2>&1 || { cat build-analysers/log; exit 1; }
done
exec python3 tests/check/analysers.py . build-analysers/gcc build-analysers/clang "$@"
