#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What people type: numbers, help, and mistakes, which get an answer that helps."""
import os

import common
from common import check, equal
from images import kernel

MIB = 1 << 20


def numbers():
    """Decimal, or hexadecimal with 0x; a leading zero means nothing."""
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        for text, size in (('0512M', 512 << 20), ('010M', 10 << 20), ('0x4000000', 64 << 20),
                           ('2G', 2 << 30), ('65536k', 64 << 20), ('8388608', 8 << 20),
                           ('64MiB', 64 << 20), ('2gib', 2 << 30), ('16384KiB', 16 << 20),
                           ('0.5G', 512 << 20), ('1.250GiB', 1280 << 20), ('0.0625g', 64 << 20),
                           ('64.0M', 64 << 20), ('8192.5K', (8 << 20) + 512)):
            plan = common.run_json('plan', '--kernel', path, '--memory', text)
            equal(plan['memmap'][1]['size'], size - MIB, text)
        for text, size in (('1T', 1 << 40), ('64t', 64 << 40), ('0x40T', 64 << 40), ('1TiB', 1 << 40)):
            plan = common.run_json('plan', '--kernel', path, '--memory', text)
            equal(sum(e['size'] for e in plan['memmap']), size - (385 << 10), text)
        plan = common.run_json('plan', '--kernel', path, '--reserve', '2T,1T')
        equal(plan['memmap'][-1], {'addr': 2 << 40, 'size': 1 << 40, 'type': 2}, '2T,1T')
        any_size = ' takes a size below 2^64 bytes, as in 512M, 0.5G or 1TiB'
        bad = dict.fromkeys(('16777216T', '18446744073709551616', '17179869184G', '1P', '1TT', '1.', '.5G',
                             '0x1.8G', '1.5Gi', '1e3M', '99999999G.5', '1XB', 'MB', 'B', '16777216TB',
                             '9' * 63 + 'MB', '0' * 70 + '.5', '0'), any_size)
        bad |= {text: f' {text} is no whole number of bytes' for text in
                ('0.1G', '1.5', '0.5', '16777215.99999T', '0.0000000000000000001T', '1.0001k', '0.3GiB')}
        bad |= {f'{text}{b}': f' {text}{b}: units are powers of 1024: write {text} or {text}iB'
                for text, b in (('512M', 'B'), ('0.5g', 'b'), ('64k', 'B'), ('1T', 'b'))}
        for text, says in bad.items():
            for option in ('memory', 'decode-limit'):
                done = common.run('plan', '--kernel', path, f'--{option}', text)
                equal((done.returncode, done.stdout), (2, b''), text)
                check(f'pvhload: --{option}{says};' in done.stderr.decode(), done.stderr.decode())
        plan = common.run_json('plan', '--kernel', path, '--rsdp', '010')
        equal(plan['cpu']['rbx'], 0x6000, 'start info with an RSDP at 10')


USAGE = [[], ['nonsense'], ['info'], ['info', 'a', 'b'], ['info', '--nonsense', 'a'],
         ['plan'], ['plan', '--kernel'], ['plan', '--kernel', 'a', 'b'],
         ['plan', '--kernel', 'a', '--timeout', '5'], ['plan', '--kernel', 'a', '--memory', '5X'],
         ['plan', '--kernel', 'a', '--memory', '0'], ['plan', '--kernel', 'a', '--memory', '-1'],
         ['plan', '--kernel', 'a', '--memory', '99999999999G'],
         ['plan', '--kernel', 'a', '--protocol', 'x'], ['plan', '--kernel', 'a', '--rsdp', 'x'],
         ['plan', '--kernel', 'a', '--reserve', '5'], ['plan', '--kernel', 'a', '--claim', '5'],
         ['plan', '--kernel', 'a', '--claim', '5,x'], ['plan', '--kernel', 'a', '--claim', '5,5,'],
         ['plan', '--kernel', 'a', '--claim', '5,5,\x1b'], ['plan', '--kernel', 'a', '--claim', '5,5,ä'],
         ['plan', '--kernel', 'a', '--decompress', 'x'], ['plan', '--kernel', 'a', '--kaslr', 'x'],
         ['plan', '--kernel', 'a', '--hashes-table', 'x'],
         ['plan', '--kernel', 'a', '--hashes-table', '5,x'],
         ['boot', '--kernel', 'a', '--json'], ['boot', '--kernel', 'a', '--vmm', 'x'],
         ['boot', '--kernel', 'a', '--load', 'x'], ['dump', '--kernel', 'a', '--load', 'in_place'],
         ['plan', '--kernel', 'a', '--load', 'map'],
         ['boot', '--kernel', 'a', '--cpus', '0'], ['boot', '--kernel', 'a', '--cpus', '17'],
         ['boot', '--kernel', 'a', '--cpus', '2x'], ['boot', '--kernel', 'a', '--reboots', '-1'],
         ['boot', '--kernel', 'a', '--reboots', '1000001'],
         ['boot', '--kernel', 'a', '--timeout', 'x'], ['dump', '--kernel', 'a'],
         ['dump', '--kernel', 'a', '--memory-file', 'b'],
         ['dump', '--kernel', 'a', '--memory-file', 'b', '--cpu-file', 'b'], ['extract', 'a'],
         ['extract', '--output', 'a'], ['extract', 'a', '--output'], ['decode', 'a'],
         ['plan', '--kernel', 'a', '--place', 'gdt,1', '--place', 'gdt,2'],
         ['decode', '--start-info', '5'], ['decode', 'a', '--start-info', 'x'],
         ['decode', 'a', '--nonsense']]


