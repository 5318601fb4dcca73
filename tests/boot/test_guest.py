#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The freestanding guest says what it was given; the plan says what it should be."""
import common
from common import check, equal

MIB = 1 << 20


def parse(lines):
    """{name: [value, ...]} of "name value" lines, in order."""
    check('end' in lines, 'the guest did not come to its end:\n' + '\n'.join(lines[-20:]))
    found = {}
    for line in lines[:lines.index('end')]:
        name, _, value = line.partition(' ')
        found.setdefault(name, []).append(value)
    return found


def number(found, name):
    equal(len(found[name]), 1, f'lines of {name}')
    return int(found[name][0], 16)


def numbers(found, name):
    return [int(v, 16) for v in found.get(name, [])]


def region(plan, name):
    matching = [r for r in plan['regions'] if r['name'] == name]
    equal(len(matching), 1, f'regions called {name}')
    return matching[0]


def check_cpu(found, cpu):
    for name in ('eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'):
        equal(number(found, name), cpu['r' + name[1:]], name)
    equal(number(found, 'eflags'), cpu['rflags'], 'eflags')
    for name in ('cr0', 'cr2', 'cr3', 'cr4', 'efer'):
        equal(number(found, name), cpu[name], name)
    for name in ('cs', 'ds', 'es', 'fs', 'gs', 'ss', 'tr', 'ldt'):
        equal(number(found, name), cpu[name]['selector'], name)
    for name in ('gdt', 'idt'):
        equal(number(found, name + '.base'), cpu[name]['base'], name + ' base')
        equal(number(found, name + '.limit'), cpu[name]['limit'], name + ' limit')
    # the ABI itself, whatever the plan says
    equal(number(found, 'cr0') & ~0x10, 1, 'cr0 but for ET')
    equal(number(found, 'cr4'), 0, 'cr4')
    equal(number(found, 'efer'), 0, 'efer')
    equal(number(found, 'eflags') & (1 << 17 | 1 << 9 | 1 << 8), 0, 'VM, IF and TF')


def descriptor(segment):
    """The 8 bytes that a segment of the plan has in a GDT."""
    limit = segment['limit'] >> 12 if segment['g'] else segment['limit']
    base = segment['base']
    value = (limit & 0xffff) | (base & 0xffffff) << 16 | segment['type'] << 40
    value |= segment['s'] << 44 | segment['dpl'] << 45 | segment['present'] << 47
    value |= (limit >> 16 & 0xf) << 48 | segment['avl'] << 52 | segment['l'] << 53
    value |= segment['db'] << 54 | segment['g'] << 55 | (base >> 24 & 0xff) << 56
    return value.to_bytes(8, 'little')


def check_gdt(found, cpu):
    table = bytes.fromhex(found['gdt.bytes'][0])
    equal(len(table), cpu['gdt']['limit'] + 1, 'bytes of GDT')
    for name in ('cs', 'ds', 'es', 'fs', 'gs', 'ss', 'tr'):
        at = cpu[name]['selector']
        equal(table[at:at + 8].hex(), descriptor(cpu[name]).hex(), f'descriptor of {name}')
    equal(table[:8], bytes(8), 'null descriptor')


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
        guest = common.build_guest(folder)
        for i, content in enumerate(contents):
            (folder / f'module{i}').write_bytes(content)
        options = ['--kernel', guest, '--memory', '64M', '--rsdp', '0xe0000',
                   '--append', 'a command line, "quoted" -- and more',
                   '--module', f'{folder}/module0,first module, with a comma',
                   '--module', f'{folder}/module1,second']
        plan = common.run_json('plan', *options)
        found = parse(common.boot(*options, timeout=60))
    check_cpu(found, plan['cpu'])
    check_gdt(found, plan['cpu'])
    check_start_info(found, plan, 0xe0000, ['first module, with a comma', 'second'])
    check_map(found, plan)
    check_modules(found, plan, ['module 0', 'module 1'], contents)
    equal(number(found, 'bss.zeros'), 20000, 'zeros in .bss')
    equal(number(found, 'data.sum'), 6, 'sum over .data')
    equal(plan['protocol'], 'pvh', 'protocol')
    equal(plan['cpu']['rip'], plan['entry'], 'entry')


def nothing_but_the_kernel():
    with common.scratch() as folder:
        guest = common.build_guest(folder)
        options = ['--kernel', guest, '--memory', '16M']
        plan = common.run_json('plan', *options)
        found = parse(common.boot(*options, timeout=60))
    check_cpu(found, plan['cpu'])
    check_start_info(found, plan, 0, [])
    check_map(found, plan)
    equal(found['cmdline'], [''], 'command line')


def initrd_comes_first():
    with common.scratch() as folder:
        guest = common.build_guest(folder)
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
    return options + ['--reserve', f'{hex(64 * MIB)},0x1000']  # behind RAM: one entry


def a_map_of_127_entries():
    with common.scratch() as folder:
        guest = common.build_guest(folder)
        options = ['--kernel', guest, '--memory', '64M', *reservations(125)]
        plan = common.run_json('plan', *options)
        equal(len(plan['memmap']), 127, 'entries')
        found = parse(common.boot(*options, timeout=60))
        check_map(found, plan)
        equal(number(found, 'memmap_entries'), 127, 'entries that the guest sees')

        options += ['--reserve', f'{hex(65 * MIB)},0x1000,4']
        done = common.run('plan', *options)
        equal(done.returncode, 1, 'exit status with 128 entries')
        check(b'128 entries; Linux takes 127' in done.stderr, done.stderr.decode())
        equal(done.stdout, b'', 'output with 128 entries')


if __name__ == '__main__':
    common.main([two_modules_with_command_lines, nothing_but_the_kernel, initrd_comes_first,
                 a_map_of_127_entries])
