#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The freestanding guest by Linux's entries: what it says it was given is what the plan says.

The same guest as an ELF64 file, and as a bzImage with and without a 64-bit entry.
"""
import struct
import zlib

import common
import guests
from common import check, equal
from guest_lines import check_cpu, check_gdt, check_image, number, numbers, parse, region

MIB, GIB = 1 << 20, 1 << 30
PE, PG, PAE, LA57, LME_LMA = 1, 1 << 31, 1 << 5, 1 << 12, 0x500
SETUP_TYPES = {'e820_ext': 1, 'dtb': 2, 'rng_seed': 9}
# Where the zero page has what the kernel's own header has (Documentation/arch/x86/boot.rst).
HEADER, HEADER_END, HEADER_HOLE_END = 0x1f1, 0x26c, 0x290
LOADER_WRITES = {'type_of_loader': (0x210, 1), 'loadflags': (0x211, 1), 'code32_start': (0x214, 4),
                 'ramdisk_image': (0x218, 4), 'ramdisk_size': (0x21c, 4),
                 'cmd_line_ptr': (0x228, 4), 'setup_data': (0x250, 8)}


def device_tree():
    """The least one: a root node without properties."""
    structure = struct.pack('>IIII', 1, 0, 2, 9)
    reservations = bytes(16)
    header = struct.pack('>10I', 0xd00dfeed, 40 + 16 + len(structure), 56, 56 + len(structure), 40,
                         17, 16, 0, 0, len(structure))
    return header + reservations + structure


class Guest:
    """One image; what its own header says, if it has one; and how it is entered."""

    def __init__(self, path, protocol, header=None, entry_offset=0, forced=False):
        self.path, self.protocol, self.header = path, protocol, header
        self.entry_offset = entry_offset  # from the ABI's entry to the guest's label
        self.options = ['--protocol', protocol] if forced else []
        self.bits64 = protocol == 'linux64'


def elf64(folder):
    return Guest(guests.linux_elf(folder), 'linux64')


def bzimage64(folder, **fields):
    path, _, header = guests.linux_bzimage(folder, **fields)
    return Guest(path, 'linux64', header)


def bzimage32(folder, **fields):
    """One that says nothing of a 64-bit entry."""
    path, at32, header = guests.linux_bzimage(folder, xloadflags=0, **fields)
    return Guest(path, 'linux32', header, at32)


def bzimage64_by_32(folder):
    """One that has both entries, and is to be entered by the 32-bit one."""
    path, at32, header = guests.linux_bzimage(folder)
    return Guest(path, 'linux32', header, at32, forced=True)


def run(guest, *options, timeout=60):
    options = ['--kernel', guest.path, *guest.options, *options]
    plan = common.run_json('plan', *options)
    return plan, parse(common.boot(*options, timeout=timeout))


def check_entry(guest, plan, found):
    """The processor by the plan; and the ABI itself, whatever the plan says."""
    check_cpu(found, plan['cpu'])
    check_gdt(found, plan['cpu'])
    check_image(found)
    equal(plan['protocol'], guest.protocol, 'protocol')
    equal(plan['cpu']['rip'], plan['entry'], 'RIP in the plan')
    equal(number(found, 'entry'), plan['entry'] + guest.entry_offset, 'where the guest ran')
    equal(number(found, 'cs'), 0x10, 'cs')
    for name in ('ds', 'es', 'ss'):
        equal(number(found, name), 0x18, name)
    equal(number(found, 'gdt.base'), region(plan, 'gdt')['gpa'], 'gdt')
    equal(number(found, 'zero_page.gpa'), region(plan, 'zero page')['gpa'], 'rsi or esi')
    if guest.bits64:
        equal(number(found, 'cr0') & (PE | PG), PE | PG, 'protection and paging')
        equal(number(found, 'cr4') & ~LA57, PAE, 'cr4')
        equal(number(found, 'efer'), LME_LMA, 'efer')
        equal(number(found, 'cr3'), region(plan, 'page tables')['gpa'], 'cr3')
    else:
        equal(number(found, 'cr0') & ~0x10, PE, 'cr0 but for ET')
        equal(number(found, 'cr4'), 0, 'cr4')
        equal(number(found, 'efer'), 0, 'efer')
        for name in ('ebp', 'edi', 'ebx'):
            equal(number(found, name), 0, name)
        check(all(r['name'] != 'page tables' for r in plan['regions']), 'tables without paging')


def load_address(guest, plan):
    starts = [r['gpa'] for r in plan['regions'] if r['name'].split()[0] == 'kernel']
    check(starts, 'no region of the kernel')
    return min(starts)


def check_header(guest, plan, found):
    """The kernel's own header, but for what a loader has to write; nothing beyond its end."""
    got = bytearray.fromhex(found['header.bytes'][0])
    equal(len(got), HEADER_HOLE_END - HEADER, 'bytes of header')
    equal(number(found, 'sentinel'), 0, 'sentinel')
    equal(number(found, 'boot_flag'), 0xaa55, 'boot_flag')
    equal(number(found, 'header'), 0x53726448, 'HdrS')
    equal(number(found, 'version'), 0x20f, 'version')
    check(number(found, 'type_of_loader') != 0, 'a loader of type 0 has no initrd')
    equal(number(found, 'loadflags') & 0x81, 1, 'LOADED_HIGH, and no heap')
    equal(got[HEADER_END - HEADER:], bytes(HEADER_HOLE_END - HEADER_END), 'after the header')
    if guest.header is None:
        return
    expected = bytearray(guest.header[HEADER:HEADER_END])
    for offset, size in LOADER_WRITES.values():
        at = slice(offset - HEADER, offset - HEADER + size)
        expected[at] = got[at]
    equal(got[:HEADER_END - HEADER].hex(), expected.hex(), 'the header in the zero page')
    equal(number(found, 'loadflags'), guest.header[0x211], 'loadflags')
    equal(number(found, 'code32_start'), load_address(guest, plan), 'code32_start')


