#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""That what was built is hardened: no executable stack, all relocations read-only before main(), canaries, checked calls.

    hardening.py yes|no OBJECTS.a [SHARED-OR-PROGRAM...]

"no" is a build without optimization, with a sanitizer or with link-time optimization: then this is skipped.
"""
import re
import shutil
import subprocess
import sys


def told(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_objects(path, errors):
    symbols = told('readelf', '-sW', path)
    if '__stack_chk_fail' not in symbols:
        errors.append(f'{path}: no function has a canary (-fstack-protector-strong)')
    if not re.search(r' __\w+_chk\b', symbols):
        errors.append(f'{path}: no call is checked (_FORTIFY_SOURCE)')
    files = re.split(r'^File: ', told('readelf', '-nhW', path), flags=re.M)[1:]
    if 'X86-64' in files[0]:
        without = [file.split()[0] for file in files if 'IBT, SHSTK' not in file]
        if without:
            errors.append(f'{without[0]} and {len(without) - 1} more: no IBT and SHSTK (-fcf-protection)')


def check_linked(path, errors):
    headers, dynamic = told('readelf', '-lhW', path), told('readelf', '-dW', path)
    stack = re.search(r'GNU_STACK.* (R\w*) ', headers)
    for good, what in ((re.search(r'Type:\s+DYN', headers), 'is not position-independent'),
                       (stack and stack[1] == 'RW', 'has an executable stack, or says nothing of it'),
                       (not re.search(r'LOAD.* RWE ', headers), 'has a segment that is writable and executable'),
                       ('GNU_RELRO' in headers, 'has no RELRO'),
                       (re.search(r'BIND_NOW|FLAGS_1.*NOW', dynamic), 'binds symbols late, so its GOT stays writable'),
                       ('TEXTREL' not in dynamic, 'has relocations in its code')):
        if not good:
            errors.append(f'{path}: {what}')


def main():
    if sys.argv[1] == 'no' or not shutil.which('readelf'):
        print('skipped: this build is not optimized, has a sanitizer or LTO, or there is no readelf')
        return 77
    errors = []
    check_objects(sys.argv[2], errors)
    for path in sys.argv[3:]:
        check_linked(path, errors)
    print('\n'.join(errors) if errors else f'hardened: {", ".join(sys.argv[2:])}')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
