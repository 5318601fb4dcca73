#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Build in build-quick what the suites unit and tree need, and run them: about a minute on two cores.
# Installs nothing; what is left out for want of a package is said.  For everything: tests/run.sh.
set -eu
cd "$(dirname "$0")/.."

for tool in meson ninja pkg-config; do
    command -v "$tool" >/dev/null || { echo "quick.sh: there is no $tool here"; exit 1; }
done
folder=build-quick
log=$folder/quick.log
[ ! -f "$folder/build.ninja" ] || set -- --reconfigure "$@"
mkdir -p "$folder"
# Compiling is most of the time, and half of that is optimizing and debugging information, for which run.sh
# is there; gcc's -Wformat-truncation needs optimizing to be right.
meson setup "$folder" --werror -Dlzo=auto -Doptimization=0 -Ddebug=false -Dc_args=-Wno-format-truncation \
    "$@" >"$log" 2>&1 || { cat "$log"; exit 1; }
# The summary has a line for each codec and program, "NO" where its package is not here.
sed -n '/^ *\(.*[^ ]\)  *: NO$/s//skipped, its package is not installed: \1/p' "$log"

# Only what these suites need is built.  A process for each case is a third of the time of the tests.
result=0
CK_FORK=no meson test -C "$folder" --suite unit --suite tree --print-errorlogs >"$log" 2>&1 || result=$?
if [ "$result" != 0 ]; then
    cat "$log"
    exit "$result"
fi
sed -n 's/^# SKIP [^:]*: /skipped in some tests: /p' "$folder/meson-logs/testlog.txt" | sort -u
sed -n '/^Ok:/p; /^Skipped:/p' "$log"
