# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Cases of pvhload-bench: their times beside their limits', and their peaks of memory."""
import fnmatch

import quiet
import stats
import table

BATCH_SECONDS = 0.5
MEMORY_ROOM = 1 << 20  # that a peak may have besides what is expected


class Case:
    def __init__(self, line):
        name, over, kernel, file, target, has_peak, has_pss = line.split('\t')
        self.name, self.over, self.kernel, self.file = name, over, kernel, file
        self.target, self.has_peak = float(target), has_peak == '1'
        self.has_pss = has_pss == '1'


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

    def memory(self, what, case):
        """Of "peak", the most bytes and those that are expected; of "pss", the share of a guest and what is its alone."""
        out = quiet.output([self.exe, what, case.name, self.kernels], self.env)
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


class Turns:
    """Cases take turns, so that what changes slowly changes all of them alike."""

    def __init__(self, cases, program, baseline):
        self.cases, self.program, self.baseline = cases, program, baseline
        self.new, self.old = {c: Series() for c in cases}, {c: Series() for c in cases}
        self.left, self.lacking = set(cases), set()

    def _batch(self, case, gate, options):
        batch = gate.batch(lambda: self.program.times(case, options.seconds, options.close))
        if batch is None:
            self.left.discard(case)
            return
        before = None
        if self.baseline and case not in self.lacking:
            before = gate.batch(lambda: self.baseline.times(case, options.seconds, options.close))
        # Both or none: they are compared one by one.
        self.new[case].batches.append(batch)
        if before:
            self.old[case].batches.append(before)
        else:
            self.lacking.add(case)

    def play(self, gate, options):
        while self.left:
            for case in [c for c in self.cases if c in self.left]:
                self._batch(case, gate, options)
                series = self.new[case]
                if series.count() >= options.rounds and len(series.batches) >= options.batches:
                    self.left.discard(case)

    def rows(self):
        return [row_of(c, self.new[c], self.old[c]) for c in self.cases if self.new[c].batches]


def measure_times(cases, program, baseline, gate, options):
    """What there is, if there is no quiet time for all of it."""
    turns = Turns(cases, program, baseline)
    try:
        turns.play(gate, options)
    except quiet.TooNoisy:
        pass
    return turns.rows()


def memory_row(name, value, other, target, over):
    row = table.Row(name, f'{value / 1e6:.1f} MB', f'{other / 1e6:.1f} MB', target, over)
    row.ratio = stats.Spread([value / other]) if other else None
    return row


def measure_memory(cases, program, baseline):
    """Nothing is timed, so others may run meanwhile."""
    rows = []
    for case, what in [(c, 'peak') for c in cases if c.has_peak] + [(c, 'pss') for c in cases if c.has_pss]:
        found = program.memory(what, case)
        if found is None:
            continue
        value, other = found
        if what == 'peak':
            row = memory_row('memory/' + case.name.rpartition('/')[0], value, other + MEMORY_ROOM, 1,
                             'what has to be in memory, and 1 MiB')
        else:
            row = memory_row('pss/' + case.name, value, 0, None,
                             f'none: PSS of a guest of two that have read their kernel; {other / 1e6:.1f} MB its alone')
            row.limit = ''
        before = baseline.memory(what, case) if baseline else None
        if before and before[0] > 0:
            row.baseline = stats.Spread([value / before[0]])
        rows.append(row)
    return rows
