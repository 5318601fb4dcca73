#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's stock kernel, from the unmodified vmlinuz by PVH to user space; the guest proves the rest.

    test_linux.py SERIES MEMORY [many]

The guest's own words are compared with the plan: /proc/cmdline byte for byte, the memory map in its
log, the total in its "Memory:" line, and the digest of a 20 MiB random file from the initrd.  With
"many" the map has 127 entries, and the command line the 2047 bytes that the kernel takes.
"""
import hashlib
import os
import re
import sys

import common
import initramfs
from common import check, equal

KIB, MIB = 1 << 10, 1 << 20
E820 = {'usable': 1, 'reserved': 2, 'ACPI data': 3, 'ACPI NVS': 4}
# What Linux adds, if its table of 128 has more than one place left
# (arch/x86/platform/pvh/enlighten.c).
ISA_HOLE, ISA_ROOM = (0xa0000, 0x60000, 2), 127

INIT = '''
/bin/busybox mount -t proc proc /proc
/bin/busybox dmesg -n 1
echo "@cmdline-begin"
/bin/busybox cat /proc/cmdline
echo "@cmdline-end"
echo "@sha256 $(/bin/busybox sha256sum /random | /bin/busybox cut -d ' ' -f 1)"
echo "@done"
/bin/busybox reboot -f
'''


def options_for(series, memory, many, initrd):
    cmdline = 'console=ttyS0 reboot=t panic=-1 test.text="two  words" test.list=a,b,c'
    reserve = []
    if many:
        cmdline += ' test.pad='
        cmdline += 'x' * (2047 - len(cmdline))
        for i in range(62):
            reserve += ['--reserve', f'{hex(128 * MIB + i * 0x4000)},0x2000,{2 + i % 3}']
        reserve += ['--reserve', '0xfec00000,0x1000']
    return ['--kernel', common.kernel(series), '--memory', memory, '--initrd', initrd,
            '--append', cmdline, *reserve]


def expected_map(plan):
    """What Linux makes of the plan's map: its own line added, sorted, and equal neighbours joined."""
    entries = [(e['addr'], e['size'], e['type']) for e in plan['memmap']]
    if len(entries) < ISA_ROOM:
        entries.append(ISA_HOLE)
    joined = []
    for addr, size, kind in sorted(entries):
        if joined and joined[-1][2] == kind and sum(joined[-1][:2]) == addr:
            joined[-1] = (joined[-1][0], joined[-1][1] + size, kind)
        else:
            joined.append((addr, size, kind))
    return joined


def map_in_log(lines):
    found = []
    for line in lines:
        match = re.search(r'BIOS-e820: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (.*)', line)
        if match:
            first, last = int(match[1], 16), int(match[2], 16)
            found.append((first, last - first + 1, E820[match[3]]))
    return found


def between(lines, begin, end):
    check(begin in lines and end in lines, 'the guest did not get to user space:\n'
          + '\n'.join(lines[-25:]))
    return lines[lines.index(begin) + 1:lines.index(end)]


def check_ram(lines, plan):
    ram = sum(e['size'] for e in plan['memmap'] if e['type'] == 1)
    totals = [int(m[1]) * KIB for m in (re.search(r'Memory: \d+K/(\d+)K available', line)
                                        for line in lines) if m]
    equal(len(totals), 1, '"Memory:" lines')
    check(abs(totals[0] - ram) <= MIB, f'total RAM {totals[0]}, in the plan {ram}')


def main():
    series, memory, many = sys.argv[1], sys.argv[2], 'many' in sys.argv[3:]
    random = os.urandom(20 * MIB)
    with common.scratch() as folder:
        initrd = folder / 'initrd'
        initrd.write_bytes(initramfs.with_init(INIT, random=random))
        options = options_for(series, memory, many, initrd)
        plan = common.run_json('plan', *options)
        lines = common.boot(*options)
        size = initrd.stat().st_size
    equal(plan['protocol'], 'pvh', 'protocol')
    equal([r['size'] for r in plan['regions'] if r['name'] == 'initrd'], [size], 'initrd')
    equal(between(lines, '@cmdline-begin', '@cmdline-end'), [plan['cmdline']], '/proc/cmdline')
    check(f'@sha256 {hashlib.sha256(random).hexdigest()}' in lines, 'digest of the random file')
    check('@done' in lines, 'the end of init')
    equal(map_in_log(lines), expected_map(plan), 'memory map in the log')
    check_ram(lines, plan)
    if many:
        equal(len(plan['memmap']), 127, 'map entries')
        equal(len(plan['cmdline']), 2047, 'bytes of command line')
    print(f'ok: {series} with {memory}: {len(plan["memmap"])} map entries')


if __name__ == '__main__':
    main()
