#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""pvhload(1), "pvhload --help" and the program have the same verbs, options and environment.

    man_program.py SOURCE-ROOT PAGE PROGRAM

What the program takes is asked of the program: each verb is given each option there is.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

GETOPT = re.compile(r'\{\s*"([\w-]+)",\s*(no|required|optional)_argument\b')
REFUSED = ('this verb does not take that option', 'unknown option')


def table(source):
    """{option: whether it takes a value} of every getopt table, and what main() compares with."""
    found = {}
    for path in sorted((source / 'tools').glob('*.c')):
        text = path.read_text()
        for name, argument in GETOPT.findall(text):
            if found.setdefault(name, argument == 'required') != (argument == 'required'):
                raise AssertionError(f'--{name} takes a value in one table and none in another')
        for name in re.findall(r'strcmp\(argv\[\d\], "--([\w-]+)"\)', text):
            found[name] = False
    return found


def verbs_of(source):
    text = (source / 'tools' / 'main.c').read_text()
    return re.findall(r'\{ "(\w+)", verb_\1 \}', text)


def taken(program, verbs, options):
    """{verb: options it does not refuse}, by trying."""
    out = {}
    with tempfile.TemporaryDirectory() as scratch:
        for verb in verbs:
            out[verb] = set()
            for option, value in options.items():
                args = [program, verb, f'--{option}'] + (['x'] if value else [])
                done = subprocess.run(args, cwd=scratch, capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL, timeout=60)
                if not any(text in done.stderr for text in REFUSED):
                    out[verb].add(option)
    return out


def section(text, macro, name):
    stop = r'^\.Sh |\Z' if macro == 'Sh' else r'^\.S[sh] |\Z'
    match = re.search(rf'^\.{macro} {re.escape(name)}\n(.*?)(?={stop})', text, re.M | re.S)
    return match[1]


def flags(text):
    return set(re.findall(r'\bFl \\-([\w-]+)', text))


def environment(source):
    """The variables that the program looks at, execvp() and setlocale() included."""
    text = ''.join(path.read_text() for path in sorted((source / 'tools').glob('*.c')))
    names = set(re.findall(r'getenv\("(\w+)"\)', text))
    names |= {'PATH'} if 'execvp(' in text else set()
    return names | ({'LANG', 'LC_ALL', 'LC_CTYPE'} if 'setlocale(LC_CTYPE, "")' in text else set())


class Page:
    """What the page says."""

    def __init__(self, text):
        text = text.replace('Fl \\-help | \\-version', 'Fl \\-help | Fl \\-version')
        parts = re.split(r'^\.Nm\n', section(text, 'Sh', 'SYNOPSIS'), flags=re.M)[1:]
        self.verbs, self.mentioned = {}, flags(text)
        boot = section(text, 'Ss', 'Boot options')
        self.boot = self.tags(boot)
        self.single = self.tags(section(text, 'Ss', 'Options of single verbs'))
        for part in parts:
            verb = re.match(r'\.Cm (\w+)\n', part)
            if verb:
                self.verbs[verb[1]] = flags(part) | \
                    (set(self.boot) if 'boot-options' in part else set())
        variables = re.findall(r'^\.It Ev (.*)$', section(text, 'Sh', 'ENVIRONMENT'), re.M)
        self.environment = set(re.findall(r'\w+', ' '.join(variables)))
        self.described = set(re.findall(r'^\.It Cm (\w+)$', section(text, 'Sh', 'DESCRIPTION'),
                                        re.M))

    @staticmethod
    def tags(text):
        """{option: verbs that it names itself in brackets}."""
        parts = re.split(r'^\.It Fl \\-([\w-]+).*\n', text, flags=re.M)
        named = (re.match(r'\.Pq Cm (.*)\n', body) for body in parts[2::2])
        return {option: set(re.findall(r'\w+', match[1])) if match else set()
                for option, match in zip(parts[1::2], named)}


class Help:
    """What --help says."""

    def __init__(self, text):
        usage, _, options = text.partition('\nBOOT-OPTIONS\n')
        self.mentioned = set(re.findall(r'--([a-z][\w-]*)', text))
        self.boot = set(re.findall(r'^  --([\w-]+)', options, re.M))
        self.verbs = {}
        for verb, rest in re.findall(r'^  pvhload (\w+) (.*(?:\n {10,}.*)*)', usage, re.M):
            self.verbs[verb] = set(re.findall(r'--([\w-]+)', rest)) | \
                (self.boot if 'BOOT-OPTIONS' in rest else set())


def compare(errors, where, got, expected):
    for name in sorted(expected - got):
        errors.append(f'{where} lacks {name}')
    for name in sorted(got - expected):
        errors.append(f'{where} has {name}, which the program does not')


def main():
    source, page_path = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    program = pathlib.Path(sys.argv[3]).resolve()
    options, verbs = table(source), verbs_of(source)
    done = subprocess.run([program, '--help'], capture_output=True, text=True, check=True)
    said, page = Help(done.stdout), Page(page_path.read_text())
    by_verb = taken(program, verbs, {o: v for o, v in options.items()
                                     if o not in ('help', 'version')})
    errors = []
    compare(errors, 'the page', page.mentioned, set(options))
    compare(errors, '--help', said.mentioned, set(options))
    compare(errors, 'the page\'s lists of options', set(page.boot) | set(page.single), set(options))
    for where, found in (('the page\'s SYNOPSIS', set(page.verbs)),
                         ('the page\'s DESCRIPTION', page.described), ('--help', set(said.verbs))):
        compare(errors, where, found, set(verbs))
    compare(errors, 'the page\'s ENVIRONMENT', page.environment, environment(source))
    for verb in verbs:
        compare(errors, f'the page, for {verb},', page.verbs.get(verb, set()), by_verb[verb])
        compare(errors, f'--help, for {verb},', said.verbs.get(verb, set()), by_verb[verb])
    for option, named in page.single.items():
        if option not in ('help', 'version'):
            compare(errors, f'the page, at --{option},', named,
                    {verb for verb in verbs if option in by_verb[verb]})
    print('\n'.join(errors) if errors else f'{len(verbs)} verbs, {len(options)} options')
    return 1 if errors or len(verbs) < 6 or len(options) < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
