#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""pvhload measure: what it prints is what sha256sum and sha384sum print of the same bytes.

    test_measure.py digests|none

The bytes of files are read from the files, those of regions from the RAM that pvhload dump writes.  With none,
the program was built without libcrypto, and says so.
"""
import gzip
import hashlib
import struct
import subprocess
import sys
import uuid

import common
from common import check, equal
from images import bzimage, kernel


def digests(data):
    """By coreutils."""
    found = {'size': len(data)}
    for name in ('sha256', 'sha384'):
        out = subprocess.run([name + 'sum'], input=data, check=True, stdout=subprocess.PIPE).stdout
        found[name] = out.split()[0].decode()
    return found


def hashes_table(kernel_file, initrd, cmdline):
    """As a firmware for SEV looks for it: a GUID and a length, and so for each SHA-256."""
    def entry(guid, content):
        return uuid.UUID(guid).bytes_le + struct.pack('<H', 18 + len(content)) + content

    def sha256(data):
        return hashlib.sha256(data).digest()

    entries = (entry('97d02dd8-bd20-4c94-aa78-e7714d36ab2a', sha256(cmdline.encode() + b'\0')) +
               entry('44baf731-3a2f-4bd7-9af1-41e29169781d', sha256(initrd)) +
               entry('4de79437-abd2-427f-b835-d5b172d2045b', sha256(kernel_file)))
    table = entry('9438d606-4f22-4cc9-b479-a793d411fd21', entries)
    equal(len(table), 168, 'bytes of the table')
    return table + bytes(8)


def padded(parts):
    """As initrds are joined."""
    out = b''
    for part in parts:
        out += bytes(-len(out) % 4) + part
    return out


def dumped(folder, *options):
    memory = folder / 'memory'
    done = common.run('dump', *options, '--memory-file', memory, '--cpu-file', folder / 'cpu')
    equal((done.returncode, done.stderr), (0, b''), 'dump')
    return memory


def measured(folder, path, initrds, cmdline, *options):
    """Hold all that is said of one boot against coreutils."""
    options = ['--kernel', path, '--append', cmdline, *options]
    for i, data in enumerate(initrds):
        (folder / f'initrd{i}').write_bytes(data)
        options += ['--initrd', folder / f'initrd{i}']
    said = common.run_json('measure', *options)
    equal(set(said), {'kernel', 'initrd', 'cmdline', 'regions', 'kernel_hashes'}, 'keys')
    equal(bytes.fromhex(said['kernel_hashes']), hashes_table(path.read_bytes(), padded(initrds), cmdline),
          'the table of kernel hashes')
    equal(said['kernel'], digests(path.read_bytes()), 'the kernel, as in the file')
    equal(said['initrd'], digests(padded(initrds)), 'the initrd')
    equal(said['cmdline'], digests(cmdline.encode() + b'\0'), 'the command line')

    plan = common.run_json('plan', *options)
    equal([(r['name'], r['gpa'], r['size']) for r in said['regions']],
          [(r['name'], r['gpa'], r['size']) for r in plan['regions']], 'the regions')
    with open(dumped(folder, *options), 'rb') as memory:
        for region in said['regions']:
            memory.seek(region['gpa'])
            equal({key: region[key] for key in ('size', 'sha256', 'sha384')},
                  digests(memory.read(region['size'])), region['name'])
    return said


def made_up():
    with common.scratch() as folder:
        elf, packed = folder / 'elf', folder / 'bzimage'
        elf.write_bytes(kernel())
        packed.write_bytes(bzimage(gzip.compress(kernel())))
        said = measured(folder, elf, [], '')
        equal(said['initrd']['sha256'][:8], 'e3b0c442', 'no initrd: SHA-256 of nothing')
        equal(said['cmdline']['sha256'][:8], '6e340b9c', 'no command line: SHA-256 of a NUL')
        measured(folder, elf, [b'one', b'', b'second initrd'], 'a b')
        # Decoded by the library; by itself, where its code lies apart from what it decodes to; and with a pipe.
        measured(folder, packed, [bytes(5000)], 'console=ttyS0')
        said = measured(folder, packed, [b'x'], 'console=ttyS0', '--protocol', 'linux64', '--memory', '128M')
        check('zero page' in [r['name'] for r in said['regions']], 'no zero page')
        done = subprocess.run([common.PROGRAM, 'measure', '--kernel', '-', '--json'], input=packed.read_bytes(),
                              capture_output=True, check=True)
        check(digests(packed.read_bytes())['sha384'].encode() in done.stdout, 'the kernel from a pipe')


def table_in_memory():
    """A region at the firmware's address, the room after the table zeros; by each protocol."""
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        for options in ([], ['--protocol', 'linux64']):
            said = measured(folder, path, [b'abc', b'd'], 'quiet', '--hashes-table', '0x810c00,0x400', *options)
            table = hashes_table(path.read_bytes(), b'abc\0d', 'quiet')
            equal([(r['name'], r['size'], r['sha256']) for r in said['regions'] if r['gpa'] == 0x810c00],
                  [('hashes table', 1024, digests(table + bytes(1024 - 176))['sha256'])], 'the region')
        plan = common.run_json('plan', '--kernel', path, '--hashes-table', '8M')
        equal([(r['gpa'], r['size'], r['placed']) for r in plan['regions'] if r['name'] == 'hashes table'],
              [(8 << 20, 176, 'asked')], 'without a size')


