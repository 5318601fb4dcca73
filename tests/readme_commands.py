#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Run the commands of README.md in its order, each by a shell, and end at the first that fails.

    readme_commands.py [tests]

Commands are what is indented by four spaces, and the lines of blocks that begin with "$ ".  In blocks an exit status
of 1 is fine where the README shows a message.  What the demo itself runs is not run again; tests/run.sh only if asked
for.
"""
import os
import pathlib
import re
import subprocess
import sys
import time

LINE = re.compile(r'^(?:    (?P<indented>\S(?:\\\n|.)*)|\$ (?P<quoted>.*)(?=\n(?P<says>.*)))$', re.M)


def commands(text):
    """(command, whether it may fail) of each section."""
    for section in re.split(r'^## ', text, flags=re.M)[1:]:
        of_demo = False
        # The text of C code is indented as well.
        for match in LINE.finditer(re.sub(r'^```c\n.*?^```$', '', section, flags=re.M | re.S)):
            command = match['indented'] or match['quoted']
            if match['quoted'] and of_demo:
                continue
            of_demo = of_demo or 'tools/demo.sh' in command
            yield command, (match['says'] or '').startswith('pvhload: ')


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    os.chdir(root)
    count = 0
    for command, may_fail in commands((root / 'README.md').read_text()):
        if 'tests/run.sh' in command and 'tests' not in sys.argv[1:]:
            print(f'left out: {command}', flush=True)
            continue
        start = time.monotonic()
        done = subprocess.run(['sh', '-e', '-c', command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(f'{time.monotonic() - start:6.1f} s  exit {done.returncode}  {command}', flush=True)
        if done.returncode not in ((0, 1) if may_fail else (0,)):
            print(done.stdout.decode(errors='replace'))
            return 1
        count += 1
    print(f'{count} commands')
    return 0


if __name__ == '__main__':
    sys.exit(main())
