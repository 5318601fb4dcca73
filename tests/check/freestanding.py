#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""src/ builds without a C library, as docs/architecture.md says it does.

    freestanding.py SOURCE-ROOT COMPILER

The files are compiled without the headers of a C library: core/libc.h is that of the firmware among the examples.  The
section of docs/architecture.md names the files that cannot be, and all that the others call of a C library.  That is
what core/libc.h declares, what the firmware's libc_own.c defines, and what the messages of src/ have it format.
"""
import pathlib
import re
import subprocess
import sys

import csource
import layers

SECTION = 'Without an operating system'
FIRMWARE = pathlib.Path('docs', 'examples', 'firmware')
ELF_OWN = 'image/elf_table_own.c'  # in place of another file, where it is asked for

CONVERSION = re.compile(r'%[-+ #0-9.*]*(?:hh|h|ll|l|z|j|t)?\w')
CONVERSIONS = re.compile(r'%(?:\d*[lz]?[dux]|(?:\.(?:\*|\d+))?s)')  # as libc_own.c has them


class Check:
    def __init__(self):
        self.errors = []

    def same(self, what, got, there, expected):
        """Two sets of names."""
        self.errors += [f'{what} has {name}, and {there} has not' for name in sorted(got - expected)]
        self.errors += [f'{there} has {name}, and {what} has not' for name in sorted(expected - got)]


def section(root):
    text = (root / 'docs' / 'architecture.md').read_text()
    match = re.search(rf'^## {SECTION}\n(.*?)^## ', text, re.M | re.S)
    return match[1] if match else ''


def compiled(root, left_out, compiler):
    """The files that are compiled, and whether that worked."""
    files = [p for p in sorted((root / 'src').rglob('*.c')) if str(p.relative_to(root / 'src')) not in left_out]
    own = subprocess.run([*compiler, '-print-file-name=include'], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.strip()
    done = subprocess.run([*compiler, '-std=c17', '-ffreestanding', '-nostdinc', '-isystem', own,
                           f'-I{root / FIRMWARE}', f'-I{root / "src"}', f'-I{root / "include"}', '-Wall', '-Werror',
                           '-fsyntax-only', *files])
    return files, done.returncode == 0


def portable_in_meson(root):
    text = (root / 'src' / 'meson.build').read_text()
    return set(re.findall(r"'(\S+\.c)'", re.search(r'^portable_sources = files\((.*?)^\)', text, re.M | re.S)[1]))


def conversions(text):
    """Of each message, with the macros of inttypes.h in it as they are on x86-64."""
    macros = {'PRId64': 'ld', 'PRIu32': 'u', 'PRIu64': 'lu', 'PRIx32': 'x', 'PRIx64': 'lx'}
    text = re.sub(r'"\s*(PRI\w+)\s*"', lambda m: macros[m[1]], text)
    text = re.sub(r'"\s*(PRI\w+)', lambda m: macros[m[1]] + '"', text)
    found = csource.COMMENT_OR_STRING.findall(text)
    return {c for string in found if string[0] == '"' for c in CONVERSION.findall(string)}


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2].split()
    check, said = Check(), section(root)
    host = {name for name in layers.HOST if name.endswith('.c')}
    left_out = (host | set(layers.ONLY_IN.values())) - {None}
    files, works = compiled(root, left_out, compiler)
    names = {p.relative_to(root / 'src').as_posix() for p in files}
    check.same('the table of docs/architecture.md', set(re.findall(r'^\| `(\S+\.c)`', said, re.M)), 'layers.py',
               left_out)
    check.same('portable_sources of src/meson.build', portable_in_meson(root), 'src/', names - {ELF_OWN})

    header = (root / FIRMWARE / 'core' / 'libc.h').read_text()
    declared = set(re.findall(r'[ *](\w+)(?=\([^*])', csource.without_comments(header)))
    defined = {f.name for f in csource.Source(root / FIRMWARE / 'libc_own.c', root).functions if not f.static}
    check.same('docs/architecture.md', set(re.findall(r'`(\w+)\(\)`', said)), 'core/libc.h', declared)
    check.same('libc_own.c', defined, 'core/libc.h', declared)

    code = '\n'.join(csource.without_comments(p.read_text(), keep_strings=True) for p in files)
    wanted = declared | set(re.findall(r'#define (PRI\w+)', header))
    check.errors += [f'core/libc.h has {name}, which nothing uses' for name in sorted(wanted)
                     if not re.search(rf'\b{name}\b', code)]
    check.errors += [f'a message has {c}, which libc_own.c does not know' for c in sorted(conversions(code))
                     if not CONVERSIONS.fullmatch(c)]
    print('\n'.join(check.errors) if check.errors else
          f'{len(files)} files compiled without a C library; left out: {", ".join(sorted(left_out))}')
    return 1 if not works or check.errors or len(files) < 60 else 0


if __name__ == '__main__':
    sys.exit(main())