def check_zero_page(guest, plan, found, rsdp):
    check_header(guest, plan, found)
    equal(number(found, 'zero_page.reachable'), 1, 'zero page reachable')
    equal(number(found, 'acpi_rsdp_addr'), rsdp, 'rsdp')
    equal(number(found, 'cc_blob_address'), 0, 'cc_blob_address')
    equal(number(found, 'other_bytes'), 0, 'bytes that nobody asked for')
    equal(number(found, 'screen_info.crc'), zlib.crc32(bytes(64)), 'screen_info')
    equal(number(found, 'efi_info.crc'), zlib.crc32(bytes(32)), 'efi_info')
    told = list(zip(numbers(found, 'e820.addr'), numbers(found, 'e820.size'),
                    numbers(found, 'e820.type')))
    equal(told, [(e['addr'], e['size'], e['type']) for e in plan['memmap']], 'memory map')
    equal(number(found, 'e820_entries'), min(128, len(plan['memmap'])), 'e820_entries')


def check_cmdline(plan, found, cmdline):
    equal(number(found, 'cmdline.gpa'), region(plan, 'cmdline')['gpa'], 'command line')
    equal(number(found, 'cmdline.reachable'), 1, '2 KiB of command line reachable')
    equal(found['cmdline'], [cmdline], 'command line')
    equal(plan['cmdline'], cmdline, 'command line in the plan')


