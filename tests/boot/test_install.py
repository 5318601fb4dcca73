#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The installed package, as a VMM's build finds it: pkg-config, headers, libraries; and the manual.

Of the libraries, shared and static, those are tried that the build has.

    test_install.py BUILD-FOLDER [sanitized] [optimized] [lzo] [libelf]
"""
import os
import re
import shutil
import subprocess
import sys

import common
from common import check, equal
from images import kernel
from package import Package

STRIPPED_MAX = 420000  # bytes; 386 KiB with every codec: hardening took 11, decoding in place and sharing 29
LIBRARIES = {'libelf', 'libz', 'libdeflate', 'libzstd', 'liblz4', 'libbz2', 'liblzma', 'libfdt', 'libc', 'ld-linux-x86-64'}


def soname():
    """docs/compatibility.md: until 1.0 it has major and minor version."""
    text = (common.SOURCE / 'include' / 'pvhload' / 'version.h').read_text()
    major, minor = (re.search(rf'#define PVHLOAD_VERSION_{part} (\d+)', text)[1]
                    for part in ('MAJOR', 'MINOR'))
    return f'libpvhload.so.{major}.{minor}'


SONAME = soname()


def consumer(package, folder, sanitized):
    """docs/examples/boot.c, which knows only the public package, linked with each library there is."""
    source = common.SOURCE / 'docs' / 'examples' / 'boot.c'
    flags = package.flags('--cflags')
    image = folder / 'kernel'
    image.write_bytes(kernel())
    ways = package.links()
    check(ways, f'no library in {package.libraries}')
    for way, link in ways.items():
        if sanitized:
            continue
        out = folder / way
        subprocess.run([*common.CC, '-std=c11', '-Wall', '-Wextra', '-Werror', *flags,
                        '-o', out, source, *link], check=True)
        done = subprocess.run([out, image], capture_output=True, text=True, env=package.env())
        equal((done.returncode, done.stdout), (0, 'start at 0x100000 with ebx 0x6000\n'),
              f'{way}: {done.stderr}')
        needs = subprocess.run(['ldd', out], check=True, text=True, stdout=subprocess.PIPE,
                               env=package.env()).stdout
        equal(SONAME in needs, way == 'shared', f'{way} links {SONAME}')


def library(libraries, folder, optimized, lzo):
    """What the shared library needs, and how large it is."""
    so = libraries / SONAME
    # Not what those need in turn, which ldd would show as well: Debian 13's libelf needs more than 12's.
    needs = subprocess.run(['readelf', '-dW', so], check=True, text=True, stdout=subprocess.PIPE).stdout
    names = {found.split('.so')[0] for found in re.findall(r'\(NEEDED\).*\[(.*)\]', needs)}
    check(names - {'liblzo2'} <= LIBRARIES, f'unexpected libraries: {names - LIBRARIES}')
    equal('liblzo2' in names, lzo, 'liblzo2, which is under the GPL, is needed')
    stripped = folder / 'stripped.so'
    subprocess.run(['strip', '-o', stripped, so], check=True)
    size = stripped.stat().st_size
    check(size < STRIPPED_MAX or not optimized, f'{size} bytes stripped')
    print(f'libpvhload.so: {size} bytes stripped; needs {", ".join(sorted(names))}')


def manual(root):
    """Each page and each function's name leads to text about it."""
    found = [p.parent.parent for p in root.rglob('libpvhload.7')]
    equal(len(found), 1, 'folders of manual pages')
    folder = found[0]
    check((folder / 'man1' / 'pvhload.1').exists(), 'pvhload(1) is not installed')
    links = 0
    for page in sorted((folder / 'man3').iterdir()):
        match = re.match(r'\.so (man3/pvhload\w*\.3)\n', page.read_text())
        if match:
            links += 1
            text = (folder / match[1]).read_text()
            check(re.search(rf'\b{page.stem}\b', text), f'{page.name} leads to {match[1]}')
    check(links > 30, f'{links} names lead to pages')
    # Only what is in a MANPATH is looked for here: no other manual is in the way.
    env = dict(os.environ, MANPATH=str(folder), MANPAGER='cat', LC_ALL='C')
    for program in ('man', 'mman'):
        for name, header in (('pvhload_boot', 'boot'), ('pvhload_boot_plan', 'boot'),
                             ('pvhload_plan_info', 'plan')):
            if shutil.which(program):
                done = subprocess.run([program, '3', name], env=env, capture_output=True, text=True)
                text = re.sub('.\b', '', done.stdout)
                check(done.returncode == 0 and f'pvhload/{header}.h' in text,
                      f'{program} 3 {name}: exit {done.returncode}: {done.stderr}')
    print(f'manual: {links} names lead to pages')


def main():
    common.need('pkg-config', 'pkg-config')
    sanitized = 'sanitized' in sys.argv[2:]
    with common.scratch() as folder:
        root = folder / 'root'
        package = Package(sys.argv[1], root)
        manual(root)
        equal(len(list(root.rglob('share/bash-completion/completions/pvhload'))), 1, 'completion')
        requires = package.flags('--print-requires-private') + package.flags('--print-requires')
        equal('libelf' in requires, 'libelf' in sys.argv[2:], f'libelf is among {requires}')
        consumer(package, folder, sanitized)
        if not sanitized and package.has(SONAME):
            library(package.libraries, folder, 'optimized' in sys.argv[2:], 'lzo' in sys.argv[2:])
    print('ok')


if __name__ == '__main__':
    main()
