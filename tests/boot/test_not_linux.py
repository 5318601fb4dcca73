#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Images by the Linux boot protocol that are not Linux: memtest86+, iPXE, memdisk."""
import os
import select
import signal
import subprocess
import time

import common
from common import check, equal

SECONDS = 150


def says(process, text):
    """Whether that comes out of the guest in time; all that did come."""
    end, out = time.monotonic() + SECONDS, b''
    while text not in out and time.monotonic() < end:
        if select.select([process.stdout], [], [], 1)[0]:
            more = os.read(process.stdout.fileno(), 4096)
            if not more:
                break
            out += more
    return text in out, out


def memtest_starts():
    """It has a 64-bit and a 32-bit entry and no payload, and stays where it is linked."""
    path = common.fetched('memtest86+', 'memtest86+x64.bin')
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    for name in ('auto', 'linux64', 'linux32'):
        options = ['--kernel', path, '--memory', '64M', '--protocol', name, '--append',
                   'console=ttyS0,115200']
        plan = common.run_json('plan', *options)
        equal(plan['protocol'], 'linux64' if name == 'auto' else name, 'protocol')
        if name == 'auto':
            check('no PVH entry' in plan['reason'], plan['reason'])
            continue
        command = [common.PROGRAM, 'boot', *options, '--vmm', 'qemu', '--timeout', str(SECONDS)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            started, out = says(process, b'Memtest86+ v')
        finally:
            process.terminate()
        equal(process.wait(60), -signal.SIGTERM, f'{name}: end of the program')
        check(started, f'{name}: memtest86+ has not started: {out!r}')


def memtest_by_pvh_only():
    path = common.fetched('memtest86+', 'memtest86+x64.bin')
    done = common.run('plan', '--kernel', path, '--protocol', 'pvh')
    equal((done.returncode, done.stdout), (1, b''), 'memtest86+ by PVH')
    check(b'64-bit or 32-bit entry' in done.stderr, done.stderr.decode())


def real_mode_images():
    """What lives by the 16-bit entry alone is known, and refused for that."""
    for what, name, version in (('ipxe', 'ipxe.lkrn', '1.'),
                                ('syslinux-common', 'memdisk', 'MEMDISK')):
        path = common.fetched(what, name)
        info = common.run_json('info', path)
        equal((info['format'], info['payload']), ('bzimage', None), f'{name}: info')
        check(info['kernel_version'].startswith(version), info['kernel_version'])
        text = common.run('info', path).stdout.decode()
        check('  entry         16-bit only, which needs a BIOS\n' in text, text)
        check('  wants         to be at 0x100000, and does not say how much memory it needs there\n'
              in text, text)
        done = common.run('extract', path, '--output', '-')
        equal((done.returncode, done.stdout), (1, b''), f'{name}: extract')
        check(b'no gzip stream in its code decodes' in done.stderr, done.stderr.decode())
        for protocol in ('auto', 'pvh', 'linux64', 'linux32'):
            done = common.run('plan', '--kernel', path, '--protocol', protocol)
            equal((done.returncode, done.stdout), (1, b''), f'{name} by {protocol}')
            for text in ('16-bit entry', 'needs a BIOS'):
                check(text in done.stderr.decode(), done.stderr.decode())


if __name__ == '__main__':
    common.main([memtest_starts, memtest_by_pvh_only, real_mode_images])