def check_setup_data(plan, found, contents):
    """@contents: {type name: bytes}, in no order; the chain's order is that of the plan's numbers."""
    nodes = sorted((int(r['name'].split()[1]), r['name'].split()[2], r) for r in plan['regions']
                   if r['name'].startswith('setup_data '))
    equal([n[0] for n in nodes], list(range(len(nodes))), 'numbers of nodes')
    equal(sorted(n[1] for n in nodes), sorted(contents), 'types of nodes in the plan')
    equal(numbers(found, 'setup_data.gpa'), [n[2]['gpa'] for n in nodes], 'chain')
    equal(number(found, 'setup_data'), nodes[0][2]['gpa'] if nodes else 0, 'head of the chain')
    equal(number(found, 'setup_data.end'), 0, 'end of the chain')
    for i, (_, name, where) in enumerate(nodes):
        equal(numbers(found, 'setup_data.type')[i], SETUP_TYPES[name], f'type of {name}')
        equal(numbers(found, 'setup_data.reachable')[i], 1, f'{name} reachable')
        if contents[name] is None:
            continue
        equal(numbers(found, 'setup_data.len')[i], len(contents[name]), f'size of {name}')
        equal(numbers(found, 'setup_data.crc')[i], zlib.crc32(contents[name]), f'bytes of {name}')
        check(where['size'] >= 16 + len(contents[name]), f'{name} in the plan')


def check_initrd(plan, found, content):
    equal(number(found, 'initrd.size'), len(content), 'size of the initrd')
    if content:
        equal(number(found, 'initrd.gpa'), region(plan, 'initrd')['gpa'], 'initrd')
        equal(number(found, 'initrd.gpa') % 4096, 0, 'initrd in its page')
        equal(number(found, 'initrd.crc'), zlib.crc32(content), 'bytes of the initrd')
    else:
        equal(number(found, 'initrd.gpa'), 0, 'no initrd')


def check_reach(guest, found):
    """Everything that a kernel may touch before it has page tables of its own."""
    if not guest.bits64:
        check(not any(name.startswith('reach.') for name in found), 'reach without paging')
        return
    needed = ['zero', 'last_below_1m', 'zero_page', 'gdt', 'start', 'end', 'cmdline',
              'last_below_4g']
    if guest.header is not None:
        needed.append('runtime_end')
    for name in needed:
        equal(len(found['reach.' + name]), 1, f'lines of reach.{name}')
    for name in (*needed, 'setup_data'):
        for line in found.get('reach.' + name, []):
            gpa, page = (int(v, 16) for v in line.split())
            check(page in (2 * MIB, GIB), f'{name}, {gpa:#x}, is in a page of {page:#x}')


def everything(guest, memory, folder, *more):
    """All that can be handed to a kernel at once; returns the plan and what the guest found."""
    seed, tree = bytes(range(7, 71)), device_tree()
    parts = [b'first' * 3001, b'second' * 20000]
    cmdline = 'a command line, "quoted" -- and more'
    (folder / 'seed').write_bytes(seed)
    (folder / 'tree').write_bytes(tree)
    for i, part in enumerate(parts):
        (folder / f'initrd{i}').write_bytes(part)
    plan, found = run(guest, '--memory', memory, '--append', cmdline, '--rsdp', '0xe0000',
                      '--rng-seed', folder / 'seed', '--dtb', folder / 'tree',
                      '--initrd', folder / 'initrd0', '--initrd', folder / 'initrd1', *more)
    joined = parts[0] + bytes(-len(parts[0]) % 4) + parts[1]
    check_entry(guest, plan, found)
    check_zero_page(guest, plan, found, 0xe0000)
    check_cmdline(plan, found, cmdline)
    check_setup_data(plan, found, {'rng_seed': seed, 'dtb': tree})
    check_initrd(plan, found, joined)
    check_reach(guest, found)
    return plan, found


def everything_at_256m():
    for make in (elf64, bzimage64, bzimage32, bzimage64_by_32):
        with common.scratch() as folder:
            everything(make(folder), '256M', folder)


def everything_at_6g():
    """An initrd stays below initrd_addr_max, or below 4 GiB, while it fits there."""
    for make in (elf64, bzimage64, bzimage32, bzimage64_by_32):
        with common.scratch() as folder:
            guest = make(folder)
            _, found = everything(guest, '6G', folder)
            limit = 4 * GIB if guest.header is None else 2 * GIB
            check(number(found, 'initrd.gpa') < limit, 'the initrd is out of reach')


