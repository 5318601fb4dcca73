#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""How many small mistakes in src/ the tests find: docs/testing.md, "Mutants".

    mutate.py                      a sample of 1000 mutants, all of src/; continues where it was interrupted
    mutate.py --only src/codec     of the files whose names begin so (with --line N: all mutants of that line)
    mutate.py --mutant ID...       these, shown and tested anew
    mutate.py --again              those of the sample that have survived, and are not equivalent, tested anew
    mutate.py --anew               all of the sample, with what is known so far only to say which test goes first
    mutate.py --report             what is known of the sample so far
    mutate.py --list               every mutant there could be, one a line

The sample is of the seed's order, in which a change of the sources moves no mutant that was there before.  What became of each is kept in the build folder.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import shutil
import sys

from build import Build
from ctree import Tree
from judge import SURVIVED, VIABLE, Judge, Results
from linemap import LineMap
from operators import Mutant, mutants_of

HERE = pathlib.Path(__file__).resolve().parent
LEAST = 90  # percent


def log(text):
    print(text, flush=True)


def listed(build, clang):
    """Every mutant, file by file; those of a file that has not changed are read from the build folder."""
    folder, found = build.own / 'list', []
    folder.mkdir(parents=True, exist_ok=True)
    tool = b''.join((HERE / name).read_bytes() for name in ('operators.py', 'ctree.py'))
    for name, unit in sorted(build.units.items()):
        path = folder / (name.replace('/', '_') + '.json')
        now = hashlib.sha1(tool + unit.text).hexdigest()
        kept = json.loads(path.read_text()) if path.exists() else {}
        if kept.get('digest') != now:
            made = mutants_of(name, Tree(clang, name, unit.args, build.root))
            kept = {'digest': now, 'mutants': [vars(mutant) for mutant in made]}
            path.write_text(json.dumps(kept))
        for fields in kept['mutants']:
            mutant = Mutant.__new__(Mutant)
            vars(mutant).update(fields, span=tuple(fields['span']))
            found.append(mutant)
    return found


def sampled(mutants, seed):
    """All of them in the order of the sample: that of two mutants is not changed by what others there are."""
    return sorted(mutants, key=lambda mutant: hashlib.sha1(f'{seed} {mutant.id}'.encode()).hexdigest())


def within(order, results, count):
    """The first @count that are viable, as far as they are known; and whether that is all."""
    found = []
    for mutant in order:
        outcome = results.outcome(mutant)
        if outcome is None:
            return found, False
        if outcome in VIABLE:
            found.append(mutant)
        if len(found) == count:
            return found, True
    return found, True


def shown(mutant):
    at = f'{mutant.id} {mutant.file}:{mutant.line} {mutant.function or "(no function)"}: {mutant.operator}'
    lines = [f'    - {line}' for line in mutant.before.splitlines()]
    return '\n'.join([at] + lines + [f'    + {line}' for line in mutant.after.splitlines()])


def judgements(path):
    """{mutant's name: what survivors.txt says of it}."""
    found, name = {}, None
    for line in path.read_text().splitlines() if path.exists() else []:
        if line and not line[0].isspace() and not line.startswith('#'):
            name = line.split()[0]
            found[name] = ''
        elif name and line.strip() and not line.strip().startswith(('- ', '+ ')):
            found[name] += line.strip() + ' '
    return found


def equivalents():
    return {name for name, text in judgements(HERE / 'survivors.txt').items() if text.startswith('equivalent')}


def table(mutants, results):
    """Viable and killed ones by folder."""
    counts = collections.defaultdict(collections.Counter)
    for mutant in mutants:
        outcome = 'alive' if results.outcome(mutant) in SURVIVED else 'killed'
        for row in (mutant.file.split('/')[1], 'all'):
            counts[row][outcome] += 1
    lines = ['folder         viable  killed  percent']
    for row in sorted(counts, key=lambda name: (name == 'all', name)):
        killed, viable = counts[row]['killed'], sum(counts[row].values())
        lines.append(f'{row:<14} {viable:>6} {killed:>7} {100 * killed / viable:>7.1f}%')
    return '\n'.join(lines)


