#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# The unit and property tests, and the fuzz targets on their seeds, under clang's memory sanitizer: nothing that the
# library does depends on a byte that nobody has written.
#
#     tests/msan.sh [TEST...]     all but suite "repeats", or these
#
# Library and tests are instrumented.  The libraries that they call are not; tests/support/msan_calls.c makes known what
# these write, and is linked into each program.  A longer check, by hand; the build is build-msan, made anew each time.
set -eu
cd "$(dirname "$0")/.."
folder=build-msan

# Examples without a C library have no sanitizer, and so no use for it.
track='-fsanitize-memory-track-origins -Wno-unused-command-line-argument'
libraries='-lz -ldeflate -lbz2 -llzma -llzo2 -llz4 -lzstd -lfdt'

rm -rf "$folder"
mkdir "$folder"
# shellcheck disable=SC2086  # words
${CC:-clang} -c -g -O1 -Wall -Wextra -Werror -fsanitize=memory $track tests/support/msan_calls.c -o "$folder/msan_calls.o"
wraps=$(nm "$folder/msan_calls.o" | sed -n 's/.* __real_\(.*\)/-Wl,--wrap=\1/p' | tr '\n' ' ')

# Without libelf, json-c and libcrypto: nothing would say what these have written.
CC=${CC:-clang} meson setup "$folder" --werror -Ddefault_library=static -Doptimization=1 -Db_sanitize=memory \
    -Db_lundef=false "-Dc_args=$track" \
    "-Dc_link_args=-fsanitize=memory $PWD/$folder/msan_calls.o $wraps$libraries" -Delf=own -Dtools=disabled \
    -Ddigests=disabled -Dtests=enabled -Dlzo=enabled -Ddeflate=enabled -Dbzip2=enabled -Dlz4=enabled -Dlzma=enabled \
    -Dzstd=enabled -Dfdt=enabled >"$folder/log" 2>&1 || { tail -n 20 "$folder/log"; exit 1; }
ninja -C "$folder" >"$folder/log" 2>&1 || { tail -n 20 "$folder/log"; exit 1; }

[ $# -gt 0 ] || set -- --suite unit --suite property --suite fuzz --no-suite repeats
CK_FORK=no PVHLOAD_PROPERTY_COUNT=20000 meson test -C "$folder" --print-errorlogs --timeout-multiplier 5 "$@" \
    >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
log=$folder/meson-logs/testlog.txt
echo "$(sed -n 's/^Ok: *\([0-9]*\).*/\1/p' "$folder/log") programs passed, of $(grep -cE '^(ok|not ok) ' "$log") tests in them"
sed -n 's/^# \(SKIP\|skipped\):* */    skipped: /p' "$log" | sort | uniq -c
