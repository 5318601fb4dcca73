#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""pvhload measure: what it prints is what sha256sum and sha384sum print of the same bytes.

    test_measure.py digests|none

The bytes of files are read from the files, those of regions from the RAM that pvhload dump writes.  With none,
the program was built without libcrypto, and says so.
"""
import gzip
import subprocess
import sys

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
    equal(set(said), {'kernel', 'initrd', 'cmdline', 'regions'}, 'keys')
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
        equal(common.run(*args).stdout.decode().splitlines(), wanted, 'text')


def without():
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        done = common.run('measure', '--kernel', path)
        equal((done.returncode, done.stdout), (1, b''), 'without libcrypto')
        equal(done.stderr.decode(), f"pvhload: {path}: cannot make digests: this program was built without OpenSSL's "
              'libcrypto (-Ddigests)\n', 'message')


if __name__ == '__main__':
    common.main([made_up, stock, text] if sys.argv[1] == 'digests' else [without])
