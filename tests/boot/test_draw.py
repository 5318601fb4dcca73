#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The terminal's picture of a plan: exact text, in every width, and colour only where it is wanted."""
import os
import pty
import struct
import subprocess
import fcntl
import termios

import common
from common import check, equal
import images

ASCII_80 = '''\
picture, each part to a scale of its own; on the right, who put it there:
0 to 1 MiB, 23.8 KiB a column
  RAM         |:::::::::::::::::::::::::::                |    639 KiB --memory
  gdt         |#..........................                |       32 B library
  start_info  |.#.........................                |       56 B library
  modlist     |.#.........................                |       32 B library
  memmap      |.#.........................                |       96 B library
  cmdline     |..........#................                |      2 KiB --place
  hole        |..........................-----------------|    385 KiB
1 MiB to 64 MiB, 1.47 MiB a column
  RAM         |:::::::::::::::::::::::           .........|     33 MiB --memory
  kernel      |#......................           .........|       64 B image
  framebuffer |...............%%%.....           .........|      3 MiB --claim
  reserved    |......................xxxxxxxxxxxxx........|     17 MiB --reserve
  RAM         |.......................           :::::::::|     13 MiB --memory
  initrd      |.......................           ........#|     4097 B library
'''
UTF8_40 = '''\
picture, each part to its own scale:
0 to 1 MiB, 78.8 KiB a column
  RAM         |░░░░░░░░░    |    639 KiB
  gdt         |▌········    |       32 B
  start_info  |▌········    |       56 B
  modlist     |▌········    |       32 B
  memmap      |▌········    |       96 B
  cmdline     |···▌·····    |      2 KiB
  hole        |········─────|    385 KiB
1 MiB to 64 MiB, 4.85 MiB a column
  RAM         |░░░░░░░   ···|     33 MiB
  kernel      |▌······   ···|       64 B
  framebuffer |····▓▓·   ···|      3 MiB
  reserved    |······▒▒▒▒▒··|     17 MiB
  RAM         |·······   ░░░|     13 MiB
  initrd      |·······   ··▐|     4097 B
'''
LIST_20 = '''\
picture, as a list:
0 to 1 MiB
  RAM        639 KiB
  gdt           32 B
  start_~       56 B
  modlist       32 B
  memmap        96 B
  cmdline      2 KiB
  hole       385 KiB
1 MiB to 64 MiB
  RAM         33 MiB
  kernel        64 B
  frameb~      3 MiB
  reserv~     17 MiB
  RAM         13 MiB
  initrd      4097 B
hole of 4012 MiB
4076 MiB to
4173828 KiB
  hole         4 KiB
  IOAPIC       4 KiB
'''
COLOURS = {'RAM': 90, 'hole': 90, 'reserved': 31, 'kernel': 32, 'initrd': 36, 'gdt': 33,
           'start_info': 33, 'modlist': 33, 'memmap': 33, 'cmdline': 33,
           'framebuffer': 35}


def environment(**more):
    env = {k: v for k, v in os.environ.items()
           if k not in ('COLUMNS', 'NO_COLOR', 'TERM', 'LANG') and not k.startswith('LC_')}
    return {**env, 'LC_ALL': 'C', **more}


class Small:
    """A kernel of 64 bytes in 64 MiB, some of it reserved, and some kept free."""

    def __init__(self, folder):
        (folder / 'kernel').write_bytes(images.kernel())
        (folder / 'initrd').write_bytes(bytes(4097))
        self.options = ['plan', '--kernel', folder / 'kernel', '--initrd', folder / 'initrd',
                        '--memory', '64M', '--reserve', '34M,17M', '--claim', '24M,3M,framebuffer',
                        '--place', 'cmdline,0x40000']

    def picture(self, *options, **env):
        done = common.run(*self.options, *options, env=environment(**env))
        equal((done.returncode, done.stderr), (0, b''), 'plan')
        text = done.stdout.decode()
        return text[text.index('picture, '):]

    def on_terminal(self, columns=80, **env):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 25, columns, 0, 0))
        process = subprocess.Popen([common.PROGRAM, *map(str, self.options)], stdin=slave,
                                   stdout=slave, stderr=slave, env=environment(**env))
        os.close(slave)
        text = b''
        try:
            while part := os.read(master, 65536):
                text += part
        except OSError:
            pass  # how Linux says that nobody has the other end any more
        os.close(master)
        equal(process.wait(60), 0, 'exit status')
        text = text.decode().replace('\r\n', '\n')
        return text[text.index('picture, '):]


