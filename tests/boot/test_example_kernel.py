#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/write-a-pvh-kernel.md from its first command to its last; and its kernel under two loaders.

    test_example_kernel.py BUILD-FOLDER

The commands are run against the installed package.  What the kernel of 32 bits and that of 64 bits say by QEMU's own
loader and by `pvhload boot` is the same, but for the lines that the guide's table names.
"""
import os
import pathlib
import re
import subprocess
import sys

import common
from common import check, equal
from package import Package

sys.path.insert(0, str(common.SOURCE / 'tests'))
import docs_commands  # noqa: E402

GUIDE = common.SOURCE / 'docs' / 'write-a-pvh-kernel.md'
KERNEL = common.SOURCE / 'docs' / 'examples' / 'kernel'
PLACE = '/tmp/pvh-kernel'  # in the guide
MODULE = b'bytes of a module'
LISTS = ('module', 'memmap')  # lines that there may be several of
OPTIONS = ['-m', '256', '-nodefaults', '-display', 'none', '-no-reboot', '-serial', 'stdio']
RAM, RESERVED = 1, 2
VM, IF, TF = 1 << 17, 1 << 9, 1 << 8


def run_guide(folder, env):
    """{command: what it printed} of the guide's commands, its files in @folder."""
    text, exports, printed = GUIDE.read_text().replace(PLACE, str(folder)), [], {}
    for command, _ in docs_commands.commands(text):
        done = subprocess.run(['sh', '-e', '-c', '\n'.join([*exports, command])], cwd=common.SOURCE, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=100)
        said = (done.stdout + done.stderr).decode().replace('\r', '')
        equal((done.returncode, command), (0, command), said[-2000:])
        if command.startswith('export '):
            exports.append(command)
        printed[command] = said
    return printed


def quoted(folder):
    """{command: the lines that the guide says it prints}."""
    text = GUIDE.read_text().replace(PLACE, str(folder))
    blocks = re.findall(r'^```\n\$ ([^\n]*)\n(.*?)^```$', text, re.M | re.S)
    return {command: lines.splitlines() for command, lines in blocks}


def check_quotes(folder, printed):
    """Line for line; the file's size is the compiler's."""
    quotes = quoted(folder)
    equal(len(quotes), 2, 'what the guide quotes')
    for command, lines in quotes.items():
        said = [re.sub(r', \d+ bytes.*', ', ...', line) for line in printed[command].strip('\n').split('\n')]
        equal(said[:len(lines)], lines, command)


def check_code():
    """The code in the guide is the kernel's."""
    source = (KERNEL / 'hello.c').read_text()
    blocks = re.findall(r'^```c\n(.*?)^```$', GUIDE.read_text(), re.M | re.S)
    equal(len(blocks), 4, 'blocks of code')
    missing = [block for block in blocks if block not in source]
    equal(missing, ['PVHLOAD_GUEST_NOTE_RELOC(0x200000, 0x100000, 0x3fffffff);\n'], 'code that the kernel has not')
    lines = sum(len((KERNEL / name).read_text().splitlines()) for name in ('hello.c', 'entry.S'))
    check(lines < 200, f'the kernel has {lines} lines')


def parse(said):
    """{name: value} of the kernel's lines, and a list of values for each of LISTS."""
    lines = said.replace('\r', '').split('\n')
    check('hello from a PVH kernel' in lines and 'end' in lines, f'the kernel did not come to its end:\n{said}')
    found = {name: [] for name in LISTS}
    for line in lines[lines.index('hello from a PVH kernel') + 1:lines.index('end')]:
        name, _, value = line.partition(' ')
        if name in LISTS:
            found[name].append(value)
        else:
            check(name not in found, f'two lines of {name}')
            found[name] = value
    return found


def by_qemu(kernel, folder, machine='pc'):
    done = subprocess.run(['qemu-system-x86_64', '-machine', machine, *OPTIONS, '-kernel', kernel, '-initrd', folder / 'module', '-append',
                           'hello=1'], stdin=subprocess.DEVNULL, capture_output=True, timeout=100)
    equal((done.returncode, done.stderr), (0, b''), 'QEMU')
    return parse(done.stdout.decode())


def by_pvhload(kernel, folder):
    return parse('\n'.join(common.boot('--kernel', kernel, '--module', folder / 'module', '--append', 'hello=1',
                                       '--memory', '256M', timeout=60)))


def documented():
    """The lines that the guide's table names."""
    section = GUIDE.read_text().split('\n## What differs between two loaders\n')[1].split('\n## ')[0]
    return {name for row in re.findall(r'^\| (`.*?) \|', section, re.M) for name in re.findall(r'`(\S+?)`', row)}


