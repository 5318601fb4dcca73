#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""src/ compiles without the headers of a C library: core/libc.h is replaced by freestanding/core/libc.h.

    freestanding.py SOURCE-ROOT COMPILER

Left out are the files that need another library or an operating system, as layers.py has them.
"""
import pathlib
import re
import subprocess
import sys

import layers


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2].split()
    here = pathlib.Path(__file__).parent / 'freestanding'
    left_out = set(layers.HOST) | set(layers.ONLY_IN.values())
    files = [p for p in sorted((root / 'src').rglob('*.c')) if str(p.relative_to(root / 'src')) not in left_out]
    own = subprocess.run([*compiler, '-print-file-name=include'], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.strip()
    done = subprocess.run([*compiler, '-std=c17', '-ffreestanding', '-nostdinc', '-isystem', own, f'-I{here}',
                           f'-I{root / "src"}', f'-I{root / "include"}', '-Wall', '-Werror', '-fsyntax-only',
                           *files])
    calls = '\n'.join(p.read_text() for p in files)
    stub = (here / 'core' / 'libc.h').read_text()
    unused = [name for name in re.findall(r'(?:#define |[ *])(PRI\w+|\w+(?=\([^*]))', stub)
              if not re.search(rf'\b{name}\b', calls)]
    if unused:
        print(f'{here.name}/core/libc.h has what nothing uses: {", ".join(unused)}')
    print(f'{len(files)} files compiled without a C library; left out: {", ".join(sorted(filter(None, left_out)))}')
    return 1 if done.returncode or unused or len(files) < 60 else 0


if __name__ == '__main__':
    sys.exit(main())
