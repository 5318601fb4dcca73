#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The manual has all of the public headers, and every page is well-formed.

    man.py SOURCE-ROOT FOLDER-OF-PAGES

The headers are read here anew, not by what makes the pages: each function with its parameters and
statuses, each struct with its members, each enumerator and macro is looked for in the page, and no
word of a comment may be missing.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from man_form import Form, formatters

COMMENT = re.compile(r'/\*\*(?!/)(.*?)\*/', re.S)
FUNCTION = re.compile(r'^(?:PVHLOAD_API|static inline)\b[^;{]*?\b(pvhload_\w+)\s*\(', re.M | re.S)
DOCUMENTED = re.compile(r'/\*\*((?:(?!\*/).)*)\*/\s*(?:PVHLOAD_API|static inline)\b[^;{(]*?'
                        r'\b(pvhload_\w+)\s*\(', re.S)
TYPE = re.compile(r'^(?:struct|enum) (pvhload_\w+)[ ;{]', re.M)
BODY = re.compile(r'^(struct|enum) (pvhload_\w+) \{\n(.*?)^\};', re.M | re.S)
DEFINE = re.compile(r'^#define (PVHLOAD_\w+)(?!\w)', re.M)


def page_of(header, include):
    stem = '_'.join(header.relative_to(include).with_suffix('').parts)
    return 'pvhload' if stem == 'pvhload_pvhload' else stem


def plain(text):
    """A page without what is roff's: macros that begin lines, escapes."""
    text = re.sub(r'^\.\\".*$', '', text, flags=re.M)
    text = re.sub(r'\\f[BIR]|\\&|\\:', '', text)
    return re.sub(r'\\\(dq', ' ', text).replace('\\-', '-').replace('\\e', '\\')


def section(text, name):
    match = re.search(rf'^\.Sh {re.escape(name)}\n(.*?)(?=^\.Sh |\Z)', text, re.M | re.S)
    return match[1] if match else ''


def entries(text, macro):
    """What follows @macro on the tags of lists: {name: its text up to the next such tag}."""
    parts = re.split(rf'^\.It {macro} "?(\w+).*\n', text, flags=re.M)
    return collections.Counter(parts[1::2]), dict(zip(parts[1::2], parts[2::2]))


def members(body):
    """Names of a struct's members, or of an enum's constants."""
    body = re.sub(r'/\*.*?\*/', '', body, flags=re.S)
    body = re.sub(r'\(\*(\w+)\)\([^;]*\)', r' \1', body)
    body = re.sub(r'\[[^\]]*\]|=[^,]*', '', body, flags=re.S)
    return [re.findall(r'\w+', part)[-1] for part in re.split('[;,]', body) if part.strip()]


class Page:
    """A header's page, held against it."""

    def __init__(self, header, name, text):
        self.header, self.name, self.text = header, name, text
        self.errors, self.counts = [], collections.Counter()
        self.source = header.read_text()
        self.functions()
        self.types()
        self.defines()
        self.words()

    def need(self, condition, what):
        if not condition:
            self.errors.append(f'{self.name}: {what}')

    def functions(self):
        synopsis, returns = section(self.text, 'SYNOPSIS'), section(self.text, 'RETURN VALUES')
        names = section(self.text, 'NAME')
        _, results = entries(returns, 'Fn')
        for name in FUNCTION.findall(re.sub(r'/\*.*?\*/', '', self.source, flags=re.S)):
            self.counts['functions'] += 1
            self.need(f'.Fo {name}\n' in synopsis, f'{name} is not in SYNOPSIS')
            self.need(re.search(rf'^\.Nm {name}\b', names, re.M), f'{name} is not in NAME')
            self.need(f'\n.Ss {name}\n' in self.text, f'{name} has no description')
        for comment, name in DOCUMENTED.findall(self.source):
            text = re.search(rf'^\.Ss {name}\n(.*?)(?=^\.S[sh] |\Z)', self.text, re.M | re.S)[1]
            for param in re.findall(r'@param(?:\[[a-z,]+\])?\s+(\w+)', comment):
                self.need(re.search(rf'^\.It Fa {param}\b', text, re.M), f'{name}: no {param}')
            for status in re.findall(r'@retval\s+(\w+)', comment):
                self.counts['statuses'] += 1
                self.need(f'.It Dv {status}\n' in results.get(name, ''), f'{name}: no {status}')
            self.need('@return' not in comment or name in results, f'{name}: not what it returns')

    def types(self):
        types = section(self.text, 'TYPES')
        parts = re.split(r'^\.Ss (?:struct |enum )?(\w+)\n', types, flags=re.M)
        found = dict(zip(parts[1::2], parts[2::2]))
        for name in TYPE.findall(self.source):
            self.counts['types'] += 1
            self.need(name in found, f'{name} is not in TYPES')
        for kind, name, body in BODY.findall(self.source):
            documented = kind == 'enum' or '/**' in body
            for member in members(body):
                self.counts['members'] += 1
                code = re.search(r'^\.Bd -literal\n(.*?)^\.Ed', found.get(name, ''), re.M | re.S)
                self.need(code and re.search(rf'\b{member}\b', code[1]), f'{name}: no {member}')
            commented = re.findall(r'(\w+)\s*(?:\[[^\]]*\])?\s*(?:=[^,/]*)?[;,]\s*/\*\*<', body)
            for member in commented if documented else []:
                self.need(re.search(rf'^\.It (?:Va|Dv) {member}$', found.get(name, ''), re.M),
                          f'{name}: nothing of {member}')

    def defines(self):
        tags, _ = entries(section(self.text, 'CONSTANTS'), 'Dv')
        for name in set(DEFINE.findall(self.source)):
            if name.endswith('_H'):
                continue
            self.counts['macros'] += 1
            self.need(tags[name] == 1, f'{name} is {tags[name]} times in CONSTANTS')

    def words(self):
        comments = ' '.join(COMMENT.findall(self.source))
        comments = re.sub(r'@since \S+|@\w+(?:\[[a-z,]+\])?', ' ', comments)
        wanted = collections.Counter(re.findall(r'\w+', comments))
        lost = wanted - collections.Counter(re.findall(r'\w+', plain(self.text)))
        self.need(not lost, f'words of the comments are missing: {dict(lost)}')
        marks = re.findall(r'@(?:c|p|par|param|retval|return|see|since)\b', self.text)
        self.need(not marks, f'marks of the comments are left: {set(marks)}')
        self.counts['words'] += sum(wanted.values())


