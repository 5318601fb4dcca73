#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""decode: what stands in guest RAM that a description made, or a dump with bytes changed."""
import contextlib
import struct

import common
import images
import zero_page
from common import check, equal
from zero_page import SETUP_INDIRECT, Ram

KERNEL = {'code32_start': 0x1000000, 'initrd_addr_max': 0x7fffffff, 'kernel_alignment': 0x200000,
          'relocatable': 1, 'cmdline_size': 2047, 'pref_address': 0x1000000,
          'init_size': 0x37dc000}
TABLE = [(0, 0x9fc00, 1), (0x100000, 0x7ff00000, 1), (0xf0000000, 0x1000, 2)]
MORE = [(0x5000000000, 0x1000, 12), (0x6000000000, 0x2000, 7)]
# Of full(); test_warnings.py has them all.
WARNINGS = ['the sentinel is 0xff, not 0: Linux takes the page for a copied file and wipes most of it; '
            "the RSDP's address is lost; addresses and sizes of 4 GiB or more lose their high halves",
            'setup_data 1 (dtb): given by a setup_indirect, Linux does not see it',
            'initrd [0x1200345000, 0x1500345001) leaves RAM: it runs into the hole '
            '[0xf0001000, 0x5000000000); 0x300000001 of its bytes are not RAM']


def memmap(entries):
    return [{'addr': a, 'size': s, 'type': t} for a, s, t in entries]


def full():
    """A zero page with everything, at 0x7000 of 1 MiB of RAM."""
    ram = Ram(1 << 20)
    ram.put_bytes(0x20000, b'console=ttyS0 \x1b[31m\xff\0')
    zero_page.put_node(ram, 0x30000, 0x30100, 9, b'random bytes')
    zero_page.put_node(ram, 0x30100, 0x30200, SETUP_INDIRECT, zero_page.indirect(2, 0x40001, 5))
    zero_page.put_node(ram, 0x30200, 0x30300, 1, zero_page.e820(MORE))
    zero_page.put_node(ram, 0x30300, 0, 0x12345678, b'')
    zero_page.put_zero_page(ram, 0x7000, loadflags=0x83, xloadflags=0x7f, cmdline=0x20000,
                            initrd=(0x1200345000, 0x300000001), rsdp=0x80000000e0,
                            setup_data=0x30000, entries=TABLE, sentinel=0xff, **KERNEL)
    return ram


def everything_as_json():
    with common.scratch() as folder:
        (folder / 'ram').write_bytes(full())
        view = common.run_json('decode', folder / 'ram', '--zero-page', '0x7000')
    equal(view, {
        'boot_protocol': 0x20f, 'type_of_loader': 0xff, 'loadflags': 0x83, 'xloadflags': 0x7f,
        'sentinel': 0xff, 'cmdline': 'console=ttyS0 \x1b[31m\ufffd', 'cmdline_gpa': 0x20000,
        'initrd': {'gpa': 0x1200345000, 'size': 0x300000001}, 'rsdp': 0x80000000e0,
        'setup_data': [
            {'type': 'rng_seed', 'gpa': 0x30000, 'data_gpa': 0x30010, 'size': 12,
             'indirect': False},
            {'type': 'dtb', 'gpa': 0x30100, 'data_gpa': 0x40001, 'size': 5, 'indirect': True},
            {'type': 'e820_ext', 'gpa': 0x30200, 'data_gpa': 0x30210, 'size': 40,
             'indirect': False},
            {'type': 0x12345678, 'gpa': 0x30300, 'data_gpa': 0x30310, 'size': 0,
             'indirect': False}],
        'memmap': memmap(TABLE + MORE), 'e820_entries': 3,
        'setup_header': {'version': 0x20f, **KERNEL}, 'warnings': WARNINGS}, 'view')


