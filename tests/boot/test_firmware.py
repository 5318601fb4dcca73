#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/examples/firmware boots Linux, loaded by QEMU's own PVH loader and by ours, as its README.md says.

    test_firmware.py FIRMWARE

The commands and line counts are those of the README.  What the firmware says it was given, what it plans, and what Linux says of it
are held against each other, and the two boots.
"""
import hashlib
import os
import pathlib
import re
import subprocess
import sys

import common
import initramfs
import linux_guest
from common import check, equal

README = common.SOURCE / 'docs' / 'examples' / 'firmware' / 'README.md'
RAM = 1
FIRMWARE_GPA = 0x100000
CONTENT = os.urandom(100001)
INIT = '''
alias b=/bin/busybox
b mount -t proc proc /proc
b dmesg | b grep -e BIOS-e820 -e 'ACPI: RSDP' -e 'RSDP was not found'
echo "@cmdline $(b cat /proc/cmdline)"
echo "@content $(b sha256sum /content | b cut -d ' ' -f 1)"
echo "@release $(b uname -r)"
b reboot -f
'''
CMDLINE = 'console=ttyS0 quiet reboot=t panic=-1'


class Boot:
    """What was said, by the firmware up to "entry", then by Linux."""

    def __init__(self, text):
        lines = [line.rstrip('\r') for line in text.split('\n')]
        self.text = text
        check('@release' in text, f'no user space:\n{text[-3000:]}')
        at = next(i for i, line in enumerate(lines) if line.startswith('firmware '))
        entry = next(i for i, line in enumerate(lines) if line.startswith('entry '))
        self.said, self.linux = lines[at:entry + 1], lines[entry + 1:]

    def all(self, name):
        """Numbers, and the text after them, of each line of that name."""
        found = []
        for line in self.said:
            if line.split(' ')[0] == name:
                numbers, text = re.fullmatch(r'\S+((?: 0x[0-9a-f]+)*) ?(.*)', line).groups()
                found.append(([int(n, 16) for n in numbers.split()], text))
        return found

    def number(self, name):
        return self.all(name)[0][0][0]

    def ranges(self, kind):
        """{name: (address, size)} of "file" or "region"."""
        return {text: tuple(numbers) for numbers, text in self.all(kind)}

    def names(self):
        return [line.split(' ')[0] for line in self.said]

    def told(self, name):
        return next(line[len(name) + 2:] for line in self.linux if line.startswith(f'@{name} '))


def overlap(a, b):
    return a[0] < b[0] + b[1] and b[0] < a[0] + a[1]


def check_places(boot, size):
    """Of what is planned nothing is where the firmware is, or what it was given."""
    ram = [numbers[:2] for numbers, _ in boot.all('memmap') if numbers[2] == RAM]
    given = [numbers for numbers, _ in boot.all('module')]
    given += [(FIRMWARE_GPA, size), (boot.number('start_info'), 56),
              (boot.number('modlist_paddr'), 32 * boot.number('nr_modules')),
              (boot.number('memmap_paddr'), 24 * boot.number('memmap_entries')),
              (boot.number('cmdline_paddr'), len(CMDLINE) + 1)]
    for name, place in boot.ranges('region').items():
        check(any(r[0] <= place[0] and sum(place) <= sum(r) for r in ram), f'{name} {place} is not in RAM')
        check(not any(overlap(place, g) for g in given), f'{name} {place} is over one of {given}')


def check_linux(boot, kernel):
    """It has the files, the command line, the map and the RSDP that the firmware was given."""
    version = common.run_json('info', kernel)['kernel_version']
    equal(boot.told('release'), version.split()[0], 'the kernel')
    equal(boot.told('cmdline'), CMDLINE, 'the command line in Linux')
    equal(boot.told('content'), hashlib.sha256(CONTENT).hexdigest(), 'a file of the initrd')
    guest = linux_guest.Guest([*boot.linux, '@done'])
    equal(guest.map_lines('BIOS-e820'), linux_guest.joined([tuple(n) for n, _ in boot.all('memmap')]),
          'the memory map in Linux')
    rsdp = boot.number('rsdp_paddr')
    expected = f'ACPI: RSDP 0x{rsdp:016X} ' if rsdp else 'RSDP was not found'
    check(any(expected in line for line in boot.linux), f'Linux does not say {expected}')


def check_boot(boot, folder, modules):
    """By the sizes of what was handed in."""
    kernel, initrd = (folder / 'vmlinuz').stat().st_size, (folder / 'initrd').stat().st_size
    equal(boot.all('cmdline'), [([], CMDLINE)], 'the command line')
    equal(boot.number('version'), 1, 'version')
    equal([numbers[1] for numbers, _ in boot.all('module')],
          [(folder / name).stat().st_size for name in modules], 'bytes of the modules')
    equal({name: place[1] for name, place in boot.ranges('file').items()}, {'kernel': kernel, 'initrd': initrd},
          'bytes of the files')
    equal(boot.ranges('region')['initrd'][1], initrd, 'bytes of the initrd in the plan')
    check_places(boot, common.run_json('info', folder / 'firmware')['init_size'])
    check_linux(boot, folder / 'vmlinuz')


def commands():
    """The README's, with what they are said to print."""
    text = README.read_text()
    blocks = re.findall(r'^```\n\$ (.*?)^```$', text, re.M | re.S)
    return [command for block in blocks for command in re.split(r'^\$ ', block, flags=re.M)]


