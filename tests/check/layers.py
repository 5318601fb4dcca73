#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The include rule: a file includes its own layer and those below, nothing else; and the C library by one header.

Reads the #include lines of src/ and include/, and the table of layers in docs/architecture.md, and lists
every line that points upwards, or to a sibling that must not be known.
"""
import pathlib
import re
import sys

# Same layer, but each is to be usable without the other.
STRANGERS = [{'image', 'cmdline'}]

# Third-party libraries live in one file each.
ONLY_IN = {'libelf.h': 'image/elf_table_libelf.c', 'gelf.h': None, 'zlib.h': 'codec/gzip.c',
           'zstd.h': 'codec/zstd.c', 'zstd_errors.h': 'codec/zstd.c', 'lz4.h': 'codec/lz4.c',
           'lz4frame.h': 'codec/lz4_frame.c', 'bzlib.h': 'codec/bzip2.c', 'lzma.h': 'codec/xz.c',
           'lzo/lzo1x.h': 'codec/lzo.c', 'libdeflate.h': 'codec/gzip_deflate.c', 'libfdt.h': 'fdt/libfdt.c'}

# What every C compiler brings, with or without a C library.
FREESTANDING = {'limits.h', 'stdalign.h', 'stdarg.h', 'stdatomic.h', 'stdbool.h', 'stddef.h', 'stdint.h'}
# Headers of a C library, and what they are for there.
HOST = {
    # the one file that a freestanding build replaces, with its .c
    'core/libc.h': {'inttypes.h', 'stdio.h', 'stdlib.h', 'string.h'},
    'core/libc.c': {'sys/mman.h'},  # huge pages
    # descriptors: a freestanding build has buffers and readers instead
    'source/descriptor.c': {'errno.h', 'fcntl.h', 'sys/stat.h', 'sys/uio.h', 'unistd.h'},
    # files that do not change, mapped
    'source/sealed.c': {'errno.h', 'fcntl.h', 'sys/mman.h', 'sys/resource.h', 'sys/stat.h', 'sys/vfs.h', 'unistd.h'},
    # kernels in files in memory
    'image/share.c': set(),
    # files of RAM: a freestanding build has slots instead
    'memory/ram_file.c': {'errno.h', 'fcntl.h', 'unistd.h'},
}

# | layer | folders | what is there | public headers |
ROW = re.compile(r'^\| (\d) \|([^|]*)\|[^|]*\|([^|]*)\|$', re.M)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Layers:
    """The table of docs/architecture.md."""

    def __init__(self, root):
        self.folders, self.headers = {}, {}
        for layer, folders, headers in ROW.findall((root / 'docs' / 'architecture.md').read_text()):
            self.folders.update({name: int(layer) for name in re.findall(r'`(\w+)`', folders)})
            self.headers.update({name: int(layer) for name in re.findall(r'`([\w/*]+\.h)`', headers)})

    def header(self, name):
        """The layer of a public header; None if it is in none."""
        return self.headers.get('abi/*.h' if name.startswith('abi/') else name)


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


def check_file(path, folder, layer, layers, root, errors):
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
            target = layers.header(name[len('pvhload/'):])
            if target is None:
                errors.append(f'{where}, which is in no layer')
            elif target > layer:
                errors.append(f'{where}, a layer above')
        elif match[1] == '<' and folder:
            check_host(str(path.relative_to(root / 'src')), name, where, errors)
        elif match[1] == '"':
            other = name.split('/')[0]
            if other not in layers.folders:
                errors.append(f'{where}, which is in no layer')
            elif layers.folders[other] > layer:
                errors.append(f'{where}, a layer above')
            elif other != folder and any({other, folder} == pair for pair in STRANGERS):
                errors.append(f'{where}, which {folder} must not know')


def main():
    root = pathlib.Path(sys.argv[1])
    layers, errors, files = Layers(root), [], 0
    for path in sorted((root / 'src').rglob('*.[ch]')):
        folder = path.relative_to(root / 'src').parts[0]
        files += 1
        if folder not in layers.folders:
            errors.append(f'{path.relative_to(root)}: {folder} is in no layer')
            continue
        check_file(path, folder, layers.folders[folder], layers, root, errors)
    for path in sorted((root / 'include' / 'pvhload').rglob('*.h')):
        name = str(path.relative_to(root / 'include' / 'pvhload'))
        files += 1
        layer = layers.header(name)
        if layer is None:
            errors.append(f'{path.relative_to(root)}: in no layer')
            continue
        check_file(path, None, layer, layers, root, errors)
    check_rows(root, errors)
    print('\n'.join(errors) if errors else f'{files} files keep to their layers')
    return 1 if errors or files < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
