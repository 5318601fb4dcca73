#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/examples/sandbox.c: the same guest as without it, and each limit of the child, which is gone whatever happens.

    test_sandbox.py PROGRAM
"""
import bz2
import gzip
import lzma
import os
import resource
import subprocess
import sys

import common
from common import check, equal
from images import bzimage, kernel, load

PROGRAM = sys.argv[1]
MIB = 1 << 20
MEMORY = 768 * MIB  # what the child may have
OVER = 260 * MIB    # decoded, above the limit
LIMITS = ('decode_limit, 268435456', ' decoder')  # or that the build has none
FORBIDDEN = 'sandbox: the child was killed: it made a forbidden system call\n'
TRIES = {
    'call': FORBIDDEN,
    'limit': FORBIDDEN,
    'signal': FORBIDDEN,
    'memory': 'sandbox: no memory above the limit\n',
    'cpu': 'sandbox: the child was killed: no CPU time is left\n',
    'stop': 'sandbox: the child was ended: 2 seconds are over\n',
}


def run(*args):
    """In a session of its own, of which nothing may be left."""
    with subprocess.Popen([PROGRAM, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        out, err = process.communicate(timeout=120)
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return process.returncode, out, err
    raise AssertionError(f'{args}: a process is left')


def need_sandbox():
    """seccomp's filters are not everywhere: under qemu-user, or in some containers."""
    status, out, err = run('--try', 'memory')
    if 'cannot be confined' in err:
        common.skip(err)
    equal((status, out, err), (1, '', TRIES['memory']), '--try memory')


def refused(folder, name, content, *reasons):
    path = folder / name
    path.write_bytes(content)
    status, out, err = run(path, folder / 'ram')
    equal((status, out), (1, ''), name)
    check(err.startswith('sandbox: ') and err.count('\n') == 1 and any(reason in err for reason in reasons),
          f'{name}: {err}')
    check(not (folder / 'ram').exists(), f'{name}: RAM is written')


def boots_the_same(folder, path):
    """As pvhload dump loads it, which decodes where it is."""
    plain, ram = folder / 'plain', folder / 'ram'
    done = common.run('dump', '--kernel', path, '--append', 'console=ttyS0', '--memory', '128M',
                      '--memory-file', plain, '--cpu-file', folder / 'cpu')
    equal((done.returncode, done.stderr), (0, b''), f'{path}: dump')
    status, out, err = run(path, ram)
    equal((status, err), (0, ''), f'{path}')
    check(out.startswith('start at 0x'), out)
    check(plain.read_bytes() == ram.read_bytes(), f'{path}: other bytes than without the sandbox')
    ram.unlink()
    plain.unlink()


def main():
    need_sandbox()
    for how, says in TRIES.items():
        equal(run('--try', how), (1, '', says), f'--try {how}')
    with common.scratch() as folder:
        good = kernel(load(0x200000, b'data' * 99, mem_size=100000))
        # More than qsort() sorts without a call of the system.
        unsorted = kernel(*(load(0x400000 - at * 0x1000, b'%04d' % at) for at in range(300)))
        files = {'elf': good, 'unsorted': unsorted, 'gzip': gzip.compress(good),
                 'bzimage': bzimage(gzip.compress(good))}
        for name, content in files.items():
            (folder / name).write_bytes(content)
            boots_the_same(folder, folder / name)
        refused(folder, 'text', b'no kernel at all\n' * 200, 'not a kernel image')
        refused(folder, 'damaged', gzip.compress(good)[:-20], 'gzip')
        # Zeros, of which so many come out of few bytes; the last member says that it is small.
        zeros = bytes(OVER)
        refused(folder, 'zeros.gz', gzip.compress(kernel() + zeros, 1) + gzip.compress(b'small'), *LIMITS)
        refused(folder, 'zeros.bz2', bz2.compress(kernel() + zeros), *LIMITS)
        refused(folder, 'zeros.xz', lzma.compress(kernel() + zeros, preset=0, check=lzma.CHECK_CRC32),
                *LIMITS)
        # Not read at all, as nobody writes to it.
        os.mkfifo(folder / 'pipe')
        equal(run(folder / 'pipe')[:2], (1, ''), 'a pipe')
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
        check(most <= MEMORY, f'{most} bytes of memory')
        print(f'ok: most memory of a process: {most >> 20} MiB')
        path = common.CACHE / '6.12' / 'vmlinuz'
        if path.exists():
            boots_the_same(folder, path)
            print('ok: Debian 6.12')


if __name__ == '__main__':
    main()
