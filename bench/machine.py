# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What a result depends on: machine, kernel, compiler, codecs, and the library itself."""
import os
import pathlib
import platform
import subprocess

MODULES = ('liblz4', 'libzstd', 'zlib', 'libdeflate', 'liblzma')
THP = pathlib.Path('/sys/kernel/mm/transparent_hugepage')


def said(*command):
    """The first line of what a program prints; "?" without it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return '?'
    return (done.stdout.splitlines() or ['?'])[0]


def cpu():
    for line in pathlib.Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines():
        if line.startswith('model name'):
            return line.split(':', 1)[1].strip()
    return platform.machine()


def thp():
    settings = []
    for name in ('enabled', 'defrag', 'shmem_enabled'):
        try:
            words = (THP / name).read_text(encoding='ascii')
        except OSError:
            continue
        settings.append(f'{name} {words[words.find("[") + 1:words.find("]")]}')
    return ', '.join(settings) or 'none'


def memory():
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 20


def codecs():
    versions = {name: said('pkg-config', '--modversion', name) for name in MODULES}
    return ', '.join(f'{name} {version}' for name, version in versions.items() if version != '?')


def commit(folder):
    """Of the sources that a build folder, or a checkout, is in."""
    return said('git', '-C', str(folder), 'describe', '--always', '--dirty', '--abbrev=10')


def compiler(build):
    """As meson has found it."""
    for line in (build / 'meson-logs' / 'meson-log.txt').read_text(encoding='utf-8').splitlines():
        if line.startswith('C compiler for the host machine:'):
            return line.split('"')[1] if '"' in line else line
    return '?'


def facts(source, build, baseline=None):
    lines = [f'machine: {cpu()}, {os.cpu_count()} CPUs, {memory()} MiB, Linux {platform.release()}; '
             f'huge pages: {thp()}',
             f'built: {compiler(build)}, -O2, shared library; {codecs()}',
             f'library: {commit(source)} in {build}']
    if baseline:
        lines.append(f'baseline: {commit(baseline)} in {baseline}')
    return lines
