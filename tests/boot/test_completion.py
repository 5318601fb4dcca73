#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What bash offers for the arguments of pvhload: all that --help lists, and no more."""
import os
import pathlib
import re
import subprocess

import common
from common import check, equal

SCRIPT = common.SOURCE / 'tools' / 'completion.bash'
VERBS = ['info', 'plan', 'boot', 'dump', 'measure', 'extract', 'decode']


def offered(*words, cwd=None):
    """The words that could stand in the place of the last one."""
    code = ('source "$0"; COMP_WORDS=(pvhload "$@"); COMP_CWORD=$#; _pvhload; '
            'printf "%s\\n" "${COMPREPLY[@]}"')
    env = {**os.environ, 'PATH': f'{pathlib.Path(common.PROGRAM).parent}:{os.environ["PATH"]}'}
    done = subprocess.run(['bash', '-c', code, SCRIPT, *words], env=env, cwd=cwd, check=True,
                          capture_output=True, text=True)
    equal(done.stderr, '', f'{words}: standard error')
    return sorted(done.stdout.split())


# what has been typed, the last word in part: what is offered
PROTOCOLS = ['arm64', 'auto', 'linux32', 'linux64', 'multiboot1', 'multiboot2', 'pvh', 'reset', 'riscv64']
CASES = {
    ('',): sorted([*VERBS, 'help', '--help', '--version']),
    ('d',): ['decode', 'dump'],
    ('help', 'e'): ['extract'],
    ('help', 'plan', ''): [],
    ('plan', '--kernel', ''): ['initrd', 'vmlinuz'],
    ('plan', '--kernel', 'v'): ['vmlinuz'],
    ('boot', '--module', 'i'): ['initrd'],
    ('info', ''): ['initrd', 'vmlinuz'],
    ('info', '--js'): ['--json'],
    ('extract', 'vm'): ['vmlinuz'],
    ('plan', '--protocol', ''): PROTOCOLS,
    ('plan', '--protocol', 'l'): ['linux32', 'linux64'],
    ('plan', '--kaslr', ''): ['auto', 'off'],
    ('plan', '--paging', ''): ['4', '5'],
    ('plan', '--memory', ''): [],
    ('plan', '--protocol', '='): PROTOCOLS,
    ('plan', '--protocol', '=', 'l'): ['linux32', 'linux64'],
    ('plan', '--kernel', '=', 'v'): ['vmlinuz'],
    ('plan', '--kernel', '=', 'vmlinuz', '--expect-'): [],
    ('boot', '--kernel', '=', 'vmlinuz', '--initrd', '='): ['initrd', 'vmlinuz'],
    ('decode', '--guest', '=', 'o'): ['other'],
    ('boot', '--kernel', 'vmlinuz', '--time'): ['--timeout'],
    ('boot', '--expect-silence', '--vmm', ''): ['auto', 'kvm', 'qemu'],
    ('dump', '--load', ''): ['auto', 'copy', 'in-place', 'map', 'steady'],
    ('nonsense', '--'): [],
}


def cases():
    with common.scratch() as folder:
        for name in ('vmlinuz', 'initrd'):
            (folder / name).touch()
        for words, wanted in CASES.items():
            equal(offered(*words, cwd=folder), wanted, str(words))


def every_option():
    for verb in VERBS:
        listed = re.findall(r'^  (--[\w-]+)', common.run(verb, '--help').stdout.decode(), re.M)
        check(len(listed) >= 2, f'{verb}: {listed}')
        equal(offered(verb, '-'), sorted(listed), verb)


if __name__ == '__main__':
    common.need('bash', 'bash')
    common.main([cases, every_option])
