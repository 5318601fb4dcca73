# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What becomes of mutants: each is compiled, linked and tested; one line for each in a file that a later run reads."""
import collections
import hashlib
import shutil
import threading
import time

from build import LIBRARY, environment

# broken    it does not compile
# same      its object is that of the library
# unreached no test executes its statement
# quick     the tests that do not take long pass; the others, and valgrind, are still to run
# alive     all tests that execute its statement pass
# killed    a test fails
VIABLE = ('unreached', 'quick', 'alive', 'killed')
SURVIVED = ('unreached', 'quick', 'alive')
VALGRIND_TESTS = 8  # of those that execute the statement
Record = collections.namedtuple('Record', 'id file line operator outcome test seconds')


def read(path):
    lines = path.read_text().splitlines() if path.exists() else []
    records = [Record(*line.split('\t')) for line in lines if line.count('\t') == len(Record._fields) - 1]
    return {record.id: record for record in records}


class Results:
    """
    The file of what became of each; of two lines of one mutant the last counts.  @before: which test killed each in the
    run before.
    """

    def __init__(self, path):
        self.path, self.lock, self.records = path, threading.Lock(), read(path)
        old = read(path.with_suffix('.before.tsv'))
        self.before = {record.id: record.test for record in old.values() if record.outcome == 'killed'}

    @staticmethod
    def forget(path):
        """Only the order of the tests depends on what is known so far."""
        if path.exists():
            path.replace(path.with_suffix('.before.tsv'))

    def add(self, mutant, outcome, test='-', seconds=0.0):
        record = Record(mutant.id, mutant.file, str(mutant.line), mutant.operator, outcome, test, f'{seconds:.1f}')
        with self.lock:
            self.records[mutant.id] = record
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, 'a') as out:
                out.write('\t'.join(record) + '\n')
        return record

    def outcome(self, mutant):
        record = self.records.get(mutant.id)
        return record.outcome if record else None


class Judge:
    def __init__(self, build, linemap, results):
        self.build, self.map, self.results = build, linemap, results
        self.plain, self.valgrind, self.lock = {}, {}, threading.Lock()
        self.before = results.before
        self.killers = collections.defaultdict(collections.Counter)
        for record in results.records.values():
            if record.outcome == 'killed':
                self.killers[record.file][record.test] += 1

    def job(self, number):
        """An empty folder of its own for each that works at once."""
        folder = self.build.own / f'job{number}'
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    @staticmethod
    def object(unit, text, job):
        """(object, digest) of the file with @text; None if it does not compile."""
        (job / 'mutant.c').write_bytes(text)
        out = job / 'mutant.o'
        if not unit.compile('mutant.c', out):
            return None
        return out, hashlib.sha1(out.read_bytes()).hexdigest()

    def unchanged(self, unit, job):
        if unit.name not in self.plain:
            self.plain[unit.name] = self.object(unit, unit.text, job)[1]
        return self.plain[unit.name]

    def order(self, mutant):
        """
        The tests: the one that has killed it before, those that have killed most in the same function and file, the
        quickest; and the slow ones.
        """
        kills, function = self.killers[mutant.file], self.killers[mutant.file, mutant.function]
        names, before = self.map.reaching(mutant), self.before.get(mutant.id)
        return sorted(names, key=lambda name: (name != before, self.map.slow(name), -function[name], -kills[name]))

    def killer(self, mutant, unit, job, names, passed):
        """The first of @names that fails, by @passed."""
        libraries = set()
        for name in names:
            test = self.build.tests[name]
            program = self.build.own / 'tests' / name
            if test.wraps:
                objects = [job / 'mutant.o' if other is unit else self.build.object('plain', other)
                           for other in self.build.units.values()]
                program = test.linked(self.build.folder, job / 'program', first=objects)
            elif not libraries:
                self.build.mutated(unit, job / 'mutant.o', job)
                libraries.add(job / LIBRARY)
            if not passed(name, program, environment(job), job):
                with self.lock:
                    self.killers[mutant.file][name] += 1
                    self.killers[mutant.file, mutant.function][name] += 1
                return name
        return None

    def quick(self, mutant, job):
        """Compares its object, and runs all but the slow tests, of which only one that has killed it before."""
        began, unit = time.monotonic(), self.build.units[mutant.file]
        unchanged = self.unchanged(unit, job)
        made = self.object(unit, mutant.applied(unit.text), job)
        if not made or made[1] == unchanged:
            return self.results.add(mutant, 'same' if made else 'broken')
        names = self.order(mutant)
        if not names:
            return self.results.add(mutant, 'unreached')
        quick = [name for name in names if name == self.before.get(mutant.id) or not self.map.slow(name)]
        name = self.killer(mutant, unit, job, quick, self.map.passed)
        outcome = 'killed' if name else 'quick'
        return self.results.add(mutant, outcome, name or '-', time.monotonic() - began)

    def sound(self, name, job):
        """Whether valgrind has nothing to say of a test as the library is."""
        if name not in self.valgrind:
            program = self.build.own / 'tests' / name
            self.valgrind[name] = self.map.passed_valgrind(name, program, environment(self.build.own / 'plain'), job)
        return self.valgrind[name]

    def slow(self, mutant, job):
        """Of one that is alive after the others the slow tests, and some of the others under valgrind, as run.sh does."""
        began, unit = time.monotonic(), self.build.units[mutant.file]
        self.object(unit, mutant.applied(unit.text), job)
        names = self.order(mutant)
        name = self.killer(mutant, unit, job, [n for n in names if self.map.slow(n)], self.map.passed)
        if not name and shutil.which('valgrind'):
            some = [n for n in names if not self.map.slow(n)][:VALGRIND_TESTS]
            name = self.killer(mutant, unit, job, [n for n in some if self.sound(n, job)], self.map.passed_valgrind)
        return self.results.add(mutant, 'killed' if name else 'alive', name or '-', time.monotonic() - began)

    def each(self, work, mutants, jobs, enough):
        """@work of each of @mutants, @jobs at once, until @enough() is true."""
        left, lock = iter(mutants), threading.Lock()

        def worker(number):
            job = self.job(number)
            while not enough():
                with lock:
                    mutant = next(left, None)
                if mutant is None:
                    return
                work(mutant, job)
            shutil.rmtree(job, ignore_errors=True)

        threads = [threading.Thread(target=worker, args=(number,)) for number in range(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
