# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Which lines of the library each test executes, and how long it takes: by gcov, once for each build of both.

A test passes here first, as the library is, under the limits that it has with mutants.
"""
import gzip
import json
import os
import resource
import signal
import subprocess
import time

from build import environment

MEMORY = 4 << 20     # KiB of address space
FILE_SIZE = 1 << 20  # blocks of 512 bytes
# Of what a test takes as the library is; the second is for a machine that is busy.
CPU_TIMES, CPU_LEAST = 4, 2
WALL_TIMES, WALL_LEAST = 30, 20
SLOW = 0.8           # seconds: run after all others
IN_A_CHILD = ('test_system_calls',)  # what it executes is not counted: it may be any line
LEFT_OUT_MAX = 3     # tests that want what is not given to them here, a file of many GiB for instance


VALGRIND = ['valgrind', '-q', '--error-exitcode=99', '--leak-check=full', '--errors-for-leak-kinds=definite']
VALGRIND_TIMES = 50


def started(command, env, folder, cpu, memory):
    limits = f'ulimit -c 0; ulimit -f {FILE_SIZE}; ulimit -t {cpu}; '
    limits += f'ulimit -v {MEMORY}; ' if memory else ''
    return subprocess.Popen(['sh', '-c', limits + 'exec "$0" "$@"', *map(str, command)], cwd=folder, env=env,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            start_new_session=True)


def passes(program, env, folder, seconds, memory=True, before=()):
    """True if the test passes in the time that is its own."""
    cpu = int(CPU_TIMES * seconds) + CPU_LEAST
    process = started([*before, program], env, folder, cpu, memory)
    try:
        return process.wait(WALL_LEAST + WALL_TIMES * seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        # What it has started itself ends with it.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def forking(env, fork):
    """For a test that does not pass in one process, as what came before has left its heap."""
    return dict(env, CK_FORK='yes') if fork else env


def executed(folder, root):
    """{file: (lines that have code, lines that ran)} of the counts in @folder."""
    counts = sorted(path.name for path in folder.glob('*.gcda'))
    if not counts:  # a test of the tests' own code
        return {}
    subprocess.run(['gcov', '-b', '--json-format', *counts], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = {}
    for path in folder.glob('*.gcov.json.gz'):
        for entry in json.loads(gzip.decompress(path.read_bytes()))['files']:
            if not entry['file'].startswith(f'{root}/'):
                continue
            lines = found.setdefault(entry['file'][len(f'{root}/'):], (set(), set()))
            lines[0].update(line['line_number'] for line in entry['lines'])
            lines[1].update(line['line_number'] for line in entry['lines'] if line['count'])
        path.unlink()
    return {name: (sorted(lines[0]), sorted(lines[1])) for name, lines in found.items()}


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class LineMap:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.tests, self.code, self.left_out = {}, {}, []

    def make(self, log):
        """Measures the tests whose measurement is of another build."""
        self.folder.mkdir(parents=True, exist_ok=True)
        library = self.build.library_digest()
        for test in self.build.tests.values():
            path, now = self.folder / (test.name + '.json'), library + self.build.digest(test)
            kept = json.loads(path.read_text()) if path.exists() else {}
            if kept.get('digest') != now:
                kept = self.measured(test)
                if not kept:
                    log(f'{test.name}: left out, as it does not pass as the library is, under the limits here')
                    continue
                kept['digest'] = now
                path.write_text(json.dumps(kept))
                log(f'{test.name}: {kept["seconds"]:.2f} s')
            self.tests[test.name] = kept
            for name, lines in kept['lines'].items():
                self.code.setdefault(name, set()).update(lines[0])
                kept['lines'][name] = set(lines[1])

    def measured(self, test):
        own = self.build.own
        program, scratch = own / 'tests' / test.name, own / 'counts' / test.name
        scratch.mkdir(parents=True, exist_ok=True)
        for path in scratch.iterdir():
            path.unlink()
        for fork, memory in ((False, True), (False, False), (True, True), (True, False)):
            before, began = cpu_seconds(), time.monotonic()
            if passes(program, forking(environment(own / 'plain'), fork), scratch, 120, memory):
                break
        else:
            self.left_out.append(test.name)
            if len(self.left_out) > LEFT_OUT_MAX:
                raise SystemExit(f'{", ".join(self.left_out)}: do not pass as the library is')
            return None
        seconds = min(cpu_seconds() - before, time.monotonic() - began)
        self.count(test, scratch, fork)
        lines = executed(scratch, self.build.root)
        for path in scratch.iterdir():
            path.unlink()
        return {'seconds': seconds, 'memory': memory, 'fork': fork, 'lines': lines}

    def count(self, test, scratch, fork):
        counting = self.build.own / 'counting'
        program = self.build.own / 'tests' / test.name
        for path in counting.glob('*.gcno'):
            (scratch / path.name).symlink_to(path)
        if test.wraps:
            objects = [self.build.object('counting', unit) for unit in self.build.units.values()]
            program = test.linked(self.build.folder, scratch / 'program', first=objects + ['-lgcov'])
        env = dict(forking(environment(counting), fork), GCOV_PREFIX=str(scratch),
                   GCOV_PREFIX_STRIP=str(len(counting.parts) - 1))
        passes(program, env, scratch, 300, memory=False)

    def reaching(self, mutant):
        """The tests that execute the statement of @mutant, quickest first; of what has no code, those of its file."""
        lines = set(range(mutant.first, mutant.last + 1)) & self.code.get(mutant.file, set())
        names = [name for name, test in self.tests.items() if name in IN_A_CHILD or
                 (test['lines'].get(mutant.file, set()) & lines if lines else test['lines'].get(mutant.file))]
        return sorted(names, key=lambda name: self.tests[name]['seconds'])

    def slow(self, name):
        return self.tests[name]['seconds'] > SLOW

    def passed(self, name, program, env, folder):
        env = forking(env, self.tests[name].get('fork'))
        return passes(program, env, folder, self.tests[name]['seconds'], self.tests[name]['memory'])

    def passed_valgrind(self, name, program, env, folder):
        seconds = VALGRIND_TIMES * max(self.tests[name]['seconds'], 0.1)
        return passes(program, env, folder, seconds, memory=False, before=VALGRIND)