def check_links(root, folder, headers, errors):
    """What is installed beside the pages: one for each name that has not a page of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, '-B', root / 'docs' / 'man' / 'link_pages.py', 'man3',
                        *headers], check=True,
                       env=dict(os.environ, MESON_INSTALL_DESTDIR_PREFIX=scratch,
                                MESON_INSTALL_QUIET='1'))
        links = {p.stem: p.read_text().split('\n')[0] for p in pathlib.Path(scratch).rglob('*.3')}
    for header in headers:
        source = re.sub(r'/\*.*?\*/', '', header.read_text(), flags=re.S)
        page = page_of(header, root / 'include' / 'pvhload')
        page = page if page == 'pvhload' else 'pvhload_' + page
        for name in FUNCTION.findall(source) + TYPE.findall(source):
            if name != page and links.get(name) != f'.so man3/{page}.3':
                errors.append(f'{name} leads to {links.get(name)}, not to {page}')
    for name, request in links.items():
        target = request.rpartition('/')[2]
        if not (folder / target).exists() or (folder / f'{name}.3').exists():
            errors.append(f'{name}: {request}')
    return len(links)


def check_overview(root, folder, pages, errors):
    text = (folder / 'libpvhload.7').read_text()
    for page in pages:
        if f'.It Xr {page} 3\n' not in text:
            errors.append(f'libpvhload.7: {page}(3) is not listed')
    blocks = re.findall(r'```c\n(.*?)```', (root / 'README.md').read_text(), re.S)
    example = re.search(r'\.Bd -literal\n(.*?)^\.Ed', section(text, 'EXAMPLES'), re.S | re.M)[1]
    if plain(example) not in blocks:
        errors.append('libpvhload.7: its example is not the README\'s')


def main():
    root, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    include = root / 'include' / 'pvhload'
    headers = sorted(include.rglob('*.h'))
    errors, counts, pages = [], collections.Counter(), []
    for header in headers:
        name = page_of(header, include)
        name = name if name == 'pvhload' else 'pvhload_' + name
        path = folder / f'{name}.3'
        if not path.exists():
            errors.append(f'{header.name} has no page {path.name}: is it in include/meson.build?')
            continue
        page = Page(header, path.name, path.read_text())
        pages.append(name)
        errors += page.errors
        counts += page.counts
    paths = sorted(p for p in folder.iterdir() if re.fullmatch(r'\w+\.[137]', p.name))
    there = {(p.stem, p.suffix[1:]) for p in paths}
    for path in paths:
        text = path.read_text()
        errors += Form(path.name, text).errors
        for name, number in re.findall(r'Xr (\w*pvhload\w*) (\d)', text):
            if (name, number) not in there:
                errors.append(f'{path.name}: there is no {name}({number})')
    counts['links'] = check_links(root, folder, headers, errors)
    check_overview(root, folder, pages, errors)
    formatted, said = formatters(paths)
    errors += said
    if counts['functions'] < 30 or counts['macros'] < 100 or counts['types'] < 20:
        errors.append(f'too little was found in the headers: {dict(counts)}')
    print('\n'.join(errors) if errors else
          f'{len(paths)} pages; {", ".join(f"{n} {what}" for what, n in counts.items())}; '
          f'formatted by: {", ".join(formatted) or "nothing, as neither mandoc nor groff is here"}')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
