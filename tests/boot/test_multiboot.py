#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The Multiboot guest, started by us and by another loader, says the same: QEMU's for version 1, GRUB for version 2."""
import pathlib
import subprocess
import zlib

import common
import guests
from common import check, equal
from guest_lines import check_cpu, check_gdt, check_image, number, numbers, parse, region

MEMORY = '64M'
CMDLINE = 'first=1 second=a,b last'  # GRUB would escape quotation marks
CONTENTS = [bytes([0x41]) + bytes(70000) + bytes([0x5a]), b'\x17' * 5000]
TEXTS = ['one a b', 'two']
MAGIC = {1: 0x2badb002, 2: 0x36d76289}
GRUB_MODULES = pathlib.Path('/usr/lib/grub/i386-pc')

# What does not depend on who loads: the specification has it.
ALIKE = ['eax', 'entry', 'flat.cs', 'flat.es', 'flat.fs', 'flat.gs', 'flat.ss', 'bss.zeros', 'data.sum', 'module.size',
         'module.crc']


def write_modules(folder):
    paths = [folder / f'module{i}' for i in range(len(CONTENTS))]
    for path, content in zip(paths, CONTENTS):
        path.write_bytes(content)
    return paths


def ours(folder, guest, version, *more):
    """What the guest says that we have started, and the plan."""
    options = ['--kernel', guest, '--memory', MEMORY, '--protocol', f'multiboot{version}', '--append', CMDLINE, *more]
    for path, text in zip(write_modules(folder), TEXTS):
        options += ['--module', f'{path},{text}']
    return parse(common.boot(*options, timeout=60)), common.run_json('plan', *options)


def check_state(found, version):
    """The processor by the specification."""
    equal(number(found, 'eax'), MAGIC[version], 'eax')
    equal(number(found, 'cr0') & 0x80000001, 1, 'PE, and not PG, of cr0')
    equal(number(found, 'eflags') & (1 << 17 | 1 << 9), 0, 'VM and IF')
    for segment in ('cs', 'es', 'fs', 'gs', 'ss'):
        equal(number(found, f'flat.{segment}'), 1, f'{segment}, whether it is flat')
    check_image(found)


def check_modules(found):
    equal(numbers(found, 'module.size'), [len(c) for c in CONTENTS], 'sizes of modules')
    equal(numbers(found, 'module.crc'), [zlib.crc32(c) for c in CONTENTS], 'bytes of modules')
    equal([a % 4096 for a in numbers(found, 'module.start')], [0, 0], 'modules at page boundaries')


def check_map(found, plan):
    told = list(zip(numbers(found, 'mmap.addr'), numbers(found, 'mmap.length'), numbers(found, 'mmap.type')))
    equal(told, [(e['addr'], e['size'], e['type']) for e in plan['memmap']], 'memory map')
    equal(number(found, 'mem_lower'), 639, 'mem_lower')
    equal(number(found, 'mem_upper'), 63 << 10, 'mem_upper')


def check_ours(found, plan, version, name):
    """All that we say, by the plan."""
    check_state(found, version)
    check_cpu(found, plan['cpu'])
    check_gdt(found, plan['cpu'])
    check_modules(found)
    check_map(found, plan)
    kernel = max(r['gpa'] + r['size'] for r in plan['regions'] if r['name'].startswith('kernel'))
    check(all(a >= kernel for a in numbers(found, 'module.start')), 'modules are above the kernel')  # GRUB's are not
    equal(number(found, 'entry'), plan['entry'], 'entry')
    equal(number(found, 'ebx'), region(plan, 'multiboot info')['gpa'], 'information in ebx')
    equal(found['cmdline'], [f'{name} {CMDLINE}'], 'command line')
    equal(found['module.cmdline'], TEXTS, 'command lines of modules')
    equal(numbers(found, 'module.start'), [region(plan, f'module {i}')['gpa'] for i in range(2)], 'places of modules')
    equal(found['loader'], ['libpvhload'], 'loader')
    if version == 1:
        equal(number(found, 'flags'), 0x24d, 'flags')
        equal(set(numbers(found, 'mmap.size')), {20}, 'size of a map entry')
        equal(set(numbers(found, 'module.reserved')), {0}, 'reserved words of modules')
        return
    equal(numbers(found, 'tag'), [1, 2, 3, 3, 4, 6], 'tags')
    equal(set(numbers(found, 'tag.at')), {0}, 'places of tags, modulo 8')
    equal(number(found, 'total_size'), number(found, 'end.at'), 'size of the information')
    equal(number(found, 'mmap.entry_size'), 24, 'size of a map entry')


def check_alike(mine, theirs):
    for name in ALIKE:
        equal(mine[name], theirs[name], f'{name}, and what another loader gives')
    equal(mine['cmdline'][0].split(' ', 1)[1], CMDLINE, 'command line')
    # PE, ET and PG; and the flags that are not those of the last subtraction
    equal(number(mine, 'cr0') & 0x80000011, number(theirs, 'cr0') & 0x80000011, 'cr0')
    equal(number(mine, 'eflags') & ~0xd5, number(theirs, 'eflags') & ~0xd5, 'eflags')
    high = [(a, t) for a, t in zip(numbers(theirs, 'mmap.addr'), numbers(theirs, 'mmap.type')) if a == 1 << 20]
    equal(high, [(1 << 20, 1)], 'the RAM of another loader, from 1 MiB on')