def an_initrd_above_4g():
    """Where the caller wants one there: by the 64-bit entry, of a bzImage that says it can, or of an ELF file."""
    place = ['--place', 'initrd,0x140000000']
    for make in (bzimage64, elf64):
        with common.scratch() as folder:
            _, found = everything(make(folder), '6G', folder, *place)
            equal(number(found, 'initrd.gpa'), 5 * GIB, f'{make.__name__}: initrd')
    with common.scratch() as folder:
        (folder / 'initrd0').write_bytes(b'x')
        for make, fields in ((bzimage64, {'xloadflags': guests.XLF_KERNEL_64}),
                             (bzimage64_by_32, {})):
            guest = make(folder, **fields)
            done = common.run('plan', '--kernel', guest.path, '--protocol', guest.protocol,
                              '--memory', '6G', '--initrd', folder / 'initrd0', *place)
            equal(done.returncode, 1, f'{make.__name__}: exit status')
            check(b'bytes at 0x140000000, does not end below' in done.stderr,
                  done.stderr.decode())


def nothing_but_the_kernel():
    for make in (elf64, bzimage64, bzimage32):
        with common.scratch() as folder:
            guest = make(folder)
            plan, found = run(guest, '--memory', '64M')
            check_entry(guest, plan, found)
            check_zero_page(guest, plan, found, 0)
            check_cmdline(plan, found, '')
            check_setup_data(plan, found, {})
            check_initrd(plan, found, b'')
            check_reach(guest, found)


def away_from_the_preferred_place():
    """What is not RAM at the preferred place makes the kernel go elsewhere, and it notices nothing."""
    for make in (bzimage64, bzimage32):
        with common.scratch() as folder:
            guest = make(folder)
            plan, found = run(guest, '--memory', '64M', '--reserve', '0x1000000,0x1000')
            check(load_address(guest, plan) != 16 * MIB, 'the kernel has moved')
            equal(load_address(guest, plan) % (2 * MIB), 0, 'alignment')
            equal(number(found, 'image_start') - guest.entry_offset, load_address(guest, plan),
                  'where it is')
            check_entry(guest, plan, found)
            check_zero_page(guest, plan, found, 0)
            check_reach(guest, found)


def a_whole_command_line():
    """As many bytes as the kernel takes, and one more, which is refused."""
    cmdline = 'x' * 2046 + 'y'
    for make in (bzimage64, bzimage32):
        with common.scratch() as folder:
            guest = make(folder)
            plan, found = run(guest, '--memory', '64M', '--append', cmdline)
            check_cmdline(plan, found, cmdline)
            equal(number(found, 'cmdline_size'), 2047, 'cmdline_size')
            done = common.run('plan', '--kernel', guest.path, '--memory', '64M', '--append',
                              cmdline + 'z')
            equal(done.returncode, 1, 'exit status with 2048 bytes')
            check(b'2047' in done.stderr, done.stderr.decode())


def a_map_of_200_entries():
    """128 in the zero page, the rest in a setup_data node."""
    reserve = []
    for i in range(99):
        reserve += ['--reserve', f'{hex(32 * MIB + i * 0x2000)},0x1000']
    for make in (bzimage64, bzimage32):
        with common.scratch() as folder:
            guest = make(folder)
            plan, found = run(guest, '--memory', '64M', *reserve)
            equal(len(plan['memmap']), 200, 'entries in the plan')
            check_zero_page(guest, plan, found, 0)
            check_setup_data(plan, found, {'e820_ext': None})
            equal(numbers(found, 'setup_data.len'), [(200 - 128) * 20], 'bytes of entries')
            check_reach(guest, found)


if __name__ == '__main__':
    common.main([everything_at_256m, everything_at_6g, an_initrd_above_4g,
                 nothing_but_the_kernel, away_from_the_preferred_place, a_whole_command_line, a_map_of_200_entries])
