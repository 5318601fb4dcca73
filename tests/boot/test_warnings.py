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


def lay(path, pieces):
    with open(path, 'wb') as file:
        file.truncate(2 * GIB)
        for at, data in pieces.items():
            file.seek(at)
            file.write(data)


def is_told(folder, what, gpa, pieces, wanted, name):
    """RAM of 2 GiB with these pieces; it is a file with holes."""
    lay(folder / 'ram', pieces)
    equal(decode(folder / 'ram', what, gpa), wanted, name)


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
        ('one entry, to which Linux adds its own', {'entries': one}, []),
        ('128 entries', {'entries': many},
         ['the memory map has 128 entries; Linux takes 127 by PVH: 1 too many']),
        ('no low RAM', {'entries': high, 'at': 0xf000},
         ['the memory map has no 28 KiB of RAM in one piece between 64 KiB and 640 KiB, where '
          'Linux puts its trampoline: the largest piece has 0 bytes, 28672 too few',
          'cmdline [0x20000, 0x20800) '
          'leaves RAM: it runs into the hole [0x10000, 0x100000); 0x800 of its bytes are not RAM']),
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
         ['start_info [0x9fff0, 0xa0028) '
          'leaves RAM: it runs into the hole [0x9fc00, 0x100000); 0x38 of its bytes are not RAM']),
        ('command line at the end of RAM', {'cmdline': (0x9fa00, b'quiet')},
         ['cmdline [0x9fa00, 0xa0200) '
          'leaves RAM: it runs into the hole [0x9fc00, 0x100000); 0x600 of its bytes are not RAM']),
        ('a module above 4 GiB', {'modules': ((0x1000000, 5), (4 * GIB, 4096))},
         ['module 1, 0x1000 bytes at 0x100000000, does not end below 4 GiB: '
          '0x1000 bytes are beyond it']),
        ('a module that is empty', {'modules': ((0x1000000, 0),)},
         ['module 0 at 0x1000000 is empty']),
        ('a module in a hole', {'modules': ((3 * GIB, 4096),)},
         ['module 0 [0xc0000000, 0xc0001000) '
          'leaves RAM: it runs into the hole [0x80000000, 0x100000000); 0x1000 of its bytes are not RAM']),
        ('a module over the map', {'modules': ((0x7000, 4096),)},
         ['module 0 [0x7000, 0x8000) overlaps memmap [0x7000, 0x7048) by 0x48 bytes']),
        ('two at once', {'entries': one, 'modules': ((4 * GIB, 4096),)},
         ['module 0, 0x1000 bytes at 0x100000000, does not end below 4 GiB: '
          '0x1000 bytes are beyond it']),
    ]
    with common.scratch() as folder:
        for name, what, wanted in cases:
            is_told(folder, '--start-info', what.get('at', 0x6000), pvh(**what), wanted, name)


