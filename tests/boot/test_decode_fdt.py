#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""decode --fdt: what a device tree in guest RAM says, whole and broken; and never a byte of its seeds."""
import common
import images
from common import check, equal
from device_tree import cell, cells, text, tree

RAM = 1 << 20
AT = 0x7000
SEED = b'SECRET seed bytes that nobody is to see'
CELLS = {'#address-cells': cell(2), '#size-cells': cell(2)}
MEMORY = {'memory@0': {'device_type': text('memory'), 'reg': cells(0, RAM)}}
CHOSEN = {'bootargs': b'console=ttyAMA0 \x1b[31m\xff\0', 'linux,initrd-start': cells(0x80000),
          'linux,initrd-end': cells(0x81000), 'kaslr-seed': SEED[:8], 'rng-seed': SEED}
FIRMWARE = {'fw@90000': {'reg': cells(0x90000, 0x1000), 'no-map': b''},
            'pool\x1b@a0000': {'reg': cells(0xa0000, 0x1000)}}
WHOLE = tree({**CELLS, **MEMORY, 'reserved-memory': {**CELLS, **FIRMWARE}, 'chosen': CHOSEN},
             reserved=[(0xb0000, 0x2000)], free=100)


def decoded(data, *options, at=AT):
    """The text, or the JSON, of the tree in 1 MiB of RAM."""
    with common.scratch() as folder:
        ram = folder / 'ram'
        ram.write_bytes(bytes(at) + data + bytes(RAM - at - len(data)))
        if '--json' in options:
            return common.run_json('decode', ram, '--fdt', hex(at))
        done = common.run('decode', ram, '--fdt', hex(at), *options)
    equal((done.returncode, done.stderr), (0, b''), 'decode --fdt')
    return done.stdout.decode().split('\n')


def everything():
    view = decoded(WHOLE, '--json')
    equal(view, {
        'version': 17, 'total_size': len(WHOLE), 'packed_size': len(WHOLE) - 100,
        'cmdline': 'console=ttyAMA0 \x1b[31m\ufffd', 'initrd': {'gpa': 0x80000, 'size': 0x1000},
        'kaslr_seed_size': 8, 'rng_seed_size': len(SEED), 'memory': [{'gpa': 0, 'size': RAM}],
        'reservations': [
            {'gpa': 0xb0000, 'size': 0x2000, 'kind': 'memreserve', 'name': '/memreserve/ 0', 'no_map': False},
            {'gpa': 0x90000, 'size': 0x1000, 'kind': 'node', 'name': 'fw@90000', 'no_map': True},
            {'gpa': 0xa0000, 'size': 0x1000, 'kind': 'node', 'name': 'pool\x1b@a0000', 'no_map': False}],
        'warnings': []}, 'view')
    equal(decoded(WHOLE), [
        f'device tree: version 17, {len(WHOLE)} bytes, {len(WHOLE) - 100} without free ones',
        'command line: console=ttyAMA0 ?[31m?',
        'initrd at 0x80000, 4096 bytes',
        'kaslr-seed: 8 bytes',
        f'rng-seed: {len(SEED)} bytes',
        '1 banks of memory',
        '  0x0000000000 0x0000100000 bytes',
        '3 reservations',
        '  0x00000b0000 0x0000002000 bytes, /memreserve/ 0',
        '  0x0000090000 0x0000001000 bytes, fw@90000, no-map',
        '  0x00000a0000 0x0000001000 bytes, pool?@a0000',
        'nothing in it is known to stop Linux', ''], 'text')
    for options in ((), ('--json',)):
        check('SECRET' not in str(decoded(WHOLE, *options)), 'a seed is shown')


def nothing():
    least = tree({})
    warning = 'the device tree has no memory: no node with device_type "memory" and a range'
    equal(decoded(least, '--json'), {
        'version': 17, 'total_size': len(least), 'packed_size': len(least), 'cmdline': None, 'initrd': None,
        'kaslr_seed_size': None, 'rng_seed_size': None, 'memory': [], 'reservations': [], 'warnings': [warning]},
          'view')
    equal(decoded(least), [
        f'device tree: version 17, {len(least)} bytes, {len(least)} without free ones', 'command line: none',
        'initrd: none', 'kaslr-seed: none', 'rng-seed: none', '0 banks of memory', '0 reservations', 'warnings, 1:',
        f'  {warning}', ''], 'text')


