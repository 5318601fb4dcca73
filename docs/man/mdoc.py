# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Writing mdoc(7): plain text and code to lines that mandoc and groff set as they stand."""
import re
import textwrap

COLUMNS = 78  # of a terminal's 80
LICENCE = '.\\" SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause'


def escape(text):
    return text.replace('\\', '\\e')


def guard(line):
    """A line of text is no request, even if it begins like one."""
    return '\\&' + line if line[:1] in ('.', "'") else line


def argument(text, breaks=False):
    """One argument of a macro, and never the name of one; @breaks: it may go on in another line."""
    text = escape(text).replace('"', '\\(dq')
    if breaks:
        text = re.sub(r', | (?=\*+\w+\Z)', lambda m: m[0] + '\\:', text)
    if re.fullmatch(r'[A-Z][a-z0-9]?|[%A-Z][A-Za-z]', text) or text in ('.', ',', ':', ';', '(',
                                                                         ')', '[', ']', '?', '!'):
        text = '\\&' + text
    return f'"{text}"' if ' ' in text or not text else text


def code(lines):
    """Lines set as they are."""
    out = ['.Bd -literal']
    out += [guard(escape(line.expandtabs(8)).replace('-', '\\-')) for line in lines]
    return out + ['.Ed']


def inline(text):
    """A comment's own marks, and the names of the interface, as fonts."""
    text = escape(text)
    text = re.sub(r'@[pc] (\w+(?:(?:->|\.|::)\w+)*)', r'\\fI\1\\fR', text)
    text = re.sub(r'\b(pvhload_\w+)\(\)', r'\\fB\1\\fR()', text)
    text = re.sub(r'(?<!\\fI)\b(pvhload_\w+::\w+)', r'\\fI\1\\fR', text)
    return re.sub(r'(?<!\S)-(?=[\w-])', r'\\-', text)


def sentences(text):
    """Lines of a paragraph, each sentence begun on a new one, as mdoc likes it."""
    text = re.sub(r'\s*\n\s*', '\n', text.strip())
    text = re.sub(r'@since (\d+\.\d+)', r'Since \1.', text)
    # Two spaces, or the end of a line, after what ends a sentence; before a capital one will do.
    parts = re.split(r'(?<=[.?!])(?:  +|\n(?=[A-Z@"])| (?=[A-Z]))|(?<=[.?!]\))(?:  +|\n)', text)
    out = []
    for part in parts:
        part = inline(re.sub(r'\s+', ' ', part).strip())
        out += [guard(line) for line in textwrap.wrap(part, 90, break_long_words=False,
                                                      break_on_hyphens=False)]
    return out


def bullets(lines):
    items = []
    for line in lines:
        if line.startswith('- '):
            items.append([line[2:]])
        else:
            items[-1].append(line)
    out = ['.Bl -bullet -compact']
    for item in items:
        out += ['.It', *sentences('\n'.join(item))]
    return out + ['.El']


def paragraphs(lines):
    """The blocks of a comment: each is the lines between two empty ones."""
    blocks, block = [], []
    for line in [*lines, '']:
        if line.strip():
            block.append(line)
        elif block:
            blocks.append(block)
            block = []
    return blocks


def text(lines):
    """Paragraphs, lists and code of a comment, with .Pp between them."""
    out = []
    for block in paragraphs(lines):
        if out:
            out.append('.Pp')
        if all(line.startswith('    ') for line in block):
            if out:
                out.pop()
            out += code([line[4:] for line in block])
            continue
        first = next((i for i, line in enumerate(block) if line.startswith('- ')), len(block))
        if first > 0:
            out += sentences('\n'.join(block[:first]))
        if first < len(block):
            out += bullets(block[first:])
    return out


def printed(tag):
    """How many columns the line of a tag takes: no macros, but the brackets of .Pq."""
    plain = re.sub(r'(?<!\S)[A-Z][a-z] |\\&|\\(?=-)|"', '', tag)
    return len(plain) + 2 * len(re.findall(r'(?<!\S)Pq ', tag))


def width(tags, most):
    """For a list with these tags: what the longest takes, unless that leaves the text no room."""
    longest = max(printed(tag) for tag in tags)
    return 'Ds' if longest > most else f'{longest}n'


def tagged(entries, compact=True, most=22):
    """A list of (line that is the tag, lines of its text)."""
    if not entries:
        return []
    size = width([tag for tag, _ in entries], most)
    out = [f'.Bl -tag -width {size}' + (' -compact' if compact else '')]
    for tag, body in entries:
        out += [f'.It {tag}', *body]
    return out + ['.El']


# Names in code are long words, and a line with two of them cannot be adjusted.
LEFT = '.ds AD l'


def page(name, section, what, date, version, body, made_from=None):
    """A whole page; @body begins with the section NAME."""
    lines = [LICENCE]
    if made_from:
        lines.append(f'.\\" Made from {made_from}: what is wrong here is wrong there.')
    lines += [f'.Dd {date}', f'.Dt {name.upper()} {section}', f'.Os {what} {version}', LEFT,
              *body]
    return '\n'.join(lines) + '\n'
