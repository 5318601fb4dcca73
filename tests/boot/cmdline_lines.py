#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Made-up command lines, each from a seed: text for odd seeds, calls of the library for even ones.

    cmdline_lines.py FIRST COUNT

Makes those of COUNT seeds from FIRST up, and counts what the texts have in them.  Nothing is booted, and
nothing of the library is called.
"""
import random
import re
import sys

LONGEST = 2047
WORDS = 26  # Linux takes 32 arguments and 32 variables, some of its own
KERNEL, INIT, IGNORED = range(3)
ODD = "!#$%&'()*+,/:;<>?@[\\]^`{|}~-_09azAZ"
DUMP = 'printk.always_kmsg_dump'  # a parameter that the kernel knows, and nothing minds


def chars(rng, least, most, more=''):
    return ''.join(rng.choice(ODD + more) for _ in range(rng.randint(least, most)))


def name(rng):
    """Nothing that Linux knows; '-' and '_' differ at times, and names come again."""
    return rng.choice(['Zq', 'Zq-a', 'Zq_a', 'Zq' + chars(rng, 0, 6), '-Zq', '--Zq', 'Zq--',
                       chars(rng, 0, 2) + '@Zq', 'Zq.' + chars(rng, 0, 3), 'TERM', '--'])


def dump(rng):
    return rng.choice(['-', '_']).join(['printk.always', 'kmsg', 'dump'])


def raw_word(rng):
    kind = rng.randrange(14)
    key, value = name(rng), chars(rng, 0, 8, '=.')
    spaced = chars(rng, 0, 5, '= ') + ' ' + chars(rng, 0, 5, '= ')
    return [lambda: key, lambda: f'{key}={value}', lambda: f'{key}="{spaced}"',
            lambda: f'{key}="{value}"', lambda: f'"{key}={spaced}"', lambda: f'"{key} {spaced}"',
            lambda: f'{key}={value}"{spaced}"{value}', lambda: f'{key}"{spaced}"={value}',
            lambda: f'={key}={value}', lambda: '""', lambda: f'{key}=',
            lambda: f'"{key}="{value}', lambda: f'{key}=""',
            lambda: f'{dump(rng)}={rng.choice("YN10")}'][kind]()


def raw_text(rng):
    """Words with all kinds of white space between them, and "--" in all kinds of places."""
    words = [raw_word(rng) for _ in range(rng.randint(1, WORDS - 4))]
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        words.insert(rng.choice([0, len(words), rng.randint(0, len(words))]),
                     rng.choice(['--', '--', '--', '"--"']))
    text = rng.choice(['', '', ' ', '\t'])
    for word in words:
        text += word + rng.choice([' ', ' ', ' ', '  ', '\t', ' \t ', '\n'])
    if rng.random() < 0.3:
        text = text.rstrip()
    if rng.random() < 0.1:
        text += rng.choice([' "', ' Zq="', ' "Zq ', ' Zq"']) + chars(rng, 0, 9, '= ')
    if rng.random() < 0.3:
        text = f'Zqlong={"x" * (LONGEST - len(text) - 8)} {text}'
    return text


def calls(rng):
    """Calls of the library, and what Linux must have of them: [(section, key, value)]."""
    made, params, args = [], [], []
    for _ in range(rng.randint(1, WORDS - 6)):
        key = name(rng)
        value = chars(rng, 0, 8, '=. ')
        kind = rng.randrange(5)
        if kind == 0 and key != '--':
            made.append(['flag', key])
            params.append((KERNEL, key, None))
        elif kind == 1:
            values = [chars(rng, 0, 4, ' ').replace(',', '') for _ in range(rng.randint(1, 3))]
            made.append(['list', key, str(len(values)), *values])
            params.append((KERNEL, key, ','.join(values)))
        elif kind == 2:
            made.append(['init', f' {key.replace("--", "-")}={value.replace(" ", "")} '])
            args.append((INIT, key.replace('--', '-'), value.replace(' ', '')))
        elif kind == 3:
            made.append(['append', f'{dump(rng)}=1  "Zq b=c"'])
            params += [(KERNEL, made[-1][1].split('=')[0], '1'), (KERNEL, 'Zq b', 'c')]
        else:
            made.append(['add', key, value])
            params.append((KERNEL, key, value))
    if rng.random() < 0.3:
        made.append(['add', 'Zqlong', 'x y ' * 80])
        params.append((KERNEL, 'Zqlong', 'x y ' * 80))
    return made, params + args

def text_of(seed):
    """The text that an odd seed makes."""
    return raw_text(random.Random(seed))


def calls_of(seed):
    """The calls that an even seed makes, and their words."""
    return calls(random.Random(seed))


# --- what was made ---

def split(text):
    """Words as they stand, with their quotes: white space between quotes is part of a word."""
    return re.findall(r'(?:"[^"]*"?|[^\s"])+', text)


def tally(seeds):
    """What the texts among the seeds have.  A "--" is a word of these two bytes, without quotes."""
    texts = [text_of(seed) for seed in seeds if seed % 2]
    words = [split(text) for text in texts]
    for count, what in [(len(texts), 'texts'),
                        (sum('--' in w for w in words), 'have the word --'),
                        (sum(w[0] == '--' for w in words), 'begin with it'),
                        (sum(w[-1] == '--' for w in words), 'end with it'),
                        (sum(w.count('--') > 1 for w in words), 'have it more than once'),
                        (sum('"--"' in w for w in words), 'have it in quotes'),
                        (sum(t.count('"') % 2 for t in texts), 'end within quotes'),
                        (sum(len(t) == LONGEST for t in texts), f'take all {LONGEST} bytes')]:
        print(f'{count:5} {what}')


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    tally(range(first, first + count))


if __name__ == '__main__':
    main()
