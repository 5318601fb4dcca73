# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A public header, taken apart: its declarations, in order, each with its comment.

This is no C parser: it reads what the headers of this project look like, and ends with the file and
line of anything else, so that nothing is left out of the manual in silence.
"""
import pathlib
import re

TAGS = {'file', 'par', 'param', 'retval', 'return', 'since', 'see'}
INLINE = {'c', 'p'}
# What the declarations are wrapped in; no part of the interface.
WRAPPERS = re.compile(r'\b(PVHLOAD_API|PVHLOAD_NODISCARD|static|inline)\b')
TOKEN = re.compile(r'(?P<space>[ \t]+|PVHLOAD_(?:BEGIN|END)_DECLS\b)|(?P<newline>\n)|(?P<trailing>/\*\*<.*?\*/)|'
                   r'(?P<doc>/\*\*.*?\*/)|(?P<plain>/\*.*?\*/)|'
                   r'(?P<directive>\#(?:\\\n|/\*.*?\*/|(?!/\*)[^\n])*)|(?P<code>\S)', re.S)


class Unreadable(Exception):
    """Something in a header that the manual would have to leave out."""


class Comment:
    """A comment's text: paragraphs, and what its tags say, as [(tag, argument, text)]."""

    def __init__(self, lines, where):
        self.text, self.tags = [], []
        for line in indent_code(lines):
            match = re.match(r'@(\w+)(?:\[[a-z,]+\])?[ \t]*(.*)', line)
            if match and match[1] not in TAGS | INLINE:
                raise Unreadable(f'{where}: @{match[1]} is not known')
            if match and match[1] in TAGS:
                self.tags.append(self._tag(match[1], match[0], match[2]))
            elif self.tags and self.tags[-1][0] != 'file':
                self.tags[-1][2].append(line)
            else:
                self.text.append(line)

    @staticmethod
    def _tag(tag, whole, rest):
        if tag in ('param', 'retval'):
            name, _, text = rest.partition(' ')
            direction = re.match(r'@\w+\[([a-z,]+)\]', whole)
            return (tag, (name, direction[1] if direction else ''), [text])
        if tag == 'par':
            return (tag, rest.strip(), [])
        return (tag, '', [rest])

    def of(self, tag):
        """Each (argument, lines) of a tag."""
        return [(argument, lines) for name, argument, lines in self.tags if name == tag]

    def keep_since(self):
        """As text, where no section has it: HISTORY is of functions."""
        for _, lines in self.of('since'):
            self.text.append(f'@since {"".join(lines).strip()}')


class Item:
    """A declaration: define, struct, enum, opaque, function or typedef."""

    def __init__(self, kind, name, comment=None, **more):
        self.kind, self.name, self.comment = kind, name, comment
        self.value = more.get('value')      # of a define
        self.trailing = more.get('trailing')  # a comment after it
        self.group = more.get('group')      # which run of defines it is in; its first has the comment
        self.members = more.get('members', [])
        self.returns = more.get('returns')  # of a function
        self.params = more.get('params', [])
        self.code = more.get('code')        # as it is declared, without comments


class Member:
    """A member of a struct or an enum: its declaration, its name, what is said of it."""

    def __init__(self, code, comment, heading):
        self.code, self.comment, self.heading = code, comment, heading
        self.name = declared_name(code)


def comment_lines(raw):
    """The lines of a /** */, /**< */ or /* */ comment, without its frame."""
    text = re.sub(r'\A/\*\*?<?|\*/\Z', '', raw)
    lines = [re.sub(r'\A\s*\* ?', '', line) if n else line.strip()
             for n, line in enumerate(text.split('\n'))]
    lines = [line.rstrip() for line in lines]
    if '<' in raw[:4]:
        lines = [line.strip() for line in lines]  # aligned below the text before
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def indent_code(lines):
    """What is between @code and @endcode is set apart as an indented block is."""
    inside = False
    for line in lines:
        if line.strip() in ('@code', '@endcode'):
            inside = line.strip() == '@code'
            yield ''
        else:
            yield '    ' + line if inside else line


