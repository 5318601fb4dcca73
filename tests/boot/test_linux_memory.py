#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What Debian's stock kernel does to its own memory, by its command line and by KASLR, is planned for."""
import os
import re

import common
from common import check, equal
from linux_guest import ALWAYS, MIB, SETUP_TYPES, Files, Guest, Method, boot_guest, region

TAKEN = (16 * MIB, 80 * MIB)  # where the kernel prefers to be is in it
RSDP = 128 * MIB


def taken_away(folder):
    """6.1, which PVH cannot move: Linux panics if its code is in what memmap= takes away."""
    options = ['--kernel', common.kernel('6.1'), '--memory', '256M',
               *Files(folder, first=MIB, second=MIB).options,
               '--append', f'{ALWAYS} memmap=64M$16M']
    plan = common.run_json('plan', *options)
    equal(plan['protocol'], 'linux64', 'protocol')
    check(region(plan, 'kernel')['gpa'] >= TAKEN[1], 'the kernel is in what is taken away')
    guest = Guest(common.boot(*options))
    check((TAKEN[0], TAKEN[1] - TAKEN[0], 2) in guest.map_lines('user'), 'the map that Linux goes by')
    first, last = (int(end, 16) for end in guest.one('code').split()[0].split('-'))
    check(last < TAKEN[0] or first >= TAKEN[1], f'code at [{first:#x}, {last:#x}]')


def rsdp_in_ram(folder):
    """6.12 with a seed, so not by PVH: if it decoded itself, it could move over the RSDP."""
    seed = os.urandom(64)
    (folder / 'seed').write_bytes(seed)
    method = Method('decoded64', '6.12', folder)
    method.options = []  # auto chooses this
    plan, guest = boot_guest(method, Files(folder, first=MIB, second=MIB), '256M', ALWAYS,
                             '--rng-seed', folder / 'seed', '--rsdp', f'{RSDP:#x}',
                             handed=[(SETUP_TYPES['rng_seed'], False, seed)])
    check("the kernel's own KASLR may put it over the RSDP" in plan['reason'], plan['reason'])
    # The RSDP here is of zeros: no signature, size 0, revision 0.
    says = re.escape(f'ACPI:      {RSDP:#018x} 000000 (v00 ')
    check(guest.first_line(says) is not None, 'the guest has not read the RSDP as it was')


def main():
    with common.scratch() as folder:
        for part in (taken_away, rsdp_in_ram):
            part(folder)
            print(f'ok: {part.__name__}')


if __name__ == '__main__':
    main()
