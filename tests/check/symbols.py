#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The headers and the built library name the same functions, and the version script lets them out.

The script's last node is named after the version of version.h.

    symbols.py SOURCE-ROOT LIBRARY NM
"""
import fnmatch
import pathlib
import re
import subprocess
import sys


def from_headers(root):
    names = set()
    for path in (root / 'include' / 'pvhload').rglob('*.h'):
        text = re.sub(r'/\*.*?\*/', '', path.read_text(), flags=re.S)
        for match in re.finditer(r'^PVHLOAD_API\b([^;{]*?)\b(\w+)\s*\(', text, re.M | re.S):
            names.add(match[2])
    return names


def map_text(root):
    return re.sub(r'/\*.*?\*/', '', (root / 'src' / 'libpvhload.map').read_text(), flags=re.S)


def from_map(root):
    names = set()
    for body in re.findall(r'global:(.*?)(?:local:|\})', map_text(root), re.S):
        names.update(re.findall(r'([\w*]+);', body))
    return names


def newest_nodes(root):
    """The last node of the version script, and the one that version.h asks for."""
    version = (root / 'include' / 'pvhload' / 'version.h').read_text()
    major, minor = (re.search(rf'#define PVHLOAD_VERSION_{part} (\d+)', version)[1]
                    for part in ('MAJOR', 'MINOR'))
    return re.findall(r'^(\w[\w.]*) \{', map_text(root), re.M)[-1], f'LIBPVHLOAD_{major}.{minor}'


def from_library(library, nm):
    out = subprocess.run([nm, '-D', '--defined-only', library], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    names = set()
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        if kind != 'A':  # the version nodes themselves
            names.add(name.split('@')[0])
    return names


def main():
    root, library, nm = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    headers, script, built = from_headers(root), from_map(root), from_library(library, nm)
    errors = [f'{n}: declared, but not in the version script' for n in sorted(headers)
              if not any(fnmatch.fnmatchcase(n, pattern) for pattern in script)]
    errors += [f'{n}: in the version script, but not declared' for n in sorted(script)
               if '*' not in n and n not in headers]
    errors += [f'{n}: exported, but not declared' for n in sorted(built - headers)]
    errors += [f'{n}: declared, but not exported' for n in sorted(headers - built)]
    errors += [f'{n}: does not begin with pvhload_' for n in sorted(built)
               if not n.startswith('pvhload_')]
    node, wanted = newest_nodes(root)
    if node != wanted:
        errors.append(f'the version script has {node} where the version is {wanted}')
    print('\n'.join(errors) if errors else f'{len(built)} symbols agree')
    return 1 if errors or len(built) < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
