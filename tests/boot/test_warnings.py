#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""decode says what in guest memory would stop Linux, and nothing of what would not."""
import common
from common import check, equal
import images
from start_info import memmap, modlist, start_info
import zero_page
from zero_page import Ram

MIB, GIB = 1 << 20, 1 << 30
PVH_MAP = [(0, 0x9fc00, 1), (MIB, 2 * GIB - MIB, 1), (4 * GIB, GIB, 1)]
ZERO_MAP = [(0, 0x9fc00, 1), (MIB, GIB - MIB, 1)]
KERNEL = {'initrd_addr_max': 0x7fffffff, 'kernel_alignment': 0x200000, 'cmdline_size': 2047,
          'init_size': 0x400000}


def decode(path, what, gpa):
    """The warnings, which the text ends with."""
    view = common.run_json('decode', path, what, hex(gpa))
    text = common.run('decode', path, what, hex(gpa)).stdout.decode()
    found = view['warnings']
    end = ''.join([f'warnings, {len(found)}:\n', *(f'  {w}\n' for w in found)]) if found else \
        'nothing in it is known to stop Linux\n'
    check(text.endswith('\n' + end), text)
    return found


def is_told(folder, what, gpa, pieces, wanted, name):
    """RAM of 2 GiB with these pieces; it is a file with holes."""
    path = folder / 'ram'
    with open(path, 'wb') as file:
        file.truncate(2 * GIB)
        for at, data in pieces.items():
            file.seek(at)
            file.write(data)
    equal(decode(path, what, gpa), wanted, name)


def pvh(entries=PVH_MAP, at=0x6000, modules=((0x1000000, 5),), list_at=0x6040, map_at=0x7000,
        cmdline=(0x20000, b'quiet'), rsdp=0, version=1):
    """Pieces of start info at @at."""
    return {at: start_info(version, len(modules), list_at if modules else 0, cmdline[0], rsdp,
                           map_at, len(entries)),
            list_at: modlist(modules), map_at: memmap(entries),
            **({cmdline[0]: cmdline[1] + b'\0'} if cmdline[0] else {})}