# arguments: what the message says
MEANT = [
    (['pln'], "unknown verb 'pln': did you mean plan?"),
    (['exrtact', 'a'], 'did you mean extract?'),
    (['de', 'a'], 'did you mean decode?'),
    (['zzz'], "unknown verb 'zzz'; "),
    (['help', 'bot'], 'did you mean boot?'),
    ([common.PROGRAM], f"no verb given: did you mean 'pvhload info {common.PROGRAM}'?"),
    (['plan', '--krenel', 'a'], "unknown option '--krenel': did you mean --kernel?"),
    (['plan', '--kernel=a', '--intrd=b'], 'did you mean --initrd?'),
    (['boot', '--mem', '512'], 'did you mean 512M?'),
    (['plan', '--protcol', 'pvh'], 'did you mean --protocol?'),
    (['plan', '--zzzzzz'], "unknown option '--zzzzzz'; "),
    (['plan', '-k', 'a'], "unknown option '-k'; "),
    (['plan', '-V'], "unknown option '-V'; "),
    (['measure', '--load', 'map'], 'measure does not take --load'),
    (['info', '--kernel', 'a'], 'info does not take --kernel'),
    (['plan', '--kernel'], '--kernel takes FILE, which is missing'),
    (['info', '--json=5', 'a'], '--json takes no value'),
    (['plan', 'vmlinuz'], "'vmlinuz' is not an option: did you mean --kernel vmlinuz?"),
    (['boot', 'vmlinuz', '--memory', '1G'], 'did you mean --kernel vmlinuz?'),
    (['plan', '--kernel', 'a', 'b'], "'b' is not an option; "),
    (['help', 'plan', 'boot'], 'help takes one verb; '),
    (['plan', '--memory', '512'], '--memory 512 is 512 bytes: did you mean 512M?'),
    (['plan', '--memory', '65536'], 'did you mean 65536M?'),
]


def wrong_usage():
    for args in USAGE + [args for args, _ in MEANT]:
        done = common.run(*args)
        equal(done.returncode, 2, f'exit status of {args}')
        equal(done.stdout, b'', f'output of {args}')
        check(done.stderr.startswith(b'pvhload: ') and b'--help' in done.stderr
              and done.stderr.count(b'\n') == 1, done.stderr.decode())


def what_was_meant():
    for args, says in MEANT:
        text = common.run(*args).stderr.decode()
        check(says in text, f'{args}: {says!r} is not in: {text}')


def asked_for_help():
    """Each way to ask gets the same answer."""
    for ways in ([['--help'], ['-h'], ['help'], ['help', '--help'], ['help', '-h']], [['--version'], ['-V']],
                 *([[verb, '--help'], [verb, '-h'], ['help', verb]]
                   for verb in ('info', 'plan', 'boot', 'dump', 'measure', 'extract', 'decode'))):
        answers = [common.run(*way) for way in ways]
        equal({(a.returncode, a.stderr) for a in answers}, {(0, b'')}, f'{ways}: ends')
        equal(len({a.stdout for a in answers}), 1, f'{ways}: answers')
        start = b'pvhload 0.' if ways[0] == ['--version'] else b'pvhload: '
        check(answers[0].stdout.startswith(start), answers[0].stdout.decode())


# text on a command line: (shown in UTF-8, shown in ASCII)
SHOWN = {
    'plain ~': ('plain ~', 'plain ~'),
    'a\u00e4\u20ac\U0001d11e': ('a\u00e4\u20ac\U0001d11e', 'a' + 9 * '?'),
    'esc \x1b[31m\x7f\t': ('esc ?[31m??', 'esc ?[31m??'),
    'c1 \u0085 turned \u202e \u2066': ('c1 ? turned ? ?', 'c1 ?? turned ??? ???'),
    'broken \udcff\udcc3(': ('broken ??(', 'broken ??('),  # the bytes ff and c3
    'cut \udce2\udc82': ('cut ??', 'cut ??'),
}


def shown_text():
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        for text, wanted in SHOWN.items():
            for locale, line in zip(('C.UTF-8', 'C'), wanted):
                done = common.run('plan', '--kernel', path, '--append', text,
                                  env={**os.environ, 'LC_ALL': locale})
                lines = done.stdout.decode().split('\n')
                check(f'command line: {line}' in lines, f'{text!r} in {locale}: {lines[:4]}')


if __name__ == '__main__':
    common.main([shown_text, numbers, wrong_usage, what_was_meant, asked_for_help])
