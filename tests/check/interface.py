#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The interface is the one of interface.txt: functions, structs with their offsets, constants with their values.

    interface.py SOURCE-ROOT [CC]
    interface.py --write

The second form makes interface.txt anew.  It refuses to do so for a version that CHANGELOG.md says is released, as
what changes then is the next minor version.  The offsets and values are the compiler's; that the built library
has these functions is for symbols.py.
"""
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'docs' / 'man'))
from header import Header, split_params, squeeze  # noqa: E402

BASELINE = 'tests/check/interface.txt'
SKIPPED = 77
PROBE = '#include <stdio.h>\nint main(void) { puts(sizeof(long) == 8 && sizeof(void *) == 8 ? "LP64" : ""); }'
HEAD = '''\
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
# The interface that programs are compiled against, where pointers and long have 64 bits.  Members: offset, bytes.
# A change of it comes with an entry in CHANGELOG.md, in the same commit, and after a release with the next minor
# version: docs/compatibility.md.  Made by: python3 tests/check/interface.py --write
'''
SUFFIXES = {'int': '', 'unsigned int': 'u', 'long': 'l', 'unsigned long': 'ul', 'long long': 'll',
            'unsigned long long': 'ull'}
PROLOGUE = '''\
#include <pvhload/pvhload.h>
#include <stddef.h>
#include <stdio.h>
#define SUFFIX(x) _Generic((x), char *: "", {suffixes})
#define NUMBER(x) _Generic((x), char *: 0, default: (x))
#define STRING(x) _Generic((x), char *: (x), default: "")
static void constant(const char *name, unsigned long long number, const char *suffix, const char *string)
{{
	if (string[0] != 0)
		printf("constant %s \\"%s\\"\\n", name, string);
	else
		printf(number < 1024 ? "constant %s %llu%s\\n" : "constant %s %#llx%s\\n", name, number, suffix);
}}
int main(void)
{{
'''.format(suffixes=', '.join(f'{t}: "{s}"' for t, s in SUFFIXES.items()))


def without_names(declaration):
    """The type that a parameter has: what it is called there is no part of the interface."""
    callback = re.fullmatch(r'(.*?)\(\*\s*\w*\)\s*\((.*)\)', declaration)
    if callback:
        return f'{squeeze(callback[1])} (*)({types_of(split_params(callback[2]))})'
    named = re.fullmatch(r'(.*[\s*])\w+((?:\[\w*\])*)', declaration)
    return squeeze(named[1] + named[2]) if named else declaration


def types_of(params):
    return ', '.join(without_names(p) for p in params) or 'void'


def member_text(member):
    """As it is declared, without the names of a callback's parameters."""
    callback = re.fullmatch(r'(.*?)\(\*\s*(\w+)\)\s*\((.*)\)', member.code)
    if not callback:
        return member.code
    return f'{squeeze(callback[1])} (*{callback[2]})({types_of(split_params(callback[3]))})'


