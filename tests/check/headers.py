#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Each public header compiles alone, without a warning, as C11 and as C++11; kvm.h after the system's linux/kvm.h.

Those for kernels compile without the headers of a C library as well, for 32 and 64 bits.  None has a type whose size
a program chooses by _FILE_OFFSET_BITS or _TIME_BITS: a program of 32 bits may be built without them.

    headers.py SOURCE-ROOT CC [CXX]
"""
import pathlib
import platform
import re
import shutil
import subprocess
import sys

import csource

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wsign-conversion',
            '-Wcast-qual', '-Werror']

# What a program has to include first: a new one, and one from before Linux 5.14.
BEFORE = {'pvhload/kvm.h': ['#include <linux/kvm.h>\n', '#include <linux/kvm.h>\n#undef KVM_GET_SREGS2\n'],
          'pvhload/kvm_registers.h': ['#include <linux/kvm.h>\n']}

FOR_KERNELS = re.compile(r'pvhload/(memmap|guest(_(note|print|reach|setup_data|start_info|zero_page))?)\.h')

CHOSEN_SIZE = re.compile(r'\b(off_t|loff_t|off64_t|ino_t|blkcnt_t|fs\w+cnt_t|rlim_t|time_t|suseconds_t|'
                         r'struct (stat|timespec|timeval|flock|rlimit|dirent))\b')


def has_own_sizes(root, header):
    found = CHOSEN_SIZE.search(csource.without_comments((root / 'include' / header).read_text()))
    if found:
        print(f'{header} has {found[0]}, whose size depends on how a program is built')
    return not found


def compiles(compiler, language, standard, root, header):
    good = True
    for before in BEFORE.get(header, ['']):
        program = f'{before}#include <{header}>\nint main(void) {{ return 0; }}\n'
        done = subprocess.run([*compiler, '-x', language, f'-std={standard}', *WARNINGS,
                               f'-I{root / "include"}', '-fsyntax-only', '-'],
                              input=program, text=True, capture_output=True)
        if done.returncode != 0:
            print(f'{header} as {standard}:\n{done.stderr}')
            good = False
    return good


def freestanding(compiler, language, standard, root, header):
    """With nothing but what the compiler brings; no library is needed for -m32 then."""
    own = subprocess.run([*compiler, '-print-file-name=include'], check=True, text=True,
                         capture_output=True).stdout.strip()
    good = True
    for bits in ('-m32', '-m64'):
        done = subprocess.run([*compiler, bits, '-x', language, f'-std={standard}', *WARNINGS, '-ffreestanding',
                               '-nostdinc', '-isystem', own, f'-I{root / "include"}', '-fsyntax-only', '-'],
                              input=f'#include <{header}>\nextern int nothing;\n', text=True, capture_output=True)
        if done.returncode != 0:
            print(f'{header}, freestanding, {bits} {standard}:\n{done.stderr}')
            good = False
    return good


def main():
    root, cc = pathlib.Path(sys.argv[1]), sys.argv[2].split()
    cxx = shutil.which(sys.argv[3] if len(sys.argv) > 3 else 'c++')
    headers = [str(p.relative_to(root / 'include'))
               for p in sorted((root / 'include').rglob('*.h'))]
    kernels = [h for h in headers if h.startswith('pvhload/abi/') or FOR_KERNELS.fullmatch(h)]
    good = all([compiles(cc, 'c', 'c11', root, h) for h in headers])
    good = all([has_own_sizes(root, h) for h in headers]) and good
    if platform.machine() == 'x86_64':
        good = all([freestanding(cc, 'c', 'c11', root, h) for h in kernels]) and good
        if cxx:
            good = all([freestanding([cxx], 'c++', 'c++11', root, h) for h in kernels]) and good
    if cxx:
        good = all([compiles([cxx], 'c++', 'c++11', root, h) for h in headers]) and good
    else:
        print('skipped for C++: there is no C++ compiler')
    print(f'{len(headers)} headers, {len(kernels)} of them for kernels')
    return 0 if good and len(headers) > 10 and len(kernels) == 12 else 1


if __name__ == '__main__':
    sys.exit(main())
