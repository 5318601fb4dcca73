#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What a booted kernel makes of a command line is what the library's own parse says.

    test_cmdline.py SERIES FIRST COUNT

Boots COUNT command lines, made up from the seeds FIRST and up (cmdline_lines.py); and one with the
library's consoles.  Every other one is text that Linux splits and the library splits, the rest are made
by its calls.  Needs CMDLINE_WORDS, the program tests/boot/cmdline_words.c, besides what common.py wants.

ABI source of what becomes of a word: Linux, init/main.c, unknown_bootoption() and set_init_arg();
kernel/params.c, parse_args().
"""
import json
import os
import re
import subprocess
import sys

import common
import initramfs
from cmdline_lines import DUMP, INIT, KERNEL, calls_of, text_of
from common import check, equal


def ask(*made):
    """What the library says of command lines, each made by calls."""
    program = os.environ['CMDLINE_WORDS']
    fields = [field for one in made for call in [*one, ['end']] for field in call]
    data = b''.join(field.encode() + b'\0' for field in fields)
    out = subprocess.run([program], input=data, check=True, stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in out.decode().splitlines()]


# --- what Linux does with words ---

class Expected:
    """The init's arguments and environment, and the known parameter."""

    def __init__(self, words):
        self.argv, self.env, self.dump = ['/init'], ['HOME=/', 'TERM=linux'], 'N'
        for section, key, value in words:
            whole = key if value is None else f'{key}={value}'
            if section == INIT:
                self.argv.append(whole)
            elif section == KERNEL and key.replace('-', '_') == DUMP:
                self.dump = 'Y' if value is None or value[0] in 'Y1' else 'N'
            elif section == KERNEL and '.' not in key and key != 'console':
                if value is None:
                    self.argv.append(whole)
                else:
                    self.set(key, whole)

    def set(self, key, whole):
        for i, variable in enumerate(self.env):
            if variable.startswith(key + '='):
                self.env[i] = whole
                return
        self.env.append(whole)


class Machine:
    def __init__(self, series, folder):
        self.kernel, self.initrd = common.kernel(series), folder / 'initrd'
        init = folder / 'init'
        subprocess.run([*common.CC, '-static', '-Os', '-o', init,
                        common.SOURCE / 'tests' / 'guest' / 'init_cmdline.c'], check=True)
        self.initrd.write_bytes(initramfs.cpio({'init': (0o100755, init.read_bytes())}))

    def boot(self, text):
        return common.boot('--kernel', self.kernel, '--initrd', self.initrd, '--memory', '128M',
                           f'--append={text}')


def said(lines, what):
    return [bytes.fromhex(line.split(' ')[1]).decode('latin-1') for line in lines
            if line.startswith(f'@{what} ')]


def check_boot(machine, seed, text, words):
    expected = Expected(words)
    lines = machine.boot(text)
    where = f'seed {seed}, {text!r}: '
    check('@done' in lines, where + 'init did not get to its end')
    equal(said(lines, 'argv'), expected.argv, where + 'arguments of init')
    equal(said(lines, 'env'), expected.env, where + 'environment of init')
    equal(said(lines, 'cmdline'), [text + '\n'], where + '/proc/cmdline')
    equal(said(lines, 'dump'), [expected.dump + '\n'], where + DUMP)


def one(machine, seed):
    if seed % 2:
        text = text_of(seed)
        library, again = ask([['parse', text]], [['parse', text], ['append', '']])
        equal(library['status'], 'PVHLOAD_OK', f'seed {seed}, {text!r}: {library["message"]}')
        equal(again, library, f'seed {seed}, {text!r}: the same again')
        again, = ask([['parse', library['text']]])
        equal(again, library, f'seed {seed}, {text!r}: its own text')
    else:
        made, words = calls_of(seed)
        library, = ask(made)
        equal(library['status'], 'PVHLOAD_OK', f'seed {seed}, {made}: {library["message"]}')
        text = library['text']
        equal([tuple(word) for word in library['words']], words, f'seed {seed}, {text!r}: words')
    check_boot(machine, seed, text, library['words'])
    print(f'ok: seed {seed}, {len(text)} bytes, {len(library["words"])} words')


def consoles(machine):
    """The helpers' words are those that Linux knows: it prints by each console."""
    library, = ask([['earlycon', 'uart8250', '0x3f8'], ['console', 'ttyS0', '115200']])
    equal(library['text'], 'earlycon=uart8250,io,0x3f8,115200 console=ttyS0,115200n8', 'consoles')
    log = '\n'.join(machine.boot(library['text']))
    for line in (r"earlycon: uart8250 at I/O port 0x3f8 \(options '115200'\)",
                 r'bootconsole \[uart8250\] enabled', r'console \[ttyS0\] enabled',
                 r'Run /init as init process'):
        check(re.search(line, log), f'{line} is not in the log:\n{log[-2000:]}')
    print('ok: consoles')


def main():
    series, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with common.scratch() as folder:
        machine = Machine(series, folder)
        consoles(machine)
        for seed in range(first, first + count):
            one(machine, seed)


if __name__ == '__main__':
    main()
