# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Whether a page is well-formed mdoc(7): what can be said without a formatter, and what one says."""
import re
import shutil
import subprocess

# Order of the sections that have one; others may stand anywhere between.
ORDER = ['NAME', 'LIBRARY', 'SYNOPSIS', 'DESCRIPTION', 'RETURN VALUES', 'ENVIRONMENT', 'FILES',
         'EXIT STATUS', 'EXAMPLES', 'SEE ALSO', 'STANDARDS', 'HISTORY']
REQUIRED = {'NAME', 'SYNOPSIS', 'DESCRIPTION', 'SEE ALSO'}
BLOCKS = {'El': 'Bl', 'Ed': 'Bd', 'Fc': 'Fo'}
MACROS = set('Dd Dt Os ds Sh Ss Nm Nd In Ft Fo Fa Fc Fn Pp Bl It El Bd Ed Dl Xr Pq Li Sy Dv Va Vt Cm Ar '
             'Fl Op Ev Pa Ql Dq Sx'.split())
ESCAPE = re.compile(r'\\(?![e&:-]|f[BIR]|\(dq)')


class Form:
    """Goes through a page; @errors is what is wrong with it."""

    def __init__(self, name, text):
        self.name, self.errors = name, []
        self.open, self.sections, self.number = [], [], 0
        self.previous = ''
        lines = text.split('\n')
        self.check(lines.pop() == '', 'no newline at the end')
        self.check('SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause' in lines[0], 'no SPDX line')
        self.title([line for line in lines if not line.startswith('.\\"')], name)
        for line in lines:
            self.number += 1
            self.line(line)
        self.end()

    def check(self, condition, what):
        if not condition:
            self.errors.append(f'{self.name}:{self.number}: {what}')

    def title(self, lines, name):
        stem, _, section = name.rpartition('.')
        self.check(re.match(r'\.Dd [A-Z][a-z]+ \d+, \d{4}\Z', lines[0]), 'no .Dd')
        self.check(lines[1] == f'.Dt {stem.upper()} {section}', 'no .Dt, or another')
        self.check(re.match(r'\.Os libpvhload \d+\.\d+\.\d+\Z', lines[2]), 'no .Os')
        self.check(lines[3] == '.ds AD l', 'lines are adjusted, of which groff warns')
        self.check(lines[4:6] in (['.Sh NAME', f'.Nm {stem} ,'], ['.Sh NAME', f'.Nm {stem}']),
                   'does not begin with its name')

    def line(self, line):
        literal = self.open[-1:] == ['Bd']
        self.check(line == line.rstrip(), 'space at the end')
        self.check('\t' not in line, 'a tab')
        if line.startswith('.\\"'):
            return
        self.check(not ESCAPE.search(line), f'an escape that is not known: {line}')
        self.check(line or literal, 'an empty line')
        self.check(not line.startswith("'"), 'a line that is a request by accident')
        if line.startswith('.'):
            self.macro(*line[1:].partition(' ')[::2])
        else:
            self.check(self.open[-1:] != ['Bl'] or self.previous != 'Bl', 'text before .It')
            self.previous = ''

    def macro(self, name, rest):
        self.check(name in MACROS, f'.{name} is not known')
        if name in ('Sh', 'Ss'):
            self.check(not self.open, f'.{name} within .{self.open[-1:]}')
            self.check(self.previous != 'Sh' or name == 'Ss', f'{self.sections[-1:]} is empty')
        if name == 'Sh':
            self.check(rest not in self.sections, f'{rest} is there twice')
            self.sections.append(rest)
        elif name in BLOCKS.values():
            self.open.append(name)
        elif name in BLOCKS:
            self.check(self.open[-1:] == [BLOCKS[name]], f'.{name} closes nothing')
            self.check(self.previous != BLOCKS[name], f'nothing before .{name}')
            del self.open[-1:]
        elif name == 'It':
            self.check(self.open[-1:] == ['Bl'], '.It without a list')
        elif name == 'Pp':
            self.check(self.previous not in ('Sh', 'Ss', 'Pp', 'It'), '.Pp that does nothing')
        if self.previous == 'Bl':
            self.check(name == 'It', '.Bl without .It')
        self.previous = name

    def end(self):
        self.check(not self.open, f'{self.open} left open')
        self.check(REQUIRED <= set(self.sections), f'no {REQUIRED - set(self.sections)}')
        known = [s for s in self.sections if s in ORDER]
        self.check(known == sorted(known, key=ORDER.index), f'sections out of order: {known}')


def formatters(paths):
    """What mandoc and groff find wrong, and which of them there are.

    A line of one long word cannot be broken, which groff 1.23 warns of.
    """
    commands = {'mandoc': ['mandoc', '-T', 'lint', '-W', 'warning', *paths],
                'groff': ['groff', '-mandoc', '-Tutf8', '-wall', '-Wbreak', '-rLL=78n', '-z', *paths]}
    found, errors = [], []
    for program, command in commands.items():
        if not shutil.which(program):
            continue
        found.append(program)
        done = subprocess.run(command, capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip()
        if done.returncode != 0 or said:
            errors.append(said or f'{program}: exit {done.returncode}')
    return found, errors