def of_start_info_for_another_guest():
    """Only what the ABI says is a limit; auto and linux are as if --guest were not given."""
    high = {'map_at': 5 * GIB // 4, 'list_at': 3 * GIB // 2}
    cases = [('fine', {}, 0, 0), ('lists above 1 GiB', high, 2, 0),
             ('8000 bytes', {'cmdline': (0x20000, b'x' * 8000)}, 1, 0),
             ('one RAM entry and 130', {'entries': [(0, 2 * GIB, 1)] +
                                        [(8 * GIB + i * 8192, 4096, 2) for i in range(130)]}, 1, 0),
             ('no entries', {'entries': []}, 1, 0),
             ('a module over the map', {'modules': ((0x7000, 4096),)}, 1, 1)]
    with common.scratch() as folder:
        for name, what, linux, other in cases:
            lay(folder / 'ram', pvh(**what))
            args = ['decode', folder / 'ram', '--start-info', '0x6000']
            views = [common.run_json(*args, *guest) for guest in
                     ([], ['--guest', 'auto'], ['--guest', 'linux'], ['--guest', 'other'])]
            equal([len(view['warnings']) for view in views], [linux, linux, linux, other], name)
            text = common.run(*args, '--guest', 'other').stdout.decode()
            check(('nothing in it is known to stop a guest that is not Linux\n' in text) == (other == 0),
                  text)
        done = common.run('decode', folder / 'ram', '--zero-page', '0x7000', '--guest', 'other')
        equal((done.returncode, done.stdout), (2, b''), 'a zero page for another guest')


def of_a_plan_for_another_guest():
    """What plan made is well, if decode is told the same as plan."""
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(images.elf64(images.load(MIB, bytes(64)), images.notes(images.note(MIB))))
        done = common.run('dump', '--kernel', path, '--append', 'x' * 8000, '--memory-file', folder / 'ram',
                          '--cpu-file', folder / 'cpu')
        equal((done.returncode, done.stderr), (0, b''), 'dump')
        args = ['decode', folder / 'ram', '--start-info', '0x6000']
        equal(common.run_json(*args, '--guest', 'other')['warnings'], [], 'as another')
        equal(len(common.run_json(*args)['warnings']), 1, 'as Linux')


def page(entries=ZERO_MAP, at=0x7000, nodes=(), cmdline=(0x20000, b'quiet'), initrd=(GIB // 2, 4096),
         jump=False, nodes_at=None, trailer=None, **more):
    """Pieces of a zero page at @at, with @nodes of (type, data) from 1 MiB on, 1 MiB apart.

    @trailer is (gpa, value) of the size after a kernel's payload.
    """
    nodes_at = nodes_at or [(i + 1) * MIB for i in range(len(nodes))]
    ram = Ram(0x1000)
    zero_page.put_zero_page(ram, 0, cmdline=cmdline[0], initrd=initrd, entries=entries,
                            setup_data=nodes_at[0] if nodes else 0, **{**KERNEL, **more})
    if jump:
        ram.put(0x200, 'H', 0x6aeb)
    pieces = {at: bytes(ram)}
    if cmdline[0]:
        pieces[cmdline[0]] = cmdline[1] + b'\0'
    for i, (kind, data) in enumerate(nodes):
        node = Ram(16 + len(data))
        zero_page.put_node(node, 0, [*nodes_at, 0][i + 1], kind, data)
        pieces[nodes_at[i]] = bytes(node)
    if trailer:
        pieces[trailer[0]] = trailer[1].to_bytes(4, 'little')
    return pieces


def of_zero_page():
    indirect = [(zero_page.SETUP_INDIRECT, zero_page.indirect(kind, 0x30000, 20))
                for kind in (1, 2, 3, 4, 9, 10, 0x7777)]
    unseen = 'given by a setup_indirect, Linux does not see it'
    seed = 262144 - 4096 - 16  # the library's PVHLOAD_LINUX_EARLY_DATA_MAX
    decodes = '0: a bzImage that decodes itself takes that from here and dies without a word'
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
         [f'kernel_alignment and init_size are {decodes}']),
        ('an ELF file has none', {'kernel_alignment': 0, 'init_size': 0, 'cmdline_size': 0,
                                  'initrd_addr_max': 0, 'entries': above,
                                  'initrd': (4 * GIB, 4096), 'cmdline': (0x20000, b'x' * 2048)},
         ['the command line has 2048 bytes, 1 more than the 2047 the kernel takes (assumed: an ELF '
          'file does not say)']),
        ('no alignment', {'kernel_alignment': 0}, [f'kernel_alignment is {decodes}']),
        ('no init_size', {'init_size': 0}, [f'init_size is {decodes}']),
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
         ['zero page [0x9f000, 0xa0000) '
          'leaves RAM: it runs into the hole [0x9fc00, 0x100000); 0x400 of its bytes are not RAM']),
        ('command line out of RAM', {'cmdline': (0x9fb00, b'')},
         ['cmdline [0x9fb00, 0xa0300) '
          'leaves RAM: it runs into the hole [0x9fc00, 0x100000); 0x700 of its bytes are not RAM']),
        ('initrd out of RAM', {'initrd': (GIB - 4096, 8192)},
         ['initrd [0x3ffff000, 0x40001000) '
          'leaves RAM: the memory map ends at 0x40000000; 0x1000 of its bytes are not RAM']),
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
         [f'setup_data 0 (e820_ext): {unseen}', f'setup_data 1 (dtb): {unseen}',
          f'setup_data 3 (efi): {unseen}', f'setup_data 4 (rng_seed): {unseen}',
          f'setup_data 5 (kexec_kho): {unseen}']),
    ]
    with common.scratch() as folder:
        for name, what, wanted in cases:
            is_told(folder, '--zero-page', what.get('at', 0x7000), page(**what), wanted, name)


