#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""pvhload(1) has the program's verbs, options, the options' arguments, and environment.

    man_program.py SOURCE-ROOT PAGE PROGRAM

What the program has is read from its --help, which it makes of the table that it parses options by;
that it does take them is tried, each verb with each option.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

REFUSED = ('does not take --', 'unknown option')


class Program:
    """What --help says of the program, and of each verb."""

    def __init__(self, program):
        self.program = program
        usage, _, _ = self.help().partition('\nBOOT-OPTIONS\n')
        usage = re.findall(r'^  pvhload +(\w+)?(.*)', usage, re.M)
        self.usage = {verb: set(re.findall(r'--([\w-]+)', rest)) for verb, rest in usage}
        self.general = self.usage.pop('')
        self.own, self.boot = {}, {}
        for verb in self.usage:
            own, _, boot = self.help(verb).partition('\nOPTIONS\n')[2].partition('\nBOOT-OPTIONS\n')
            self.own[verb] = self.options(own)
            self.boot[verb] = self.options(boot)

    def help(self, *verb):
        done = subprocess.run([self.program, *verb, '--help'], capture_output=True, text=True,
                              check=True)
        return done.stdout

    @staticmethod
    def options(text):
        """{option: its argument, or ''} of a list."""
        return dict(re.findall(r'^  --([\w-]+) ?(\S*)', text, re.M))

    def arguments(self):
        """{option: its argument, or ''} of all there are."""
        found = dict.fromkeys(self.general, '')
        for options in [*self.own.values(), *self.boot.values()]:
            for option, argument in options.items():
                if found.setdefault(option, argument) != argument:
                    raise AssertionError(f'--{option} takes {argument} and {found[option]}')
        return found

    def taken(self, verb, options):
        """The options that a verb does not refuse, by trying."""
        out = set()
        with tempfile.TemporaryDirectory() as scratch:
            for option, argument in options.items():
                args = [self.program, verb, f'--{option}'] + (['x'] if argument else [])
                done = subprocess.run(args, cwd=scratch, capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL, timeout=60)
                if not any(text in done.stderr for text in REFUSED):
                    out.add(option)
        return out


def section(text, macro, name):
    stop = r'^\.Sh |\Z' if macro == 'Sh' else r'^\.S[sh] |\Z'
    match = re.search(rf'^\.{macro} {re.escape(name)}\n(.*?)(?={stop})', text, re.M | re.S)
    return match[1]


def flags(text):
    return set(re.findall(r'\bFl \\-([\w-]+)', text))


def arguments(text):
    """{option: its argument, as --help writes it, or ''} of a list."""
    signs = {'Ns': '', 'Oo': '[', 'Oc': ']'}
    found = {}
    for option, words in re.findall(r'^\.It Fl \\-([\w-]+)(.*)', text, re.M):
        said, capitals = '', False
        for word in words.split():
            if word in ('Ar', 'Cm'):
                capitals = word == 'Ar'
            else:
                said += signs.get(word, word.upper() if capitals else word)
        found[option] = said
    return found


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
        single = section(text, 'Ss', 'Options of single verbs')
        self.boot, self.single = self.tags(boot), self.tags(single)
        self.arguments = {**arguments(boot), **arguments(single)}
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


def compare(errors, where, got, expected):
    for name in sorted(expected - got):
        errors.append(f'{where} lacks {name}')
    for name in sorted(got - expected):
        errors.append(f'{where} has {name}, which the program does not')


def main():
    source, page_path = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    program, page = Program(pathlib.Path(sys.argv[3]).resolve()), Page(page_path.read_text())
    options, verbs = program.arguments(), set(program.usage)
    errors = []
    compare(errors, 'the page', page.mentioned, set(options))
    compare(errors, 'the page\'s lists of options', set(page.boot) | set(page.single), set(options))
    for where, found in (('the page\'s SYNOPSIS', set(page.verbs)),
                         ('the page\'s DESCRIPTION', page.described)):
        compare(errors, where, found, verbs)
    compare(errors, 'the page\'s ENVIRONMENT', page.environment, environment(source))
    for option, argument in options.items():
        if page.arguments.get(option, argument) != argument:
            errors.append(f'the page has --{option} {page.arguments[option]}, --help {argument}')
    for verb in sorted(verbs):
        said = set(program.own[verb]) | set(program.boot[verb])
        compare(errors, f'the page, for {verb},', page.verbs.get(verb, set()), said)
        compare(errors, f'{verb} --help', said,
                program.taken(verb, {o: a for o, a in options.items() if o not in program.general}))
        compare(errors, f'--help, for {verb},', program.usage[verb], set(program.own[verb]))
    for option, named in page.single.items():
        if option not in program.general:
            compare(errors, f'the page, at --{option},', named,
                    {verb for verb in verbs if option in program.own[verb]})
    print('\n'.join(errors) if errors else f'{len(verbs)} verbs, {len(options)} options')
    return 1 if errors or len(verbs) < 6 or len(options) < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
