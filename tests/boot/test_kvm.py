#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/examples/kvm.c boots a stock kernel by PVH on real KVM, and so does what pvhload/kvm.h makes of a state.

    test_kvm.py EXAMPLE

On any machine: QEMU emulates a processor with AMD's virtualization, Debian's kernel runs on it, with KVM's modules out
of its package, and the example on that.  The host's own /dev/kvm is not used.
"""
import pathlib
import re
import subprocess
import sys

import common
import initramfs
from common import check, equal

INNER = """
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox echo "<0>@inner $(/bin/busybox uname -r)" >/dev/kmsg
/bin/busybox reboot -f
"""
# The inner kernel is quiet, as each byte it writes is an exit from the guest.
OUTER = """
alias b=/bin/busybox
b mount -t proc proc /proc
b mount -t devtmpfs dev /dev
for m in irqbypass kvm kvm-amd; do b insmod /$m.ko; done
LD_LIBRARY_PATH=/lib b timeout 500 /example /vmlinuz /initrd 'console=ttyS0 quiet reboot=t panic=-1' </dev/null
b echo "@exit $?"
b reboot -f
"""
LIMIT = 580  # seconds, on a machine with much else to do


def libraries(program):
    """{name in the initramfs: content} of what a program is linked with."""
    says = subprocess.run(['ldd', program], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for path in re.findall(r'(/\S+) \(0x', says):
        name = path.lstrip('/') if '/ld-linux' in path else 'lib/' + pathlib.Path(path).name
        found[name] = (0o100755, pathlib.Path(path).read_bytes())
    return found


def files_of(example):
    """What the outer guest has."""
    content = {name: (0o40755, b'') for name in ('bin', 'proc', 'dev', 'lib', 'lib64')}
    content.update({'bin/busybox': (0o100755, initramfs.busybox()),
                    'init': (0o100755, b'#!/bin/busybox sh\n' + OUTER.encode()),
                    'example': (0o100755, pathlib.Path(example).read_bytes()),
                    'vmlinuz': (0o100644, common.kernel('6.12').read_bytes()),
                    'initrd': (0o100644, initramfs.with_init(INNER))})
    content.update(libraries(example))
    for name in ('irqbypass.ko', 'kvm.ko', 'kvm-amd.ko'):
        content[name] = (0o100644, common.fetched('6.1-kvm', name).read_bytes())
    return content


def main():
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    kernel = common.fetched('6.1-kvm', 'vmlinuz')
    with common.scratch() as folder:
        (folder / 'initrd').write_bytes(initramfs.cpio(files_of(sys.argv[1])))
        done = subprocess.run(['qemu-system-x86_64', '-accel', 'tcg', '-cpu', 'max,+svm', '-m', '6144',
                               '-kernel', kernel, '-initrd', folder / 'initrd', '-append',
                               'console=ttyS0 quiet panic=-1 reboot=t', '-nographic', '-no-reboot'],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)
    said = done.stdout.decode('utf-8', 'replace').replace('\r', '')
    equal(done.returncode, 0, f'QEMU: {done.stderr.decode()}')
    inner = re.search(r'@inner (\S+)', said)
    check(inner, f'no user space: {said[-3000:]}')
    version = common.run_json('info', common.kernel('6.12'))['kernel_version']
    equal(inner[1], version.split()[0], 'the kernel')
    check('@exit 0' in said, f'the example failed: {said[-3000:]}')
    print(f'ok: {inner[1]} on KVM')


if __name__ == '__main__':
    main()
