#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A page written by hand, with what is not: date, version, the example, the list of section 3.

    fill_page.py PAGE EXAMPLE HEADER... --date DATE --version VERSION --output FILE

In PAGE, @DATE@ and @VERSION@ are words of a line; @EXAMPLE@ is the part of EXAMPLE that the README
has, and @PAGES@ the pages that are made of HEADERs, each alone on its line.
"""
import argparse
import pathlib
import re
import sys
import textwrap

import header_page
import mdoc
from header import Unreadable, read_all


def example(path):
    """Its lines between README-begin and README-end."""
    text = pathlib.Path(path).read_text().expandtabs(8)
    part = re.search(r'/\* README-begin \*/\n(.*?)\n */\* README-end \*/', text, re.S)[1]
    return mdoc.code(textwrap.dedent(part).strip('\n').split('\n'))


def pages(headers):
    """Each page with its title, in the order of their names."""
    entries = [(f'Xr {h.page} 3', mdoc.sentences(header_page.summary(h.head.text)))
               for h in sorted(headers, key=lambda h: h.page)]
    return mdoc.tagged(entries, most=0)


def main():
    parser = argparse.ArgumentParser()
    for option in ('--date', '--version', '--output'):
        parser.add_argument(option, required=True)
    parser.add_argument('page')
    parser.add_argument('example')
    parser.add_argument('headers', nargs='+')
    args = parser.parse_args()
    try:
        headers, _ = read_all(args.headers)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    text = pathlib.Path(args.page).read_text()
    for mark, lines in (('@EXAMPLE@', example(args.example)), ('@PAGES@', pages(headers))):
        text = text.replace(mark, '\n'.join(lines))
    text = text.replace('@DATE@', args.date).replace('@VERSION@', args.version)
    pathlib.Path(args.output).write_text(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
