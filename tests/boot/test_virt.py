#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's kernels for arm64 and riscv64 to user space, on QEMU's machine "virt"; the guest proves the rest.

    test_virt.py KERNEL
    test_virt.py KERNEL silent

KERNEL is one of tests/fetch-kernels.sh.  What virt_guest.py compares is compared in every boot.  With silent: a guest
that is started as the planner refuses to.
"""
import json
import os
import struct
import subprocess
import sys

import common
import device_tree
import images
import recompress
from common import check, equal
from linux_guest import Guest
from virt_guest import GIB, KIB, MIB, Files, Machine, boot, check_guest, check_rng, region

KASLR_SEED = 0x0123456789abcdef
# From where a kernel is loaded to its code, as found by booting.
CODE = {'6.1-arm64': 0x10000, 'trixie-arm64': 0, 'sid-arm64-16k': 0, 'trixie-riscv64': 0x2000}
# A processor with pages of 16 KiB, and no random numbers.
NO_RNDR = 'neoverse-n1'
GZIP = ('gzip', 'gzip', ['-n', '-1'], b'\x1f\x8b\x08\0\0\0\0\0')


class Boots:
    def __init__(self, kernel, folder):
        self.machine, self.folder = Machine(kernel, CODE[kernel]), folder
        self.files = Files(self.machine, folder)
        self.seed = folder / 'seed'
        self.seed.write_bytes(os.urandom(64))

    def boot(self, memory, *options, words='', path=None, **kwargs):
        return boot(self.machine, self.files, memory, '--kernel', path or self.machine.path, *self.files.options,
                    '--append', f'{self.machine.always} {words}'.rstrip(), *options, **kwargs)

    def padded(self, words):
        """What makes the command line as long as it may be."""
        words += ' test.text="two  words" test.pad='
        return words + 'x' * (self.machine.cmdline_max - len(self.machine.always) - len(words) - 2) + 'y'

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def without_seeds(self, *args, **kwargs):
        """QEMU's tree, but for its own seeds."""
        tree = device_tree.without(self.machine.tree(*args, **kwargs), 'kaslr-seed', 'rng-seed')
        check('kaslr-seed' not in device_tree.chosen(tree), 'the tree has a seed')
        return tree


