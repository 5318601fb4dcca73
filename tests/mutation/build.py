# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The build folder of the mutants: the library once as it is, once counting lines, and the tests on top.

Every test is linked against a shared library of all objects with all their symbols, so that a mutant takes one
compile and one link; tests that wrap functions of the C library are linked anew with the mutant's object.
"""
import hashlib
import json
import os
import pathlib
import shlex
import subprocess

CONFIGURE = ['-Dtools=disabled', '-Dtests=enabled', '-Dlzo=auto', '-Ddebug=false', '-Doptimization=2',
             '-Ddefault_library=static']
CORE = 'src/libpvhload-core.a'
OBJECTS = CORE + '.p'
# Of what the build says of a file, what is not of the object itself.
PAIRS, ALONE = ('-MQ', '-MF', '-o', '-c'), ('-MD', '-Werror', '-fvisibility=hidden', '-g')
PROGRAMS = ['plan_property', 'answers', 'test_errors', 'test_threads']
LIBRARY = 'libmutant.so'


def run(command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f'{shlex.join(map(str, command))}\n{result.stdout}{result.stderr}')
    return result.stdout


def digest(*paths):
    sha = hashlib.sha1()
    for path in paths:
        sha.update(path.read_bytes())
    return sha.hexdigest()


class Unit:
    """A source file of the library: how it is compiled, and its object."""

    def __init__(self, entry, root, folder):
        self.path = (pathlib.Path(entry['directory']) / entry['file']).resolve()
        self.name = self.path.relative_to(root).as_posix()
        self.text = self.path.read_bytes()  # once: it may be edited while mutants are made
        self.object = entry['output']
        words, self.args = shlex.split(entry['command']), []
        words = words[1:] if words[0].endswith('ccache') else words
        self.compiler = words[0]
        skip = False
        for word in words[1:]:
            if skip or word in PAIRS:
                skip = not skip
            elif word not in ALONE and not word.startswith('-W'):
                self.args.append(self.absolute(word, folder))

    @staticmethod
    def absolute(word, folder):
        return '-I' + str((folder / word[2:]).resolve()) if word.startswith('-I') else word

    def compile(self, source, out, more=()):
        """False if it cannot be.  Where @source is, and debugging information, say nothing in the object."""
        command = [self.compiler, *self.args, '-w', '-g0', '-fno-semantic-interposition', *more,
                   '-o', out.name, '-c', str(source)]
        return subprocess.run(command, cwd=out.parent, capture_output=True).returncode == 0


class Test:
    """A program of the tests; @link is how it is linked in the build folder."""

    def __init__(self, name, command):
        self.name, self.link = name, shlex.split(command)
        self.link = self.link[1:] if self.link[0].endswith('ccache') else self.link
        self.wraps = any(word.startswith('-Wl,--wrap=') for word in self.link)

    def linked(self, folder, out, library=None, first=()):
        """Links it to @out, with @library in place of the objects, or with the objects @first before the others."""
        command = list(self.link)
        command[command.index('-o') + 1] = str(out)
        if library:
            command[command.index(CORE)] = str(library)
        at = command.index('-Wl,--start-group') if '-Wl,--start-group' in command else command.index(CORE)
        command[at:at] = [str(path) for path in first]
        run(command + ['-Wl,-rpath-link,.'], folder)
        return out


class Build:
    """@folder has meson's build of the tests; below mutants/ is what is made of it here."""

    def __init__(self, root, folder):
        self.root, self.folder = root.resolve(), folder.resolve()
        self.own = self.folder / 'mutants'
        self.units, self.tests = {}, {}

    def make(self):
        if not (self.folder / 'build.ninja').exists():
            run(['meson', 'setup', str(self.folder), *CONFIGURE], self.root)
        targets = run(['ninja', '-t', 'targets', 'all'], self.folder)
        names = {line.split(':')[0] for line in targets.splitlines()}
        tests = sorted(name for name in names if name.startswith('tests/test_') and '.' not in name)
        tests += ['tests/' + name for name in PROGRAMS if 'tests/' + name in names - set(tests)]
        run(['ninja', '-j2', CORE, *tests], self.folder)
        entries = json.loads((self.folder / 'compile_commands.json').read_text())
        units = [Unit(e, self.root, self.folder) for e in entries if e['output'].startswith(OBJECTS)]
        self.units = {unit.name: unit for unit in units}
        for name in tests:
            link = run(['ninja', '-t', 'commands', '-s', name], self.folder).strip().splitlines()[-1]
            if CORE in link:
                self.tests[name.split('/')[1]] = Test(name.split('/')[1], link)
        self.library('plain', [])
        self.library('counting', ['-O0', '--coverage'])
        (self.own / 'tests').mkdir(exist_ok=True)
        for test in self.tests.values():
            self.program(test)

    def objects(self, kind, more):
        """Compiles what is not yet; True if anything was."""
        folder, made = self.own / kind, False
        folder.mkdir(parents=True, exist_ok=True)
        for unit in self.units.values():
            out, stamp = self.object(kind, unit), self.object(kind, unit).with_suffix('.stamp')
            now = digest(self.folder / unit.object)
            if not out.exists() or not stamp.exists() or stamp.read_text() != now:
                if not unit.compile(unit.path, out, more):
                    raise SystemExit(f'{unit.name}: does not compile')
                stamp.write_text(now)
                made = True
        return made

    def object(self, kind, unit):
        return self.own / kind / pathlib.Path(unit.object).name

    def library(self, kind, more):
        out = self.own / kind / LIBRARY
        if self.objects(kind, more) or not out.exists():
            self.shared(out, [self.object(kind, unit) for unit in self.units.values()], more)

    def shared(self, out, objects, more=()):
        libraries = [word for word in next(iter(self.tests.values())).link
                     if word.startswith('-l') or (word.endswith('.so') and '/' in word)]
        run(['gcc', '-shared', *more, '-o', str(out), '-Wl,-soname,' + LIBRARY, *map(str, objects), *libraries],
            self.folder)

    def mutated(self, unit, source, job):
        """The library with @source in place of @unit, in the folder @job."""
        objects = [source if other is unit else self.object('plain', other) for other in self.units.values()]
        self.shared(job / LIBRARY, objects)

    def program(self, test):
        """The program as it is run; those that wrap, linked without the library, only to see that it can be."""
        out, meson = self.own / 'tests' / test.name, self.folder / 'tests' / test.name
        if out.exists() and out.stat().st_mtime >= meson.stat().st_mtime:
            return out
        if test.wraps:
            objects = [self.object('plain', unit) for unit in self.units.values()]
            return test.linked(self.folder, out, first=objects)
        return test.linked(self.folder, out, library=self.own / 'plain' / LIBRARY)

    def digest(self, test):
        return digest(self.folder / 'tests' / test.name)

    def library_digest(self):
        return digest(*[self.folder / unit.object for unit in self.units.values()])


def environment(job):
    """Of a test: each in one process, a small part of the random ones, and the library of the folder @job."""
    kept = {name: os.environ[name] for name in ('PATH', 'HOME', 'LANG') if name in os.environ}
    return dict(kept, CK_FORK='no', PVHLOAD_PROPERTY_COUNT='5000', LD_LIBRARY_PATH=str(job), TMPDIR=str(job))
