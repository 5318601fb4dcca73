#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""GRUB's i386-xen_pvh image, made with Debian's own modules: an ELF32 file with a PVH entry."""
import hashlib
import pathlib
import subprocess

import common
from common import equal

MODULES = pathlib.Path('/usr/lib/grub/i386-xen_pvh')

# Of the image that grub-common and grub-xen-bin 2.06-13+deb12u2 make.
KNOWN = '59ec988e6900cde4b5852058b88b373d0dbb77c84de93f648a681ca28e37fff5'
KNOWN_SEGMENTS = [
    {'offset': 0x1000, 'gpa': 0x100000, 'file_size': 0xbccb, 'mem_size': 0x25858},
    {'offset': 0xcccb, 'gpa': 0x125858, 'file_size': 0x2f97c, 'mem_size': 0x2f97c},
]


def read_as_elf32():
    common.need('grub-mkimage', 'grub-common')
    if not MODULES.is_dir():
        common.skip(f'{MODULES} is not there (Debian: grub-xen-bin)')
    with common.scratch() as folder:
        image = folder / 'grub'
        subprocess.run(['grub-mkimage', '-d', MODULES, '-O', 'i386-xen_pvh', '-p', '/boot/grub',
                        '-o', image, 'normal', 'echo'], check=True)
        info = common.run_json('info', image)
        plan = common.run_json('plan', '--kernel', image, '--memory', '64M')
        digest = hashlib.sha256(image.read_bytes()).hexdigest()
    equal(info['format'], 'elf32', 'format')
    equal(info['arch'], 'i386', 'arch')
    equal(info['entry'], 0x100000, 'entry')
    equal(info['pvh_entry'], 0x100000, 'PVH entry')
    equal(info['pvh_reloc'], None, 'PVH reloc')
    equal(info['payload'], None, 'payload')
    equal(info['boot_protocol'], None, 'boot protocol')
    equal(plan['cpu']['rip'], 0x100000, 'rip')
    equal([r['gpa'] for r in plan['regions'] if r['name'] == 'kernel'], [0x100000], 'kernel')
    if digest == KNOWN:
        equal(info['segments'], KNOWN_SEGMENTS, 'segments')


if __name__ == '__main__':
    common.main([read_as_elf32])
