# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Cases of pvhload-bench: their times beside their limits', and their peaks of memory."""
import fnmatch

import quiet
import stats
import table

BATCH_SECONDS = 0.5
MEMORY_ROOM = 1 << 20  # that a peak may have besides the compressed payload


class Case:
    def __init__(self, line):
        name, over, kernel, file, target, cpu_target, has_peak = line.split('\t')
        self.name, self.over, self.kernel, self.file = name, over, kernel, file
        self.target, self.cpu_target, self.has_peak = float(target), float(cpu_target), has_peak == '1'


class Program:
    """pvhload-bench with the library of one build folder."""

    def __init__(self, exe, kernels, library=None):
        self.exe, self.kernels = exe, kernels
        self.env = {'LD_LIBRARY_PATH': str(library)} if library else {}

    def cases(self, patterns):
        """Those that fit a pattern, all without one.  A pattern fits a part as well."""
        found = [Case(line) for line in quiet.output([self.exe, 'list']).splitlines()]
        return [c for c in found if not patterns or any(fnmatch.fnmatch(c.name, f'*{p}*') for p in patterns)]

    def times(self, case, seconds, close):
        out = quiet.output([self.exe, 'times', case.name, self.kernels, str(seconds)] + ['close'] * close, self.env)
        return None if out is None else Batch(out)

    def peak(self, case):
        out = quiet.output([self.exe, 'peak', case.name, self.kernels], self.env)
        return None if out is None else [int(v) for v in out.split()]


class Batch:
    """Pairs of limit and case, which ran one after the other."""

    def __init__(self, text):
        self.wall, self.cpu = {'limit': [], 'case': []}, {'limit': [], 'case': []}
        for line in text.splitlines():
            role, wall, cpu = line.split('\t')
            self.wall[role].append(int(wall))
            self.cpu[role].append(int(cpu))


class Series:
    """All batches of one case, by one library."""

    def __init__(self):
        self.batches = []

    def count(self):
        return sum(len(b.wall['case']) for b in self.batches)

    def values(self, which, role):
        return [v for b in self.batches for v in getattr(b, which)[role]]

    def ratios(self, which):
        pairs = zip(self.values(which, 'case'), self.values(which, 'limit'))
        return stats.Spread([case / limit for case, limit in pairs if limit > 0])

    def milliseconds(self, role):
        return f'{stats.median(self.values("wall", role)) / 1e6:.3f} ms'


def against(series, old):
    """New by old, batch by batch: those of one number were neighbours in time."""
    return stats.Spread([stats.median(new.wall['case']) / stats.median(before.wall['case'])
                         for new, before in zip(series.batches, old.batches)])


def row_of(case, series, old):
    row = table.Row(case.name, series.milliseconds('case'), series.milliseconds('limit'), case.target, case.over)
    row.ratio, row.cpu = series.ratios('wall'), series.ratios('cpu')
    if old and old.batches:
        row.baseline = against(series, old)
    return row


def measure_times(cases, program, baseline, gate, options):
    """Cases take turns, so that what changes slowly changes all of them alike."""
    new, old = {c: Series() for c in cases}, {c: Series() for c in cases}
    left = set(cases)
    while left:
        for case in [c for c in cases if c in left]:
            batch = gate.batch(lambda c=case: program.times(c, options.seconds, options.close))
            if batch is None:
                left.discard(case)
                continue
            new[case].batches.append(batch)
            if baseline:
                batch = gate.batch(lambda c=case: baseline.times(c, options.seconds, options.close))
                if batch:
                    old[case].batches.append(batch)
            if new[case].count() >= options.rounds and len(new[case].batches) >= options.batches:
                left.discard(case)
    return [row_of(c, new[c], old[c]) for c in cases if new[c].batches]


def measure_peaks(cases, program, baseline):
    """Nothing is timed, so others may run meanwhile."""
    rows = []
    for case in (c for c in cases if c.has_peak):
        most, payload = program.peak(case)
        row = table.Row('memory/' + case.name, f'{most / 1e6:.1f} MB', f'{payload / 1e6:.1f} MB',
                        round((payload + MEMORY_ROOM) / payload, 3), 'the compressed payload; the target is 1 MiB more')
        row.ratio = stats.Spread([most / payload])
        before = baseline.peak(case) if baseline else None
        if before:
            row.baseline = stats.Spread([most / before[0]])
        rows.append(row)
    return rows
