#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/examples/, built anew against the installed package by pkg-config alone, and run: each prints what it should.

    test_examples.py BUILD-FOLDER c|c++|static|cmake|measure|rust
    test_examples.py BUILD-FOLDER c|c++|measure|two_vms sanitized

A sanitized library links only with what is sanitized as well: then the build's own programs are run.  A sanitizer's
report goes to standard error, where nothing else is.
"""
import gzip
import hashlib
import pathlib
import re
import shlex
import shutil
import struct
import subprocess
import sys

import common
import dumped
import initramfs
from common import check, equal
from images import bzimage, kernel, load
from package import Package

EXAMPLES = common.SOURCE / 'docs' / 'examples'
STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']
C = ['-std=c11', '-D_GNU_SOURCE', *STRICT, '-pthread']

ELF = """\
elf64 for x86_64, 264 bytes
version: 7
entry by PVH: 0x100000
entry of Linux, 64-bit
loads 0x40 bytes at 0x100000
"""
BY_PVH = 'yes: its PHYS32_ENTRY note says 0x100000\n'
BY_ELF = "yes: its ELF entry is 0x100000, and it is Linux: Linux's version text\n"
TWO_GUESTS = """\
guest 0: 'console=ttyS0 guest=0' starts at 0x100000
guest 1: 'console=ttyS0 guest=1' starts at 0x100000
"""

# Program, its files of make_files(), exit status, and what it prints, to standard error if it fails.
RUNS = [
    # A page each for GDT, start info, memory map, command line and kernel.
    ('own_memory', ['elf'], 0,
     '5 pages written of 4 GiB of RAM\n'
     "start info at 0x6000: command line 'console=ttyS0', 3 entries of memory map\n"
     '6 pages after the guest has run\n'
     '5 pages after a reset\n'),
    ('own_memory', ['gzip'], 0, None),
    ('own_memory', ['text'], 1, 'own_memory: not a kernel image: neither an ELF file nor a bzImage, nor compressed '
     'by a codec that is known\n'),
    ('inspect', ['elf'], 0, ELF + f'pvh, {BY_PVH}linux64, {BY_ELF}linux32, no: it is an ELF64 file\ncan be booted\n'),
    ('inspect', ['gzip'], 0,
     'compressed, 107 bytes\n'
     'holds a kernel of 107 bytes by gzip\n'
     f'pvh, {BY_PVH}linux64, {BY_ELF}linux32, no: it is an ELF64 file\ncan be booted\nin it:\n{ELF}'),
    ('inspect', ['bzimage'], 0,
     'bzimage for x86_64, 2155 bytes\n'
     'holds a kernel of 107 bytes by gzip\n'
     'entry of Linux, 64-bit\n'
     'entry of Linux, 32-bit\n'
     f'pvh, decoded before, {BY_PVH}'
     'linux64, yes: its xloadflags, 0x7f, have XLF_KERNEL_64\n'
     'linux32, yes: its boot protocol is 2.15\n'
     f'linux64, decoded before, {BY_ELF}'
     'linux32, decoded before, no: it is an ELF64 file\n'
     f'can be booted\nin it:\n{ELF}'),
    ('inspect', ['text'], 1, 'PVHLOAD_E_FORMAT: not a kernel image: neither an ELF file nor a bzImage, nor compressed '
     'by a codec that is known (at byte 0)\n'),
    ('two_vms', ['gzip'], 0, TWO_GUESTS),
    ('two_vms', ['elf', 'bzimage'], 0, TWO_GUESTS),
    ('two_vms', ['text'], 1, None),
]
CXX_RUNS = [
    ('boot_raii', ['elf'], 0, 'start at 0x100000 with ebx 0x6000\n'),
    ('boot_raii', ['bzimage'], 0, 'start at 0x100000 with ebx 0x6000\n'),
    ('boot_raii', ['text'], 1, 'boot_raii: PVHLOAD_E_FORMAT: not a kernel image: neither an ELF file nor a bzImage, '
     'nor compressed by a codec that is known\n'),
]


def make_files(folder):
    packed = gzip.compress(kernel(), mtime=0)
    for name, content in {'elf': kernel(), 'gzip': packed, 'bzimage': bzimage(packed),
                          'text': b'no kernel at all\n' * 200}.items():
        (folder / name).write_bytes(content)


def run_all(runs, programs, files, env=None):
    """@programs is a folder, or {name: path}."""
    for program, names, status, says in runs:
        path = programs[program] if isinstance(programs, dict) else programs / program
        done = subprocess.run([path, *(files / name for name in names)], capture_output=True, text=True, env=env)
        what = f'{program} {" ".join(names)}'
        equal(done.returncode, status, f'{what}: {done.stderr}')
        said, silent = (done.stderr, done.stdout) if status else (done.stdout, done.stderr)
        equal(silent, '', what)
        check(said == says if says else said, f'{what} says {said}')
        if not status:
            fails_when_full([path, *(files / name for name in names)], env)
        print(f'ok: {what}')


def fails_when_full(command, env=None):
    """Output that cannot be written is a failure."""
    with open('/dev/full', 'w', encoding='ascii') as full:
        equal(subprocess.run(command, stdout=full, env=env, check=False).returncode, 1, f'{command} >/dev/full')


def build(package, compiler, source, flags, out, libraries=()):
    link = package.links()['shared' if package.has('libpvhload.so') else 'static']
    subprocess.run([*compiler, *flags, *package.flags('--cflags'), '-o', out, EXAMPLES / source, *link, *libraries],
                   check=True)


def c_programs(package, folder):
    for program in {run[0] for run in RUNS} | {'kvm', 'sandbox'}:
        build(package, common.CC, program + '.c', C, folder / program)
    run_all(RUNS, folder, folder, package.env())


def cxx_programs(package, folder):
    common.need('c++', 'g++')
    for program in {run[0] for run in CXX_RUNS}:
        build(package, ['c++'], program + '.cpp', ['-std=c++17', *STRICT], folder / program)
    run_all(CXX_RUNS, folder, folder, package.env())


def static_program(package, folder):
    """Nothing is left for the loader to find."""
    if not package.has('libpvhload.a'):
        common.skip('the build has no static library')
    out = folder / 'static'
    subprocess.run([*common.CC, *C, '-static', *package.flags('--cflags'), '-o', out, EXAMPLES / 'inspect.c',
                    *package.flags('--libs', '--static')], check=True)
    needs = subprocess.run(['ldd', out], text=True, capture_output=True)
    check('not a dynamic executable' in needs.stderr, f'it needs {needs.stdout}')
    run_all([run for run in RUNS if run[0] == 'inspect'], {'inspect': out}, folder)


def cmake_program(package, folder):
    common.need('cmake', 'cmake')
    tree = folder / 'cmake'
    for command in (['-S', EXAMPLES / 'cmake', '-B', tree, '-G', 'Ninja'], ['--build', tree]):
        done = subprocess.run(['cmake', *command], env=package.env(), capture_output=True, text=True)
        equal(done.returncode, 0, f'cmake: {done.stdout}{done.stderr}')
    run_all([('vmm', ['elf'], 0, 'start at 0x100000 with ebx 0x6000\n')], tree, folder, package.env())


# A class, in the order of printing, and its regions; the last has all others.
CLASSES = {'kernel': r'kernel( \d+| image)?', 'files': r'initrd|module \d+', 'command line': 'cmdline|module cmdlines',
           'structures': ''}


def class_of(region):
    return next((name for name, regions in CLASSES.items() if re.fullmatch(regions, region['name'])), 'structures')


def class_digests(folder, *options):
    """What measure.c is to print: of each region, its place and the bytes that pvhload dump writes."""
    options = [*options, '--append', 'console=ttyS0', '--memory', '512M']
    digests = {name: hashlib.sha384() for name in CLASSES}
    memory = folder / 'memory'
    done = common.run('dump', *options, '--memory-file', memory, '--cpu-file', folder / 'cpu')
    equal((done.returncode, done.stderr), (0, b''), 'dump')
    with open(memory, 'rb') as ram:
        for region in common.run_json('plan', *options)['regions']:
            ram.seek(region['gpa'])
            digests[class_of(region)].update(struct.pack('<QQ', region['gpa'], region['size']))
            digests[class_of(region)].update(ram.read(region['size']))
    return ''.join(f'{digest.hexdigest()}  {name}\n' for name, digest in digests.items())


def check_digests(program, folder, env=None):
    bss = folder / 'bss'
    bss.write_bytes(kernel(load(0x200000, b'data' * 99, mem_size=100000)))
    cases = {('bss', 'text'): ['--kernel', bss, '--initrd', folder / 'text'],
             ('bzimage',): ['--kernel', folder / 'bzimage']}
    run_all([('measure', names, 0, class_digests(folder, *options)) for names, options in cases.items()] +
            [('measure', ['text'], 1, None)], {'measure': program}, folder, env)


def measuring_program(package, folder):
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', 'libcrypto >= 3.0'], capture_output=True, text=True)
    if flags.returncode != 0:
        common.skip('there is no libcrypto (Debian: libssl-dev)')
    out = folder / 'measure'
    build(package, common.CC, 'measure.c', C, out, shlex.split(flags.stdout))
    check_digests(out, folder, package.env())


def rust_built(package, folder):
    """As the head of dump.rs has it; the sizes and offsets that bindgen found are those that rustc makes."""
    shutil.copy(EXAMPLES / 'rust' / 'dump.rs', folder)
    (folder / 'pvhload-all.h').write_text('#include <pvhload/pvhload.h>\n')
    subprocess.run(['bindgen', 'pvhload-all.h', '-o', 'pvhload.rs', '--with-derive-default',
                    '--allowlist-function', 'pvhload_.*', '--allowlist-type', 'pvhload_.*',
                    '--allowlist-var', 'PVHLOAD_.*', '--', *package.flags('--cflags')], check=True, cwd=folder)
    rustc = ['rustc', '--edition', '2021', '-D', 'warnings', 'dump.rs', *package.flags('--libs')]
    subprocess.run(rustc, check=True, cwd=folder)
    subprocess.run([*rustc, '--test', '-o', 'layouts'], check=True, cwd=folder)
    done = subprocess.run([folder / 'layouts', '-q'], check=True, capture_output=True, text=True, env=package.env())
    check('test result: ok. ' in done.stdout and ' 0 passed' not in done.stdout, done.stdout)
    return folder / 'dump'


def same_bytes(a, b):
    """Two files; most of both is holes."""
    with open(a, 'rb') as one, open(b, 'rb') as other:
        while True:
            left, right = one.read(1 << 24), other.read(1 << 24)
            if left != right:
                return False
            if not left:
                return True


def rust_program(package, folder):
    """The two files of `pvhload dump`, and they boot."""
    for tool in ('rustc', 'bindgen'):
        common.need(tool, tool)
        # rustup's stands for one that it may not have, as in another user's home.
        if subprocess.run([tool, '--version'], capture_output=True).returncode != 0:
            common.skip(f'{tool} does not run')
    if not package.has('libpvhload.so'):
        common.skip('the build has no shared library')
    program = rust_built(package, folder)
    linux, initrd, cmdline = common.kernel('6.12'), folder / 'initrd', 'console=ttyS0 reboot=t panic=-1'
    initrd.write_bytes(initramfs.with_init('/bin/busybox echo @user space\n/bin/busybox reboot -f\n'))
    memory, cpu = folder / 'memory', folder / 'cpu'
    subprocess.run([program, linux, memory, cpu, cmdline, initrd], check=True, env=package.env())
    ours = common.run('dump', '--kernel', linux, '--initrd', initrd, '--append', cmdline,
                      '--memory-file', folder / 'memory-too', '--cpu-file', folder / 'cpu-too')
    equal((ours.returncode, ours.stderr), (0, b''), 'pvhload dump')
    equal(cpu.read_bytes(), (folder / 'cpu-too').read_bytes(), 'the CPU file')
    check(same_bytes(memory, folder / 'memory-too'), 'the memory file is not that of pvhload dump')
    done = subprocess.run([program, folder / 'text', memory, cpu], capture_output=True, text=True, env=package.env())
    equal((done.returncode, done.stdout), (1, ''), 'a file that is no kernel')
    check(done.stderr.startswith('dump: not a kernel image'), done.stderr)
    said = dumped.boot(memory, cpu, folder)
    check('@user space\n' in said, f'no user space: {said[-3000:]}')
    print('ok: the same files as pvhload dump, and they boot')


PARTS = {'c': c_programs, 'c++': cxx_programs, 'static': static_program, 'cmake': cmake_program,
         'measure': measuring_program, 'rust': rust_program}


def main():
    built, part = pathlib.Path(sys.argv[1]), sys.argv[2]
    with common.scratch() as folder:
        make_files(folder)
        if sys.argv[3:] == ['sanitized']:
            own = built / 'docs' / 'examples'
            if part == 'measure' and (own / part).exists():
                return check_digests(own / part, folder)
            runs = {'c': RUNS, 'c++': CXX_RUNS, 'two_vms': [run for run in RUNS if run[0] == 'two_vms']}
            run_all(runs.get(part) or common.skip('the library is sanitized'), own, folder)
        else:
            common.need('pkg-config', 'pkg-config')
            PARTS[part](Package(built, folder / 'root'), folder)


if __name__ == '__main__':
    main()
