#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Run Eva on the drivers of this folder, and judge what it says: see run.sh.

A driver's first comment has lines "with: FILE..." (more files of src/ to read), "eva: OPTION..." and "proves: FUNCTION...".
It fails on

- an alarm, or an assertion or precondition that is not proved, unless alarms.txt explains it;
- a function that is called and has neither code nor a specification;
- a statement of the driver, or of a function of "proves", that is not reached, unless alarms.txt explains it: so no
  proof is about nothing, and the end of the driver is reached;
- an explanation of what is not there.
"""
import csv
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path('tests/proof')
MACHINE = os.environ.get('PROOF_MACHINE', 'gcc_x86_64')
PREPROCESSOR = '-std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iinclude -Isrc -include tests/proof/proof.h'
PRECISION = ['-eva-precision', '3', '-eva-auto-loop-unroll', '100', '-eva-slevel', '100000']
TIME_LIMIT = 1800


def processor_seconds():
    """What Eva has taken so far: the same on a busy machine."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


class Failure(Exception):
    """Eva did not end, or not well."""


def headings(driver):
    """The words of "with", "eva" and "proves"."""
    comment = (ROOT / HERE / f'{driver}.c').read_text().split('*/')[1]
    return {name: re.findall(r'\S+', ' '.join(re.findall(rf'^ \* {name}: (.*)$', comment, re.M)))
            for name in ('with', 'eva', 'proves')}


def run_eva(root, driver, more):
    """What it says, and its exit status."""
    head = headings(driver)
    command = ['frama-c', '-machdep', MACHINE, f'-cpp-extra-args={PREPROCESSOR}', '-eva', *PRECISION, *head['eva'],
               str(HERE / f'{driver}.c'), *head['with'], *more]
    try:
        # Frama-C goes by PWD.
        done = subprocess.run(command, cwd=root, env={**os.environ, 'PWD': str(root)}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure(f'more than {TIME_LIMIT} s') from error
    return done.stdout, done.returncode


def unproved(table):
    """What is not proved, of the code and of the preconditions of the C library's functions."""
    with table.open() as text:
        for row in csv.DictReader(text, delimiter='\t', quoting=csv.QUOTE_NONE):
            place, kind = row['directory'], row['property kind']
            ours = not place.startswith('FRAMAC_SHARE')
            assumed = row['status'] == 'Considered valid' and kind in ('assigns clause', 'from clause')
            # Statements that are not reached are counted by themselves; proof.h has more than each driver wants.
            dead = row['status'] == 'Dead' and (place.startswith('src') or row['file'] == 'proof.h')
            if row['status'] == 'Valid' or assumed or dead or not (ours or kind.startswith('precondition of')):
                continue
            yield f'{place}/{row["file"]} {row["function"]}: {kind}, {row["status"].lower()}: {row["property"]}'


def unreached(output, driver):
    """Of the functions that are proved and those of the driver; of a static inline one, the best of its copies."""
    own = re.findall(r'^[a-z][\w *]*[ *](\w+)\(', (ROOT / HERE / f'{driver}.c').read_text(), re.M)
    wanted = {name: (0, 1) for name in headings(driver)['proves'] + own}
    for name, reached, count in re.findall(r'^ +(\w+): (\d+) stmts out of (\d+)', output, re.M):
        name = name if name in wanted else re.sub(r'_\d+$', '', name)
        if name in wanted and int(reached) >= wanted[name][0]:
            wanted[name] = (int(reached), int(count))
    for name, (reached, count) in sorted(wanted.items()):
        if reached != count:
            yield f'{name}: {reached} statements of {count} reached' if reached else f'{name}: not reached'


def unknown(output):
    for name in re.findall(r'missing-spec\][^[]*?for function (\w+)', output):
        yield f'{name}: neither code nor specification'


def findings(driver):
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / 'report.csv'
        output, status = run_eva(ROOT, driver, ['-then', '-metrics', '-metrics-eva-cover',
                                                '-then', '-report', '-report-csv', str(table)])
        if status != 0:
            raise Failure(output[-2000:])
        return {*unproved(table), *unreached(output, driver), *unknown(output)}


def explained():
    """From alarms.txt: {driver: {what}}; an explanation is indented below."""
    by_driver = {}
    for line in (ROOT / HERE / 'alarms.txt').read_text().splitlines():
        if line and not line.startswith(('#', ' ')):
            driver, what = line.split(' ', 1)
            by_driver.setdefault(driver, set()).add(what)
    return by_driver


def prove(driver):
    """Whether it is proved."""
    known, start = explained().get(driver, set()), processor_seconds()
    try:
        found = findings(driver)
    except Failure as error:
        print(f'{driver}: {error}', flush=True)
        return False
    wrong = sorted(found - known) + [f'explained, and not there: {what}' for what in sorted(known - found)]
    print(f'{driver}: {"not proved" if wrong else "proved"}, {len(found & known)} explained, '
          f'{processor_seconds() - start:.0f} s of a processor', *(f'    {what}' for what in wrong), sep='\n', flush=True)
    return not wrong


def mutants():
    """From mutants.txt: (driver, file, old, new)."""
    text = re.sub(r'^#.*\n', '', (ROOT / HERE / 'mutants.txt').read_text(), flags=re.M)
    for block in text.strip().split('\n\n'):
        head, old, new = (block.split('\n') + [''])[:3]
        yield (*head.split(' '), old.removeprefix('- '), new.removeprefix('+ '))


def survives(driver, file, old, new):
    """Whether Eva has no alarm for the library with @old replaced; that it reaches less would not do."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        shutil.copytree(ROOT / 'src', root / 'src')
        for name in ('include', 'tests'):
            os.symlink(ROOT / name, root / name)
        text = (root / file).read_text()
        if text.count(old) != 1:
            raise Failure(f'{file} has {text.count(old)} times {old!r}')
        (root / file).write_text(text.replace(old, new))
        output, status = run_eva(root, driver, ['-eva-stop-at-nth-alarm', '1'])
    alarm = re.search(r'\[eva:alarm\] (\S+): Warning:\s+([^[]*)', output)
    if status != 0 and not alarm:
        raise Failure(output[-2000:])
    print(f'{driver}, {file}, {old!r} -> {new!r}:', f'    {" ".join(alarm[0].split())}' if alarm else '    nothing',
          sep='\n', flush=True)
    return not alarm


def main():
    own = sys.argv[1:]
    self_test = '--self-test' in own
    drivers = sorted(path.stem for path in (ROOT / HERE).glob('*.c') if not path.stem.endswith('_model'))
    names = [name for name in own if name != '--self-test'] or drivers
    if not set(names) <= set(drivers):
        sys.exit(f'there are: {" ".join(drivers)}')
    start = processor_seconds()
    if self_test:
        bad = [f'{m[0]}: {m[2]}' for m in mutants() if m[0] in names and survives(*m)]
        bad += sorted(set(names) - {m[0] for m in mutants()})
    else:
        bad = [name for name in names if not prove(name)]
    print(f'{len(names)} drivers, {processor_seconds() - start:.0f} s of a processor',
          *(f'failed: {name}' for name in bad), sep='\n')
    return 1 if bad else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except Failure as error:
        sys.exit(f'prove.py: {error}')
