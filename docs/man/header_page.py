#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The manual's section 3: a page for each public header, made of the header's own comments.

    header_page.py --date DATE --version VERSION --folder FOLDER HEADER...

All headers are read at once, as each page names others.
"""
import argparse
import pathlib
import re
import sys

import mdoc
from header import Unreadable, read_all


def summary(lines):
    """The first sentence, as a title: no full stop, and small unless it begins with a name."""
    block = ' '.join(mdoc.paragraphs(lines)[0])
    first = re.split(r'(?<=[.?!])\s', re.sub(r'\s+', ' ', block))[0].rstrip('.')
    return first if first[1].isupper() else first[0].lower() + first[1:]


def shown(item):
    """A define's value, if it says something: numbers without their suffix, no outer brackets."""
    if '(' in item.code or re.search('PVHLOAD_SIZED_|attribute|[{}]', item.value):
        return ''
    value = re.sub(r'\b(0x[0-9a-fA-F]+|\d+)u\b', r'\1', item.value)
    return re.sub(r'\A\(([^()]*)\)\Z', r'\1', value)


def synopsis(header):
    out = ['.Sh SYNOPSIS', f'.In {header.name}']
    for item in header.functions():
        out += ['.Ft ' + mdoc.argument(item.returns), f'.Fo {item.name}']
        params = item.params or ['void']
        # The first stands after the name; what comes after has a line of its own, indented further.
        columns = [5 + len(f'{item.name}({params[0]});')] + [9 + len(f'{p});') for p in params[1:]]
        out += ['.Fa ' + mdoc.argument(p, breaks=c > mdoc.COLUMNS) for p, c in zip(params, columns)]
        out.append('.Fc')
    return out


def name_section(header):
    names = list(dict.fromkeys([header.page] + [f.name for f in header.functions()]))
    lines = [f'.Nm {n} ,' for n in names]
    lines[-1] = lines[-1][:-2]
    return ['.Sh NAME', *lines, '.Nd ' + mdoc.inline(summary(header.head.text))]


def remarks(comment):
    """What has a title of its own, and where to look."""
    out = []
    for title, lines in comment.of('par'):
        out += ['.Pp', f'.Sy {mdoc.argument(title)} :', *mdoc.text(lines)]
    for _, lines in comment.of('see'):
        out += ['.Pp', *mdoc.sentences('See ' + '\n'.join(lines) + '.')]
    return out


def function_section(item):
    """What a function does and takes; what it returns has its own section."""
    out = [f'.Ss {item.name}', *mdoc.text(item.comment.text)]
    params = []
    for (name, direction), lines in item.comment.of('param'):
        how = '' if direction in ('', 'in') else f' Pq {direction.replace(",", ", ")}'
        params.append((f'Fa {mdoc.argument(name)}{how}', mdoc.text(dedent(lines))))
    out += ['.Pp', *mdoc.tagged(params)] if params else []
    return out + remarks(item.comment)


def dedent(lines):
    """The text after a tag's name: aligned below its beginning."""
    return [line.strip() for line in lines]


def member_lists(item):
    out, entries = [], []
    for member in item.members:
        if member.heading:
            out += members(entries)
            entries = []
            out += ['.Pp', *mdoc.text(member.heading.text)]
        if member.comment:
            macro = 'Dv' if item.kind == 'enum' else 'Va'
            entries.append((f'{macro} {mdoc.argument(member.name)}',
                            mdoc.text(member.comment.text)))
    return out + members(entries)


def members(entries):
    return ['.Pp', *mdoc.tagged(entries)] if entries else []


def type_section(item):
    title = {'opaque': 'struct', 'typedef': ''}.get(item.kind, item.kind)
    out = [f'.Ss {title} {item.name}'.replace('  ', ' '), *mdoc.text(item.comment.text)]
    if item.kind == 'typedef':
        out += mdoc.code([item.code])
    if item.kind in ('struct', 'enum'):
        end = ';' if item.kind == 'struct' else ','
        out += mdoc.code([f'{item.kind} {item.name} {{',
                          *[f'    {m.code}{end}' for m in item.members], '};'])
        out += member_lists(item)
    return out + remarks(item.comment)


def define_tag(item):
    value = shown(item)
    return 'Dv ' + mdoc.argument(item.code) + (' Pq Li ' + mdoc.argument(value) if value else '')


