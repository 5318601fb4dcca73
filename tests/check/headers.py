#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Each public header compiles alone, without a warning, as C11 and as C++11.

    headers.py SOURCE-ROOT CC [CXX]
"""
import pathlib
import shutil
import subprocess
import sys

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wsign-conversion',
            '-Wcast-qual', '-Werror']


def compiles(compiler, language, standard, root, header):
    program = f'#include <{header}>\nint main(void) {{ return 0; }}\n'
    done = subprocess.run([*compiler, '-x', language, f'-std={standard}', *WARNINGS,
                           f'-I{root / "include"}', '-fsyntax-only', '-'],
                          input=program, text=True, capture_output=True)
    if done.returncode != 0:
        print(f'{header} as {standard}:\n{done.stderr}')
    return done.returncode == 0


def main():
    root, cc = pathlib.Path(sys.argv[1]), sys.argv[2].split()
    cxx = shutil.which(sys.argv[3] if len(sys.argv) > 3 else 'c++')
    headers = [str(p.relative_to(root / 'include'))
               for p in sorted((root / 'include').rglob('*.h'))]
    good = all([compiles(cc, 'c', 'c11', root, h) for h in headers])
    if cxx:
        good = all([compiles([cxx], 'c++', 'c++11', root, h) for h in headers]) and good
    else:
        print('skipped for C++: there is no C++ compiler')
    print(f'{len(headers)} headers')
    return 0 if good and len(headers) > 10 else 1


if __name__ == '__main__':
    sys.exit(main())
