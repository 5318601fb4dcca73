#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What docs/linux-loader.md says is shown by a test is: there is a test, and it is where the page says.

    conformance.py SOURCE-ROOT

The page names the files; every row of its second and third table has tests in its last column, and
every test of tests/unit/test_conformance*.c is in one of the two.
"""
import pathlib
import re
import sys

SECTIONS = ('Deliberate differences', 'Its tests, and ours')


def tests_in(paths):
    return {name for path in paths for name in re.findall(r'START_TEST\((\w+)\)', path.read_text())}


def rows(page, section):
    """(first column, last column) of the section's table, without its head."""
    text = page.split('\n## ' + section + '\n')[1].split('\n## ')[0]
    lines = [line for line in text.splitlines() if line.startswith('|')][2:]
    cells = [line.strip('|').split('|') for line in lines]
    return [(row[0].strip(), row[-1]) for row in cells]


def main():
    root = pathlib.Path(sys.argv[1])
    page = (root / 'docs' / 'linux-loader.md').read_text()
    unit = root / 'tests' / 'unit'
    patterns = set(re.findall(r'`(?:tests/unit/)?(test_[\w*]+\.c)`', page.split('\n## ')[0]))
    known = tests_in(path for pattern in patterns for path in unit.glob(pattern))
    named, count, errors = set(), 0, []
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
    print('\n'.join(errors) if errors else f'{count} rows, {len(named)} tests')
    return 1 if errors or count < 60 else 0


if __name__ == '__main__':
    sys.exit(main())
