#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What gcc's analyser, clang's, clang-tidy and cppcheck find, less what tests/check/analysers.txt accepts.

    analysers.py SOURCE-ROOT GCC-BUILD CLANG-BUILD [NAME...]

NAME is gcc, clang, tidy or cppcheck.  The build folders have the compile_commands.json of each file; the analysers
read the files of FOLDERS in it.  It fails on a finding that is not accepted, and on an entry that accepts nothing.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

FOLDERS = ('src', 'tools')
# For clang itself; clang-tidy has what is named by bugprone and cert.
CLANG_CHECKERS = 'core,unix,deadcode,security,nullability,optin.portability,valist'
TIDY_CHECKS = '-*,bugprone-*,cert-*'
CPPCHECK = ('--enable=warning,portability,performance', '--inline-suppr', '--suppress=missingIncludeSystem',
            '--library=posix', '--quiet', '--template={file}:{line}:0: {severity}: {message} [{id}]')

FINDING = re.compile(r'^(?P<file>[^\s:]+):(?P<line>\d+):\d+: (?:warning|error|style|portability|performance|'
                     r'information): (?P<text>.*) \[(?P<check>[^][]+)\]$')
ESCAPES = re.compile(r'\x1b\[[0-9;]*[mK]')

Entry = collections.namedtuple('Entry', 'file check piece why')


def read_entries(path):
    entries = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith('#'):
            continue
        parts = [part.strip() for part in line.split('|', 3)]
        if len(parts) != 4 or not parts[0] or not parts[1] or not parts[3]:
            sys.exit(f'{path}:{number}: not "file | check | a piece of the line | why"')
        entries.append(Entry(*parts))
    return entries


def left_out(entries, prefixes):
    """The checks that are not made at all."""
    return [e.check for e in entries if e.file == '*' and e.check.startswith(prefixes) and not e.piece]


class Commands:
    """How each file is compiled, in a build folder."""

    def __init__(self, root, build):
        self.build = build
        self.of_file = {}
        for entry in json.loads((build / 'compile_commands.json').read_text()):
            path = (build / entry['file']).resolve().relative_to(root)
            if path.parts[0] in FOLDERS and path.suffix == '.c':
                self.of_file.setdefault(path.as_posix(), shlex.split(entry['command']))

    def flags(self, name):
        """Those of the preprocessor and the language: what warns and what optimizes is the analyser's own."""
        command, flags = self.of_file[name], []
        for i, word in enumerate(command):
            if word.startswith(('-I', '-D', '-U', '-std=', '-f', '-m', '-O')):
                flags.append(word)
            elif word in ('-include', '-isystem'):
                flags += command[i:i + 2]
        return [flag for flag in flags if not flag.startswith('-fdiagnostics-color')]

    def source(self, name):
        return os.path.relpath(self.root_of(name), self.build)

    def root_of(self, name):
        return pathlib.Path(sys.argv[1]).resolve() / name


def gcc(commands, name, entries):
    return ['gcc', *commands.flags(name), '-fanalyzer', '-c', commands.source(name), '-o', '/dev/null']


def clang(commands, name, entries):
    disabled = ','.join(left_out(entries, ('core.', 'unix.', 'deadcode.', 'security.', 'nullability.', 'optin.', 'valist.')))
    return ['clang', '--analyze', '--analyzer-output', 'text', '-Xclang', f'-analyzer-checker={CLANG_CHECKERS}',
            *(['-Xclang', f'-analyzer-disable-checker={disabled}'] if disabled else []),
            *commands.flags(name), commands.source(name)]


def unchecked(entries):
    """The functions whose result need not be used, by entries "cert-err33-c:FUNCTION"."""
    return {e.check.split(':', 1)[1] for e in entries if e.check.startswith('cert-err33-c:')}


