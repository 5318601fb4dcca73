#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What the README quotes of the program is what it prints, as long as Debian's kernel is the one quoted.

Debian moves on to another, and then sizes and addresses are others than here: skipped.  What of the
picture can be held against the README without the kernel is in test_svg.py.
"""
import subprocess

import common
from common import check, equal
import readme_quotes


def same_kernel():
    kernel = common.kernel('6.12')
    words, lines = readme_quotes.quotes()[0]
    equal(words, ['info', '.cache/6.12/vmlinuz'], 'the first command')
    quoted = next(line.split(None, 1)[1] for line in lines if line.startswith('  version '))
    version = common.run_json('info', kernel)['kernel_version']
    if version != quoted:
        common.skip(f'the kernel here is {version}; the README quotes {quoted}')
    return kernel


def run(words, folder):
    return subprocess.run([common.PROGRAM, *words], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=240)


def is_quoted(quoted, printed, what):
    """Line for line; "..." and the end of the quote stand for any lines."""
    at, anywhere = 0, False
    rest = printed.split('\n')
    for line in quoted:
        if line.strip() == '...':
            anywhere = True
            continue
        found = next((i for i in range(at, len(rest)) if rest[i] == line), None)
        check(found is not None and (anywhere or found == at),
              f'{what}: the README has\n{line}\nwhich is not there in\n{printed}')
        at, anywhere = found + 1, False


def main():
    kernel = same_kernel()
    verbs = []
    with common.scratch() as folder:
        (folder / '.cache' / '6.12').mkdir(parents=True)
        (folder / '.cache' / '6.12' / 'vmlinuz').symlink_to(kernel)
        # Only its size is to be seen, which is another each time that the demo makes it.
        size = readme_quotes.regions(readme_quotes.the_plan()[1])['initrd'][1]
        (folder / '.cache' / 'demo-initramfs').write_bytes(bytes(size))
        (folder / 'seed').write_bytes(bytes(range(64)))
        for words, lines in readme_quotes.quotes():
            if words[0] == 'boot':
                continue  # what the guest says there is in the tests that boot
            if words[0] == 'truncate':
                subprocess.run(words, cwd=folder, check=True)
                continue
            done = run(words, folder)
            is_quoted(lines, (done.stdout + done.stderr).decode(), ' '.join(words))
            verbs.append(words[0])
        equal(verbs, ['info', 'plan', 'plan', 'plan', 'extract', 'plan', 'plan', 'dump',
                      'decode'], 'what is quoted')
        equal(run(readme_quotes.command_of_the_picture(), folder).returncode, 0, 'the picture')
        check((folder / 'plan.svg').read_bytes()
              == (common.SOURCE / 'docs' / 'plan.svg').read_bytes(),
              'the kernel quoted has another picture than docs/plan.svg')
    print(f'ok: {len(verbs)} commands, and the picture')


if __name__ == '__main__':
    main()
