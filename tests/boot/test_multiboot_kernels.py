#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Kernels of Debian that have Multiboot headers only: GNU Mach, and Xen with Linux as its dom0.

    test_multiboot_kernels.py gnumach|xen
"""
import sys

import common
from common import check, equal

XEN_CMDLINE = 'console=com1 com1=115200,8n1 loglvl=all noreboot no-real-mode'


def until_timeout(seconds, *options):
    """What the guest says until it is ended: neither ends by itself."""
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    done = common.run('boot', *options, '--vmm', 'qemu', '--timeout', seconds, timeout=seconds + 60)
    check(b'did not end within' in done.stderr, f'{options}: {done.stderr.decode()}')
    return done.stdout.decode('utf-8', 'replace').replace('\r', '')


def says(text, *lines):
    at = 0
    for line in lines:
        at = text.find(line, at)
        check(at >= 0, f'no {line!r} after the lines before it:\n{text[-3000:]}')


def gnumach():
    kernel = common.fetched('gnumach', 'gnumach.gz')
    info = common.run_json('info', kernel)
    equal([(h['version'], h['header_offset'], h['entry']) for h in info['multiboot']], [(1, 0x1004, 0x1000000)],
          'header, and the entry, which is a virtual address in the file')
    equal(info['entry'], 0xc1000000, 'entry as it stands')
    equal(info['guest'], 'other', "guest, though it has Linux's text")
    text = until_timeout(20, '--kernel', kernel, '--append', 'console=com0')
    says(text, 'GNU Mach 1.8', 'biosmem: 000000000000000000:00000000000009f000, available',
         'biosmem: 000000000000100000:000000000020000000, available')


def xen_by(protocol, *more):
    with common.scratch() as folder:
        initrd = folder / 'initrd'
        initrd.write_bytes(bytes(range(256)) * 4032 + b'end')
        text = until_timeout(60, '--kernel', common.fetched('xen', 'xen.gz'), '--append', XEN_CMDLINE, '--bda', '--memory',
                             '1G', '--module', f'{common.fetched("6.1-amd64", "vmlinuz")},vmlinuz console=hvc0', '--module',
                             f'{initrd},initrd', '--protocol', protocol, *more)
        says(text, '(XEN) Xen version 4.17', '(XEN) Bootloader: libpvhload', f'(XEN) Command line: {XEN_CMDLINE}\n',
             'Multiboot-e820 RAM map:', '[0000000000000000, 000000000009fbff] (usable)',
             '[0000000000100000, 000000003fffffff] (usable)', 'Dom0 kernel: 64-bit', 'Init. ramdisk:')
        # Its own code is entered: what becomes of it without ACPI is its own.
        says(text, '(XEN) Freed ')
        ramdisk = text[text.index('Init. ramdisk:'):].split()[2].split('->')
        equal(int(ramdisk[1], 16) - int(ramdisk[0], 16), 256 * 4032 + 3, 'bytes of the initrd')
    return text


def xen():
    text = xen_by('multiboot2')
    says(text, 'Xen image load base address: 0\n')
    # by the tag that says where it is
    text = xen_by('multiboot2', '--place', 'kernel,0x4200000')
    says(text, 'Xen image load base address: 0x4000000\n')
    xen_by('multiboot1')


if __name__ == '__main__':
    common.main([gnumach if sys.argv[1] == 'gnumach' else xen])
