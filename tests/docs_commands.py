#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Run the commands of documents in their order, each by a shell, and end at the first that fails.

    docs_commands.py [--tests] [FILE...]

Without a FILE it is README.md.  Commands are what is indented by four spaces, and the lines of blocks that begin with
"$ ".  In blocks an exit status of 1 is fine where a message is shown.  What is exported holds to the end of its file.
What the demo itself runs is not run again; tests/run.sh only with --tests, and once.
"""
import os
import pathlib
import re
import subprocess
import sys
import time

LINE = re.compile(r'^(?:    (?P<indented>\S(?:\\\n|.)*)|\$ (?P<quoted>.*)(?=\n(?P<says>.*)))$', re.M)

# By hand, and why.
LEFT_OUT = {
    'sh tests/bare-root.sh': 'it makes a root like this one',
    'python3 tests/mutation/mutate.py': 'it takes an hour',
    'sh tests/oss-fuzz.sh bookworm': 'it makes a root like this one',
    'sh tests/hosts.sh': 'it needs package lists of other architectures, and is a check of its own',
    'sh tests/msan.sh': 'it builds and runs all that run.sh has run, and is a check of its own',
    'sh tests/proof/run.sh': 'not every release has Frama-C, and it is a check of its own',
}
TESTS = 'sh tests/run.sh'
# Hours of fuzzing show that they can be started after some seconds.
SHORTER = {'-max_total_time=3600': '-max_total_time=10', '--night 8': '--night 0.02', '--executions 1 ': '--executions 0.01 '}


def commands(text):
    """(command, whether it may fail) of each section."""
    for section in re.split(r'^## ', text, flags=re.M):
        of_demo = False
        # The text of C code is indented as well.
        for match in LINE.finditer(re.sub(r'^```c\n.*?^```$', '', section, flags=re.M | re.S)):
            command = match['indented'] or match['quoted']
            if match['quoted'] and of_demo:
                continue
            of_demo = of_demo or 'tools/demo.sh' in command
            yield command, (match['says'] or '').startswith('pvhload: ')


def reasons(arguments):
    """LEFT_OUT, and tests/run.sh as the arguments have it."""
    return dict(LEFT_OUT) if '--tests' in arguments else {**LEFT_OUT, TESTS: 'not asked for'}


def run_file(path, left_out):
    """Whether all its commands ended well."""
    count, exports = 0, []
    for command, may_fail in commands(path.read_text()):
        why = next((why for start, why in left_out.items() if command.startswith(start)), None)
        if why:
            print(f'left out: {command} ({why})', flush=True)
            continue
        start = time.monotonic()
        shorter = command
        for long, short in SHORTER.items():
            shorter = shorter.replace(long, short)
        text = '\n'.join([*exports, shorter])
        done = subprocess.run(['sh', '-e', '-c', text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(f'{time.monotonic() - start:6.1f} s  exit {done.returncode}  {command}', flush=True)
        if done.returncode not in ((0, 1) if may_fail else (0,)):
            print(done.stdout.decode(errors='replace'))
            return False
        if command.startswith('export '):
            exports.append(command)
        if command.startswith(TESTS):
            left_out[TESTS] = 'it was run'
        count += 1
    print(f'{path}: {count} commands', flush=True)
    return True


def main():
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    names = [name for name in sys.argv[1:] if name != '--tests'] or ['README.md']
    left_out = reasons(sys.argv[1:])
    return 0 if all(run_file(pathlib.Path(name), left_out) for name in names) else 1


if __name__ == '__main__':
    sys.exit(main())