class Arm64(Boots):
    def moved_by_a_seed(self):
        """At both exception levels; where the kernel is in its own addresses is by the seed alone."""
        at = []
        for level, memory, place in ((1, 256 * MIB, []), (2, 6 * GIB, ['--place', 'kernel,0x80000000'])):
            plan, (guest,) = self.boot(memory, '--kaslr', hex(KASLR_SEED), '--rng-seed', self.seed, *place,
                                       level=level, tree=self.without_seeds(memory, level=level))
            equal(region(plan, 'kernel')['gpa'], 2 * GIB if place else self.machine.usual, 'kernel')
            check(guest.first_line(rf'CPU: All CPU\(s\) started at EL{level}') is not None, f'not at EL{level}')
            check(guest.first_line('KASLR enabled') is not None, 'no KASLR')
            equal(guest.one('kaslr-seed'), '00' * 8, 'kaslr-seed after the boot')
            check_rng(guest, True)
            at.append(int(guest.one('stext').split()[0], 16))
        check(at[0] > 1 << 63, f'_stext at {at[0]:#x}')
        equal(at[1], at[0], 'where the same seed puts _stext')

    def all_of_the_command_line(self):
        """A kernel compressed as a whole, on two processors or more than a GICv2 has, and a large initrd."""
        cpus = 2 if self.machine.kernel == '6.1-arm64' else 9
        path = self.file('Image.gz', recompress.compressed(self.machine.path.read_bytes(), *GZIP))
        self.files = Files(self.machine, self.folder, 16 * MIB)
        plan, (guest,) = self.boot(192 * MIB, words=self.padded('nokaslr'), cpus=cpus, path=path)
        equal(len(plan['cmdline']), self.machine.cmdline_max, 'bytes of command line')
        check(guest.first_line('KASLR disabled on command line') is not None, 'KASLR is on')
        check(guest.first_line(f'smp: Brought up 1 node, {cpus} CPUs') is not None, 'not all processors by PSCI')

    def started_anew(self):
        """A UKI of an EFI zboot image, with nothing from outside; it resets, and is written once more."""
        image = images.padded(self.machine.path.read_bytes())
        zboot = images.zboot(recompress.compressed(image, *GZIP), 'gzip', len(image))
        words = f'{self.machine.always} test.reset'
        path = self.file('uki.efi', images.uki((b'.cmdline', words.encode()), (b'.linux', zboot),
                                               (b'.initrd', self.files.joined), machine=images.PE_ARM64))
        plan, _ = boot(self.machine, self.files, 512 * MIB, '--kernel', path, starts=2)
        equal(plan['cmdline'], words, 'command line')

    def dump(self, memory, tree, words=''):
        """RAM as a file, its kernel at 256 MiB; the plan, and its options without the tree."""
        ram, cpu = self.folder / 'ram', self.folder / 'cpu.json'
        options = ['--kernel', self.machine.path, *self.files.options, '--append',
                   f'{self.machine.always} {words}'.rstrip(), '--memory', memory, '--place', 'kernel,0x50000000', '--claim',
                   '0x40000000,2M']
        given = self.file('tree', tree)
        plan = common.run_json('plan', *options, '--dtb', given)
        done = common.run('dump', *options, '--dtb', given, '--memory-file', ram, '--cpu-file', cpu)
        equal((done.returncode, done.stderr), (0, b''), 'dump')
        equal(json.loads(cpu.read_text()), plan['cpu'], 'the state that is dumped')
        return ram, plan, options

    def run_dump(self, ram, cpu, timeout=200):
        """What it says until it ends.  The flash at 0 has code: ldr x0 to x3 and x16, and br x16."""
        literals = [cpu['x0'], cpu['x1'], cpu['x2'], cpu['x3'], cpu['pc']]
        code = [0x58000000 | (32 + 8 * i - 4 * i) // 4 << 5 | register
                for i, register in enumerate((0, 1, 2, 3, 16))] + [0xd61f0200, 0, 0]
        stub = self.file('stub', struct.pack('<8I5Q', *code, *literals))
        command = [self.machine.qemu, '-machine', 'virt,memory-backend=ram', '-cpu', NO_RNDR, '-accel', 'tcg',
                   '-object', f'memory-backend-file,id=ram,mem-path={ram},size={ram.stat().st_size},share=on',
                   '-m', f'{ram.stat().st_size}B', '-device', f'loader,file={stub},addr=0,cpu-num=0,force-raw=on',
                   '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio']
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
            equal((done.returncode, done.stderr), (0, b''), 'QEMU')
            said = done.stdout
        except subprocess.TimeoutExpired as stopped:
            said = stopped.stdout or b''
        return said.decode('utf-8', 'replace').replace('\r', '').split('\n')

    def dumped(self):
        """Run by another QEMU, whose processor has no random numbers; no seed, and so no KASLR."""
        memory = 512 * MIB
        ram, plan, _ = self.dump(memory, self.without_seeds(memory, cpu=NO_RNDR))
        fdt, initrd = region(plan, 'fdt'), region(plan, 'initrd')
        view = common.run_json('decode', ram, '--fdt', fdt['gpa'], '--ram-base', '0x40000000')
        equal({key: view[key] for key in ('cmdline', 'initrd', 'total_size', 'kaslr_seed_size', 'memory', 'warnings')},
              {'cmdline': self.machine.always, 'initrd': {key: initrd[key] for key in ('gpa', 'size')},
               'total_size': fdt['size'], 'kaslr_seed_size': None, 'memory': [{'gpa': GIB, 'size': memory}],
               'warnings': []}, 'decode --fdt')
        guest = Guest(self.run_dump(ram, plan['cpu']))
        check_guest(self.machine, guest, plan, self.files, memory)
        check(guest.first_line('KASLR disabled due to lack of seed') is not None, 'KASLR is on')
        check_rng(guest, False)

    def silent(self):
        """What is refused, as no guest says a word then: the same RAM, but for where the tree is."""
        memory, words = 512 * MIB, 'earlycon=pl011,0x9000000'
        small = self.without_seeds(memory, cpu=NO_RNDR)
        ram, plan, options = self.dump(memory, small, words)
        good, kernel, fdt = ram.read_bytes(), region(plan, 'kernel'), region(plan, 'fdt')
        tree = good[fdt['gpa'] - GIB:fdt['gpa'] - GIB + fdt['size']]
        cases = {'as planned': (fdt['gpa'], tree, None),
                 'at 4 modulo 8': (fdt['gpa'] + 4, tree, 'not at a multiple of 0x8'),
                 'in .bss': (kernel['gpa'] + kernel['size'] - 0x10000, tree, 'overlaps'),
                 'above 2 MiB': (0x58000000, device_tree.grown(tree, 2 * MIB + 7 * KIB), 'above 2097152')}
        for name, (gpa, bad, says) in cases.items():
            changed = bytearray(good)
            changed[gpa - GIB:gpa - GIB + len(bad)] = bad
            ram.write_bytes(changed)
            lines = self.run_dump(ram, {**plan['cpu'], 'x0': gpa}, timeout=20)
            equal(any(lines), says is None, f'tree {name}: the guest says something, {lines[:2]}')
            given = self.file('given', bad)
            done = common.run('plan', *options, '--dtb', given, '--place', f'fdt,{gpa:#x}')
            check(says is None or (done.returncode == 1 and says in done.stderr.decode()), done.stderr.decode())
            print(f'ok: tree {name}')

    def tests(self):
        if 'silent' in sys.argv[2:]:
            return [self.silent]
        return [self.moved_by_a_seed, self.all_of_the_command_line, self.started_anew, self.dumped]