def exact(small):
    equal(small.picture(), ASCII_80, 'in ASCII')
    equal(small.picture(LC_ALL='C.UTF-8', COLUMNS='40'), UTF8_40, 'in blocks')


def widths(small):
    """All of the width and no more; the bars of a picture are of one length."""
    for columns, bar in (('36', 9), ('40', 13), ('59', 32), ('60', 23), ('80', 43), ('200', 163),
                         ('100000', 203), ('x', 43), ('0', 43)):
        for locale in ('C', 'C.UTF-8'):
            lines = small.picture(LC_ALL=locale, COLUMNS=columns).split('\n')
            bars = {len(line.split('|')[1]) for line in lines if '|' in line}
            equal(bars, {bar}, f'bars with COLUMNS={columns}, {locale}')
            longest = max(len(line) for line in lines if '|' in line)
            wanted = longest if columns in ('100000', 'x', '0') else int(columns)
            equal(longest, wanted, f'width with COLUMNS={columns}')


def narrow(small):
    """Who it was goes first, then the bars: no size is ever left out, and no line wraps."""
    claim = ['--claim', '0xfec00000,4K,IOAPIC']
    sized = {line.split('|')[0].strip(): line.split('|')[2][:11].strip()
             for line in small.picture(*claim).split('\n') if '|' in line}
    for columns in (16, 20, 25, 35, 36, 40, 59):
        lines = small.picture(*claim, COLUMNS=str(columns)).split('\n')
        check(columns < 20 or max(map(len, lines)) <= columns, f'{columns}: {lines}')
        check(not any('--' in line.split('|')[-1] for line in lines), f'{columns}: {lines}')
        equal(any('|' in line for line in lines), columns >= 36, f'bars with {columns}')
        found = [line for line in lines if line.startswith('  ')]
        equal(len(found), 15, f'items with {columns}')
        check(all(len(line) <= columns for line in found), f'{columns}: {found}')
        for size in sized.values():
            check(any(line.endswith(' ' + size) for line in found), f'{columns}: {size}: {found}')
    equal(small.picture(*claim, COLUMNS='20'), LIST_20, 'a list')
    equal(small.picture(COLUMNS='1'), small.picture(COLUMNS='16'), 'the least')
    check('4076 MiB to 4173828 KiB\n' in small.picture(*claim, COLUMNS='36'), 'no room for the scale')


def colour(small):
    """On a terminal that takes it; without it the text is the same as in a pipe."""
    plain = small.picture()
    for env in ({}, {'TERM': 'dumb'}, {'TERM': 'xterm', 'NO_COLOR': '1'}, {'TERM': ''}):
        equal(small.on_terminal(**env), plain, f'with {env}')
    for env in ({'TERM': 'xterm'}, {'TERM': 'xterm', 'NO_COLOR': ''}):
        text = small.on_terminal(**env)
        for line in text.split('\n'):
            if '|' in line:
                name = line.split('|')[0].strip()
                check(f'|\x1b[{COLOURS[name]}m' in line and line.count('\x1b[') == 2
                      and '\x1b[0m|' in line, repr(line))
        for code in {*COLOURS.values(), 0}:
            text = text.replace(f'\x1b[{code}m', '')
        equal(text, plain, 'without its colours')
    equal(small.on_terminal(columns=40), small.picture(COLUMNS='40'), 'the width of a terminal')
    equal(small.on_terminal(columns=20, TERM='xterm'), small.picture(COLUMNS='20'), 'a list')
    equal(small.on_terminal(columns=40, COLUMNS='200'), small.picture(COLUMNS='200'), 'COLUMNS')


def holes(small):
    """Above the 32-bit hole is a part of its own; what is small stays to be seen."""
    lines = small.picture('--memory', '6G', '--place', 'kernel,0x100000').split('\n')
    for line in ('hole of 1 GiB, not to scale', '4 GiB to 7 GiB, 71.4 MiB a column',
                 '  RAM         |' + ':' * 43 + '|      3 GiB --memory'):
        check(line in lines, '\n'.join(lines))
    kernel = [line for line in lines if line.startswith('  kernel')]
    equal(kernel, ['  kernel      |#' + '.' * 42 + '|       64 B --place'], 'the kernel')
    text = small.picture('--memory', '64T')
    check('\n4 GiB to 65537 GiB, 1.49 TiB a column\n' in text and ' 64.0 TiB --memory' in text, text)


