#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/security.md has every limit that a header or a source file names, and the system calls of test and example.

The other way round, what it names is there.
"""
import pathlib
import re
import sys

DEFINED = re.compile(r'^#[ \t]*define (PVH?L[A-Z]*_\w+?_(?:MAX|LIMIT|LIMIT_DEFAULT))\b(?!\()', re.M)
NAMED = re.compile(r'`(PVH?L[A-Z]*_\w+?_(?:MAX|LIMIT|LIMIT_DEFAULT))`')
ALLOWED = re.compile(r'\b(?:LIBC_)?CALL\((\w+)\)')
PERMITTED = re.compile(r'\bALLOW\w*\((\w+)\)')
OWN_CALLS = {'sendmsg', 'exit_group'}  # of the example, which answers and ends

# What is no limit on what a caller, a file or a guest may bring.
OTHERS = {
    'PVHLOAD_E820_TABLE_MAX': 'room in the zero page',
    'PVHLOAD_SETUP_INITRD_ADDR_MAX': 'an offset',
    'PVHLOAD_PVH_TABLES_LIMIT': 'an address',
    'PVHLOAD_X86_MSRS_MAX': 'room in a struct that the library fills',
    'PVHLOAD_X86_SLOTS_MAX': 'how many the library makes',
    'PVL_BLOCKS_MAX': 'room on the stack',
    'PVL_CODEC_MAGIC_MAX': "the codecs' own",
    'PVL_LINUX_PARTS_MAX': 'follows from PVHLOAD_LINUX_SETUP_DATA_MAX',
    'PVL_MB2_PREFERENCE_MAX': 'an offset',
    'PVL_MB2_RELOC_MAX': 'an offset',
    'PVL_METHODS_MAX': 'how many the planner has',
    'PVL_NODE_HEAD_MAX': "the library's own structs",
    'PVL_RELOC_TABLES_MAX': 'of the ABI',
    'PVL_SIZED_MAX': 'of struct_size',
    'PVL_SOURCE_CALL_MAX': 'of one system call, which is made again',
    'PVL_X86_FIRMWARE_ALIAS_MAX': 'of a PC',
}


def section(page, title):
    return page.split(f'\n## {title}\n', 1)[1].split('\n## ', 1)[0]


def cells(text, column):
    return [line.split('|')[column] for line in text.splitlines() if line.startswith('|')]


def limits(root, page):
    defined = set()
    for folder in ('include', 'src'):
        for path in sorted((root / folder).rglob('*.[ch]')):
            defined |= set(DEFINED.findall(path.read_text()))
    named = set(NAMED.findall('\n'.join(line for line in page.splitlines() if line.startswith('|'))))
    errors = [f'{name}: is no limit any more: take it off OTHERS' for name in sorted(OTHERS.keys() - defined)]
    errors += [f'{name}: not in a table' for name in sorted(defined - named - OTHERS.keys())]
    errors += [f'{name}: not defined' for name in sorted(named - defined)]
    return errors, len(named)


def calls(root, page):
    named = set(re.findall(r'`(\w+)`', '\n'.join(cells(section(page, 'System calls'), 1))))
    allowed = set(ALLOWED.findall((root / 'tests/support/allowed_calls.c').read_text())) - {'name'}
    permitted = set(PERMITTED.findall((root / 'docs/examples/sandbox.c').read_text())) - {'call'} - OWN_CALLS
    errors = [f'{name}: not both in the table and in allowed_calls.c' for name in sorted(named ^ allowed)]
    errors += [f'{name}: in sandbox.c, and not in the table' for name in sorted(permitted - named)]
    return errors, len(named)


def main():
    root = pathlib.Path(sys.argv[1])
    page = (root / 'docs/security.md').read_text()
    errors, limit_count = limits(root, page)
    more, call_count = calls(root, page)
    errors += more
    print('\n'.join(f'docs/security.md: {error}' for error in errors) or
          f'{limit_count} limits, {call_count} system calls')
    return 1 if errors or limit_count < 40 or call_count < 10 else 0


if __name__ == '__main__':
    sys.exit(main())
