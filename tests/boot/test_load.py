#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Guest memory by each way of --load: the same bytes, and a Linux that starts from them.

    test_load.py made-up
    test_load.py bytes
    test_load.py SERIES WAY...

"made-up" and "bytes" compare what dump writes by each way with what it writes by default, of a kernel of a few bytes and
of Debian's.  With a series, Debian's kernel boots in QEMU to user space by the ways named; while it runs, it is looked at
what of the shared kernel its memory has mapped.
"""
import re
import struct
import subprocess
import sys

import common
import images
import initramfs
from common import check, equal

WAYS = ('copy', 'in-place', 'map', 'steady')
KIB = 1024
LIMIT = 200  # seconds

# It waits for a key: until then it can be looked at.
INIT = """
export PATH=/bin
/bin/busybox --install /bin
mount -t proc proc /proc
echo "@release $(uname -r)"
read key
reboot -f
"""


def dumped(folder, *options):
    """RAM, how many bytes of it the file has, and the processor's state."""
    ram, cpu = folder / 'ram', folder / 'cpu'
    done = common.run('dump', *options, '--memory-file', ram, '--cpu-file', cpu)
    equal((done.returncode, done.stderr), (0, b''), f'dump {options}')
    return ram.read_bytes(), ram.stat().st_blocks * 512, cpu.read_bytes()


def same_bytes(folder, what, *options):
    usual, _, cpu = dumped(folder, *options)
    loaded = sum(usual[at:at + 4 * KIB] != bytes(4 * KIB) for at in range(0, len(usual), 4 * KIB)) * 4 * KIB
    for way in WAYS:
        ram, size, state = dumped(folder, *options, '--load', way)
        check(ram == usual, f'{what}: RAM by {way} differs')
        equal(state, cpu, f'{what}: state by {way}')
        check(way == 'copy' or loaded <= size <= loaded + loaded // 8 + 64 * KIB,
              f'{what}: {size} bytes of file by {way}, {loaded} in pages that are not zero')
    print(f'ok: {what}: {len(WAYS)} ways, {loaded // KIB} KiB in pages that are not zero')


def made_up():
    """A kernel whose segments have whole pages to map, the first for reading, zeros among them; a firmware, which is copied."""
    first, second = b'\x90' * 0x5123, bytes(0x3000) + b'data' * 0x801
    at = 64 + 3 * 56  # in the file, and modulo a page in memory
    kernel = bytearray(images.elf64(
        images.load(0x200000 + at, first, 0x9000), images.load(0x20b000 + at + len(first) % 4096, second, 0x8000),
        images.notes(images.note(0x200000 + at))))
    struct.pack_into('<I', kernel, 64 + 4, 5)
    with common.scratch() as folder:
        (folder / 'kernel').write_bytes(kernel)
        (folder / 'bios').write_bytes(b'\xf4' * 0xfff0 + b'\xea\0\0\0\xf0' + bytes(11))
        same_bytes(folder, 'made-up', '--kernel', folder / 'kernel', '--memory', '20M', '--append', 'words')
        same_bytes(folder, 'a firmware', '--firmware', folder / 'bios', '--memory', '20M')


def the_bytes():
    with common.scratch() as folder:
        initrd = folder / 'initrd'
        initrd.write_bytes(initramfs.with_init(INIT))
        for series, way in (('6.1', 'pvh'), ('6.12', 'pvh'), ('6.12', 'linux64')):
            same_bytes(folder, f'{series} by {way}', '--kernel', common.kernel(series), '--initrd', initrd, '--memory',
                       '128M', '--append', 'console=ttyS0', '--protocol', way, '--decompress', 'host')


def mapped(pid):
    """KiB of the shared kernel that a process has mapped."""
    with open(f'/proc/{pid}/maps', encoding='ascii') as file:
        found = re.findall(r'^([0-9a-f]+)-([0-9a-f]+) rw-p .*/memfd:pvhload-image', file.read(), re.M)
    return sum(int(end, 16) - int(start, 16) for start, end in found) // KIB


def boot(kernel, initrd, version, *options, starts=1):
    """What was mapped at the first start."""
    size = None
    with subprocess.Popen([common.PROGRAM, 'boot', '--kernel', kernel, '--initrd', initrd, '--vmm', 'qemu', '--timeout',
                           str(LIMIT), '--append', 'console=ttyS0 quiet reboot=t panic=-1', *options],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as vmm:
        said = []
        for line in vmm.stdout:
            said.append(line.decode('utf-8', 'replace').strip())
            if said[-1].startswith('@release'):
                size = mapped(vmm.pid) if size is None else size
                vmm.stdin.write(b'\n')
                vmm.stdin.flush()
        errors = vmm.stderr.read().decode()
    equal(vmm.returncode, 0, f'{options}: {errors} {said[-25:]}')
    equal([line for line in said if line.startswith('@')], [f'@release {version}'] * starts, f'{options}: user space')
    return size


def boots(series, ways):
    """By map the guest is started twice: the second time its memory is as at the first."""
    kernel = common.kernel(series)
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    version = common.run_json('info', kernel)['kernel_version'].split()[0]
    sizes = {}
    with common.scratch() as folder:
        initrd = folder / 'initrd'
        initrd.write_bytes(initramfs.with_init(INIT))
        for way in ways:
            starts = 2 if way == 'map' else 1
            sizes[way] = boot(kernel, initrd, version, '--load', way, '--reboots', str(starts - 1), starts=starts)
            print(f'ok: {way}: {version} to user space, {starts} times, {sizes[way]} KiB mapped')
    for way, size in sizes.items():
        equal(size > 0, way in ('map', 'steady'), f'{way}: is the shared kernel mapped: {size} KiB')
    check('map' not in sizes or sizes.get('steady', 0) < sizes['map'], f'all, and less: {sizes}')


if __name__ == '__main__':
    if sys.argv[1] == 'made-up':
        made_up()
    elif sys.argv[1] == 'bytes':
        the_bytes()
    else:
        boots(sys.argv[1], sys.argv[2:])
