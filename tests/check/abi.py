#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The shared library's ABI is the committed one, libpvhload.abi: functions, their types, and layouts.

    abi.py ROOT LIBRARY [--write]

By abidw and abidiff (Debian: abigail-tools), of what the public headers define, on x86_64.  With --write the baseline
is made anew, which goes into the commit that changes the interface, with its line in CHANGELOG.md.
"""
import pathlib
import platform
import re
import shutil
import subprocess
import sys

NAME = 'tests/check/libpvhload.abi'


def skip(why):
    print(f'skipped: {why}')
    sys.exit(77)


def describe(root, library, out):
    """What abidw says of it; places in sources and the compiler's name are not of the ABI."""
    subprocess.run(['abidw', '--headers-dir', root / 'include', '--drop-private-types', '--no-show-locs',
                    '--no-corpus-path', '--no-comp-dir-path', '--no-elf-needed', '--out-file', out, library],
                   check=True)
    text = out.read_text()
    out.write_text(re.sub(r" producer='[^']*'", '', text))


def main():
    root, library = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if not shutil.which('abidiff'):
        skip('abidiff is not installed (Debian: abigail-tools)')
    if platform.machine() != 'x86_64':
        skip(f'the baseline is of x86_64, this is {platform.machine()}')
    baseline = root / NAME
    if '--write' in sys.argv[3:]:
        describe(root, library, baseline)
        print(f'{NAME} is made anew: what has changed has to be in CHANGELOG.md, in the same commit')
        return 0
    done = subprocess.run(['abidiff', '--headers-dir2', root / 'include', '--drop-private-types', '--no-show-locs',
                           baseline, library], stdout=subprocess.PIPE, text=True)
    # Bit 2: the ABI is not the same; the lower ones are errors of use.
    print(done.stdout if done.returncode else 'the ABI is as committed')
    return 1 if done.returncode else 0


if __name__ == '__main__':
    sys.exit(main())