def everything_as_text():
    with common.scratch() as folder:
        (folder / 'ram').write_bytes(full())
        done = common.run('decode', folder / 'ram', '--zero-page', '0x7000')
    equal((done.returncode, done.stderr), (0, b''), 'decode')
    equal(done.stdout.decode().split('\n'), [
        'zero page: boot protocol 2.15, type_of_loader 0xff, loadflags 0x83, xloadflags 0x7f',
        'sentinel 0xff: the kernel wipes most of this',
        'command line at 0x20000: console=ttyS0 ?[31m?',
        'initrd at 0x1200345000, 12884901889 bytes',
        'RSDP at 0x80000000e0',
        'setup_header:',
        '  version          0x20f',
        '  code32_start     0x1000000',
        '  initrd_addr_max  0x7fffffff',
        '  kernel_alignment 0x200000',
        '  relocatable      0x1',
        '  cmdline_size     0x7ff',
        '  pref_address     0x1000000',
        '  init_size        0x37dc000',
        '4 setup_data',
        '  0x0000030000 rng_seed, 12 bytes',
        '  0x0000030100 dtb, 5 bytes at 0x40001',
        '  0x0000030200 e820_ext, 40 bytes',
        '  0x0000030300 type 0x12345678, 0 bytes',
        '5 memory map entries, 3 of them in the zero page',
        '  0x0000000000 0x000009fc00 bytes, type 1',
        '  0x0000100000 0x007ff00000 bytes, type 1',
        '  0x00f0000000 0x0000001000 bytes, type 2',
        '  0x5000000000 0x0000001000 bytes, type 12',
        '  0x6000000000 0x0000002000 bytes, type 7',
        'warnings, 3:', *(f'  {warning}' for warning in WARNINGS),
        ''], 'text')


def only_what_the_protocol_has():
    """An older header's later fields are no fields; the least zero page has nothing at all."""
    ram = Ram(1 << 20)
    for version, has in ((0x200, 2), (0x203, 3), (0x205, 5), (0x206, 6), (0x209, 6), (0x20a, 8)):
        zero_page.put_zero_page(ram, 0x7000, version=version, type_of_loader=0, loadflags=0,
                                xloadflags=0x7f, **KERNEL)
        with common.scratch() as folder:
            (folder / 'ram').write_bytes(ram)
            view = common.run_json('decode', folder / 'ram', '--zero-page', '0x7000')
            text = common.run('decode', folder / 'ram', '--zero-page', '0x7000').stdout
        names = ['version', 'code32_start', 'initrd_addr_max', 'kernel_alignment', 'relocatable',
                 'cmdline_size', 'pref_address', 'init_size'][:has]
        equal(view['setup_header'], {'version': version, **{n: KERNEL[n] for n in names[1:]}},
              f'setup_header of {version:#x}')
        equal([view[k] for k in ('type_of_loader', 'loadflags', 'xloadflags', 'sentinel',
                                 'cmdline', 'cmdline_gpa', 'initrd', 'rsdp', 'setup_data',
                                 'memmap', 'e820_entries')],
              [0, 0, 0, 0, None, 0, None, 0, [], [], 0], f'view of {version:#x}')
        for line in (b'command line: none', b'initrd: none', b'0 setup_data',
                     b'0 memory map entries'):
            check(line in text, text.decode())
        check(b'sentinel' not in text, text.decode())


def refusals():
    with common.scratch() as folder:
        path = folder / 'ram'
        path.write_bytes(full())
        for what, gpa, says in (('--zero-page', '0', 'no zero page at 0x0'),
                                ('--zero-page', '0xff001', 'not all in the guest'),
                                ('--start-info', '0x7000', 'no start info at 0x7000'),
                                ('--start-info', '0xfffd9', 'not all in the guest')):
            for options in ([], ['--json']):
                done = common.run('decode', path, what, gpa, *options)
                equal((done.returncode, done.stdout), (1, b''), f'{what} {gpa}')
                line = done.stderr.decode()
                check(line.startswith(f'pvhload: {path}: ') and says in line
                      and line.count('\n') == 1, line)
        for args in (['--zero-page', 'x'], ['--zero-page'], [],
                     ['--zero-page', '0x7000', '--start-info', '0x6000']):
            done = common.run('decode', path, *args)
            equal((done.returncode, done.stdout), (2, b''), f'decode with {args}')
            check(done.stderr.startswith(b'pvhload: ') and b'--help' in done.stderr,
                  done.stderr.decode())


@contextlib.contextmanager
def patched(path, changes):
    """The file with other bytes at some addresses."""
    with open(path, 'r+b') as file:
        saved = {}
        for gpa, data in changes.items():
            file.seek(gpa)
            saved[gpa] = file.read(len(data))
            file.seek(gpa)
            file.write(data)
        file.flush()
        yield
        for gpa, data in saved.items():
            file.seek(gpa)
            file.write(data)


