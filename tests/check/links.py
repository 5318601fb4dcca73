#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A link of a page leads to a file that exists, and to a heading that it has."""
import pathlib
import re
import sys

FENCED = re.compile(r'^```.*?^```', re.S | re.M)
LINK = re.compile(r'\]\(([^)\s]+)\)')
ELSEWHERE = ('https://', 'http://', 'mailto:')


def anchors(page):
    """The names by which a page's headings are linked to: lower case, without punctuation, "-" for a space."""
    titles = re.findall(r'^#+ (.*)$', FENCED.sub('', page.read_text()), re.M)
    return {re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-') for title in titles}


def broken(page, link):
    """What is wrong with a link of a page, or None."""
    name, _, heading = link.partition('#')
    target = page.parent / name if name else page
    if not target.exists():
        return 'no such file'
    if heading and heading not in anchors(target):
        return 'no such heading'
    return None


def main():
    root = pathlib.Path(sys.argv[1])
    pages = sorted(root.glob('*.md')) + sorted((root / 'docs').rglob('*.md'))
    links = [(page, link) for page in pages for link in LINK.findall(FENCED.sub('', page.read_text()))
             if not link.startswith(ELSEWHERE)]
    wrong = [(page, link, why) for page, link in links if (why := broken(page, link))]
    for page, link, why in wrong:
        print(f'{page.relative_to(root)}: {link}: {why}')
    print(f'{len(links)} links of {len(pages)} pages')
    return 1 if wrong or len(links) < 50 else 0


if __name__ == '__main__':
    sys.exit(main())
