#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The code in the README is the code of the example, which is compiled and run."""
import pathlib
import re
import sys
import textwrap


def main():
    root = pathlib.Path(sys.argv[1])
    source = (root / 'docs' / 'examples' / 'boot.c').read_text().expandtabs(8)
    match = re.search(r'/\* README-begin \*/\n(.*?)\n */\* README-end \*/', source, re.S)
    code = textwrap.dedent(match[1]).strip('\n')
    blocks = [b.strip('\n') for b in re.findall(r'```c\n(.*?)```',
                                               (root / 'README.md').read_text(), re.S)]
    lines = [line for line in code.split('\n') if line.strip()]
    if code not in blocks:
        print('the README does not have this:\n' + code)
        return 1
    print(f'{len(lines)} lines of code')
    return 0 if len(lines) <= 16 else 1


if __name__ == '__main__':
    sys.exit(main())