def quoted(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('%', '%%') + '\\n"'


def struct_lines(item):
    kind = f'struct {item.name}'
    yield f'printf("{kind}, %zu bytes\\n", sizeof({kind}));'
    for member in item.members:
        at = f'offsetof({kind}, {member.name}), sizeof((({kind} *)0)->{member.name})'
        yield f'printf("%6zu %4zu  " {quoted(member_text(member))}, {at});'


def enum_lines(item):
    yield f'printf("enum {item.name}, %zu bytes\\n", sizeof(enum {item.name}));'
    for member in item.members:
        name = member.code.split('=')[0].strip()
        yield f'printf("%6d  {name}\\n", (int){name});'


def define_lines(item):
    if '(' in item.code or item.value.startswith('PVHLOAD_SIZED_'):
        yield f'printf({quoted(f"macro {item.code} {item.value}")});'
    else:
        name = item.name
        yield f'constant("{name}", (unsigned long long)NUMBER({name}), SUFFIX({name}), STRING({name}));'


def item_lines(item):
    """The statements that print one declaration."""
    if item.kind == 'struct':
        return struct_lines(item)
    if item.kind == 'enum':
        return enum_lines(item)
    if item.kind == 'define':
        return define_lines(item)
    if item.kind == 'opaque':
        return [f'printf("struct {item.name}, opaque\\n");']
    if item.kind == 'typedef':
        return [f'printf({quoted(item.code)});']
    return [f'printf({quoted(f"function {item.returns} {item.name}({types_of(item.params)})")});']


def program(headers):
    lines = []
    for header in headers:
        if header.name == 'pvhload/macros.h':  # says that it is no part of the interface
            continue
        lines += [f'printf("\\n{header.name}\\n");']
        # What is in order within a struct or an enum is its own; functions may change places.
        groups = {}
        for item in header.items:
            if not re.fullmatch(r'PVHLOAD_VERSION_(PATCH|STRING|NUMBER)', item.name):  # of a release
                groups.setdefault(item.kind, []).append(item)
        for kind in ('define', 'enum', 'opaque', 'typedef', 'struct', 'function'):
            for item in sorted(groups.get(kind, []), key=lambda i: i.name):
                lines += item_lines(item)
    includes = ''.join(f'#include <{h.name}>\n' for h in headers)
    # pvhload/kvm.h is for after it.
    return '#include <linux/kvm.h>\n' + includes + PROLOGUE + '\n'.join(lines) + '\nreturn 0;\n}\n'


def output_of(text, cc, root):
    """What a program prints; None if it does not compile."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / 'out'
        done = subprocess.run([*cc, '-std=c17', '-w', f'-I{root / "include"}', '-x', 'c', '-o', out, '-'],
                              input=text, text=True, stderr=subprocess.PIPE)
        if done.returncode != 0:
            print(done.stderr)
            return None
        return subprocess.run([out], check=True, text=True, stdout=subprocess.PIPE).stdout


def interface(cc, root):
    headers = [Header(p) for p in sorted((root / 'include').rglob('*.h'))]
    printed = output_of(program(headers), cc, root)
    return None if printed is None else HEAD + printed


def version(root):
    text = (root / 'include' / 'pvhload' / 'version.h').read_text()
    return '.'.join(re.search(rf'#define PVHLOAD_VERSION_{part} (\d+)', text)[1] for part in ('MAJOR', 'MINOR'))


def released(root, minor):
    """None, or why CHANGELOG.md forbids to change the interface of this version."""
    titles = re.findall(rf'^## {re.escape(minor)}\.\d+, (.*)$', (root / 'CHANGELOG.md').read_text(), re.M)
    if not titles:
        return f'CHANGELOG.md has no title "## {minor}.N, unreleased".'
    if any(title != 'unreleased' for title in titles):
        return (f'{minor} is released: a change of the interface is the next minor version, in meson.build, version.h '
                'and libpvhload.map, and has a title "unreleased" in CHANGELOG.md.')
    return None


def write(root):
    text = interface(['cc'], root)
    if text is None:
        return 1
    baseline = root / BASELINE
    if baseline.exists() and baseline.read_text() == text:
        print(f'{BASELINE} is as it was')
        return 0
    error = released(root, version(root))
    if error:
        print(error)
        return 1
    baseline.write_text(text)
    print(f'{BASELINE} is made anew: what has changed has to be in CHANGELOG.md, in the same commit')
    return 0


def compare(root, cc):
    if output_of(PROBE, cc, root) != 'LP64\n':
        print('skipped: the offsets are those of machines with pointers and long of 64 bits')
        return SKIPPED
    text = interface(cc, root)
    if text is None:
        return 1
    baseline = (root / BASELINE).read_text()
    if baseline == text:
        print(f'{text.count(chr(10))} lines agree')
        return 0
    for line in difflib.unified_diff(baseline.splitlines(), text.splitlines(), BASELINE, 'the headers', lineterm=''):
        print(line)
    error = released(root, version(root))
    print(error or 'The interface has changed.  If it is meant to, the same commit has an entry in CHANGELOG.md and '
          'what this makes:\n    python3 tests/check/interface.py --write')
    return 1


def main():
    if sys.argv[1] == '--write':
        return write(ROOT)
    return compare(pathlib.Path(sys.argv[1]), (sys.argv[2] if len(sys.argv) > 2 else 'cc').split())


if __name__ == '__main__':
    sys.exit(main())
