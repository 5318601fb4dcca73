#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Measure, and print one table: called by run.sh, which has built all that is needed."""
import argparse
import pathlib
import sys

import bombs
import boot
import cached
from counts import counts
import limits
import machine
import quiet
import table
import times

TIMED = ('times', 'memory', 'boot')
ALONE = ('counts', 'bombs', 'limits')  # with a table of their own


def arguments():
    p = argparse.ArgumentParser(prog='bench/run.sh', description='Measure libpvhload beside its limits.')
    p.add_argument('build', type=pathlib.Path, help=argparse.SUPPRESS)
    p.add_argument('what', nargs='*', metavar='WHAT', default=[],
                   help='times, memory, boot: these three if none is given; or counts, bombs, limits')
    p.add_argument('--case', action='append', default=[], metavar='PATTERN', help='only cases with this in their name')
    p.add_argument('--rounds', type=int, default=15, help='pairs of case and limit, at least')
    p.add_argument('--batches', type=int, default=5, help='processes that they come from, at least')
    p.add_argument('--seconds', type=float, default=times.BATCH_SECONDS, help='that a batch takes')
    p.add_argument('--minutes', type=float, default=60, help='after which it gives up, if it is not quiet')
    p.add_argument('--noisy', action='store_true', help='keep batches with foreign load, and say so')
    p.add_argument('--folios', choices=cached.CHOICES, default='large', help='of the kernels in the page cache')
    p.add_argument('--close', action='store_true', help='time what frees plan and image as well')
    p.add_argument('--baseline', type=pathlib.Path, metavar='FOLDER', help='a build folder with an older library')
    p.add_argument('--tsv', action='store_true', help='tab-separated')
    options = p.parse_args()
    unknown = set(options.what) - set(TIMED + ALONE)
    if unknown:
        p.error(f'there is no {", ".join(sorted(unknown))}')
    options.what = options.what or TIMED
    return options


def measure(options, gate):
    exe, kernels = options.build / 'bench' / 'pvhload-bench', options.build / 'kernels'
    program = times.Program(exe, kernels)
    baseline = times.Program(exe, kernels, options.baseline / 'src') if options.baseline else None
    cases = program.cases(options.case)
    rows = []
    if 'times' in options.what:
        cached.prepare(kernels, options.folios)
        rows += times.measure_times(cases, program, baseline, gate, options)
    if 'memory' in options.what:
        rows += times.measure_memory(cases, program, baseline)
    if 'boot' in options.what:
        rows += boot.measure(gate, options)
    return rows


def show_alone(options, source):
    """Counts, bombs and limits, which are not timed beside anything."""
    met = True
    print('\n'.join('# ' * options.tsv + line for line in machine.facts(source, options.build, options.baseline)))
    if 'counts' in options.what:
        met = counts.show(options)
    if 'bombs' in options.what:
        bombs.show(options, source)
    if 'limits' in options.what:
        limits.show(options, source)
    return 0 if met else 1


def main():
    options = arguments()
    source = pathlib.Path(__file__).resolve().parent.parent
    if set(options.what) & set(ALONE):
        return show_alone(options, source)
    gate = quiet.Gate(options.noisy, options.minutes)
    rows = measure(options, gate)
    facts = machine.facts(source, options.build, options.baseline)
    if 'times' in options.what:
        facts.append(cached.fact(options.build / 'kernels'))
    table.show(rows, facts, options.tsv, options.baseline is not None)
    print('\n'.join(('# ' if options.tsv else '') + line for line in gate.words().splitlines()))
    return 1 if gate.gave_up else 0


if __name__ == '__main__':
    sys.exit(main())
