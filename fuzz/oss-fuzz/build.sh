#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Build the fuzz targets into $OUT as OSS-Fuzz asks for it: CC, CXX, CFLAGS, CXXFLAGS, SANITIZER and LIB_FUZZING_ENGINE
# are its own; the sources are in $SRC/libpvhload, and $WORK is for what is made.  tests/oss-fuzz.sh runs it without OSS-Fuzz.
set -eu
source=$SRC/libpvhload
build=$WORK/libpvhload

# Static codecs: the targets run elsewhere.  What these take of the heap is seen then.  No libelf, whose place the library's own
# translation takes.
export CFLAGS="${CFLAGS:-} -DSTATIC_CODECS"
rm -rf "$build"
meson setup "$build" "$source" --prefer-static -Dbuildtype=plain -Ddefault_library=static -Db_lundef=false \
    -Delf=own -Dauto_features=enabled -Dlzo=enabled -Dtests=enabled -Dtools=disabled -Ddigests=disabled -Dbench=disabled \
    "-Dfuzz-engine-args=$LIB_FUZZING_ENGINE"
ninja -C "$build" fuzz-targets

for target in $(ninja -C "$build" -t query fuzz-targets | sed -n 's,^[ |]*fuzz/fuzz_,,p'); do
    cp "$build/fuzz/fuzz_$target" "$OUT/$target"
    cp "$source/fuzz/fuzz.options" "$OUT/$target.options"
    [ ! -f "$build/fuzz/$target.dict" ] || cp "$build/fuzz/$target.dict" "$OUT/"
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$build/fuzz/seeds/$target" && python3 -m zipfile -c "$OUT/${target}_seed_corpus.zip" ./*)
done