def number(found, name):
    return int(found[name], 16)


def ranges(found):
    """(addr, end, type) of the memory map."""
    out = []
    for line in found['memmap']:
        addr, size, kind = (int(word, 16) for word in line.split())
        out.append((addr, addr + size, kind))
    return out


def check_abi(found, bits, places=(RAM,)):
    """What PVH promises, whoever loads; types of memory that start info may be in."""
    equal(number(found, 'ebx'), number(found, 'start_info'), 'EBX')
    equal([number(found, name) for name in ('cr0', 'cr4', 'efer')], [0x11, 0, 0], 'CR0, CR4 and EFER')
    equal(number(found, 'eflags') & (VM | IF | TF), 0, 'VM, IF and TF')
    equal(number(found, 'eip'), 0x100000, f'the entry of {bits} bits')
    equal([found[name] for name in ('version', 'nr_modules', 'cmdline')], ['0x1', '0x1', 'hello=1'], 'start info')
    address, size, text = found['module'][0].split(' ', 2)
    equal((int(size, 16), text), (len(MODULE), '(none)'), 'the module')
    total = 0
    for byte in MODULE:
        total = (total * 31 + byte) & 0xffffffff
    equal(number(found, 'sum'), total, 'the sum over the module')
    equal(number(found, 'memmap_entries'), len(found['memmap']), 'entries')
    for at, kinds in ((number(found, 'ebx'), places), (int(address, 16), (RAM,))):
        check(any(start <= at < end and kind in kinds for start, end, kind in ranges(found)), f'{at:#x} is not in RAM')


def check_maps(qemu, ours):
    """All of QEMU's RAM is ours; what else is RAM with us is reserved with QEMU."""
    told = [r for r in ranges(qemu) if r[2] == RESERVED]
    for start, end, kind in ranges(ours):
        equal(kind, RAM, 'a type of ours')
        inside = sorted(r for r in ranges(qemu) if r[2] == RAM and start <= r[0] and r[1] <= end)
        equal(len(inside), 1, f'RAM of QEMU in {start:#x} to {end:#x}')
        equal(inside[0][0], start, 'its start')
        check(inside[0][1] == end or any(r[0] == inside[0][1] and r[1] == end for r in told),
              f'{inside[0][1]:#x} to {end:#x} is RAM for us, and not reserved by QEMU')


def check_same(qemu, ours, names):
    equal(set(qemu), set(ours), 'names of lines')
    equal(names - set(qemu), set(), 'names in the guide that are no line')
    different = {name for name in qemu if qemu[name] != ours[name]}
    equal(different - names, set(), 'lines that differ and are not in the guide')
    check({'ebx', 'start_info', 'memmap', 'rsdp_paddr'} <= different, f'only {different} differ')


def two_loaders(folder, bits):
    kernel = folder / f'kernel{bits}'
    header = kernel.read_bytes()[:20]
    equal((header[4], header[18]), {'32': (1, 3), '64': (2, 62)}[bits], 'class and machine of the file')
    qemu, ours = by_qemu(kernel, folder), by_pvhload(kernel, folder)
    check_abi(ours, bits)
    for found, places in ((qemu, (RAM,)), (by_qemu(kernel, folder, 'microvm'), (RAM, RESERVED))):
        check_abi(found, bits, places)
        check_same(found, ours, documented())
        check_maps(found, ours)
    equal(ours['rsdp_paddr'], '0x0', 'the RSDP of a machine without firmware')
    equal(ours['tr'], '0x18', 'TR')
    return qemu, ours


def main():
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    common.need('pkg-config', 'pkg-config')
    check_code()
    with common.scratch() as top:
        folder = top / 'kernel'
        package = Package(pathlib.Path(sys.argv[1]), top / 'root')
        program = next(p for p in (top / 'root').rglob('pvhload') if p.parent.name == 'bin')
        env = dict(package.env(), PATH=f'{program.parent}{os.pathsep}{os.environ["PATH"]}')
        printed = run_guide(folder, env)
        print(f'ok: {len(printed)} commands of the guide')
        check_quotes(folder, printed)
        in_guide = [parse(said) for said in printed.values() if 'hello from' in said]
        results = [two_loaders(folder, bits) for bits in ('32', '64')]
        for found in results[0][0], results[1][0]:
            equal(found, in_guide[1], 'what each kernel says by QEMU')
        for found in results[0][1], results[1][1]:
            equal(found, in_guide[0], 'what each kernel says by pvhload boot')
    print(f'ok: {len(in_guide[0])} names of lines, the same by both loaders but for those documented')


if __name__ == '__main__':
    main()