def dump(folder, image, *options):
    """128 MiB of RAM as our own plan fills it, in the file that is returned."""
    for name, data in (('kernel', image), ('initrd', bytes(5000)), ('seed', bytes(32))):
        (folder / name).write_bytes(data)
    done = common.run('dump', '--kernel', folder / 'kernel', '--initrd', folder / 'initrd',
                      '--append', 'quiet', '--memory', '128M', '--rsdp', '0xe0000', *options,
                      '--memory-file', folder / 'ram', '--cpu-file', folder / 'cpu')
    equal((done.returncode, done.stderr), (0, b''), 'dump')
    return folder / 'ram'


def is_shown(ram, what, gpa, cases):
    """Each of (changes, keys that differ, warnings): all other keys are as without the changes."""
    whole = common.run_json('decode', ram, what, hex(gpa))
    equal(whole['warnings'], [], 'warnings of our own plan')
    for changes, differs, warnings in cases:
        with patched(ram, changes):
            view = common.run_json('decode', ram, what, hex(gpa))
            done = common.run('decode', ram, what, hex(gpa))
        equal(view, {**whole, **differs, 'warnings': warnings}, str(changes))
        equal((done.returncode, done.stderr), (0, b''), str(changes))
        end = [f'warnings, {len(warnings)}:', *(f'  {warning}' for warning in warnings), ''] \
            if warnings else ['nothing in it is known to stop Linux', '']
        equal(done.stdout.decode().split('\n')[-len(end):], end, str(changes))


def outside(what, size, gpa):
    return (f"{what}: {size:#x} bytes at {gpa:#x} are not all in the guest's RAM: there is none at "
            f'{gpa:#x}')


STRAY = 0x12345000  # RAM ends at 0x8000000
LAST = 0x7fffffd  # three bytes before that


def quad(value):
    return struct.pack('<Q', value)


def word(value):
    return struct.pack('<I', value)


def broken_start_info():
    """Whatever is broken, the rest is shown, and the library's words for it come first."""
    at = 0x6000
    modules, modlist, cmdline, memmap_at, entries = at + 12, at + 16, at + 24, at + 40, at + 48
    with common.scratch() as folder:
        ram = dump(folder, images.kernel())
        whole = common.run_json('decode', ram, '--start-info', hex(at))
        count = len(whole['memmap'])
        equal((len(whole['modules']), count > 1, whole['cmdline']), (1, True, 'quiet'), 'dump')
        stray = [outside('command line', 1, STRAY), outside('memmap', 24 * count, STRAY),
                 outside('modlist', 32, STRAY)]
        is_shown(ram, '--start-info', at, [
            ({}, {}, []),
            ({modlist: quad(STRAY)}, {'modules': []}, [stray[2]]),
            ({modlist: quad(0)}, {'modules': []},
             ['modlist has 1 entries at address 0, which means absent']),
            ({0x6040 + 16: quad(STRAY)}, {}, [outside('command line of module 0', 1, STRAY)]),
            ({memmap_at: quad(STRAY)}, {'memmap': []}, [stray[1]]),
            ({memmap_at: quad(0)}, {'memmap': []},
             [f'memmap has {count} entries at address 0, which means absent']),
            ({cmdline: quad(STRAY)}, {'cmdline': None}, [stray[0]]),
            ({cmdline: quad(LAST), LAST: b'abc'}, {'cmdline': 'abc'},
             [f'command line: the text at {LAST:#x} has no NUL within 3 bytes']),
            ({cmdline: quad(STRAY), memmap_at: quad(STRAY), modlist: quad(STRAY)},
             {'cmdline': None, 'memmap': [], 'modules': []}, stray),
            # what is there is judged as ever
            ({modlist: quad(STRAY), entries: word(1)},
             {'modules': [], 'memmap': whole['memmap'][:1]}, [stray[2]]),
            ({cmdline: quad(STRAY), 0x6040: quad(0x9000000)},
             {'cmdline': None, 'modules': [{**whole['modules'][0], 'gpa': 0x9000000}]},
             [stray[0], 'module 0 [0x9000000, 0x9001388) leaves RAM: the memory map ends at '
                        '0x8000000; 0x1388 of its bytes are not RAM']),
        ])
        with patched(ram, {modules: word(0xffffffff), modlist: quad(STRAY), cmdline: quad(STRAY),
                           memmap_at: quad(STRAY)}):
            done = common.run('decode', ram, '--start-info', hex(at))
        equal(done.stdout.decode().split('\n'), [
            'start info: magic 0x336ec578, version 1, flags 0x0',
            'command line at 0x12345000: cannot be read',
            'RSDP at 0xe0000',
            '0 modules that can be read, listed at 0x12345000',
            '0 memory map entries that can be read at 0x12345000',
            'warnings, 4:', *(f'  {text}' for text in [
                *stray[:2], 'modlist has 4294967295 entries; the limit is 4096',
                outside('modlist', 32 * 4096, STRAY)]), ''], 'text')
        with patched(ram, {at: b'X'}):
            done = common.run('decode', ram, '--start-info', hex(at))
        equal((done.returncode, done.stdout), (1, b''), 'another magic')


