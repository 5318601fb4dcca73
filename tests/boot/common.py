# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What the tests that run the program have in common.

Meson gives the places by environment: PVHLOAD is the program, SOURCE_ROOT the tree, CACHE_DIR where
tests/fetch-kernels.sh put Debian's kernels and other images, CC the compiler.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.environ['PVHLOAD']
SOURCE = pathlib.Path(os.environ['SOURCE_ROOT'])
CACHE = pathlib.Path(os.environ['CACHE_DIR'])
CC = os.environ.get('CC', 'cc').split()


def skip(why):
    """End the test as skipped, and say why."""
    print(f'skipped: {why}')
    sys.exit(77)


def need(program, package):
    if not shutil.which(program):
        skip(f'{program} is not installed (Debian: {package})')


def fetched(what, name):
    """An image out of Debian's package @what."""
    path = CACHE / what / name
    if not path.exists():
        skip(f'no {path}: sh tests/fetch-kernels.sh {CACHE} {what} fetches it')
    return path


def kernel(series):
    """Debian's cloud kernel of a series, "6.1" or "6.12"."""
    return fetched(series, 'vmlinuz')


@contextlib.contextmanager
def scratch():
    with tempfile.TemporaryDirectory(prefix='pvhload-test-') as folder:
        yield pathlib.Path(folder)


def run(*args, **kwargs):
    """The program with these arguments; standard input is empty."""
    return subprocess.run([PROGRAM, *map(str, args)], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=kwargs.pop('timeout', 240), **kwargs)


def run_json(*args):
    done = run(*args, '--json')
    if done.returncode != 0:
        raise AssertionError(f'{args}: exit {done.returncode}: {done.stderr.decode()}')
    return json.loads(done.stdout)


def boot(*args, timeout=200):
    """Boot, and return what the guest said, as lines."""
    need('qemu-system-x86_64', 'qemu-system-x86')
    done = run('boot', *args, '--vmm', 'qemu', '--timeout', timeout, timeout=timeout + 30)
    text = done.stdout.decode('utf-8', 'replace').replace('\r', '')
    if done.returncode != 0:
        raise AssertionError(f'boot {args}: exit {done.returncode}: {done.stderr.decode()}\n'
                             f'{text[-3000:]}')
    return text.split('\n')


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def equal(got, expected, what):
    if got == expected:
        return
    if isinstance(got, list) and isinstance(expected, list) and len(got) + len(expected) > 20:
        wrong = [g for g in got if g not in expected][:5]
        missing = [e for e in expected if e not in got][:5]
        raise AssertionError(f'{what}: {len(got)} and {len(expected)} entries; '
                             f'not expected {wrong}, missing {missing}')
    raise AssertionError(f'{what}: {got!r}, expected {expected!r}')


def main(tests):
    """Run functions in order and name each; the first failure ends with its reason."""
    for test in tests:
        test()
        print(f'ok: {test.__name__}')
