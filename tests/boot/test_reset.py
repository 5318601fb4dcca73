#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Raw x86 firmware by the program: made up, and Debian's SeaBIOS and OVMF.

    test_reset.py made-up|images|ovmf

made-up is tests/guest/reset.S, which says by QEMU's own loading what it says by ours.  images takes SeaBIOS and OVMF out
of Debian's packages: what a plan of each says, its bytes in a dump, and SeaBIOS until it looks for a disk.  ovmf is OVMF,
its variables a file of their own, until it starts a program.
"""
import json
import os
import selectors
import subprocess
import sys
import time

import common
import guests
from common import check, equal

KIB = 1 << 10
MIB = 1 << 20
GIB4 = 1 << 32
ALIAS_END = 1 << 20
PC = ['qemu-system-x86_64', '-machine', 'pc', '-accel', 'tcg', '-cpu', 'max', '-nodefaults', '-no-reboot',
      '-display', 'none', '-debugcon', 'stdio']
# What the processor starts with, by Intel's manual; that the copy below 1 MiB cannot be changed is so on a pc.
SAYS = ['esp 00000000', 'cs f000', 'ds 0000', 'ss 0000', 'cr0 60000010', 'eflags 00000002', 'gdt ffff', 'idt ffff',
        'mark 1234', 'cs f000', 'mark 1234', 'changed 1234', '']


def image(name):
    return common.fetched('firmware', 'usr/share/' + name)


def lines(done):
    return done.stdout.decode().replace('\r', '').split('\n')


def as_qemu_starts_it():
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    with common.scratch() as folder:
        rom = guests.reset(folder)
        own = subprocess.run([*PC, '-bios', rom], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        equal(lines(own), SAYS, 'by QEMU alone')
        equal(common.boot('--firmware', rom), SAYS, 'by pvhload boot')


def what_info_says():
    with common.scratch() as folder:
        rom = guests.reset(folder)
        info = common.run_json('info', '--raw-firmware', rom)
        equal(info['format'], 'firmware', 'format')
        equal(info['entry'], 0xfffffff0, 'entry')
        equal(info['firmware'], {'gpa': GIB4 - 64 * KIB, 'alias_gpa': 0xf0000, 'alias_size': 64 * KIB,
                                 'reset_target': GIB4 - 64 * KIB}, 'firmware')
        equal([m['protocol'] for m in info['protocols']], ['reset'], 'protocols')
        text = common.run('info', '--raw-firmware', rom).stdout.decode()
        check('ROM           from 0xffff0000 to 4 GiB; its last 65536 bytes also from 0xf0000 to 1 MiB' in text, text)
        check('PVH' not in text and 'wants' not in text, text)


def failing(*args):
    done = common.run(*args)
    check(done.returncode != 0, args)
    return done.stderr.decode()


def what_does_not_go_together():
    with common.scratch() as folder:
        rom = guests.reset(folder)
        check('may be a raw x86 firmware' in failing('info', rom), 'a firmware without a word')
        check('do not go together' in failing('plan', '--firmware', rom, '--kernel', rom), 'a kernel too')
        check('goes with --firmware' in failing('plan', '--kernel', rom, '--firmware-vars', rom), 'variables alone')
        check('--kernel is missing' in failing('plan'), 'neither')
        check('nothing tells it of a command line' in failing('plan', '--firmware', rom, '--append', 'x'), '--append')
        check('which is no multiple of 4096' in failing('plan', '--firmware', rom, '--firmware-vars', __file__),
              'variables of an odd size')


def regions(plan):
    return [(r['name'], r['gpa'], r['size']) for r in plan['regions']]


def planned_and_dumped(*args, expected, rom):
    """The plan's regions, and the bytes of them in a dump, where the ROM @rom comes after RAM."""
    memory = 64 * MIB
    plan = common.run_json('plan', *args, '--memory', memory)
    equal(plan['protocol'], 'reset', 'protocol')
    equal(regions(plan), expected, 'regions')
    alias = expected[0][2]
    with common.scratch() as folder:
        done = common.run('dump', *args, '--memory', memory, '--memory-file', folder / 'ram', '--cpu-file', folder / 'cpu')
        equal(done.returncode, 0, done.stderr.decode())
        ram = (folder / 'ram').read_bytes()
        cpu = json.loads((folder / 'cpu').read_text())
    equal(cpu['rip'], 0xfff0, 'rip')
    equal((cpu['cs']['selector'], cpu['cs']['base']), (0xf000, 0xffff0000), 'cs')
    equal(len(ram), memory + len(rom), 'bytes in the file')
    check(ram[memory:] == rom, 'the ROM')
    check(ram[ALIAS_END - alias:ALIAS_END] == rom[-alias:], 'the copy')
    check(not any(ram[:ALIAS_END - alias]) and not any(ram[ALIAS_END:memory]), 'nothing else is written')


def seabios_and_ovmf_as_images():
    for name, size in (('seabios/bios.bin', 128 * KIB), ('seabios/bios-256k.bin', 256 * KIB),
                       ('seabios/bios-microvm.bin', 128 * KIB), ('ovmf/OVMF.fd', 2 * MIB)):
        planned_and_dumped('--firmware', image(name), rom=image(name).read_bytes(),
                           expected=[('firmware alias', 0xe0000, 0x20000), ('firmware', GIB4 - size, size)])


def variables_below_the_code():
    for suffix in ('', '_4M'):
        code, stored = image(f'OVMF/OVMF_CODE{suffix}.fd'), image(f'OVMF/OVMF_VARS{suffix}.fd')
        top, size = GIB4 - code.stat().st_size, stored.stat().st_size
        planned_and_dumped('--firmware', code, '--firmware-vars', stored, rom=stored.read_bytes() + code.read_bytes(),
                           expected=[('firmware alias', 0xe0000, 0x20000), ('firmware variables', top - size, size),
                                     ('firmware', top, code.stat().st_size)])
        failing('plan', '--firmware', stored)


def until(word, *args, seconds):
    """What boot shows, up to the word; it is ended then, as a firmware does not end by itself."""
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    said, end = b'', time.monotonic() + seconds
    with subprocess.Popen([common.PROGRAM, 'boot', '--vmm', 'qemu', *map(str, args)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as boot:
        with selectors.DefaultSelector() as waiting:
            waiting.register(boot.stdout, selectors.EVENT_READ)
            while word not in said and time.monotonic() < end and waiting.select(end - time.monotonic()):
                more = os.read(boot.stdout.fileno(), 65536)
                if not more:
                    break
                said += more
        boot.terminate()
    check(word in said, f'no {word} in {said[-2000:]}')
    return said


def seabios_looks_for_a_disk():
    said = until(b'Booting from', '--firmware', image('seabios/bios-256k.bin'), '--memory', '256M', seconds=120)
    check(b'SeaBIOS (version ' in said and b'Running on QEMU (i440fx)' in said, said)


def ovmf_starts_a_program():
    until(b'BdsDxe: starting Boot', '--firmware', image('OVMF/OVMF_CODE.fd'), '--firmware-vars', image('OVMF/OVMF_VARS.fd'),
          '--memory', '256M', seconds=400)


TESTS = {
    'made-up': [as_qemu_starts_it, what_info_says, what_does_not_go_together],
    'images': [seabios_and_ovmf_as_images, variables_below_the_code, seabios_looks_for_a_disk],
    'ovmf': [ovmf_starts_a_program],
}

if __name__ == '__main__':
    common.main(TESTS[sys.argv[1]])
