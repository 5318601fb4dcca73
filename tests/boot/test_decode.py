#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""decode --zero-page: what stands in guest RAM that a description made."""
import common
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
            'setup_data 1 (dtb): behind a setup_indirect, Linux does not see it',
            'initrd [0x1200345000, 0x1500345001) is not all in RAM: there is none at 0x1200345000']


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
    ram = full()
    zero_page.put_node(ram, 0x50000, 0x50000, 9, b'x')
    zero_page.put_zero_page(ram, 0x8000, setup_data=0x50000)
    zero_page.put_zero_page(ram, 0x9000, cmdline=1 << 20)
    with common.scratch() as folder:
        path = folder / 'ram'
        path.write_bytes(ram)
        for gpa, says in (('0', 'no zero page at 0x0'), ('0xff001', 'not all in the guest'),
                          ('0x8000', 'more than 64 nodes'), ('0x9000', 'command line')):
            for options in ([], ['--json']):
                done = common.run('decode', path, '--zero-page', gpa, *options)
                equal((done.returncode, done.stdout), (1, b''), f'zero page at {gpa}')
                line = done.stderr.decode()
                check(line.startswith(f'pvhload: {path}: ') and says in line
                      and line.count('\n') == 1, line)
        for args in (['--zero-page', 'x'], ['--zero-page'], [],
                     ['--zero-page', '0x7000', '--start-info', '0x6000']):
            done = common.run('decode', path, *args)
            equal((done.returncode, done.stdout), (2, b''), f'decode with {args}')
            check(done.stderr.startswith(b'pvhload: ') and b'--help' in done.stderr,
                  done.stderr.decode())


if __name__ == '__main__':
    common.main([everything_as_json, everything_as_text, only_what_the_protocol_has, refusals])