def define_entry(item, *comments):
    lines = []
    for comment in comments:
        lines += ['', *comment.text] if comment else []
    return define_tag(item), mdoc.text(lines)


def define_sections(header):
    """Each run of defines: below what is said of all of them, or in a list of those that are alone."""
    groups, out, alone = {}, [], []
    for item in header.defines():
        groups.setdefault(id(item.group), []).append(item)
    for items in groups.values():
        comment = items[0].comment
        if len(items) == 1 or not comment:
            alone.append(define_entry(items[0], comment, items[0].trailing))
            alone += [define_entry(i, i.trailing) for i in items[1:]]
            continue
        out += constants(alone)
        alone = []
        out += ['.Pp', *mdoc.text(comment.text)]
        out += constants([define_entry(i, i.trailing) for i in items])
    out += constants(alone)
    return out[1:] if out[:1] == ['.Pp'] else out


def constants(entries):
    return ['.Pp', *mdoc.tagged(entries, most=24)] if entries else []


def return_section(header):
    entries = []
    for item in header.functions():
        body = []
        for _, lines in item.comment.of('return'):
            body += mdoc.text(dedent(lines))
        statuses = [(f'Dv {name}', mdoc.text(dedent(lines)))
                    for (name, _), lines in item.comment.of('retval')]
        body += mdoc.tagged(statuses)
        if body:
            entries.append((f'Fn {item.name}', body))
    return ['.Sh RETURN VALUES', *mdoc.tagged(entries, compact=False, most=0)] if entries else []


def history_section(header):
    since = {}
    for _, lines in header.head.of('since'):
        since.setdefault(''.join(lines).strip(), [])
    for item in header.functions():
        for _, lines in item.comment.of('since'):
            since.setdefault(''.join(lines).strip(), []).append(item.name)
    out = []
    for version, names in since.items():
        out += [f'.Fn {name} ,' for name in names[:-2]]
        out += [f'.Fn {name}' + ('\nand' if names[-1] != name else '') for name in names[-2:]]
        subject = 'This header' if not names else ''
        out.append(f'{subject} appeared in libpvhload {version}.'.strip())
    return ['.Sh HISTORY', *out] if out else []


def references(header, index, pages):
    """Pages of the headers it includes, and of what its text names."""
    named = {index[n] for n in re.findall(r'\bpvhload_\w+', header.text) if n in index}
    named |= {pages[f'pvhload/{n}'] for n in re.findall(r'\b\w+\.h\b', header.text)
              if f'pvhload/{n}' in pages}
    included = {pages[i] for i in header.includes if i in pages}
    if header.page == 'pvhload':
        named, included = set(), set(pages.values())
    return sorted((named | included) - {header.page})


def see_also_section(header, index, pages):
    names = [f'{p} 3' for p in references(header, index, pages)] + ['libpvhload 7']
    return ['.Sh SEE ALSO', *[f'.Xr {n} ,' for n in names[:-1]], f'.Xr {names[-1]}']


def make_page(header, index, pages, date, version):
    body = name_section(header)
    body += ['.Sh LIBRARY', 'libpvhload', '.Pq Li "pkg\\-config \\-\\-cflags \\-\\-libs libpvhload"']
    body += synopsis(header)
    body += ['.Sh DESCRIPTION', *mdoc.text(header.head.text), *remarks(header.head)]
    for item in header.functions():
        body += function_section(item)
    types = [line for item in header.types() for line in type_section(item)]
    defines = define_sections(header)
    body += ['.Sh TYPES', *types] if types else []
    body += ['.Sh CONSTANTS', *defines] if defines else []
    body += return_section(header)
    body += see_also_section(header, index, pages)
    body += history_section(header)
    return mdoc.page(header.page, 3, 'libpvhload', date, version, body, f'include/{header.name}')


def main():
    parser = argparse.ArgumentParser()
    for option in ('--date', '--version', '--folder'):
        parser.add_argument(option, required=True)
    parser.add_argument('headers', nargs='+')
    args = parser.parse_args()
    try:
        headers, index = read_all(args.headers)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    pages = {h.name: h.page for h in headers}
    for header in headers:
        page = make_page(header, index, pages, args.date, args.version)
        (pathlib.Path(args.folder) / f'{header.page}.3').write_text(page)
    return 0


if __name__ == '__main__':
    sys.exit(main())
