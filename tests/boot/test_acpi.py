#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The ACPI tables of tools/kvm/: what a kernel goes by, and that iasl has nothing to say of them.

    test_acpi.py PROGRAM-THAT-PRINTS-THEM

Offsets: ACPI Specification 6.5, section 5.2.
"""
import re
import struct
import subprocess
import sys

import common
from common import check, equal

BASE = 0xe0000
TABLE = {'XSDT': 1, 'FACP': 6, 'APIC': 5, 'DSDT': 2}  # revisions
IO = 1  # the space of an address
FADT = [(46, 'H', 9, 'SCI interrupt'), (48, 'I', 0, 'no SMI command: ACPI is on'), (56, 'I', 0x600, 'PM1a event'),
        (64, 'I', 0x604, 'PM1a control'), (76, 'I', 0, 'no PM timer'), (88, 'B', 4, 'PM1 event length'),
        (89, 'B', 2, 'PM1 control length'), (109, 'H', 0x25, 'boot flags: no 8042, VGA, RTC'),
        (112, 'I', 0x475, 'flags'), (116, '<BBBBQ', (IO, 8, 0, 1, 0xcf9), 'reset register'),
        (128, 'B', 6, 'reset value'), (148, '<BBBBQ', (IO, 32, 0, 2, 0x600), 'PM1a event block'),
        (172, '<BBBBQ', (IO, 16, 0, 2, 0x604), 'PM1a control block')]


def field(data, at, form):
    got = struct.unpack_from(form if form[0] == '<' else '<' + form, data, at)
    return got if len(got) > 1 else got[0]


def table(memory, gpa, name):
    """A table by its address, after what all tables have was checked."""
    data = memory[gpa - BASE:]
    data = data[:field(data, 4, 'I')]
    equal(data[:4].decode(), name, f'at {gpa:#x}')
    equal((sum(data) % 256, data[8]), (0, TABLE[name]), f'{name}: checksum, revision')
    return data


def controllers(madt):
    """Structures after the header and two fields, as bytes by type."""
    at, found = 44, []
    while at < len(madt):
        found.append((madt[at], bytes(madt[at + 2:at + madt[at + 1]])))
        at += madt[at + 1]
    equal(at, len(madt), 'the end of the MADT')
    return found


def disassembled(folder, data, name):
    """What iasl makes of a table; nothing that it doubts."""
    (folder / f'{name}.dat').write_bytes(data)
    done = subprocess.run(['iasl', '-d', f'{name}.dat'], cwd=folder, capture_output=True, text=True)
    text = (folder / f'{name}.dsl').read_text()
    doubts = re.findall(r'.*(?:Error|Warning|Invalid|Unknown|not recog).*', done.stdout + done.stderr + text, re.I)
    equal((done.returncode, doubts), (0, []), f'iasl -d of {name}')
    if name == 'DSDT':
        done = subprocess.run(['iasl', f'{name}.dsl'], cwd=folder, capture_output=True, text=True)
        check(re.search(r'0 Errors, 0 Warnings', done.stdout + done.stderr), f'iasl of the DSDT: {done.stdout}{done.stderr}')
    return text


def judge(folder, memory, cpus):
    equal(memory[:8], b'RSD PTR ', 'the RSDP')
    equal((sum(memory[:20]) % 256, sum(memory[:36]) % 256, memory[15]), (0, 0, 2), 'its checksums, its revision')
    xsdt = table(memory, field(memory, 24, 'Q'), 'XSDT')
    equal(len(xsdt), 36 + 2 * 8, 'XSDT')
    fadt = table(memory, field(xsdt, 36, 'Q'), 'FACP')
    madt = table(memory, field(xsdt, 44, 'Q'), 'APIC')
    equal(len(fadt), 276, 'FADT')
    for at, form, value, what in FADT:
        equal(field(fadt, at, form), value, what)
    named = {range(0, 36), range(36, 44), range(96, 100), range(131, 132), range(140, 148)}
    named |= {range(at, at + struct.calcsize('<' + form.lstrip('<'))) for at, form, _, _ in FADT}
    equal([at for at, byte in enumerate(fadt) if byte and not any(at in r for r in named)], [], 'what else is not 0')
    facs = memory[field(fadt, 36, 'I') - BASE:][:64]
    equal(facs[8:], bytes(24) + b'\x02' + bytes(31), 'FACS, of version 2')
    equal(memory[33:36], bytes(3), 'what is reserved in the RSDP')
    equal((facs[:4], field(facs, 4, 'I'), field(fadt, 36, 'I') % 64), (b'FACS', 64, 0), 'FACS')
    equal(field(fadt, 140, 'Q'), field(fadt, 40, 'I'), 'both addresses of the DSDT')
    dsdt = table(memory, field(fadt, 40, 'I'), 'DSDT')
    equal((field(madt, 36, 'I'), field(madt, 40, 'I')), (0xfee00000, 1), 'MADT')
    expected = [(0, bytes((i, i, 1, 0, 0, 0))) for i in range(cpus)]
    expected += [(1, struct.pack('<BBII', 0, 0, 0xfec00000, 0)), (2, bytes((0, 9, 9, 0, 0, 0, 13, 0))),
                 (4, bytes((255, 0, 0, 1)))]
    equal(controllers(madt), expected, 'the MADT')
    for name, data in (('FACP', fadt), ('APIC', madt), ('XSDT', xsdt)):
        disassembled(folder, data, name)
    code = disassembled(folder, dsdt, 'DSDT')
    code = re.sub(r'//[^\n]*|/\*.*?\*/|\s+', ' ', code, flags=re.S)
    for part in (r'Name ?\(_S5, Package ?\(0x04\) ?\{ Zero, Zero, Zero, Zero \}\)|'
                 r'Name ?\(_S5, Package ?\(0x04\) ?\{ 0x00, 0x00, 0x00, 0x00 \}\)',
                 r'Scope ?\(_SB\) \{ Device ?\(COM1\) \{ Name ?\(_HID, EisaId ?\("PNP0501"\)',
                 r'IO ?\(Decode16, 0x03F8, 0x03F8, 0x01, 0x08, \) IRQNoFlags ?\(\) ?\{4\}'):
        check(re.search(part, re.sub(r' +', ' ', code)), f'no {part} in {code}')


def main():
    common.need('iasl', 'acpica-tools')
    for cpus in (1, 2, 16):
        memory = subprocess.run([sys.argv[1], str(cpus)], check=True, stdout=subprocess.PIPE).stdout
        with common.scratch() as folder:
            judge(folder, memory, cpus)
        print(f'ok: {cpus} processors')


if __name__ == '__main__':
    main()
