#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The freestanding guest says what it was given; the plan says what it should be."""
import common
import guests
from common import check, equal
from guest_lines import check_cpu, check_gdt, check_image, number, numbers, parse, region

MIB = 1 << 20


def check_entry(found, plan):
    """The processor by the plan; and the ABI itself, whatever the plan says."""
    check_cpu(found, plan['cpu'])
    equal(number(found, 'cr0') & ~0x10, 1, 'cr0 but for ET')
    equal(number(found, 'cr4'), 0, 'cr4')
    equal(number(found, 'efer'), 0, 'efer')
    equal(number(found, 'entry'), plan['entry'], 'entry')


def check_start_info(found, plan, rsdp, module_texts):
    equal(number(found, 'magic'), 0x336ec578, 'magic')
    equal(number(found, 'version'), 1, 'version')
    equal(number(found, 'flags'), 0, 'flags')
    equal(number(found, 'reserved'), 0, 'reserved')
    equal(number(found, 'ebx'), region(plan, 'start_info')['gpa'], 'start info in ebx')
    equal(number(found, 'nr_modules'), len(module_texts), 'modules')
    equal(number(found, 'modlist_paddr'),
          region(plan, 'modlist')['gpa'] if module_texts else 0, 'modlist')
    equal(number(found, 'cmdline_paddr'), region(plan, 'cmdline')['gpa'], 'cmdline')
    equal(number(found, 'rsdp_paddr'), rsdp, 'rsdp')
    equal(number(found, 'memmap_paddr'), region(plan, 'memmap')['gpa'], 'memmap')
    equal(number(found, 'memmap_entries'), len(plan['memmap']), 'map entries')
    equal(found['cmdline'], [plan['cmdline']], 'command line')
    equal(found.get('module.cmdline', []), module_texts, 'command lines of modules')


def check_map(found, plan):
    told = list(zip(numbers(found, 'memmap.addr'), numbers(found, 'memmap.size'),
                    numbers(found, 'memmap.type')))
    equal(told, [(e['addr'], e['size'], e['type']) for e in plan['memmap']], 'memory map')
    equal(set(numbers(found, 'memmap.reserved')), {0}, 'reserved words of the map')


def check_modules(found, plan, names, contents):
    for i, (name, content) in enumerate(zip(names, contents)):
        r = region(plan, name)
        equal(numbers(found, 'module.paddr')[i], r['gpa'], f'address of {name}')
        equal(numbers(found, 'module.size')[i], len(content), f'size of {name}')
        equal(r['size'], len(content), f'size of {name} in the plan')
        equal(numbers(found, 'module.first')[i], content[0], f'first byte of {name}')
        equal(numbers(found, 'module.last')[i], content[-1], f'last byte of {name}')
        equal(numbers(found, 'module.reserved')[i], 0, f'reserved word of {name}')


def two_modules_with_command_lines():
    contents = [bytes([0x41]) + bytes(70000) + bytes([0x5a]), b'\x17']
    with common.scratch() as folder:
        guest = guests.pvh(folder)
        for i, content in enumerate(contents):
            (folder / f'module{i}').write_bytes(content)
        options = ['--kernel', guest, '--memory', '64M', '--rsdp', '0xe0000',
                   '--append', 'a command line, "quoted" -- and more',
                   '--module', f'{folder}/module0,first module, with a comma',
                   '--module', f'{folder}/module1,second']
        plan = common.run_json('plan', *options)
        found = parse(common.boot(*options, timeout=60))
    check_entry(found, plan)
    check_gdt(found, plan['cpu'])
    check_start_info(found, plan, 0xe0000, ['first module, with a comma', 'second'])
    check_map(found, plan)
    check_modules(found, plan, ['module 0', 'module 1'], contents)
    check_image(found)
    equal(plan['protocol'], 'pvh', 'protocol')
    equal(plan['cpu']['rip'], plan['entry'], 'entry')


def nothing_but_the_kernel():
    with common.scratch() as folder:
        guest = guests.pvh(folder)
        options = ['--kernel', guest, '--memory', '16M']
        plan = common.run_json('plan', *options)
        found = parse(common.boot(*options, timeout=60))
    check_entry(found, plan)
    check_start_info(found, plan, 0, [])
    check_map(found, plan)
    equal(found['cmdline'], [''], 'command line')


def initrd_comes_first():
    with common.scratch() as folder:
        guest = guests.pvh(folder)
        (folder / 'a').write_bytes(b'first')
        (folder / 'b').write_bytes(b'second')
        (folder / 'm').write_bytes(b'module')
        options = ['--kernel', guest, '--memory', '6G', '--initrd', folder / 'a',
                   '--initrd', folder / 'b', '--module', folder / 'm']
        plan = common.run_json('plan', *options)
        found = parse(common.boot(*options, timeout=60))
    check_start_info(found, plan, 0, ['(none)', '(none)'])
    check_modules(found, plan, ['initrd', 'module 1'], [b'first\0\0\0second', b'module'])
    check_map(found, plan)
    check(all(a < 3 << 30 for a in numbers(found, 'module.paddr')), 'modules are below the hole')


def reservations(count):
    """Options that make a map of 2 + count entries, for an odd count."""
    options = []
    for i in range(count // 2):
        options += ['--reserve', f'{hex(16 * MIB + i * 0x2000)},0x1000']
    return options + ['--reserve', f'{hex(64 * MIB)},0x1000']  # after RAM: one entry


def a_map_of_127_entries():
    with common.scratch() as folder:
        guest = guests.pvh(folder)
        options = ['--kernel', guest, '--memory', '64M', *reservations(125)]
        plan = common.run_json('plan', *options)
        equal(len(plan['memmap']), 127, 'entries')
        found = parse(common.boot(*options, timeout=60))
        check_map(found, plan)
        equal(number(found, 'memmap_entries'), 127, 'entries that the guest sees')

        options += ['--reserve', f'{hex(65 * MIB)},0x1000,4']
        # its notes do not say that it is Linux
        done = common.run('plan', *options, '--guest', 'linux')
        equal(done.returncode, 1, 'exit status with 128 entries')
        check(b'128 entries; Linux takes 127' in done.stderr, done.stderr.decode())
        equal(done.stdout, b'', 'output with 128 entries')


def position_independent_files():
    """Where it was linked and elsewhere; what its note has in memory is what it has in the file."""
    for bits, base in ((32, 2 * MIB), (64, 2 * MIB), (64, 0)):
        with common.scratch() as folder:
            kernel = guests.moved(folder, bits, base)
            for place in (None, 48 * MIB):
                options = ['--kernel', kernel, '--memory', '64M']
                options += ['--place', f'kernel,{place:#x}'] if place else []
                plan = common.run_json('plan', *options)
                found = parse(common.boot(*options, timeout=60))
                equal(plan['entry'], place or base, 'entry')
                equal(number(found, 'eip'), plan['entry'], f'where {bits} bits were entered')
                equal(number(found, 'note'), base, 'the note')
                equal(number(found, 'magic'), 0x336ec578, 'start info, which was a stack')


if __name__ == '__main__':
    common.main([two_modules_with_command_lines, nothing_but_the_kernel, initrd_comes_first,
                 a_map_of_127_entries, position_independent_files])
