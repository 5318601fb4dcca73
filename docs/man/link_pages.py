#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Install pages that lead from each function and type to the page it is on.

    link_pages.py FOLDER HEADER...

Run by "meson install", which says where to by MESON_INSTALL_DESTDIR_PREFIX.
"""
import os
import pathlib
import sys

import mdoc
from header import read_all


def main():
    prefix = os.environ['MESON_INSTALL_DESTDIR_PREFIX']
    folder = pathlib.Path(prefix) / sys.argv[1]
    folder.mkdir(parents=True, exist_ok=True)
    _, index = read_all(sys.argv[2:])
    links = {name: page for name, page in index.items() if name != page}
    for name, page in links.items():
        (folder / f'{name}.3').write_text(f'.so man3/{page}.3\n{mdoc.LICENCE}\n')
    if not os.environ.get('MESON_INSTALL_QUIET'):
        print(f'Installing {len(links)} pages that lead to others to {folder}')


if __name__ == '__main__':
    main()