OUT_OF_RAM = '''\
1 MiB to 64 MiB, 1.47 MiB a column
  RAM         |:::::::::::::::::::::::           .........|     33 MiB --memory
  kernel      |#......................           .........|       64 B image
  framebuffer |...............%%%.....           .........|      3 MiB --claim
  reserved    |......................xxxxxxxxxxxxx........|     17 MiB --reserve
  RAM         |.......................           :::::::::|     13 MiB --memory
  initrd      |.......................           ........#|     4097 B library
hole of 4012 MiB, not to scale
4076 MiB to 4175876 KiB, 47.7 KiB a column
  hole        |-------------------------------------------|   2052 KiB
  IOAPIC      |%                                          |      4 KiB --claim
  LAPIC       |                                          %|      4 KiB --claim
hole of 2.02 GiB, not to scale
6 GiB to 7 GiB, 23.8 MiB a column
  hole        |-------------------------------------------|      1 GiB
  devmem      |%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%|      1 GiB --claim
'''


def kept_where_no_ram_is(small):
    """Claims are seen in holes and above the map, holes are cut around them, and the RSDP is one."""
    text = small.picture('--claim', '0xfee00000,4K,LAPIC', '--claim', '6G,1G,devmem', '--claim',
                         '0xfec00000,4K,IOAPIC', '--rsdp', '0x6010')
    equal(text[text.index('1 MiB to 64'):], OUT_OF_RAM, 'claims')
    lines = text.split('\n')
    check('  RSDP        |.%.........................                |       36 B --rsdp' in lines,
          text)
    equal(small.picture('--rsdp', '0'), small.picture(), 'no RSDP')
    lines = small.picture('--rsdp', '0x4000000').split('\n')
    equal(lines[-3:], ['  hole        |.......................           ........-|       36 B',
                       '  RSDP        |.......................           ........%|       36 B --rsdp',
                       ''], 'one right above RAM')


def no_text_is_raw(small):
    """What a command line has for the guest is nothing for the terminal."""
    done = common.run(*small.options, '--append', 'a=\x1b[31m"\x7f \udcff\udc9b\t~', env=environment())
    equal((done.returncode, done.stderr), (0, b''), 'plan')
    check(b'\ncommand line: a=?[31m"? ???~\n' in done.stdout, done.stdout)


def sizes(small):
    """Exact with up to four digits, else rounded; no number of 1024 or more has decimals."""
    for size, text in ((0x1000, '4 KiB'), (4097, '4097 B'), (9999, '9999 B'), (10000, '9.77 KiB'),
                       (10234, '9.99 KiB'), (10235, '10.0 KiB'), (0x5000, '20 KiB'),
                       (1048524, '1023.9 KiB'), (1048525, '1.00 MiB'), (1 << 20, '1 MiB'),
                       (3 << 19, '1536 KiB'), (9999 << 10, '9999 KiB'), (10001 << 10, '9.77 MiB'),
                       (512 << 20, '512 MiB'), (5 << 29, '2560 MiB'), (1 << 40, '1 TiB'),
                       ((1 << 40) + 1, '1.00 TiB'), (1 << 50, '1 PiB'), (1 << 62, '4 EiB'),
                       ((1 << 63) - 1, '8.00 EiB')):
        lines = [line for line in small.picture('--reserve', f'{1 << 62},{size},5').split('\n')
                 if line.startswith('  unusable ')]
        check(len(lines) == 1 and lines[0].endswith(f'|{text:>11} --reserve'), f'{size}: {lines}')


def many(small):
    """More than a few ranges of one type are one line."""
    def names(count):
        options = []
        for i in range(count):
            options += ['--reserve', f'{8 + i}M,4K']
        lines = small.picture(*options).split('\n')
        return [line.split('|')[0].strip() for line in lines if '|' in line][7:]
    equal(names(6), ['RAM', 'kernel', *['reserved', 'RAM'] * 6, 'framebuffer',
                      'reserved', 'RAM', 'initrd'], '6 more')
    equal(names(7), ['RAM, 9 pieces', 'kernel', *['reserved'] * 7, 'framebuffer', 'reserved',
                      'initrd'], '7 more')
    equal(names(8), ['RAM, 10 pieces', 'kernel', 'reserved, 9 pieces', 'framebuffer', 'initrd'],
          '8 more')


if __name__ == '__main__':
    with common.scratch() as place:
        made = Small(place)
        for test in (exact, widths, narrow, colour, holes, kept_where_no_ram_is, no_text_is_raw,
                     sizes, many):
            test(made)
            print(f'ok: {test.__name__}')
