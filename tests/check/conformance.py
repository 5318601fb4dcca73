#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What a page says is shown by a test is: there is a test, and it is where the page says.

    conformance.py SOURCE-ROOT

docs/linux-loader.md names the files; every row of its second and third table has tests in its last column, and
every test of tests/unit/test_conformance*.c is in one of the two.  In every row of docs/attacks.md the last column
names a file, and tests in it after that, and each test of the files that only that page has is in it.
"""
import pathlib
import re
import sys

SECTIONS = ('Deliberate differences', 'Its tests, and ours')
OF_ATTACKS = ('test_attacks.c', 'test_bombs.c')


def tests_in(paths):
    return {name for path in paths for name in re.findall(r'START_TEST\((\w+)\)', path.read_text())}


def table(text):
    """(first column, last column) of each row of the tables in the text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith('|')]
    heads = {i for i, line in enumerate(lines) if line.startswith('| ---')}
    rows = [line.strip('|').split('|') for i, line in enumerate(lines) if not {i, i + 1} & heads]
    return [(row[0].strip(), row[-1]) for row in rows]


def rows(page, section):
    return table(page.split('\n## ' + section + '\n')[1].split('\n## ')[0])


def linux_loader(root, errors):
    page = (root / 'docs' / 'linux-loader.md').read_text()
    unit = root / 'tests' / 'unit'
    patterns = set(re.findall(r'`(?:tests/unit/)?(test_[\w*]+\.c)`', page.split('\n## ')[0]))
    known = tests_in(path for pattern in patterns for path in unit.glob(pattern))
    named, count = set(), 0
    for section in SECTIONS:
        for subject, cell in rows(page, section):
            count += 1
            names = re.findall(r'`(\w+)`', cell)
            named |= set(names)
            if not names:
                errors.append(f'{section}: "{subject}": no test')
            errors += [f'{section}: "{subject}": {name} is no test in {", ".join(sorted(patterns))}'
                       for name in names if name not in known]
    errors += [f'{name}: in no table' for name in
               sorted(tests_in(unit.glob('test_conformance*.c')) - named)]
    return count, len(named)


def attacks(root, errors):
    unit = root / 'tests' / 'unit'
    named, count = set(), 0
    for subject, cell in table((root / 'docs' / 'attacks.md').read_text()):
        count += 1
        name, known, found = None, set(), 0
        for word in re.findall(r'`([\w.]+)`', cell):
            if word.endswith('.c'):
                name = word
                known = tests_in([unit / name]) if (unit / name).exists() else set()
                continue
            found += 1
            named.add((name, word))
            if word not in known:
                errors.append(f'attacks.md: "{subject}": {word} is no test in {name}')
        if not found:
            errors.append(f'attacks.md: "{subject}": no test')
    errors += [f'attacks.md: {name}: {test} is in no row' for name in OF_ATTACKS
               for test in sorted(tests_in([unit / name])) if (name, test) not in named]
    return count, len(named)


def main():
    root, errors = pathlib.Path(sys.argv[1]), []
    loader, attack = linux_loader(root, errors), attacks(root, errors)
    print('\n'.join(errors) if errors else
          f'{loader[0]} rows, {loader[1]} tests; of attacks {attack[0]} rows, {attack[1]} tests')
    return 1 if errors or loader[0] < 60 or attack[0] < 30 else 0


if __name__ == '__main__':
    sys.exit(main())
