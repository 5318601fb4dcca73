#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The shape of src/: what knows what, what is written where, and how large functions are.

    shape.py SOURCE-ROOT [--numbers]

Breaches that were there when a rule was made are listed in KNOWN; the list only gets shorter, and what
is gone has to go from it.  Numbers are judged one by one in tests/check/numbers.txt; --numbers
adds those that are missing, with the judgement "?" to be replaced by some words, and drops those gone.
A judgement that begins with "to go:" is a known breach.
"""
import collections
import pathlib
import re
import sys

import csource

# Only these know that there are several protocols, and which they are.
KNOW_PROTOCOLS = {'boot', 'pvh', 'linux', 'multiboot'}
# Names that say nothing of what is run, taken, added or found.
EMPTY_NAMES = {'run', 'take', 'add', 'find'}
# Names are judged here as well, but for what stands in for a file of src/.
ALSO_NAMED = ('bench', 'tools', 'tests', 'fuzz', 'docs')
STANDS_IN = 'docs/examples/firmware/core'
# The numbers of an ABI, and of limits, are macros there.
HOMES = {'limits.h'}
HOME_FOLDERS = {'abi'}
LARGEST_PLAIN = 16  # a number up to this needs no name
MEDIAN, PERCENTILE_95 = 11, 25  # lines of a function's body
FRAME = '-Wframe-larger-than=4096'
STACK_OF_ANY_SIZE = re.compile(r'\balloca\s*\(')  # arrays of any size are an error of the compiler
NESTED_MAX = 18  # "if (status == PVHLOAD_OK)": PVL_TRY instead; lower it as they go

KNOWN = {
    # file and what it includes or calls, where that leads back to the file
    'circle of includes': set(),
    'circle of calls': set(),
    # six frames at most, however large the input: the blocks of a job on the stack
    'recursion': {'core/blocks.c on_stack'},
    'protocol': set(),
    'basename': set(),
    'empty name': set(),
    'macro': set(),
}

MACRO = re.compile(r'^#\s*define\s+(\w+)[ \t]+(\(?(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b[^/\n]*)', re.M)
SHIFT = re.compile(r'(?:<<|>>)\s*\Z')
BUFFER = re.compile(r'\b(?:char|uint8_t) \w+\[\Z')


class Breaches:
    """What breaks a rule, less what is known to."""

    def __init__(self):
        self.errors, self.seen = [], collections.defaultdict(set)

    def breach(self, rule, key, text):
        self.seen[rule].add(key)
        if key not in KNOWN[rule]:
            self.errors.append(text)

    def finish(self):
        for rule, keys in KNOWN.items():
            for key in sorted(keys - self.seen[rule]):
                self.errors.append(f'gone, and to be taken off KNOWN in shape.py: {rule}: {key}')
        return self.errors


def basename(name):
    return name.rsplit('/', 1)[-1]


def check_includes(sources, found):
    graph = {s.name: set(s.includes) for s in sources}
    for a, b in sorted(csource.circles(graph)):
        found.breach('circle of includes', f'{a} {b}', f'src/{a}: includes {b}, which leads back to it')


def check_calls(sources, found):
    """Calls through tables do not count: a name that is no call is in a table, or an argument."""
    home = {f.name: s.name for s in sources for f in s.functions if not f.static}
    graph = {s.name: set() for s in sources}
    example = {}
    for source in sources:
        own = {f.name for f in source.functions}
        for function in source.functions:
            for callee in sorted(function.calls - own):
                if home.get(callee, source.name) != source.name:
                    graph[source.name].add(home[callee])
                    example[source.name, home[callee]] = f'{function.name}() calls {callee}()'
    for a, b in sorted(csource.circles(graph)):
        found.breach('circle of calls', f'{a} {b}', f'src/{a}: {example[a, b]} of {b}, from where calls '
                     'lead back to it')


def tables_of(sources, resolve):
    """{(struct, member): {functions}} of tables of functions."""
    tables = collections.defaultdict(set)
    for source in sources:
        for struct, member, name in source.members():
            if resolve(source, name):
                tables[struct, member].add(resolve(source, name))
    return tables


def calls_of(source, function, tables, resolve):
    """What a function may call: by name, and through the tables of structs that its file names."""
    called = {resolve(source, name) for name in function.calls}
    for (struct, member), functions in tables.items():
        if member in function.member_calls and re.search(rf'\b{struct}\b', source.code):
            called |= functions
    return called - {None}


def check_recursion(sources, found):
    """No function leads back to itself: an input could make that as deep as the stack, or deeper."""
    own = {(s.name, f.name) for s in sources for f in s.functions}
    shared = {f.name: (s.name, f.name) for s in sources for f in s.functions
              if not f.static or s.name.endswith('.h')}

    def resolve(source, name):
        return (source.name, name) if (source.name, name) in own else shared.get(name)

    tables = tables_of(sources, resolve)
    graph = {(s.name, f.name): calls_of(s, f, tables, resolve) for s in sources for f in s.functions}
    for a, b in sorted(csource.circles(graph) | {(a, a) for a in graph if a in graph[a]}):
        found.breach('recursion', ' '.join(a), f'src/{a[0]}: {a[1]}() calls {b[1]}(), which leads back to it')


def check_stack(sources, root, found):
    if FRAME not in (root / 'src' / 'meson.build').read_text():
        found.errors.append(f'src/meson.build: no {FRAME}')
    for source in sources:
        if STACK_OF_ANY_SIZE.search(source.code):
            found.errors.append(f'src/{source.name}: alloca()')


def check_file_names(sources, found):
    count = collections.Counter(basename(s.name) for s in sources)
    for name in sorted(name for name in count if count[name] > 1):
        found.breach('basename', name, f'{name}: {count[name]} files have this name')
    for source in sources:
        for function in source.functions:
            if function.static and function.name in EMPTY_NAMES:
                found.breach('empty name', f'{basename(source.name)} {function.name}',
                             f'{source.path}: {function.name}() says not what it does')


def check_names(sources, found):
    for source in sources:
        if source.name.split('/')[0] not in KNOW_PROTOCOLS and 'PVHLOAD_PROTOCOL_' in source.code:
            found.breach('protocol', source.name, f'src/{source.name}: PVHLOAD_PROTOCOL_ outside of '
                         f'{", ".join(sorted(KNOW_PROTOCOLS))}')
    homes = collections.defaultdict(set)
    for source in sources:
        for name, number in MACRO.findall(source.code):
            homes[name, number.strip()].add(source.name)
    for (name, number), files in sorted(homes.items()):
        if len(files) > 1:
            found.breach('macro', name, f'{name}, {number}: defined in {", ".join(sorted(files))}')


def check_sizes(sources, found):
    lengths = sorted((f.lines, f.name, s.name) for s in sources for f in s.functions)
    median, high = lengths[len(lengths) // 2][0], lengths[len(lengths) * 95 // 100][0]
    nested = sum(len(re.findall(r'if \(status == PVHLOAD_OK\)', s.code)) for s in sources)
    print(f'{len(lengths)} functions: median {median} lines, 95th percentile {high}, longest '
          f'{lengths[-1][1]}() of {lengths[-1][2]} with {lengths[-1][0]}; '
          f'{nested} times "if (status == PVHLOAD_OK)"')
    if median > MEDIAN or high > PERCENTILE_95:
        found.errors.append(f'functions: median {median} lines, at most {MEDIAN}; 95th percentile {high}, '
                            f'at most {PERCENTILE_95}: ' +
                            ', '.join(f'{name}() {lines}' for lines, name, _ in lengths[-10:]))
    if nested > NESTED_MAX:
        found.errors.append(f'"if (status == PVHLOAD_OK)" {nested} times, at most {NESTED_MAX}: PVL_TRY')


def value(text):
    return int(text, 8 if re.fullmatch(r'0[0-7]+', text) else 0)


def judged_by_rule(line, at):
    """The width of a shift and the room of a text are what they are."""
    return SHIFT.search(line[:at]) or BUFFER.search(line[:at])


def numbers(sources):
    """{(file, number): first line} of those that need a name or a judgement."""
    where = {}
    for source in sources:
        if source.name.split('/')[0] in HOME_FOLDERS or basename(source.name) in HOMES:
            continue
        for text, line, at, number in source.numbers():
            if value(text) > LARGEST_PLAIN and not judged_by_rule(line, at):
                where.setdefault((basename(source.name), text), f'src/{source.name}:{number}')
    return where


def read_judgements(path):
    judgements = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith('#'):
            name, number, words = (line.split(None, 2) + [''])[:3]
            judgements[name, number] = words
    return judgements


def check_numbers(sources, path, found):
    there, judged = numbers(sources), read_judgements(path)
    for key in sorted(there.keys() - judged.keys()):
        found.errors.append(f'{there[key]}: {key[1]} has no name: make it a macro of abi/ or a limits.h, or '
                            f'judge it in {path.name} (shape.py --numbers)')
    for key in sorted(judged.keys() - there.keys()):
        found.errors.append(f'gone, and to be taken off {path.name} (shape.py --numbers): '
                            f'{" ".join(key)}')
    found.errors += [f'{path.name}: {" ".join(key)} has no judgement' for key in sorted(judged)
                     if judged[key] in ('', '?')]


def write_numbers(sources, path):
    head = [line for line in path.read_text().splitlines() if line.startswith('#')]
    judged, there = read_judgements(path), numbers(sources)
    # A number that has left one file for another keeps its judgement.
    moved = {number: judged[name, number] for name, number in judged.keys() - there.keys()}
    rows = [f'{name:<20} {number:<18} {judged.get((name, number), moved.get(number, "?"))}'
            for name, number in sorted(there)]
    path.write_text('\n'.join(head + rows) + '\n')


def main():
    root = pathlib.Path(sys.argv[1])
    path = root / 'tests' / 'check' / 'numbers.txt'
    sources = [csource.Source(p, root / 'src') for p in sorted((root / 'src').rglob('*.[ch]'))]
    if sys.argv[2:] == ['--numbers']:
        write_numbers(sources, path)
        return 0
    found = Breaches()
    check_includes(sources, found)
    check_calls(sources, found)
    others = [csource.Source(p, root) for folder in ALSO_NAMED for p in sorted((root / folder).rglob('*.[ch]'))
              if not p.is_relative_to(root / STANDS_IN)]
    check_file_names(sources + others, found)
    check_names(sources, found)
    check_recursion(sources, found)
    check_stack(sources, root, found)
    check_sizes(sources, found)
    check_numbers(sources, path, found)
    errors = found.finish()
    known = sum(map(len, KNOWN.values()))
    print('\n'.join(errors) if errors else f'{len(sources)} files in shape, but for {known} known breaches')
    return 1 if errors or len(sources) < 50 else 0


if __name__ == '__main__':
    sys.exit(main())
