#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Do two versions of the library plan the same?  Builds plan_digest of REV and of this working tree and
# compares what they print, a line for each scene.
#
#     sh tests/property/compare.sh REV [COUNT [SEED]]
set -eu
cd "$(dirname "$0")/../.."
rev=$1
shift
work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree" 2>/dev/null; rm -rf "$work"' EXIT

# Build the tree in $1 to $2, and print the digests to $3.
digest() {
    tree=$1
    build=$2
    out=$3
    shift 3
    meson setup "$build" "$tree" -Dtools=disabled -Dtests=enabled -Dlzo=enabled >"$work/log" 2>&1 &&
        ninja -C "$build" tests/plan_digest >>"$work/log" 2>&1 ||
        { cat "$work/log"; exit 1; }
    "$build/tests/plan_digest" "$@" >"$out"
}

git worktree add --detach --quiet "$work/tree" "$rev"
digest "$work/tree" "$work/before" "$work/before.txt" "$@"
digest "$PWD" "$work/after" "$work/after.txt" "$@"
if cmp -s "$work/before.txt" "$work/after.txt"; then
    echo "$(wc -l <"$work/after.txt") scenes: the same plans as $(git rev-parse --short "$rev")"
else
    diff "$work/before.txt" "$work/after.txt" | grep '^[<>]' | sort -k 2,2 -s
    echo "$(diff "$work/before.txt" "$work/after.txt" | grep -c '^>') scenes differ"
    exit 1
fi
