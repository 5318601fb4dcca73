#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The mutants that tests/mutation/ makes of a small C file are those of a list, and leave all other lines alone."""
import pathlib
import shutil
import sys
import tempfile

CODE = '''#include <stdbool.h>
#include <stddef.h>
#define LIMIT 16
#define MAX(a, b) ((a) > (b) ? (a) : (b))
int get(int, int);
void put(void);
static const int table[] = { 7 };
_Static_assert(LIMIT < 99, "of the compiler");
bool check(int a, int b)
{
	if (a < LIMIT && /* not && */ !b)
		return true;
	put();
	a = MAX(a - b,
		b);
	for (; a > 0; a--)
		(void)get(a, b);
	while (get(a, a))
		b |= ~a;
	return get(b, 'x');
}
const char *name(int a)
{
	return a ? "a < b" : NULL;
}
'''
# What is replaced by what, in each line.
EXPECTED = {
    3: {'16 by (16 + 1)', '16 by (16 - 1)', '16 by 0'},
    7: {'7 by (7 + 1)', '7 by (7 - 1)', '7 by 0'},
    11: {'< by <=', '< by >=', 'LIMIT by (LIMIT + 1)', 'LIMIT by (LIMIT - 1)', '&& by ||', '! by',
         'a < LIMIT && /* not && */ !b by !(a < LIMIT && /* not && */ !b)'},
    12: {'true by false'},
    13: {'put() by'},
    14: {'a = MAX(a - b, b) by', '- by +'},
    16: {'> by >=', '> by <=', '0 by (0 + 1)', '0 by (0 - 1)', '-- by ++'},
    17: {'(void)get(a, b) by', 'a, b by b, a'},
    18: {'get(a, a) by !(get(a, a))'},
    19: {'b |= ~a by', '|= by &=', '~ by'},
    20: {"get(b, 'x') by !(get(b, 'x'))", "b, 'x' by 'x', b", "'x' by ('x' + 1)", "'x' by ('x' - 1)", "'x' by 0"},
    24: {'a ? "a < b" : NULL by NULL', 'a by !(a)'},
}


def made(mutants):
    """{line: {what is replaced by what}}, each on one line."""
    found = {}
    for mutant in mutants:
        text = ' '.join(f'{mutant.old} by {mutant.new}'.split())
        found.setdefault(mutant.line, set()).add(text)
    return found


def others_changed(mutant):
    """The lines that @mutant changes without standing there."""
    lines = CODE.split('\n')
    changed = mutant.applied(CODE.encode()).decode().split('\n')
    own = range(mutant.line, mutant.line + mutant.old.count('\n') + 1)
    return len(changed) != len(lines) or [number for number, pair in enumerate(zip(lines, changed), 1)
                                          if pair[0] != pair[1] and number not in own]


def main():
    root, clang = pathlib.Path(sys.argv[1]), shutil.which('clang')
    if not clang:
        print('skipped: there is no clang here')
        return 77
    sys.path.insert(0, str(root / 'tests' / 'mutation'))
    from ctree import Tree
    from operators import mutants_of
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'small.c'
        path.write_text(CODE)
        mutants = mutants_of(path.name, Tree(clang, path.name, [], pathlib.Path(folder)))
    errors, found = [], made(mutants)
    for line in sorted(found.keys() | EXPECTED.keys()):
        wanted, got = EXPECTED.get(line, set()), found.get(line, set())
        errors += [f'line {line}: not made: {text}' for text in sorted(wanted - got)]
        errors += [f'line {line}: made: {text}' for text in sorted(got - wanted)]
    errors += [f'{mutant.id}: changes other lines' for mutant in mutants if others_changed(mutant)]
    if len({mutant.id for mutant in mutants}) != len(mutants):
        errors.append('two mutants have one name')
    print('\n'.join(errors) if errors else f'{len(mutants)} mutants')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