def broken_zero_page():
    at = 0x7000
    cmdline, setup_data, count, ramdisk = at + 0x228, at + 0x250, at + 0x1e8, at + 0x218
    with common.scratch() as folder:
        ram = dump(folder, images.bzimage(bytes(64)), '--protocol', 'linux64',
                   '--rng-seed', folder / 'seed', '--setup-data', f'0x77,{folder / "seed"}',
                   '--setup-data', f'0x78,{folder / "seed"}')
        whole = common.run_json('decode', ram, '--zero-page', hex(at))
        nodes = whole['setup_data']
        equal([n['type'] for n in nodes], ['rng_seed', 0x77, 0x78], 'dump')
        gpas = [n['gpa'] for n in nodes]
        entries = len(whole['memmap'])
        zeros = [{'addr': 0, 'size': 0, 'type': 0}] * (128 - entries)
        far = {**whole['initrd'], 'gpa': STRAY}
        out_of_ram = (f'initrd [{STRAY:#x}, {STRAY + 5000:#x}) leaves RAM: the memory map ends at '
                      '0x8000000; 0x1388 of its bytes are not RAM')
        circle = ('the setup_data list goes in a circle: after number 1 comes number 0 again, at '
                  f'{gpas[0]:#x}')
        is_shown(ram, '--zero-page', at, [
            ({}, {}, []),
            ({cmdline: word(STRAY)}, {'cmdline': None, 'cmdline_gpa': STRAY},
             [outside('command line', 1, STRAY)]),
            ({cmdline: word(LAST), LAST: b'abc'}, {'cmdline': 'abc', 'cmdline_gpa': LAST},
             [f'the command line at {LAST:#x} has no NUL within the 3 bytes up to the end of RAM']),
            ({setup_data: quad(STRAY)}, {'setup_data': []},
             [outside(f'setup_data 0 at {STRAY:#x}', 16, STRAY)]),
            ({gpas[1]: quad(STRAY)}, {'setup_data': nodes[:2]},
             [outside(f'setup_data 2 at {STRAY:#x}', 16, STRAY)]),
            ({gpas[1]: quad(gpas[0])}, {'setup_data': nodes[:2]}, [circle]),
            ({gpas[0] + 12: word(0x7fffffff)},
             {'setup_data': [{**nodes[0], 'size': 0x7fffffff}, *nodes[1:]]},
             [f'setup_data 0 at {gpas[0]:#x}: 0x7fffffff bytes at {gpas[0] + 16:#x}: all setup_data '
              'may take 67108864 bytes, of which 67108864 are left']),
            ({count: bytes([200])}, {'memmap': whole['memmap'] + zeros, 'e820_entries': 200},
             ['the e820 table has 200 entries; there is room for 128']),
            ({ramdisk: word(STRAY)}, {'initrd': far}, [out_of_ram]),
            # what is there is judged as ever
            ({ramdisk: word(STRAY), cmdline: word(STRAY), gpas[1]: quad(gpas[0])},
             {'initrd': far, 'cmdline': None, 'cmdline_gpa': STRAY, 'setup_data': nodes[:2]},
             [outside('command line', 1, STRAY), circle, out_of_ram]),
        ])
        with patched(ram, {count: bytes([200]), gpas[1]: quad(gpas[0]), cmdline: word(STRAY)}):
            lines = common.run('decode', ram, '--zero-page', hex(at)).stdout.decode().split('\n')
        for line in ('command line at 0x12345000: cannot be read', '2 setup_data that can be read',
                     '128 memory map entries that can be read, 128 of them in the zero page',
                     'warnings, 3:'):
            check(line in lines, f'{line!r} in {lines}')
        with patched(ram, {at + 0x202: b'hdrS'}):
            done = common.run('decode', ram, '--zero-page', hex(at))
        equal((done.returncode, done.stdout), (1, b''), 'no HdrS')


if __name__ == '__main__':
    common.main([everything_as_json, everything_as_text, only_what_the_protocol_has, refusals,
                 broken_start_info, broken_zero_page])
