#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Each documented status of each public function is produced by a unit test, and no other is.

    statuses.py SOURCE-ROOT UNIT-TEST...

Compares the logs of tests/support/statuses.c with the headers.  Each unit test leaves one beside its
program, TEST.statuses; a test whose log is older than its program, or ends early, is run here.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

COMMENTED = re.compile(r'/\*\*((?:(?!\*/).)*)\*/\s*PVHLOAD_API PVHLOAD_NODISCARD\b[^;{]*?'
                       r'\b(pvhload_\w+)\s*\(', re.S)
COMPLETE = 'complete -\n'  # the last line of a log, by tests/support/suite.c
RETVAL = re.compile(r'@retval (PVHLOAD_\w+)((?:(?!@retval|@since).)*)', re.S)


def documented(root):
    """{(function, status)}, but for those that the text says do not happen yet."""
    pairs, later = set(), set()
    for path in (root / 'include' / 'pvhload').glob('*.h'):
        for comment, function in COMMENTED.findall(path.read_text()):
            for status, text in RETVAL.findall(comment):
                where = later if 'does not return this' in ' '.join(text.split()) else pairs
                where.add((function, status))
    return pairs, later


def usable(log, test):
    return (log.exists() and log.stat().st_mtime >= test.stat().st_mtime and
            log.read_text().endswith(COMPLETE))


def run(test, log):
    done = subprocess.run([test], env=dict(os.environ, PVHLOAD_STATUS_LOG=str(log)), check=False,
                          stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        failed = [line for line in done.stdout.splitlines() if line.startswith('not ok')]
        sys.exit('\n'.join([f'{test.name}: status {done.returncode}', *failed]))


def log_of(test):
    """{(function, status)} of one test."""
    test = pathlib.Path(test).resolve()
    log = test.with_name(test.name + '.statuses')
    if not usable(log, test):
        run(test, log)
    lines = set(log.read_text().splitlines()) - {COMPLETE.strip()}
    return {tuple(line.split()) for line in lines}


def produced(tests):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return set().union(*pool.map(log_of, tests))


def main():
    expected, later = documented(pathlib.Path(sys.argv[1]))
    seen = produced(sys.argv[2:])
    errors = [f'{f}: no unit test produces {s}' for f, s in sorted(expected - seen)]
    errors += [f'{f}: returned {s}, which its comment does not list'
               for f, s in sorted(seen - expected - later)]
    errors += [f'{f}: returned {s}, which its comment says it does not'
               for f, s in sorted(seen & later)]
    print('\n'.join(errors) if errors else f'{len(expected)} statuses of '
          f'{len({f for f, _ in expected})} functions')
    return 1 if errors or len(expected) < 50 else 0


if __name__ == '__main__':
    sys.exit(main())
