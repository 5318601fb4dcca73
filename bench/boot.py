# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A bzImage to Linux's first line: by pvhload, which decodes it on the host, and by QEMU's own -kernel, both by TCG.

CPU time is that of the whole process and its children, up to the line; wall time is from the start to the line.
"""
import ctypes
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import quiet
import stats
import table

SERIES = '6.12'
MACHINE = 'pc,max-ram-below-4g=3G'  # that pvhload has QEMU be, with its processor
MEMORY = 512
WORDS = 'console=ttyS0 earlyprintk=serial,ttyS0,115200'
LINE = b'Linux version'
TARGET = 0.22  # of CPU time
SECONDS_MAX = 60
PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
PROGRAM = pathlib.Path('tools', 'pvhload')  # in a build folder
QEMU = 'qemu-system-x86_64'


def by_pvhload(program, build):
    return [program, 'boot', '--vmm', 'qemu', '--memory', f'{MEMORY}M', '--append', WORDS,
            '--kernel', build / 'kernels' / SERIES / 'vmlinuz']


def by_qemu(build):
    return [QEMU, '-accel', 'tcg', '-machine', MACHINE, '-cpu', 'max', '-m', str(MEMORY), '-nodefaults',
            '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-append', WORDS, '-kernel',
            build / 'kernels' / SERIES / 'vmlinuz']


def parents():
    """{process: its parent}, of all."""
    found = {}
    for path in pathlib.Path('/proc').glob('[0-9]*/stat'):
        try:
            found[int(path.parent.name)] = int(path.read_text(encoding='utf-8').rsplit(') ', 1)[1].split()[1])
        except (OSError, IndexError):
            continue  # it has ended
    return found


def family(pid):
    """A process, what it started, and so on: the last first."""
    parent = parents()
    found = [pid]
    for member in found:
        found += [child for child in parent if parent[child] == member]
    return found[::-1]


def adopt():
    """From here on, what a child leaves when it is killed is this process's to wait for, and its CPU time counts."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit('bench: prctl: ' + os.strerror(ctypes.get_errno()))


def reap():
    """All that is left, as nothing else is running."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def read_to_line(process):
    """Whether the line has come; not, if the output ends before."""
    text, end = b'', time.monotonic() + SECONDS_MAX
    while LINE not in text and time.monotonic() < end:
        got = os.read(process.stdout.fileno(), 4096)
        if not got:
            return False
        text = (text + got)[-65536:]
    return LINE in text


def stop(process):
    """With all that it started; what these leave is adopted."""
    for pid in family(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.stdout.close()
    process.wait()
    reap()


def boot(command):
    """Wall and CPU seconds to the line."""
    before, start = children_cpu(), time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        found = read_to_line(process)
        wall = time.monotonic() - start
        stop(process)
    if not found:
        sys.exit(f'bench: no "{LINE.decode()}" of {" ".join(map(str, command))}')
    return wall, children_cpu() - before


def measure(gate, options):
    """Boots in turn: as many as there are quiet times for."""
    adopt()
    commands = {'case': by_pvhload(options.build / PROGRAM, options.build), 'limit': by_qemu(options.build)}
    if options.baseline and (options.baseline / PROGRAM).exists():
        commands['old'] = by_pvhload(options.baseline / PROGRAM, options.build)
    taken = {role: [] for role in commands}
    try:
        for _ in range(options.rounds):
            for role, command in commands.items():
                taken[role].append(gate.batch(lambda c=command: boot(c)))
    except quiet.TooNoisy:
        pass
    return [row_of(taken)] if all(taken.values()) else []


def row_of(taken):
    cpu = {role: [cpu for _, cpu in of_role] for role, of_role in taken.items()}
    wall = {role: [wall for wall, _ in of_role] for role, of_role in taken.items()}
    row = table.Row(f'boot/{SERIES}/zstd', f'{stats.median(cpu["case"]) * 1e3:.0f} ms CPU',
                    f'{stats.median(cpu["limit"]) * 1e3:.0f} ms CPU', TARGET,
                    f'QEMU\'s own -kernel, the same machine; the target is for CPU time')
    row.ratio = stats.Spread([case / limit for case, limit in zip(wall['case'], wall['limit'])])
    row.cpu = stats.Spread([case / limit for case, limit in zip(cpu['case'], cpu['limit'])])
    row.judged = row.cpu.middle
    if 'old' in cpu:
        row.baseline = stats.Spread([new / old for new, old in zip(cpu['case'], cpu['old'])])
    return row