def declared_name(code):
    pointer = re.search(r'\(\*\s*(\w+)\)\s*\(', code)
    if pointer:
        return pointer[1]
    return re.findall(r'\w+', re.sub(r'\[.*?\]|=.*', '', code, flags=re.S))[-1]


def squeeze(code):
    """One line, spaced as declarations are."""
    code = re.sub(r'\s+', ' ', code).strip()
    return re.sub(r' (?=[\[,;)])|(?<=\() ', '', code)


def split_params(text):
    """The parameters of a function; none for (void)."""
    parts, depth = [''], 0
    for c in text:
        depth += (c == '(') - (c == ')')
        if c == ',' and depth == 0:
            parts.append('')
        else:
            parts[-1] += c
    parts = [squeeze(p) for p in parts]
    return [] if parts in (['void'], ['']) else parts


class Header:
    """All of a header: @name as it is included, @page of the manual, @head and @items."""

    def __init__(self, path):
        path = pathlib.Path(path)
        parts = path.parts[len(path.parts) - path.parts[::-1].index('pvhload') - 1:]
        self.path, self.name = path, '/'.join(parts)
        self.page = page_name(self.name)
        self.head, self.items, self.includes = None, [], []
        self.text = path.read_text()
        self.at = 0
        self._read()
        if self.head is None:
            raise Unreadable(f'{path}: no @file')
        for item in self.items:
            about = [item.trailing, *(m.comment for m in item.members)]
            for comment in about if item.kind == 'function' else [item.comment, *about]:
                if comment:
                    comment.keep_since()

    def where(self):
        return f'{self.path}:{self.text.count(chr(10), 0, self.at) + 1}'

    def fail(self, what):
        raise Unreadable(f'{self.where()}: {what}')

    def functions(self):
        return [i for i in self.items if i.kind == 'function']

    def types(self):
        return [i for i in self.items if i.kind in ('struct', 'enum', 'opaque', 'typedef')]

    def defines(self):
        return [i for i in self.items if i.kind == 'define']

    def _read(self):
        doc, plain, newlines, group = None, None, 0, None
        while self.at < len(self.text):
            match = TOKEN.match(self.text, self.at)
            kind, text = match.lastgroup, match[0]
            if kind == 'code':
                if self._declaration(doc):
                    doc = plain = group = None
                continue
            self.at = match.end()
            if kind == 'newline':
                newlines += 1
                if newlines > 1:
                    plain = group = None
                continue
            if kind == 'space':
                continue
            newlines = 0
            if kind == 'doc':
                group = None
                doc = self._comment(text)
                if self.head is None and doc.of('file'):
                    self.head, doc = doc, None
            elif kind == 'plain':
                group = None
                if 'clang-format' not in text:
                    plain = self._comment(text)
            elif kind == 'trailing':
                self._after_define(text)
            elif kind == 'directive':
                if self._directive(text, doc or plain, group is not None):
                    group = self.items[-1] if group is None else group
                    self.items[-1].group = group
                    doc = plain = None

    def _comment(self, raw):
        return Comment(comment_lines(raw), self.where())

    def _after_define(self, raw):
        if not self.items or self.items[-1].kind != 'define':
            self.fail('a comment behind nothing')
        self.items[-1].trailing = self._comment(raw)

    def _directive(self, text, comment, in_group):
        """True for a define that is part of the interface."""
        include = re.match(r'#include <(pvhload/[\w/.]+)>', text)
        if include:
            self.includes.append(include[1])
        trailing = re.search(r'/\*\*<.*?\*/', text, re.S)
        code = re.sub(r'/\*.*?\*/', '', text, flags=re.S).replace('\\\n', ' ')
        match = re.match(r'#define\s+((\w+)(?:\(([^)]*)\))?)(.*)', code, re.S)
        if not match or match[2].endswith('_H'):
            return False
        if any(i.name == match[2] for i in self.items):
            return False  # the other branch of an #if
        if not comment and not trailing and not in_group:
            self.fail(f'{match[2]} has no comment')
        self.items.append(Item('define', match[2], comment, value=squeeze(match[4]),
                               trailing=self._comment(trailing[0]) if trailing else None,
                               code=match[1]))
        return True

    def _declaration(self, doc):
        """False for what the manual has no need of."""
        start, depth = self.at, 0
        for match in re.compile(r'/\*.*?\*/|[{};]', re.S).finditer(self.text, start):
            depth += (match[0] == '{') - (match[0] == '}')
            self.at = match.end()
            if depth == 0 and match[0] == ';':
                break
            # A function's body has no semicolon after it.
            if depth == 0 and match[0] == '}' and ')' in self.text[start:self.at].split('{')[0]:
                break
        else:
            self.fail('a declaration without an end')
        raw = WRAPPERS.sub('', self.text[start:self.at]).strip()
        if raw.startswith('template'):
            return False  # C++'s way to an initialiser
        item = self._make(raw, doc)
        if doc is None:
            self.fail(f'{item.name} has no comment')
        self.items.append(item)
        return True

    def _make(self, raw, doc):
        match = re.match(r'(struct|enum) (\w+) \{(.*)\};\Z', raw, re.S)
        if match:
            return Item(match[1], match[2], doc, members=self._members(match[1], match[3]))
        match = re.match(r'struct (\w+);\Z', raw)
        if match:
            return Item('opaque', match[1], doc)
        bare = re.sub(r'/\*.*?\*/', '', raw, flags=re.S)
        if bare.startswith('typedef'):
            name = declared_name(bare) if '(*' in bare or '(' not in bare else \
                re.search(r'(\w+)\s*\(', bare)[1]
            return Item('typedef', name, doc, code=squeeze(bare))
        match = re.match(r'([\w\s*]*?)\b(pvhload_\w+)\s*\((.*?)\)\s*(?:;|\{.*\})\Z', bare, re.S)
        if match:
            return Item('function', match[2], doc, returns=squeeze(match[1]),
                        params=split_params(match[3]))
        return self.fail(f'cannot read "{squeeze(bare)[:60]}"')

    def _members(self, kind, body):
        end = ';' if kind == 'struct' else ','
        members, doc, heading, code, depth = [], None, None, '', 0
        for match in re.finditer(r'/\*.*?\*/|.', body + ('\n,' if end == ',' else ''), re.S):
            text = match[0]
            if text.startswith('/**<'):
                if kind == 'enum' and code.strip():  # the last one, without a comma
                    members.append(Member(squeeze(code), doc, heading))
                    doc, heading, code = None, None, ''
                if not members:
                    self.fail('a comment after no member')
                members[-1].comment = self._comment(text)
            elif text.startswith('/**'):
                doc = self._comment(text)
            elif text.startswith('/*'):
                heading = self._comment(text)
            elif text in '{}':
                self.fail('a type within a type')
            elif text == end and depth == 0:
                if code.strip():
                    members.append(Member(squeeze(code), doc, heading))
                    doc = heading = None
                code = ''
            else:
                depth += (text == '(') - (text == ')')
                code += text
        return members


def page_name(include):
    """pvhload/abi/start_info.h is in pvhload_abi_start_info(3); all of it together in pvhload(3)."""
    stem = include[:-len('.h')].replace('/', '_')
    return 'pvhload' if stem == 'pvhload_pvhload' else stem


def read_all(paths):
    """The headers, and which page has which name of the interface."""
    headers = [Header(p) for p in paths]
    index = {}
    for header in headers:
        for item in header.functions() + header.types():
            index[item.name] = header.page
    pages = {h.page for h in headers}
    for name, page in index.items():
        if name in pages and name != page:
            raise Unreadable(f'{name} is in {page}(3), but is another page\'s name')
    return headers, index
