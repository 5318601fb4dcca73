# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Scenes of pvhload-counts: the instructions of the library's own functions, as callgrind counts them."""
import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LIBRARY = 'libpvhload.so'
COUNTED = 'counted_part'  # of counting.c: what is before and after it is not counted
SECONDS_MAX = 300  # under callgrind; what takes longer is above any target
COST = re.compile(r'^[0-9+*-]\S* (\d+)')
NAME = re.compile(r'^ob=\((\d+)\)(?: (.*))?$')


class Cost:
    """Instructions of functions in the library, and of all, with what these call elsewhere."""

    def __init__(self, own, everything):
        self.own, self.everything = own, everything


def read_cost(text):
    """Out of callgrind's file."""
    names, inside, called, own, everything = {}, False, False, 0, 0
    for line in text.splitlines():
        found = NAME.match(line)
        if found:
            if found[2]:
                names[found[1]] = found[2]
            inside = pathlib.PurePath(names.get(found[1], '')).name.startswith(LIBRARY)
        elif re.match(r'^cob=\(\d+\) ', line):
            number, name = re.match(r'^cob=\((\d+)\) (.*)$', line).groups()
            names[number] = name
        elif line.startswith('calls='):
            called = True  # the next line has what the call cost
        elif COST.match(line):
            cost = 0 if called else int(COST.match(line)[1])
            everything += cost
            own += cost if inside else 0
            called = False
    return Cost(own, everything)


def count(exe, scene, library):
    """The instructions of one scene, by the library of a build folder; None if it takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / 'callgrind.out'
        command = ['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}', f'--toggle-collect={COUNTED}*',
                   exe, scene]
        env = dict(os.environ, LD_LIBRARY_PATH=str(library), LD_BIND_NOW='1')
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return None
        if done.returncode:
            sys.exit(f'bench: {scene}: {done.stderr}')
        cost = read_cost(out.read_text(encoding='utf-8'))
        if cost.own == 0:
            sys.exit(f'bench: {scene}: nothing was counted')
        return cost


def scenes(exe, patterns):
    listed = subprocess.run([exe, 'list'], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = [line.split('\t') for line in listed.splitlines()]
    return [(name, int(target), what) for name, target, what in rows
            if not patterns or any(fnmatch.fnmatch(name, f'*{p}*') for p in patterns)]


def words(cost, which='own'):
    return f'over {SECONDS_MAX} s' if cost is None else f'{getattr(cost, which):,}'


def show(options):
    """A row for each scene; whether all are within their targets."""
    exe = options.build / 'bench' / 'pvhload-counts'
    form = '\t'.join(['{}'] * 7) if options.tsv else '{:<18} {:>13} {:>13} {:>5} {:>13} {:>13}  {}'
    print(form.format('scene', 'instructions', 'target', '', 'with libc', 'baseline' if options.baseline else '', 'what'))
    met = True
    for name, target, what in scenes(exe, options.case):
        cost = count(exe, name, options.build / 'src')
        old = words(count(exe, name, options.baseline / 'src')) if options.baseline else ''
        within = cost is not None and cost.own <= target
        met = met and within
        print(form.format(name, words(cost), f'{target:,}', 'met' if within else 'ABOVE', words(cost, 'everything'), old,
                          what), flush=True)
    return met