def tidy_options(entries):
    told = subprocess.run(['clang-tidy', '--checks=-*,cert-err33-c', '--dump-config'],
                          capture_output=True, text=True, check=True).stdout
    names = re.search(r"cert-err33-c\.CheckedFunctions:?\s+(?:value:\s+)?'([^']*)'", told)[1].split(';')
    kept = [name for name in names if name and name.lstrip(':^').rstrip('$') not in unchecked(entries)]
    return json.dumps({'CheckOptions': [{'key': 'cert-err33-c.CheckedFunctions', 'value': ';'.join(kept)}]})


def tidy(commands, name, entries):
    checks = [TIDY_CHECKS] + ['-' + check for check in left_out(entries, ('bugprone-', 'cert-'))]
    return ['clang-tidy', '--quiet', '--checks=' + ','.join(checks), '--config=' + tidy.options, '--header-filter=.*',
            commands.source(name), '--', *commands.flags(name)]


def cppcheck(commands, name, entries):
    flags = [flag for flag in commands.flags(name) if flag.startswith(('-I', '-D', '-U'))]
    return ['cppcheck', *CPPCHECK, '--std=c11', *flags, commands.source(name)]


ANALYSERS = {'gcc': gcc, 'clang': clang, 'tidy': tidy, 'cppcheck': cppcheck}


def findings_of(root, commands, command):
    """[(file, line, check, text)] of one run, and what it says if it does not run."""
    done = subprocess.run(command, cwd=commands.build, capture_output=True, text=True)
    out, found = ESCAPES.sub('', done.stdout + done.stderr), set()
    for line in out.splitlines():
        match = FINDING.match(line)
        if match:
            path = (commands.build / match['file']).resolve()
            if path.is_relative_to(root):
                found.add((path.relative_to(root).as_posix(), int(match['line']), match['check'], match['text']))
    return found, '' if done.returncode == 0 or found else out


def analyse(root, builds, name, entries):
    commands = builds['gcc' if name == 'gcc' else 'clang']
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {file: pool.submit(findings_of, root, commands, ANALYSERS[name](commands, file, entries))
                for file in sorted(commands.of_file)}
    found = set()
    for file, run in runs.items():
        found |= run.result()[0]
        if run.result()[1]:
            sys.exit(f'{name} does not read {file}:\n{run.result()[1]}')
    print(f'{name}: {len(runs)} files, {len(found)} findings', flush=True)
    return found


def accepts(entry, finding, line):
    return entry.file in ('*', finding[0]) and entry.check == finding[2] and entry.piece in line


def made_by(check):
    """Which analyser has a check of that name."""
    if check.startswith('-W'):
        return 'gcc'
    if check.startswith(('bugprone-', 'cert-')):
        return 'tidy'
    return 'clang' if '.' in check else 'cppcheck'


def judge(root, found, entries, names):
    used, errors = set(), []
    for finding in sorted(found):
        line = (root / finding[0]).read_text().splitlines()[finding[1] - 1]
        by = [e for e in entries if accepts(e, finding, line)]
        used.update(by)
        if not by:
            errors.append(f'{finding[0]}:{finding[1]}: {finding[3]} [{finding[2]}]\n    {line.strip()}')
    errors += [f'tests/check/analysers.txt: nothing is found any more that this accepts: {" | ".join(e[:3])}'
               for e in entries if (e.file != '*' or e.piece) and made_by(e.check) in names and e not in used]
    return errors


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    builds = {name: Commands(root, pathlib.Path(path).resolve()) for name, path in zip(('gcc', 'clang'), sys.argv[2:4])}
    names = sys.argv[4:] or list(ANALYSERS)
    entries = read_entries(root / 'tests' / 'check' / 'analysers.txt')
    tidy.options = tidy_options(entries) if 'tidy' in names else ''
    found = set()
    for name in names:
        found |= analyse(root, builds, name, entries)
    errors = judge(root, found, entries, names)
    print('\n'.join(errors) if errors else f'{len(found)} findings, all of them accepted with a reason')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
