#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's kernel for 32-bit processors boots to user space, its timer through the 8259.

With "noapic nolapic" the only timer interrupt comes by LINT0 of the local APIC, which the kernel leaves as
the firmware, here the ROM of boot, has set it: if it is masked, the kernel waits for ever at "Calibrating
delay loop".
"""
import common
import initramfs
from common import check, equal

INIT = """
alias b=/bin/busybox
b mount -t proc proc /proc
b dmesg -n 1
echo "@release $(b uname -rm)"
echo "@timer $(b grep timer /proc/interrupts)"
b sleep 1
echo "@later $(b grep timer /proc/interrupts)"
b reboot -f
"""
OPTIONS = 'console=ttyS0 reboot=t panic=-1 quiet noapic nolapic'


def said(lines, name):
    found = [line.split() for line in lines if line.startswith(f'@{name} ')]
    equal(len(found), 1, f'lines of @{name} in {lines[-20:]}')
    return found[0][1:]


def main():
    kernel = common.fetched('6.1-686', 'vmlinuz')
    box = common.fetched('busybox-static-i386', 'busybox').read_bytes()
    with common.scratch() as folder:
        (folder / 'initrd').write_bytes(initramfs.with_init(INIT, box=box))
        lines = common.boot('--kernel', kernel, '--initrd', folder / 'initrd', '--append', OPTIONS)
    release = said(lines, 'release')
    check(release[0].startswith('6.1.') and release[0].endswith('-686') and release[1] == 'i686',
          f'not that kernel: {release}')
    before, after = said(lines, 'timer'), said(lines, 'later')
    equal((before[0], before[2]), ('0:', 'XT-PIC'), 'the timer is the 8259\'s')
    check(int(after[1]) > int(before[1]), f'it does not go on: {before} {after}')
    print(f'ok: {release[0]}, {int(after[1])} timer interrupts')


if __name__ == '__main__':
    main()
