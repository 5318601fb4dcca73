#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What a Linux guest has changed of its kernel by the time its first program runs: the table of docs/sharing.md.

    test_changed_pages.py SERIES...

The guest's RAM is a file, which dump writes and QEMU runs in; the first program ends the guest, and the file is compared
with the kernel's segments, page by page.
"""
import struct
import sys

import common
import dumped
import initramfs
from common import check, equal

PAGE = 4096
INIT = """
/bin/busybox mount -t proc proc /proc
/bin/busybox echo "@up"
/bin/busybox reboot -f
"""


def run_ok(*args):
    done = common.run(*args)
    equal((done.returncode, done.stderr), (0, b''), args[0])


def segments(elf):
    """(flags, bytes, address) of each PT_LOAD."""
    at, = struct.unpack_from('<Q', elf, 32)
    count, = struct.unpack_from('<H', elf, 56)
    for i in range(count):
        kind, flags, offset, _, gpa, size = struct.unpack_from('<IIQQQQ', elf, at + 56 * i)
        if kind == 1:
            yield flags, elf[offset:offset + size], gpa


def pages(data):
    return [data[at:at + PAGE] for at in range(0, len(data), PAGE)]


def compare(series, folder):
    kernel, initrd = folder / 'vmlinux', folder / 'initrd'
    ram, cpu = folder / 'ram', folder / 'cpu'
    run_ok('extract', common.kernel(series), '--output', kernel)
    initrd.write_bytes(initramfs.with_init(INIT))
    run_ok('dump', '--kernel', kernel, '--initrd', initrd, '--memory', '512M', '--protocol', 'pvh', '--append',
           'console=ttyS0 quiet nokaslr reboot=t panic=-1', '--memory-file', ram, '--cpu-file', cpu)
    check('@up' in dumped.boot(ram, cpu, folder), f'{series}: user space')
    memory = ram.read_bytes()
    for number, (flags, data, gpa) in enumerate(segments(kernel.read_bytes())):
        own, now = pages(data), pages(memory[gpa:gpa + len(data)])
        changed = sum(a != b for a, b in zip(own, now))
        print(f'{series}: segment {number}, flags {flags}: {len(own)} pages, {changed} changed, '
              f'{sum(not any(page) for page in own)} of zeros in the file')
        check(0 < changed <= len(own), f'{series}: segment {number}: it has run')


def main():
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    for series in sys.argv[1:]:
        with common.scratch() as folder:
            compare(series, folder)


if __name__ == '__main__':
    main()
