#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's stock kernel to user space, by each method there is into it; the guest proves the rest.

    test_linux.py SERIES METHOD

Each method is taken with little RAM and with much, and once with all that can be handed over at a time:
a map of as many entries as the method allows or 200, a command line of all 2047 bytes, an RNG seed and
setup_data of the caller's own.  What linux_guest.py compares is compared in every boot.
"""
import os
import sys

import common
from common import check, equal
from linux_guest import ALWAYS, GIB, MIB, SETUP_TYPES, Files, Method, boot, region

CMDLINE_MAX = 2047


def little_and_much(method, files):
    for memory in ('256M', '3G', '6G') if method.protocol == 'pvh' else ('256M', '6G'):
        boot(method, files, memory, ALWAYS + ' test.text="two  words" test.list=a,b,c')


def initrd_above_4g(method, files):
    plan = boot(method, files, '6G', ALWAYS, '--place', 'initrd,0x140000000')
    equal(region(plan, 'initrd')['gpa'], 5 * GIB, 'initrd')


def many_entries(count):
    """Options for a map of @count entries with 512 MiB of RAM, which has 2 by itself."""
    options = ['--reserve', '0xfec00000,0x1000']
    if count % 2 == 0:
        options += ['--reserve', '0xfed00000,0x1000,4']
    for i in range((count - 3) // 2):
        options += ['--reserve', f'{128 * MIB + i * 0x4000:#x},0x2000,{2 + i % 3}']
    return options


def all_at_once(method, files, folder):
    cmdline = ALWAYS + ' test.pad='
    cmdline += 'x' * (CMDLINE_MAX - 1 - len(cmdline)) + 'y'
    options, handed = many_entries(method.map_entries), []
    if method.takes_setup_data:
        # The library adds a node of its own for the rest of the map.
        handed = [(SETUP_TYPES['rng_seed'], False, os.urandom(64)), (0x7e57, False, b'own' * 333),
                  (0x7e58, True, os.urandom(5000))]
        names = ['rng-seed', 'setup-data=0x7e57,', 'setup-data=0x7e58:apart,']
        for i, (_, _, data) in enumerate(handed):
            path = folder / f'data{i}'
            path.write_bytes(data)
            name, _, kind = names[i].partition('=')
            options += ['--' + name, f'{kind}{path}']
    plan = boot(method, files, '512M', cmdline, *options, handed=handed)
    equal(len(plan['memmap']), method.map_entries, 'map entries')
    equal(len(plan['cmdline']), CMDLINE_MAX, 'bytes of command line')

    done = common.run('plan', '--kernel', method.path, *method.options, '--append', cmdline + 'z')
    equal((done.returncode, done.stdout), (1, b''), 'a command line that is too long')
    check(b'2048 bytes, 1 more than the 2047' in done.stderr, done.stderr.decode())


def long_map_chooses(method):
    """PVH is best, but Linux takes no long map by it; who wants PVH and nothing else is told so."""
    options = ['--kernel', method.path, *many_entries(200)]
    plan = common.run_json('plan', *options)
    equal(plan['protocol'], 'linux64', 'protocol with 200 map entries')
    for text in ('not by PVH', '200 entries', '127'):
        check(text in plan['reason'], plan['reason'])
    done = common.run('plan', *options, '--protocol', 'pvh')
    equal((done.returncode, done.stdout), (1, b''), 'PVH with 200 map entries')
    check(b'200 entries' in done.stderr and b'127' in done.stderr, done.stderr.decode())


def main():
    series, name = sys.argv[1:]
    with common.scratch() as folder:
        method = Method(name, series, folder)
        files = Files(folder)
        little_and_much(method, files)
        if method.above_4g:
            initrd_above_4g(method, files)
        all_at_once(method, files, folder)
        if method.protocol == 'pvh':
            long_map_chooses(method)
    print(f'ok: {series} by {name}')


if __name__ == '__main__':
    main()