def broken():
    """What can be read is shown, and what not, is a warning."""
    values = tree({**CELLS, 'memory@0': {'device_type': text('memory'), 'reg': cells(1)},
                   'chosen': {'bootargs': b'abc', 'linux,initrd-start': b'x', 'linux,initrd-end': b'y'}})
    lines = decoded(values)
    for line in ('command line: cannot be read', 'initrd: cannot be read', 'kaslr-seed: none',
                 '0 banks of memory that can be read', 'warnings, 3:',
                 '  node memory@0 of the device tree: reg has 8 bytes, no multiple of 16',
                 '  node chosen of the device tree: bootargs is no text that ends with its only NUL',
                 '  node chosen of the device tree: linux,initrd-start has 1 bytes, not 4 or 8'):
        check(line in lines, f'{line!r} in {lines}')
    start = WHOLE.index(b'chosen') - 4
    lines = decoded(WHOLE[:start] + cell(77) + WHOLE[start + 4:])
    for line in ('command line: cannot be read', 'initrd: cannot be read', 'kaslr-seed: cannot be read',
                 'rng-seed: cannot be read', '1 banks of memory that can be read', '3 reservations that can be read',
                 'warnings, 1:', f'  the device tree, at offset {start:#x}: no token'):
        check(line in lines, f'{line!r} in {lines}')


def warned():
    """What would stop Linux without a word."""
    misplaced = decoded(WHOLE, '--json', at=AT + 4)['warnings']
    equal(misplaced, ['the device tree is at 0x7004, no multiple of 8: Linux stops without a word'], 'misaligned')
    short = tree({**CELLS, **MEMORY, 'chosen': {'kaslr-seed': SEED[:4]}})
    equal(decoded(short, '--json')['warnings'], ['kaslr-seed has 4 bytes, not 8: Linux takes it for none'], 'seed')


def of_our_own():
    """What a plan puts into the VMM's tree is there, at its address in RAM that does not begin at 0."""
    base = 0x40000000
    machine = tree({**CELLS, 'memory@40000000': {'device_type': text('memory'), 'reg': cells(base, 64 << 20)},
                    'chosen': {'bootargs': text('of the VMM'), 'rng-seed': SEED}}, free=1 << 20)
    with common.scratch() as folder:
        for name, data in (('kernel', images.arm64()), ('initrd', bytes(5000)), ('tree', machine)):
            (folder / name).write_bytes(data)
        boot = ['--kernel', folder / 'kernel', '--initrd', folder / 'initrd', '--dtb', folder / 'tree',
                '--memory', '64M', '--append', 'quiet', '--kaslr', '77']
        regions = {region['name']: region for region in common.run_json('plan', *boot)['regions']}
        done = common.run('dump', *boot, '--memory-file', folder / 'ram', '--cpu-file', folder / 'cpu')
        equal((done.returncode, done.stderr), (0, b''), 'dump')
        view = common.run_json('decode', folder / 'ram', '--ram-base', hex(base), '--fdt', hex(regions['fdt']['gpa']))
        check(SEED in (folder / 'ram').read_bytes(), 'the seed of the VMM is gone')
    size = regions['fdt']['size']
    equal(view, {
        'version': 17, 'total_size': size, 'packed_size': size, 'cmdline': 'quiet',
        'initrd': {'gpa': regions['initrd']['gpa'], 'size': 5000}, 'kaslr_seed_size': 8, 'rng_seed_size': len(SEED),
        'memory': [{'gpa': base, 'size': 64 << 20}], 'reservations': [], 'warnings': []}, 'view')


def refusals():
    with common.scratch() as folder:
        ram = folder / 'ram'
        ram.write_bytes(bytes(AT) + WHOLE)
        for gpa, says in (('0', 'no device tree: its magic is 0x0, not 0xd00dfeed'),
                          (hex(AT + len(WHOLE)), "are not all in the guest's RAM")):
            for options in ([], ['--json']):
                done = common.run('decode', ram, '--fdt', gpa, *options)
                equal((done.returncode, done.stdout), (1, b''), f'--fdt {gpa}')
                line = done.stderr.decode()
                check(line.startswith(f'pvhload: {ram}: ') and says in line and line.count('\n') == 1, line)
        for args, says in ((['--fdt'], '--fdt'), (['--fdt', 'x'], '--fdt'),
                           (['--fdt', '0', '--zero-page', '0'], '--help'),
                           (['--fdt', '0', '--guest', 'other'], 'judged by what Linux does with it')):
            done = common.run('decode', ram, *args)
            equal((done.returncode, done.stdout), (2, b''), f'decode with {args}')
            check(says in done.stderr.decode(), done.stderr.decode())


if __name__ == '__main__':
    common.main([everything, nothing, broken, warned, of_our_own, refusals])