def of_start_info():
    one = [(0, 2 * GIB, 1)]
    many = PVH_MAP + [(8 * GIB + i * 8192, 4096, 2) for i in range(125)]
    high = [(0, 0x10000, 1), (MIB, 2 * GIB - MIB, 1)]
    cases = [
        ('fine', {}, []),
        ('no modules', {'modules': ()}, []),
        ('no command line', {'cmdline': (0, b'')}, []),
        ('no command line, RAM and reservations up to 4 GiB',
         {'cmdline': (0, b''), 'entries': [*PVH_MAP, (2 * GIB, 2 * GIB, 2)]}, []),
        ('127 entries', {'entries': many[:127]}, []),
        ('version 0', {'version': 0},
         ['version 0 has no memory map: Linux stops, unless Xen tells it one']),
        ('no entries', {'entries': []},
         ['there is no memory map: Linux stops, unless Xen tells it one']),
        ('one entry', {'entries': one},
         ['the memory map has 1 entry; Linux up to 6.19 throws a map of fewer than 2 away']),
        ('128 entries', {'entries': many},
         ['the memory map has 128 entries; Linux takes 127 by PVH: 1 too many']),
        ('no low RAM', {'entries': high, 'at': 0xf000},
         ['the memory map has no 28 KiB of RAM in one piece between 64 KiB and 640 KiB, where '
          'Linux puts its trampoline: the largest piece has 0 bytes, 28672 too few',
          'cmdline [0x20000, 0x20800) is not all in RAM: there is none at 0x20000']),
        ('entries overlap', {'entries': [*PVH_MAP, (0, 4096, 2)]},
         ['memory map entries overlap: RAM [0x0, 0x9fc00) and reserved [0x0, 0x1000)']),
        ('2047 bytes', {'cmdline': (0x20000, b'x' * 2047)}, []),
        ('2048 bytes', {'cmdline': (0x20000, b'x' * 2048)},
         ['the command line has 2048 bytes, 1 more than the 2047 the kernel takes']),
        ('module list above 1 GiB', {'list_at': 5 * GIB // 4},
         ['modlist, 0x20 bytes at 0x50000000, does not end below 1 GiB: '
          '0x20 bytes are beyond it']),
        ('memory map above 1 GiB', {'map_at': 5 * GIB // 4},
         ['memmap, 0x48 bytes at 0x50000000, does not end below 1 GiB: '
          '0x48 bytes are beyond it']),
        ('start info out of RAM', {'at': 0x9fff0},
         ['start_info [0x9fff0, 0xa0028) is not all in RAM: there is none at 0x9fff0']),
        ('command line at the end of RAM', {'cmdline': (0x9fa00, b'quiet')},
         ['cmdline [0x9fa00, 0xa0200) is not all in RAM: there is none at 0x9fc00']),
        ('a module above 4 GiB', {'modules': ((0x1000000, 5), (4 * GIB, 4096))},
         ['module 1, 0x1000 bytes at 0x100000000, does not end below 4 GiB: '
          '0x1000 bytes are beyond it']),
        ('a module that is empty', {'modules': ((0x1000000, 0),)},
         ['module 0 at 0x1000000 is empty']),
        ('a module in a hole', {'modules': ((3 * GIB, 4096),)},
         ['module 0 [0xc0000000, 0xc0001000) is not all in RAM: there is none at 0xc0000000']),
        ('a module over the map', {'modules': ((0x7000, 4096),)},
         ['memmap [0x7000, 0x7048) overlaps module 0 [0x7000, 0x8000) by 0x48 bytes']),
        ('two at once', {'entries': one, 'modules': ((4 * GIB, 4096),)},
         ['the memory map has 1 entry; Linux up to 6.19 throws a map of fewer than 2 away',
          'module 0, 0x1000 bytes at 0x100000000, does not end below 4 GiB: '
          '0x1000 bytes are beyond it']),
    ]
    with common.scratch() as folder:
        for name, what, wanted in cases:
            is_told(folder, '--start-info', what.get('at', 0x6000), pvh(**what), wanted, name)


def page(entries=ZERO_MAP, at=0x7000, nodes=(), cmdline=(0x20000, b'quiet'), initrd=(GIB // 2, 4096),
         jump=False, **more):
    """Pieces of a zero page at @at, with @nodes of (type, data) from 1 MiB on, 1 MiB apart."""
    ram = Ram(0x1000)
    zero_page.put_zero_page(ram, 0, cmdline=cmdline[0], initrd=initrd, entries=entries,
                            setup_data=MIB if nodes else 0, **{**KERNEL, **more})
    if jump:
        ram.put(0x200, 'H', 0x6aeb)
    pieces = {at: bytes(ram)}
    if cmdline[0]:
        pieces[cmdline[0]] = cmdline[1] + b'\0'
    for i, (kind, data) in enumerate(nodes):
        node = Ram(16 + len(data))
        zero_page.put_node(node, 0, (i + 2) * MIB if i + 1 < len(nodes) else 0, kind, data)
        pieces[(i + 1) * MIB] = bytes(node)
    return pieces


def of_zero_page():
    indirect = [(zero_page.SETUP_INDIRECT, zero_page.indirect(kind, 0x30000, 20))
                for kind in (1, 2, 3, 4, 9, 10, 0x7777)]
    behind = 'behind a setup_indirect, Linux does not see it'
    seed = 262144 - 4096 - 16  # the library's PVHLOAD_LINUX_EARLY_DATA_MAX
    unpacks = ('0: a bzImage that unpacks itself takes that from here and dies without a word; '
               'an ELF file does not look')
    sentinel = ('the sentinel is 0xff, not 0: Linux takes the page for a copied file and wipes '
                'most of it')
    rsdp, high = "; the RSDP's address is lost", \
        '; addresses and sizes of 4 GiB or more lose their high halves'
    above = ZERO_MAP + [(4 * GIB, GIB, 1)]
    cases = [
        ('fine', {}, []),
        ('fine, as a file has it', {'jump': True}, []),
        ('no initrd', {'initrd': (0, 0), 'type_of_loader': 0}, []),
        ('no command line', {'cmdline': (0, b'')}, []),
        ('sentinel', {'sentinel': 0xff}, [sentinel]),
        ('sentinel and RSDP', {'sentinel': 0xff, 'rsdp': 0xe0000}, [sentinel + rsdp]),
        ('sentinel and all', {'sentinel': 0xff, 'rsdp': 0xe0000, 'xloadflags': 3,
                              'entries': above, 'initrd': (4 * GIB, 4096)},
         [sentinel + rsdp + high]),
        ('type_of_loader 0', {'type_of_loader': 0},
         ['type_of_loader is 0: Linux ignores the initrd']),
        ('no sizes', {'kernel_alignment': 0, 'init_size': 0},
         [f'kernel_alignment and init_size are {unpacks}']),
        ('an ELF file has none', {'kernel_alignment': 0, 'init_size': 0, 'cmdline_size': 0,
                                  'initrd_addr_max': 0, 'entries': above,
                                  'initrd': (4 * GIB, 4096), 'cmdline': (0x20000, b'x' * 2048)},
         [f'kernel_alignment and init_size are {unpacks}',
          'the command line has 2048 bytes, 1 more than the 2047 the kernel takes (assumed: an ELF '
          'file does not say)']),
        ('no alignment', {'kernel_alignment': 0}, [f'kernel_alignment is {unpacks}']),
        ('no init_size', {'init_size': 0}, [f'init_size is {unpacks}']),
        ('no sizes to have', {'version': 0x204, 'cmdline': (0x20000, b''), 'kernel_alignment': 0,
                              'init_size': 0, 'initrd': (GIB // 2, 4096)}, []),
        ('no entries', {'entries': []},
         ['there is no memory map: Linux makes one up, and panics']),
        ('one entry', {'entries': [(0, GIB, 1)]},
         ['the memory map has 1 entry; Linux up to 6.19 throws a map of fewer than 2 away']),
        ('no low RAM', {'entries': [(0, 0x10000, 1), (MIB, GIB - MIB, 1)],
                        'cmdline': (0x200000, b'')},
         ['the memory map has no 28 KiB of RAM in one piece between 64 KiB and 640 KiB, where '
          'Linux puts its trampoline: the largest piece has 0 bytes, 28672 too few']),
        ('more than 128 entries', {
            'entries': [*ZERO_MAP, *((8 * GIB + 8192 * i, 4096, 2) for i in range(126))],
            'nodes': [(1, zero_page.e820([(16 * GIB, 4096, 2), (17 * GIB, 4096, 2)]))]}, []),
        ('command line too long', {'cmdline_size': 255, 'cmdline': (0x20000, b'x' * 257)},
         ['the command line has 257 bytes, 2 more than the 255 the kernel takes']),
        ('zero page out of RAM', {'at': 0x9f000},
         ['zero page [0x9f000, 0xa0000) is not all in RAM: there is none at 0x9fc00']),
        ('command line out of RAM', {'cmdline': (0x9fb00, b'')},
         ['cmdline [0x9fb00, 0xa0300) is not all in RAM: there is none at 0x9fc00']),
        ('initrd out of RAM', {'initrd': (GIB - 4096, 8192)},
         ['initrd [0x3ffff000, 0x40001000) is not all in RAM: there is none at 0x40000000']),
        ('initrd over the command line', {'initrd': (0x1f000, 8192)},
         ['initrd [0x1f000, 0x21000) overlaps cmdline [0x20000, 0x20800) by 0x800 bytes']),
        ('initrd_addr_max', {'initrd_addr_max': GIB // 2 + 4095}, []),
        ('initrd above initrd_addr_max', {'initrd_addr_max': GIB // 2 + 4094},
         ['initrd, 0x1000 bytes at 0x20000000, does not end below initrd_addr_max, 0x20000ffe: '
          '0x1 bytes are beyond it']),
        ('initrd above 4 GiB', {'entries': above, 'initrd': (4 * GIB, 4096)},
         ['initrd, 0x1000 bytes at 0x100000000, does not end below initrd_addr_max, 0x7fffffff: '
          '0x1000 bytes are beyond it']),
        ('initrd above 4 GiB, taken', {'entries': above, 'initrd': (4 * GIB, 4096),
                                       'xloadflags': 3}, []),
        ('a seed', {'nodes': [(9, bytes(seed))]}, []),
        ('seeds too long', {'nodes': [(5, b'x'), (9, bytes(seed + 1)), (0x77, b''),
                                      (9, bytes(seed + 2))]},
         [f'setup_data {i} (rng_seed): it has {seed + n} bytes; Linux maps no more than {seed} of '
          f'it, and dies without a word: {n} too many' for i, n in ((1, 1), (3, 2))]),
        ('no device tree', {'nodes': [(2, bytes(64))]},
         ['setup_data 0 (dtb): not a device tree: its magic is 0x0 and its totalsize 0 in a file '
          'of 64 bytes']),
        ('indirect', {'nodes': indirect},
         [f'setup_data 0 (e820_ext): {behind}', f'setup_data 1 (dtb): {behind}',
          f'setup_data 3 (efi): {behind}', f'setup_data 4 (rng_seed): {behind}',
          f'setup_data 5 (kexec_kho): {behind}']),
    ]
    with common.scratch() as folder:
        for name, what, wanted in cases:
            is_told(folder, '--zero-page', what.get('at', 0x7000), page(**what), wanted, name)


def of_our_own_plans():
    """What the library writes is without fault, but for what an ELF file's zero page has not."""
    with common.scratch() as folder:
        (folder / 'kernel').write_bytes(images.kernel())
        (folder / 'bzimage').write_bytes(images.bzimage(bytes(64)))
        (folder / 'initrd').write_bytes(b'initrd')
        for image, protocol, what in (('kernel', 'pvh', '--start-info'),
                                      ('kernel', 'linux64', '--zero-page'),
                                      ('bzimage', 'linux64', '--zero-page')):
            for more in ([], ['--initrd', folder / 'initrd', '--append', 'x' * 2047],
                         ['--rsdp', '0xe0000', '--memory', '5G']):
                options = ['--kernel', folder / image, '--protocol', protocol, *more]
                plan = common.run_json('plan', *options)
                done = common.run('dump', *options, '--memory-file', folder / 'ram',
                                  '--cpu-file', folder / 'cpu')
                equal(done.returncode, 0, done.stderr.decode())
                gpa = plan['cpu']['rbx' if protocol == 'pvh' else 'rsi']
                found = decode(folder / 'ram', what, gpa)
                made = image == 'kernel' and protocol == 'linux64'
                equal([w.split()[0] for w in found],
                      ['kernel_alignment'] if made else [], f'{image} by {protocol}')


if __name__ == '__main__':
    common.main([of_start_info, of_zero_page, of_our_own_plans])