# A bzImage of 1 MiB, loaded at 16 MiB to run from 32 MiB on; and one that runs where it is loaded.
MOVES = {'code32_start': 16 * MIB, 'pref_address': 32 * MIB, 'relocatable': 1, 'syssize': MIB // 16}
STAYS = {**MOVES, 'code32_start': 32 * MIB + 4096, 'relocatable': 0}
LOST = 'the kernel takes these to decode itself and run, and what was there is lost'
ONE = 'it breaks one of the two'
IMAGE, WINDOW = 'kernel image [0x1000000, 0x1100000)', 'kernel [0x2000000, 0x2400000)'
NODE = [(9, bytes(16))]


def of_the_kernels_place():
    """Where the header says that it is loaded, and that it runs."""
    payload = {**MOVES, 'payload_offset': 0x1000, 'payload_length': 0x80000}
    trailer = 16 * MIB + 0x81000 - 4
    def initrd_at(gpa):
        return {'initrd': (gpa, 4096)}

    over_both = {**MOVES, **initrd_at(33 * MIB), 'nodes': NODE, 'nodes_at': [34 * MIB],
                 'cmdline': (32 * MIB, b'quiet'), 'at': 16 * MIB}
    cases = [
        ('side by side', {**MOVES, **initrd_at(17 * MIB), 'cmdline': (16 * MIB - 6, b'quiet'),
                          'nodes': NODE, 'nodes_at': [32 * MIB - 32]}, []),
        ('after', {**MOVES, **initrd_at(36 * MIB)}, []),
        ('in what it runs in', {**MOVES, **initrd_at(36 * MIB - 4095)},
         [f'initrd [0x23ff001, 0x2400001) overlaps {WINDOW} by 0xfff bytes: {LOST}']),
        ('in what is loaded', {**MOVES, **initrd_at(17 * MIB - 1)},
         [f'initrd [0x10fffff, 0x1100fff) overlaps {IMAGE} by 0x1 bytes: {ONE}']),
        ('all of them', over_both,
         [f'zero page [0x1000000, 0x1001000) overlaps {IMAGE} by 0x1000 bytes: {ONE}',
          f'cmdline [0x2000000, 0x2000006) overlaps {WINDOW} by 0x6 bytes: {LOST}',
          f'initrd [0x2100000, 0x2101000) overlaps {WINDOW} by 0x1000 bytes: {LOST}',
          f'setup_data 0 rng_seed [0x2200000, 0x2200020) overlaps {WINDOW} by 0x20 bytes: {LOST}']),
        ('over both', {**MOVES, 'initrd': (16 * MIB, 17 * MIB)},
         [f'initrd [0x1000000, 0x2100000) overlaps {IMAGE} by 0x100000 bytes: {ONE}',
          f'initrd [0x1000000, 0x2100000) overlaps {WINDOW} by 0x100000 bytes: {LOST}']),
        ('loaded above where it wants to be, and aligned', {**MOVES, **initrd_at(48 * MIB),
                                                            'code32_start': 47 * MIB},
         ['initrd [0x3000000, 0x3001000) overlaps kernel [0x2f00000, 0x3400000) by 0x1000 bytes: '
          + LOST]),
        ('loaded right before it', {**MOVES, **initrd_at(47 * MIB), 'code32_start': 47 * MIB},
         ['initrd [0x2f00000, 0x2f01000) overlaps kernel [0x2f00000, 0x3400000) by 0x1000 bytes: '
          + ONE]),
        ('not relocatable', {**STAYS, **initrd_at(32 * MIB)},
         [f'initrd [0x2000000, 0x2001000) overlaps {WINDOW} by 0x1000 bytes: {LOST}']),
        ('no alignment to go by', {**MOVES, **initrd_at(33 * MIB), 'kernel_alignment': 3 << 20}, []),
        ('2.09 does not say', {**MOVES, **initrd_at(33 * MIB), 'version': 0x209}, []),
        ('above 4 GiB', {**MOVES, **initrd_at(33 * MIB), 'code32_start': 0}, []),
        ('a syssize that is none', {**MOVES, **initrd_at(17 * MIB), 'syssize': 0x1000000}, []),
        ('loaded', {**payload, **initrd_at(33 * MIB), 'trailer': (trailer, 0x400000)},
         [f'initrd [0x2100000, 0x2101000) overlaps {WINDOW} by 0x1000 bytes: {LOST}']),
        ('no syssize', {**payload, **initrd_at(16 * MIB + 0x80fff), 'syssize': 0,
                        'trailer': (16 * MIB + 0x81fff, 1), 'payload_length': 0x81003},
         ['initrd [0x1080fff, 0x1081fff) overlaps kernel image [0x1000000, 0x1082003) by 0x1000 '
          f'bytes: {ONE}']),
        ('decoded by the host', {**payload, **initrd_at(33 * MIB)}, []),
        ('decoded by the host, and no size', {**payload, **initrd_at(33 * MIB),
                                               'trailer': (trailer, 0x400001)}, []),
        ('overwritten, or never there', {**payload, **initrd_at(trailer & ~4095)},
         [f'initrd [0x1080000, 0x1081000) overlaps {IMAGE} by 0x1000 bytes: one was loaded over the '
          'other, unless the host decoded the kernel']),
        ('not enough to decode in', {**payload, 'payload_length': 0x400001},
         ['init_size is 0x400000, 0x1 less than payload_length, 0x400001: a bzImage that decodes '
          'itself there dies without a word']),
        ('just enough', {**payload, 'payload_length': 0x400000}, []),
    ]
    with common.scratch() as folder:
        for name, what, wanted in cases:
            is_told(folder, '--zero-page', what.get('at', 0x7000), page(**what), wanted, name)


def of_setup_data():
    """Nodes, and what they point to, over anything else."""
    def apart(gpa, size):
        return zero_page.SETUP_INDIRECT, zero_page.indirect(3, gpa, size)

    both = {'nodes': NODE * 2, 'nodes_at': [0x300000, 0x300020]}
    cases = [
        ('side by side', {**both, 'initrd': (0x300040, 4096)}, []),
        ('zero page', {'nodes': NODE, 'nodes_at': [0x7ff0]},
         ['setup_data 0 rng_seed [0x7ff0, 0x8010) overlaps zero page [0x7000, 0x8000) by 0x10 '
          f'bytes: {ONE}']),
        ('command line', {'nodes': NODE, 'nodes_at': [0x20005]},
         ['setup_data 0 rng_seed [0x20005, 0x20025) overlaps cmdline [0x20000, 0x20006) by 0x1 '
          f'bytes: {ONE}']),
        ('after the command line', {'nodes': NODE, 'nodes_at': [0x20006]}, []),
        ('initrd', {**both, 'initrd': (0x30003f, 4096)},
         ['setup_data 1 rng_seed [0x300020, 0x300040) overlaps initrd [0x30003f, 0x30103f) by 0x1 '
          f'bytes: {ONE}']),
        ('each other', {'nodes': [(0x77, bytes(84)), (0x78, b'abcd')],
                        'nodes_at': [0x300000, 0x300030]},
         ['setup_data 1 120 [0x300030, 0x300044) overlaps setup_data 0 119 [0x300000, 0x300064) by '
          f'0x14 bytes: {ONE}']),
        ('what they point to', {'nodes': [apart(0x400000, 16), apart(0x40000f, 16)]},
         ['setup_data 1 pci data [0x40000f, 0x40001f) overlaps setup_data 0 pci data '
          f'[0x400000, 0x400010) by 0x1 bytes: {ONE}']),
        ('the same for both', {'nodes': [apart(0x400000, 16), apart(0x400000, 16)]}, []),
        ('one points to another', {'nodes': [apart(0x200000, 16), (0x77, b'')]},
         ['setup_data 1 119 [0x200000, 0x200010) overlaps setup_data 0 pci data '
          f'[0x200000, 0x200010) by 0x10 bytes: {ONE}']),
        ('78 times', {'nodes': [apart(0x4000000 + i, 32) for i in range(13)]},
         [*[f'setup_data {i} pci data [{0x4000000 + i:#x}, {0x4000020 + i:#x}) overlaps setup_data {k} '
            f'pci data [{0x4000000 + k:#x}, {0x4000020 + k:#x}) by {32 - i + k:#x} bytes: {ONE}'
            for i in range(13) for k in range(i)][:64], '14 more overlaps of setup_data']),
    ]
    with common.scratch() as folder:
        for name, what, wanted in cases:
            is_told(folder, '--zero-page', 0x7000, page(**what), wanted, name)


def of_init_arguments():
    """No more than 32 after the first "--", by either protocol."""
    def args(count):
        return b'quiet -- ' + b' '.join(b'%d' % i for i in range(count))
    told = ('the command line has {} arguments of init after its "--", {} more than the 32 that '
            'Linux takes without a panic')
    cases = [
        ('32', args(32), []),
        ('33', args(33), [told.format(33, 1)]),
        ('white space, quotes, and what is no ASCII',
         b'--' + b'\t"a b"\n' * 20 + b'\xff\x01 c="d\te" ' * 20, [told.format(60, 28)]),
        ('after a second "--"', args(32) + b' -- 32 33', []),
        ('before the first', b'x ' * 40 + b'-- y', []),
        ('none', b'--', []),
    ]
    with common.scratch() as folder:
        for name, text, wanted in cases:
            is_told(folder, '--zero-page', 0x7000, page(cmdline=(0x20000, text)), wanted, name)
            is_told(folder, '--start-info', 0x6000, pvh(cmdline=(0x20000, text)), wanted, name)


def of_a_kernel(series):
    """Loaded by our own plans there is nothing to say, wherever it is; moved there, its initrd is lost."""
    kernel = common.kernel(series)
    with common.scratch() as folder:
        ram, initrd = folder / 'ram', folder / 'initrd'
        initrd.write_bytes(bytes(range(256)) * 4096)
        for options in (['pvh'], ['linux64'], ['linux32'], ['linux64', '--place', 'kernel,0x200000'],
                        ['linux32', '--place', 'kernel,0x2000000'],
                        ['linux64', '--decompress', 'host', '--place', 'kernel,0x4000000',
                         '--place', 'initrd,0x1000000']):
            options = ['--kernel', kernel, '--initrd', initrd, '--memory', '256M', '--append',
                       ' '.join(['--', *'x' * 32]), '--protocol', *options]
            plan = common.run_json('plan', *options)
            done = common.run('dump', *options, '--memory-file', ram, '--cpu-file', folder / 'cpu')
            equal(done.returncode, 0, done.stderr.decode())
            by_pvh = plan['protocol'] == 'pvh'
            gpa = plan['cpu']['rbx' if by_pvh else 'rsi']
            equal(decode(ram, '--start-info' if by_pvh else '--zero-page', gpa), [], str(options))
            if by_pvh or plan['decompress'] == 'host':
                continue
            there = {r['name']: (r['gpa'], r['gpa'] + r['size']) for r in plan['regions']}
            start, end = there['kernel']
            with open(ram, 'r+b') as file:
                file.seek(gpa + 0x218)
                file.write((end - 4096).to_bytes(4, 'little'))
            equal(decode(ram, '--zero-page', gpa),
                  [f'initrd [{end - 4096:#x}, {end - 4096 + MIB:#x}) overlaps kernel '
                   f'[{start:#x}, {end:#x}) by 0x1000 bytes: {LOST}'], str(options))


def of_debians_kernels():
    for series in ('6.1', '6.12'):
        of_a_kernel(series)


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
                equal(found, [], f'{image} by {protocol}')


if __name__ == '__main__':
    common.main([of_start_info, of_start_info_for_another_guest, of_a_plan_for_another_guest,
                 of_zero_page, of_the_kernels_place, of_setup_data, of_init_arguments,
                 of_our_own_plans, of_debians_kernels])
