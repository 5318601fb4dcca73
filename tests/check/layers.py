#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The include rule: a file includes its own layer and those below, nothing else; and the C library by one header.

Reads the #include lines of src/ and include/, knows the layers of docs/architecture.md, and lists
every line that points upwards, or to a sibling that must not be known.
"""
import pathlib
import re
import sys

LAYERS = {'core': 0, 'abi': 0, 'memory': 1, 'source': 1, 'x86': 1, 'codec': 2, 'image': 3, 'cmdline': 3,
          'layout': 3, 'kernel': 4, 'guest': 4, 'pvh': 5, 'linux': 5, 'boot': 6}

# The public headers belong to the same layers.
PUBLIC = {'macros.h': 0, 'progress.h': 0, 'range.h': 0, 'region.h': 0, 'status.h': 0, 'version.h': 0,
          'memmap.h': 1, 'guest_memory.h': 1, 'source.h': 1,
          'x86_cpu.h': 1, 'x86_page_tables.h': 1,
          'codec.h': 2,
          'image.h': 3, 'image_info.h': 3, 'image_load.h': 3,
          'cmdline.h': 3, 'cmdline_devices.h': 3, 'cmdline_params.h': 3,
          'linux.h': 4, 'pvh.h': 4, 'read_back.h': 4,
          'boot.h': 6, 'explain.h': 6, 'pvhload.h': 6}

# Same layer, but each is to be usable without the other.
STRANGERS = [{'image', 'cmdline'}]

# Third-party libraries live in one file each.
ONLY_IN = {'libelf.h': 'image/elf_table_libelf.c', 'gelf.h': None, 'zlib.h': 'codec/gzip.c',
           'zstd.h': 'codec/zstd.c', 'zstd_errors.h': 'codec/zstd.c', 'lz4.h': 'codec/lz4.c',
           'lz4frame.h': 'codec/lz4_frame.c', 'bzlib.h': 'codec/bzip2.c', 'lzma.h': 'codec/xz.c',
           'lzo/lzo1x.h': 'codec/lzo.c'}

# What every C compiler brings, with or without a C library.
FREESTANDING = {'limits.h', 'stdalign.h', 'stdarg.h', 'stdatomic.h', 'stdbool.h', 'stddef.h', 'stdint.h'}
# Headers of a C library, and what they are for there.
HOST = {
    # the one file that a freestanding build replaces, with its .c
    'core/libc.h': {'inttypes.h', 'stdio.h', 'stdlib.h', 'string.h'},
    'core/libc.c': {'sys/mman.h'},  # huge pages
    # descriptors: a freestanding build has buffers and readers instead
    'source/descriptor.c': {'errno.h', 'fcntl.h', 'sys/stat.h', 'unistd.h'},
    # files of RAM: a freestanding build has slots instead
    'memory/ram_file.c': {'errno.h', 'fcntl.h', 'unistd.h'},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def public_layer(name):
    if name.startswith('abi/'):
        return 0
    return PUBLIC.get(name)


def check_host(relative, name, where, errors):
    """Of a C library, src/ has core/libc.h; files that need an operating system name what they need."""
    if name not in FREESTANDING | set(ONLY_IN) | HOST.get(relative, set()):
        errors.append(f'{where}: core/libc.h instead, or a row in HOST of layers.py')


def check_rows(root, errors):
    """Each row of HOST is needed."""
    for relative, names in HOST.items():
        text = (root / 'src' / relative).read_text()
        errors += [f'src/{relative}: no longer includes {name}: to be taken off HOST of layers.py'
                   for name in sorted(names) if f'#include <{name}>' not in text]


def check_file(path, folder, layer, root, errors):
    relative = path.relative_to(root)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        where = f'{relative}:{number}: includes {match[2]}'
        name = match[2]
        if name in ONLY_IN and str(path.relative_to(root / 'src')) != ONLY_IN[name]:
            errors.append(f'{where}, which only {ONLY_IN[name]} may')
        if name.startswith('pvhload/'):
            target = public_layer(name[len('pvhload/'):])
            if target is None:
                errors.append(f'{where}, which is in no layer')
            elif target > layer:
                errors.append(f'{where}, a layer above')
        elif match[1] == '<' and folder:
            check_host(str(path.relative_to(root / 'src')), name, where, errors)
        elif match[1] == '"':
            other = name.split('/')[0]
            if other not in LAYERS:
                errors.append(f'{where}, which is in no layer')
            elif LAYERS[other] > layer:
                errors.append(f'{where}, a layer above')
            elif other != folder and any({other, folder} == pair for pair in STRANGERS):
                errors.append(f'{where}, which {folder} must not know')


def main():
    root = pathlib.Path(sys.argv[1])
    errors = []
    files = 0
    for path in sorted((root / 'src').rglob('*.[ch]')):
        folder = path.relative_to(root / 'src').parts[0]
        files += 1
        if folder not in LAYERS:
            errors.append(f'{path.relative_to(root)}: {folder} is in no layer')
            continue
        check_file(path, folder, LAYERS[folder], root, errors)
    for path in sorted((root / 'include' / 'pvhload').rglob('*.h')):
        name = str(path.relative_to(root / 'include' / 'pvhload'))
        files += 1
        layer = public_layer(name)
        if layer is None:
            errors.append(f'{path.relative_to(root)}: in no layer')
            continue
        check_file(path, None, layer, root, errors)
    check_rows(root, errors)
    print('\n'.join(errors) if errors else f'{files} files keep to their layers')
    return 1 if errors or files < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
