# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What a freestanding guest said, and what it must have said about the processor by the plan."""
from common import check, equal

SEGMENTS = ('cs', 'ds', 'es', 'fs', 'gs', 'ss', 'tr', 'ldt')
EFER_LMA = 0x400


def parse(lines):
    """{name: [value, ...]} of "name value" lines, in order."""
    check('end' in lines, 'the guest did not come to its end:\n' + '\n'.join(lines[-20:]))
    found = {}
    for line in lines[:lines.index('end')]:
        name, _, value = line.partition(' ')
        found.setdefault(name, []).append(value)
    return found


def number(found, name):
    equal(len(found.get(name, [])), 1, f'lines of {name}')
    return int(found[name][0], 16)


def numbers(found, name):
    return [int(v, 16) for v in found.get(name, [])]


def region(plan, name):
    matching = [r for r in plan['regions'] if r['name'] == name]
    equal(len(matching), 1, f'regions called {name}')
    return matching[0]


def check_cpu(found, cpu):
    """Every register, by the name that the guest's mode gives it."""
    prefix = 'r' if cpu['efer'] & EFER_LMA else 'e'
    for name in ('ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di', 'flags'):
        equal(number(found, prefix + name), cpu['r' + name], prefix + name)
    if prefix == 'r':
        for name in ('r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'cr8'):
            equal(number(found, name), cpu[name], name)
    for name in ('cr0', 'cr2', 'cr3', 'cr4', 'efer'):
        equal(number(found, name), cpu[name], name)
    for name in SEGMENTS:
        equal(number(found, name), cpu[name]['selector'], name)
    for name in ('gdt', 'idt'):
        equal(number(found, name + '.base'), cpu[name]['base'], name + ' base')
        equal(number(found, name + '.limit'), cpu[name]['limit'], name + ' limit')
    for name in ('lint0', 'lint1'):
        equal(number(found, name), cpu['lapic'][name], name)
    # whatever the plan says
    equal(number(found, 'lint0'), 0x700, 'LINT0, ExtINT')
    equal(number(found, 'lint1'), 0x400, 'LINT1, NMI')
    equal(number(found, prefix + 'flags') & (1 << 17 | 1 << 9 | 1 << 8), 0, 'VM, IF and TF')


def descriptor(segment, long_mode):
    """The bytes that a segment of the plan has in a GDT."""
    limit = segment['limit'] >> 12 if segment['g'] else segment['limit']
    base = segment['base']
    value = (limit & 0xffff) | (base & 0xffffff) << 16 | segment['type'] << 40
    value |= segment['s'] << 44 | segment['dpl'] << 45 | segment['present'] << 47
    value |= (limit >> 16 & 0xf) << 48 | segment['avl'] << 52 | segment['l'] << 53
    value |= segment['db'] << 54 | segment['g'] << 55 | (base >> 24 & 0xff) << 56
    if long_mode and not segment['s']:
        return (value | base >> 32 << 64).to_bytes(16, 'little')
    return value.to_bytes(8, 'little')


def check_gdt(found, cpu):
    table = bytes.fromhex(found['gdt.bytes'][0])
    equal(len(table), cpu['gdt']['limit'] + 1, 'bytes of GDT')
    for name in SEGMENTS[:-1]:
        at, expected = cpu[name]['selector'], descriptor(cpu[name], cpu['efer'] & EFER_LMA)
        equal(table[at:at + len(expected)].hex(), expected.hex(), f'descriptor of {name}')
    equal(table[:8], bytes(8), 'null descriptor')


def check_image(found):
    """What every guest has in its file, and after it."""
    equal(number(found, 'bss.zeros'), 20000, 'zeros in .bss')
    equal(number(found, 'data.sum'), 6, 'sum over .data')
