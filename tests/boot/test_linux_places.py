#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's stock kernel away from the place it prefers, and with every kind of page tables.

    test_linux_places.py SERIES places|paging

Where the guest's own /proc/iomem has the kernel is compared with the plan in every boot; the rest of
what linux_guest.py compares, too.
"""
import sys

import common
from common import check, equal
from linux_guest import ALWAYS, GIB, MIB, Files, Method, boot, region

PREFERRED = 16 * MIB
LA57, PAGE = 1 << 12, 4096
# A kernel that decodes itself would choose a place at random.
CMDLINE = ALWAYS + ' nokaslr'
WITHOUT_RELOC_NOTE = ['6.1']


def kernel_at(plan):
    return region(plan, 'kernel')['gpa']


class Places:
    def __init__(self, series, folder):
        self.series, self.folder = series, folder
        self.files = Files(folder, first=2 * MIB + 1, second=MIB)

    def method(self, name):
        return Method(name, self.series, self.folder)

    def boot(self, name, memory, *options):
        return boot(self.method(name), self.files, memory, CMDLINE, *options)

    def refused(self, name, says, *options):
        method = self.method(name)
        done = common.run('plan', '--kernel', method.path, *method.options, *options)
        equal((done.returncode, done.stdout), (1, b''), f'{name} {options}')
        for text in says:
            check(text in done.stderr.decode(), done.stderr.decode())

    def preferred_is_taken(self):
        taken = ['--reserve', f'{PREFERRED:#x},0x1000']
        for name in ('bzimage64', 'bzimage32', 'decoded64'):
            equal(kernel_at(self.boot(name, '256M', *taken)), PREFERRED + 2 * MIB, name)

    def below_the_preferred(self):
        """It is loaded there, and decodes itself to where it prefers to be."""
        plan = self.boot('bzimage64', '256M', '--place', 'kernel,0x200000')
        equal(region(plan, 'kernel image')['gpa'], 2 * MIB, 'kernel image')
        equal(kernel_at(plan), PREFERRED, 'kernel')
        equal(plan['entry'], 2 * MIB + 0x200, 'entry')

    def asked_for(self):
        """With pages of 1 GiB: one table is enough for the first 4 GiB, and one above it."""
        plan = self.boot('decoded64', '256M', '--place', 'kernel,0x4000000', '--paging', '4,1G')
        equal(kernel_at(plan), 64 * MIB, 'kernel')
        equal(region(plan, 'page tables')['size'], 2 * PAGE, 'page tables')
        for name in ('bzimage64', 'decoded64'):
            self.refused(name, ['0x4100000', 'multiple', '0x200000'], '--place', 'kernel,0x4100000')

    def above_4g(self):
        place = ['--place', 'kernel,0x140000000']
        for name, paging in (('bzimage64', '4,1G'), ('decoded64', '4'), ('vmlinux64', '5,1G')):
            equal(kernel_at(self.boot(name, '6G', *place, '--paging', paging)), 5 * GIB, name)
        self.refused('bzimage32', ['at 0x140000000', '4 GiB'], '--memory', '6G', *place)

    def structures_above_1g(self):
        """PVH's two tables have to be below 1 GiB; nothing else does, whatever reads it."""
        for name, moved in (('pvh', ['start_info', 'cmdline', 'gdt']),
                            ('decoded64', ['zero page', 'cmdline', 'gdt', 'page tables'])):
            asked = {part: GIB + 16 * MIB * (i + 1) for i, part in enumerate(moved)}
            places = sum((['--place', f'{part},{gpa}'] for part, gpa in asked.items()), [])
            plan = self.boot(name, '2G', *places)
            equal({part: region(plan, part)['gpa'] for part in moved}, asked, name)

    def five_levels(self):
        """A CPU that has them is in 5-level paging from the first instruction on."""
        for name in ('bzimage64', 'decoded64'):
            plan = self.boot(name, '256M', '--paging', '5')
            check(plan['cpu']['cr4'] & LA57, 'CR4.LA57')
            equal(region(plan, 'page tables')['size'], 7 * PAGE, 'page tables')
        self.refused('bzimage32', ['32-bit entry has no page tables', '5 levels'], '--paging', '5')

    def by_its_note(self):
        """PVH: a kernel says by PHYS32_RELOC that it can be moved, and where to."""
        place, taken = ['--place', 'kernel,0x2000000'], ['--reserve', f'{PREFERRED:#x},0x1000']
        if self.series in WITHOUT_RELOC_NOTE:
            self.refused('pvh', ['0x1000000', '0x2000000', 'no PHYS32_RELOC note'], *place,
                         '--protocol', 'pvh')
            self.refused('pvh', ['kernel segment 0 [0x1000000, ', 'reserved [0x1000000, 0x1001000)'],
                         *taken, '--protocol', 'pvh')
            plan = common.run_json('plan', '--kernel', common.kernel(self.series), *taken)
            equal(plan['protocol'], 'linux64', 'protocol for a kernel that PVH cannot move')
            return
        equal(kernel_at(self.boot('pvh', '256M', *place)), 32 * MIB, 'kernel')
        plan = common.run_json('plan', '--kernel', common.kernel(self.series), *taken)
        equal((plan['protocol'], kernel_at(plan)), ('pvh', PREFERRED + 2 * MIB), 'moved by PVH')
        self.refused('pvh', ['0x40000000', '[0x1000000, 0x40000000)'], '--memory', '3G', '--place',
                     'kernel,0x40000000', '--protocol', 'pvh')


def main():
    with common.scratch() as folder:
        p = Places(sys.argv[1], folder)
        parts = {'places': [p.preferred_is_taken, p.below_the_preferred, p.asked_for, p.by_its_note],
                 'paging': [p.above_4g, p.structures_above_1g, p.five_levels]}
        for part in parts[sys.argv[2]]:
            part()
            print(f'ok: {part.__name__}')


if __name__ == '__main__':
    main()