# What makes no sense as the table's place, and what is said of it.
NO_PLACE = {
    '0': 'are to be at address 0, which means that there is no place for them',
    '0x810c00,175': 'has 0xb0 bytes for 0xaf at 0x810c00, 0x1 too many',
    '0x810c00,0': 'has 0xb0 bytes for 0x0 at 0x810c00, 0xb0 too many',
    '0xe0000': 'leaves RAM: it runs into the hole',
    '512M': 'leaves RAM: the memory map ends at 0x20000000',
    '0xffffffffffffffff': 'does not end below the end of the address space',
    '0x100000': 'kernel segment 0 [0x100000, 0x100040) overlaps hashes table [0x100000, 0x1000b0) by 0x40 bytes',
}


def no_place():
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        for place, says in NO_PLACE.items():
            done = common.run('plan', '--kernel', path, '--protocol', 'pvh', '--hashes-table', place)
            equal((done.returncode, done.stdout), (1, b''), place)
            check(says in done.stderr.decode(), f'{place}: {done.stderr.decode()}')


def stock():
    with common.scratch() as folder:
        measured(folder, common.kernel('6.12'), [b'070701'], 'console=ttyS0')


def text():
    """The same as JSON, for people."""
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        args = ['measure', '--kernel', path, '--append', 'one two']
        said = common.run_json(*args)

        def lines(indent, what):
            return [f'{indent}sha256 {what["sha256"]}', f'{indent}sha384 {what["sha384"]}']

        wanted = [f'kernel, {path.stat().st_size} bytes of file', *lines('  ', said['kernel']),
                  'initrd, 0 bytes', *lines('  ', said['initrd']),
                  'command line, 8 bytes with its NUL', *lines('  ', said['cmdline']), 'regions:']
        for region in said['regions']:
            wanted += [f'  {region["gpa"]:#012x} {region["name"]}, {region["size"]} bytes', *lines('    ', region)]
        table = said['kernel_hashes']
        wanted += ['table of kernel hashes, 176 bytes:', *('  ' + table[i:i + 64] for i in range(0, 352, 64))]
        equal(common.run(*args).stdout.decode().splitlines(), wanted, 'text')


def full():
    """Digests that cannot be written."""
    with common.scratch() as folder, open('/dev/full', 'w', encoding='ascii') as out:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        for options in ([], ['--json']):
            done = subprocess.run([common.PROGRAM, 'measure', '--kernel', path, *options], stdout=out,
                                  stderr=subprocess.PIPE, check=False)
            equal((done.returncode, done.stderr), (1, b'pvhload: standard output: cannot write: No space left on device\n'),
                  f'measure {options}')


def without():
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        for args in (['measure'], ['plan', '--hashes-table', '8M']):
            done = common.run(*args, '--kernel', path)
            equal((done.returncode, done.stdout), (1, b''), 'without libcrypto')
            equal(done.stderr.decode(), f"pvhload: {path}: cannot make digests: this program was built without "
                  "OpenSSL's libcrypto (-Ddigests)\n", 'message')


if __name__ == '__main__':
    common.main([made_up, table_in_memory, no_place, stock, text, full] if sys.argv[1] == 'digests' else [without])