class Riscv64(Boots):
    """Through OpenSBI, which adds to the tree where it is itself."""

    def usual(self):
        plan, (guest,) = self.boot(256 * MIB, '--rng-seed', self.seed, tree=self.without_seeds(256 * MIB))
        equal(region(plan, 'kernel')['gpa'], self.machine.usual, 'kernel')
        check(guest.first_line('Domain0 Next Mode +: S-mode') is not None, 'OpenSBI says nothing of S-mode')
        check_rng(guest, True)

    def moved(self):
        """By 256 MiB, with all of the command line, and an initrd that takes much of RAM."""
        self.files = Files(self.machine, self.folder, 48 * MIB)
        plan, (guest,) = self.boot(512 * MIB, '--place', f'kernel,{self.machine.usual + 256 * MIB:#x}',
                                   words=self.padded('test.list=a,b'), tree=self.without_seeds(512 * MIB))
        equal(len(plan['cmdline']), self.machine.cmdline_max, 'bytes of command line')
        check_rng(guest, False)

    def started_anew(self):
        """Compressed as a whole, and by QEMU's own tree; it resets, and is written once more."""
        path = self.file('Image.gz', recompress.compressed(self.machine.path.read_bytes(), *GZIP))
        self.files = Files(self.machine, self.folder)
        self.boot(6 * GIB, words='test.reset', path=path, starts=2)

    def tests(self):
        return [self.usual, self.moved, self.started_anew]


def main():
    kernel = sys.argv[1]
    with common.scratch() as folder:
        common.main((Arm64 if 'arm64' in kernel else Riscv64)(kernel, folder).tests())
    print(f'ok: {kernel}')


if __name__ == '__main__':
    main()
