# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Results as a table for people, or tab-separated for programs."""

HEAD = ('case', 'measured', 'limit', 'ratio', 'quartiles', 'CPU ratio', 'n', 'target', '', 'limit is')
BASELINE = ('of baseline', 'quartiles')


def number(value):
    """Three digits that count, or two after the point of what is about 1."""
    return f'{value:.4f}' if value < 0.1 else f'{value:.3f}'


def spread(s):
    return f'{number(s.low)}..{number(s.high)}'


class Row:
    """One case.  What is not known of it is None."""

    def __init__(self, name, measured, limit, target=None, over=''):
        self.name, self.measured, self.limit = name, measured, limit  # texts, with their units
        self.target, self.over = target or None, over
        self.ratio = self.cpu = self.baseline = None  # Spread
        self.judged = None  # the number that is held against the target

    def met(self):
        judged = self.ratio.middle if self.judged is None and self.ratio else self.judged
        return None if self.target is None or judged is None else judged <= self.target

    def cells(self, with_baseline):
        met = self.met()
        cells = [self.name, self.measured, self.limit,
                 number(self.ratio.middle) if self.ratio else '',
                 spread(self.ratio) if self.ratio else '',
                 number(self.cpu.middle) if self.cpu else '',
                 str(self.ratio.count) if self.ratio else '',
                 '' if self.target is None else f'{self.target:.10g}',
                 '' if met is None else 'met' if met else 'ABOVE', self.over]
        if with_baseline:
            cells[-1:-1] = ([number(self.baseline.middle), spread(self.baseline)] if self.baseline else ['', ''])
        return cells


def head(with_baseline):
    return HEAD[:-1] + (BASELINE if with_baseline else ()) + HEAD[-1:]


def text(rows, with_baseline):
    table = [head(with_baseline)] + [row.cells(with_baseline) for row in rows]
    widths = [max(len(r[i]) for r in table) for i in range(len(table[0]))]
    lines = []
    for r in table:
        lines.append('  '.join(c.ljust(w) if i in (0, len(r) - 1) else c.rjust(w)
                               for i, (c, w) in enumerate(zip(r, widths))).rstrip())
    return '\n'.join(lines)


def tsv(rows, with_baseline):
    return '\n'.join('\t'.join(r) for r in [head(with_baseline)] + [row.cells(with_baseline) for row in rows])


def show(rows, facts, as_tsv, with_baseline=False):
    """Facts come first, as comments where a program reads them."""
    mark = '# ' if as_tsv else ''
    print('\n'.join(mark + line for line in facts))
    print((tsv if as_tsv else text)(rows, with_baseline), flush=True)