def check_line_counts():
    rows = re.findall(r'^\| `(\S+)` \| (\d+) \|', README.read_text(), re.M)
    equal(rows, [(name, str((README.parent / name).read_text().count('\n'))) for name, _ in rows],
          "the README's lines of each file")
    check(sum(int(n) for name, n in rows if not name.endswith('.S')) < 600, '600 lines of C or more')


def split_quote(block):
    """The command, which may go on after a backslash, and the lines that are quoted."""
    command = re.match(r'(?:.*\\\n)*.*\n', block)[0]
    return command, block[len(command):].splitlines()


def shell(command, folder):
    env = {**os.environ, 'PATH': f'{folder / "bin"}:{os.environ["PATH"]}'}
    done = subprocess.run(['sh', '-e', '-c', command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=240)
    text = done.stdout.decode('utf-8', 'replace')
    equal(done.returncode, 0, f'{command}: {done.stderr.decode()}\n{text[-3000:]}\nexit status')
    return text


def by_the_readme(folder):
    """Our boot and QEMU's."""
    boots = []
    for block in commands():
        command, quoted = split_quote(block)
        text = shell(command, folder)
        if not quoted:
            continue
        boot = Boot(text)
        equal(boot.names(), [line.split(' ')[0] for line in quoted if line[0] != '@'],
              'the lines that the README quotes')
        boots.append(boot)
    ours, qemu = boots
    return ours, qemu


def check_same(ours, qemu):
    """But for what each loader decides."""
    equal([name for name in ours.names() if name not in ('module', 'memmap')],
          [name for name in qemu.names() if name not in ('module', 'memmap')], 'the lines of both')
    for name in ('version', 'flags', 'entry'):
        equal(ours.number(name), qemu.number(name), name)
    for name in ('kernel', 'page tables'):
        equal(ours.ranges('region')[name], qemu.ranges('region')[name], f'region {name}')
    equal({name: place[1] for name, place in ours.ranges('region').items()},
          {name: place[1] for name, place in qemu.ranges('region').items()}, 'sizes of the regions')
    for name in ('release', 'cmdline', 'content'):
        equal(ours.told(name), qemu.told(name), f'@{name}')


def by_vmlinux(folder):
    """A kernel that is decoded already: each of its segments goes where it belongs."""
    done = common.run('extract', folder / 'vmlinuz', '--output', folder / 'vmlinux')
    equal(done.returncode, 0, 'extract')
    boot = Boot('\n'.join(common.boot('--kernel', folder / 'firmware', '--module', folder / 'vmlinux', '--module',
                                      folder / 'initrd', '--append', CMDLINE)))
    check_linux(boot, folder / 'vmlinuz')


def refused(folder, *modules):
    """What the firmware says of them."""
    options = sum((['--module', folder / name] for name in modules), [])
    lines = common.boot('--kernel', folder / 'firmware', *options)
    return next((line[10:] for line in lines if line.startswith('firmware: ')), 'nothing')


def by_no_kernel(folder):
    """It says the same as the program does, and so do the library's messages without a C library."""
    (folder / 'none').write_bytes(b'\x7fELF\x02\x01\x01' + bytes(57))
    said = refused(folder, 'none')
    program = common.run('info', folder / 'none').stderr.decode()
    check(said in program, f'the firmware says {said!r}, the program {program!r}')
    equal(refused(folder), 'a module is missing, or not below 4 GiB', 'without a module')


def main():
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    firmware = pathlib.Path(sys.argv[1])
    check_line_counts()
    with common.scratch() as folder:
        (folder / 'initrd').write_bytes(initramfs.with_init(INIT, content=CONTENT))
        (folder / 'bin').mkdir()
        (folder / 'bin' / 'pvhload').symlink_to(common.PROGRAM)
        (folder / 'bin' / 'cpio').symlink_to(next(path for path in initramfs.BUSYBOX if pathlib.Path(path).exists()))
        (folder / 'firmware').symlink_to(firmware.resolve())
        (folder / 'vmlinuz').symlink_to(common.kernel('6.12'))
        ours, qemu = by_the_readme(folder)
        check_boot(ours, folder, ['vmlinuz', 'initrd'])
        check_boot(qemu, folder, ['both'])
        check_same(ours, qemu)
        by_vmlinux(folder)
        by_no_kernel(folder)
    print(f'ok: {firmware.stat().st_size} bytes of firmware')


if __name__ == '__main__':
    main()