def report(mutants, results):
    """Prints it; 1 if too few are killed, or a survivor is not judged."""
    known = judgements(HERE / 'survivors.txt')
    survivors = [m for m in mutants if results.outcome(m) in SURVIVED]
    new = [m for m in survivors if m.id not in known]
    equivalent = [m for m in survivors if m.id in equivalents()]
    log('\n'.join(f'{shown(m)}\n    {results.outcome(m)}, not in survivors.txt' for m in new))
    log(table(mutants, results))
    killed = len(mutants) - len(survivors)
    log(f'{len(mutants)} mutants: {killed} killed; of {len(survivors)} survivors {len(equivalent)} are equivalent, '
        f'{len(new)} not judged')
    return 1 if new or not mutants or 100 * killed < LEAST * len(mutants) else 0


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=1000, help='of viable ones')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--only', default='src/')
    parser.add_argument('--line', type=int)
    parser.add_argument('--mutant', nargs='+', default=[], metavar='ID')
    for name in ('--again', '--anew', '--report', '--list', '--show'):
        parser.add_argument(name, action='store_true')
    parser.add_argument('--build', type=pathlib.Path, default=HERE.parents[1] / 'build-mutation')
    return parser.parse_args()


def go(judge, mutants, jobs, enough=lambda: False):
    """Both passes; mutants that a run before has judged are not in @mutants."""
    def told(work):
        def tell(mutant, job):
            record = work(mutant, job)
            if record.outcome in VIABLE:
                log(f'{record.outcome:9} {mutant.id} {mutant.file}:{mutant.line} {mutant.operator} {record.test}')
        return tell
    judge.each(told(judge.quick), mutants, jobs, enough)


def finish(judge, mutants, jobs, equivalent):
    waiting = [m for m in mutants if judge.results.outcome(m) == 'quick' and m.id not in equivalent]
    judge.each(judge.slow, waiting, jobs, lambda: False)


def main():
    chosen = options()
    clang = next((name for name in ('clang', 'clang-14', 'clang-19') if shutil.which(name)), None)
    if not clang:
        print('skipped: there is no clang here')
        return 77
    build = Build(HERE.parents[1], chosen.build)
    build.make()
    mutants = [m for m in listed(build, clang) if m.file.startswith(chosen.only)]
    if chosen.line or chosen.mutant:
        mutants = [m for m in mutants if (not chosen.line or m.first <= chosen.line <= m.last) and
                   (not chosen.mutant or m.id in chosen.mutant)]
    if chosen.list or chosen.show:
        log('\n'.join(map(shown, mutants)) + f'\n{len(mutants)} mutants')
        return 0
    path = build.own / f'results-{chosen.seed}.tsv'
    if chosen.anew:
        Results.forget(path)
    results = Results(path)
    order = sampled(mutants, chosen.seed)
    if chosen.line or chosen.mutant:
        chosen.count = len(order)
    if not chosen.report:
        linemap = LineMap(build, build.own / 'map')
        linemap.make(log)
        judge = Judge(build, linemap, results)
        if chosen.line or chosen.mutant:
            waiting = order
        elif chosen.again:
            waiting = [m for m in within(order, results, chosen.count)[0]
                       if results.outcome(m) in SURVIVED and m.id not in equivalents()]
        else:
            waiting = [m for m in order if not results.outcome(m)]
        anew = chosen.again or chosen.line or chosen.mutant
        go(judge, waiting, chosen.jobs, lambda: not anew and within(order, results, chosen.count)[1])
        finish(judge, within(order, results, chosen.count)[0], chosen.jobs, equivalents())
    found, whole = within(order, results, chosen.count)
    if not whole:
        log('not all of the sample is known')
    return report(found, results)


if __name__ == '__main__':
    sys.exit(main())
