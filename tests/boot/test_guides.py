#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The commands of a guide, with the package installed in a folder of its own; what they are said to print is printed.

    test_guides.py BUILD-FOLDER GUIDE

Left out is what is a test itself: meson.  What a guide says that Linux says is in the kernel.  Numbers of Debian's kernel are compared while it is the one of the README.
"""
import os
import re
import subprocess
import sys

import common
from common import check, equal
from package import Package
import test_readme

sys.path.insert(0, str(common.SOURCE / 'tests'))
import docs_commands  # noqa: E402


def environment(build, folder):
    """As after the README's installation, in @folder."""
    package = Package(build, folder)
    programs = [path.parent for path in folder.rglob('bin/pvhload')]
    return dict(package.env(), PATH=f'{programs[0]}:{os.environ["PATH"]}')


def quoted(text, command):
    """The lines after a command that is quoted with its output."""
    found = re.search(rf'^\$ {re.escape(command)}\n((?:(?!\$ |```).*\n)*)', text, re.M)
    return found[1].rstrip('\n').split('\n') if found and found[1] else []


def run(command, may_fail, lines, env):
    done = subprocess.run(['sh', '-e', '-c', command], cwd=common.SOURCE, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
    printed = done.stdout.decode()
    check(done.returncode in ((0, 1) if may_fail else (0,)), f'{command}: exit {done.returncode}: {printed}')
    test_readme.is_quoted(lines, printed, command)


def kernels_words(text, folder):
    """The quotes in the first column of the table of last words are texts of the kernel."""
    table = text.partition('| the last words |')[2].partition('\n\n')[0]
    words = [word for row in re.findall(r'^\| (.*?) \|', table, re.M) for word in re.findall(r'"(.+?)"', row)]
    if table:
        common.run('extract', common.kernel('6.12'), '--output', folder / 'vmlinux')
        vmlinux = (folder / 'vmlinux').read_bytes()
        check(len(words) > 5, f'{words}')
        equal([word for word in words if word.encode() not in vmlinux], [], 'what Linux does not say')


def main():
    guide = (common.SOURCE / 'docs' / sys.argv[2]).read_text()
    test_readme.same_kernel()
    with common.scratch() as folder:
        env = environment(sys.argv[1], folder / 'root')
        kernels_words(guide, folder)
        text = guide.replace('/tmp/', f'{folder}/')
        count = 0
        for command, may_fail in docs_commands.commands(text):
            if not command.startswith('meson '):
                run(command, may_fail, quoted(text, command), env)
                count += 1
    check(count > 3, f'{count} commands')
    print(f'ok: {count} commands')


if __name__ == '__main__':
    main()