def qemu(*options):
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    done = subprocess.run(['qemu-system-x86_64', '-M', 'pc', '-accel', 'tcg', '-m', MEMORY, '-nodefaults', '-no-reboot',
                           '-display', 'none', '-serial', 'stdio', *options], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120)
    text = done.stdout.decode('utf-8', 'replace').replace('\r', '')
    check('\neax ' in '\n' + text, f'no guest was started: {done.stderr.decode()}\n{text[-500:]}')
    # what comes before is the loader's
    return parse(text[text.index('eax '):].split('\n'))


def version1_as_by_qemu():
    for build in (guests.multiboot, guests.multiboot_flat):
        with common.scratch() as folder:
            guest = build(folder, 1)
            mine, plan = ours(folder, guest, 1)
            modules = ','.join(f'{p} {t}' for p, t in zip(write_modules(folder), TEXTS))
            theirs = qemu('-kernel', guest, '-append', CMDLINE, '-initrd', modules)
        check_ours(mine, plan, 1, guest.name)
        check_state(theirs, 1)
        check_modules(theirs)
        check_alike(mine, theirs)
        # QEMU has the path before each text, as we have the name before the command line.
        equal([t.split(' ', 1)[1] for t in theirs['module.cmdline']], TEXTS, 'texts of modules by QEMU')
        equal(theirs['cmdline'], [f'{guest} {CMDLINE}'], 'command line by QEMU')
        equal(number(theirs, 'flags') & 0x24d, 0x24d, 'flags by QEMU, of which ours are some')


def rescue_image(folder, guest):
    """A CD whose GRUB starts the guest."""
    for program, package in (('grub-mkrescue', 'grub-common'), ('xorriso', 'xorriso'), ('mformat', 'mtools')):
        common.need(program, package)
    if not GRUB_MODULES.is_dir():
        common.skip(f'{GRUB_MODULES} is not there (Debian: grub-pc-bin)')
    boot = folder / 'cd' / 'boot'
    (boot / 'grub').mkdir(parents=True)
    (boot / 'guest').write_bytes(guest.read_bytes())
    for path in write_modules(boot):
        check(path.exists(), 'a module')
    lines = [f'multiboot2 /boot/guest {guest.name} {CMDLINE}']
    lines += [f'module2 /boot/module{i} {text}' for i, text in enumerate(TEXTS)]
    (boot / 'grub' / 'grub.cfg').write_text('\n'.join([*lines, 'boot', '']))
    image = folder / 'cd.iso'
    done = subprocess.run(['grub-mkrescue', '-d', GRUB_MODULES, '--locales=', '--fonts=', '--themes=', '-o', image,
                           '--install-modules=multiboot2 normal iso9660 biosdisk boot', folder / 'cd'],
                          capture_output=True, text=True)
    equal(done.returncode, 0, f'exit status of grub-mkrescue: {done.stderr}')
    return image


def version2_as_by_grub():
    for build in (guests.multiboot, guests.multiboot_flat):
        with common.scratch() as folder:
            guest = build(folder, 2)
            mine, plan = ours(folder, guest, 2)
            theirs = qemu('-cdrom', rescue_image(folder, guest))
        check_ours(mine, plan, 2, guest.name)
        check_state(theirs, 2)
        check_modules(theirs)
        check_alike(mine, theirs)
        equal(theirs['module.cmdline'], TEXTS, 'texts of modules by GRUB')
        equal(set(numbers(mine, 'tag')) - set(numbers(theirs, 'tag')), set(), 'tags that GRUB does not give')
        equal(set(numbers(theirs, 'tag.at')), {0}, 'places of tags by GRUB, modulo 8')
        equal(number(theirs, 'mmap.entry_size'), 24, 'size of a map entry by GRUB')
        equal(number(theirs, 'end.size'), number(mine, 'end.size'), 'size of the last tag')


def initrd_and_places():
    """An initrd is module 0; the information where it is asked for; a compressed file."""
    with common.scratch() as folder:
        guest = guests.multiboot_flat(folder, 2)
        packed = folder / 'guest.gz'
        packed.write_bytes(zlib.compress(guest.read_bytes(), wbits=31))
        (folder / 'initrd').write_bytes(b'an initrd')
        options = ['--kernel', packed, '--memory', MEMORY, '--initrd', folder / 'initrd', '--place',
                   'multiboot info,0x1000008', '--bda']
        plan = common.run_json('plan', *options)
        found = parse(common.boot(*options, timeout=60))
    equal(plan['protocol'], 'multiboot2', 'protocol')
    equal(region(plan, 'bios data area')['gpa'], 0x400, 'BIOS data area')
    equal(number(found, 'ebx'), 0x1000008, 'information')
    equal(found['module.cmdline'], ['initrd'], 'text of the initrd')
    equal(number(found, 'module.crc'), zlib.crc32(b'an initrd'), 'bytes of the initrd')
    equal(found['cmdline'], ['guest.gz'], 'command line')
    check_state(found, 2)


if __name__ == '__main__':
    common.main([version1_as_by_qemu, version2_as_by_grub, initrd_and_places])
