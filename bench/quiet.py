# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The gate: a batch counts only if little else ran on the machine meanwhile.

Foreign load is the CPU time that the whole machine spent, by /proc/stat, less that of this process and its children, as
a share of one CPU.
"""
import os
import resource
import subprocess
import sys
import time

FOREIGN_MAX = 0.05
WAIT_FOR = 0.4  # seconds that have to be quiet before a batch
TICK = os.sysconf('SC_CLK_TCK')
IDLE = {3, 4, 8, 9}  # idle, iowait; guest and guest_nice are in user and nice already
NOT_THERE = 77


def machine_busy():
    """Seconds of CPU time, of all CPUs and processes, interrupts and what the host took included."""
    with open('/proc/stat', encoding='ascii') as f:
        fields = f.readline().split()[1:]
    return sum(int(v) for i, v in enumerate(fields) if i not in IDLE) / TICK


def own_busy():
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usage)


class Window:
    """From its making to share(): how much of one CPU others used."""

    def __init__(self):
        self.machine, self.own, self.time = machine_busy(), own_busy(), time.monotonic()

    def share(self):
        passed = time.monotonic() - self.time
        foreign = (machine_busy() - self.machine) - (own_busy() - self.own)
        return max(foreign, 0.0) / passed if passed > 0 else 0.0


class TooNoisy(Exception):
    """The time for all of it has passed."""


class Gate:
    """Runs batches, and counts them."""

    def __init__(self, noisy=False, minutes=60.0):
        self.noisy, self.deadline = noisy, time.monotonic() + minutes * 60
        self.kept = self.thrown = self.kept_noisy = 0
        self.gave_up = False
        self.shares = []

    def _check_time(self):
        if time.monotonic() > self.deadline:
            self.gave_up = True
            raise TooNoisy

    def _wait(self):
        while not self.noisy:
            window = Window()
            time.sleep(WAIT_FOR)
            if window.share() <= FOREIGN_MAX:
                return
            self._check_time()

    def batch(self, work):
        """What @work returns, from a quiet time; with noisy, from any."""
        while True:
            self._check_time()
            self._wait()
            window = Window()
            result = work()
            share = window.share()
            self.shares.append(share)
            if share <= FOREIGN_MAX or self.noisy:
                self.kept += 1
                self.kept_noisy += share > FOREIGN_MAX
                return result
            self.thrown += 1

    def words(self):
        """How quiet it was, for the end of a table."""
        shares = sorted(self.shares) or [0.0]
        text = (f'{self.kept} batches kept, {self.thrown} thrown away for foreign load above {FOREIGN_MAX:.0%} of a CPU; '
                f'foreign load: median {shares[len(shares) // 2]:.1%}, most {shares[-1]:.1%}')
        if self.gave_up:
            text += '\nGAVE UP: it was not quiet for long enough; what is missing was not measured'
        if self.kept_noisy:
            text += f'\nNOISY: {self.kept_noisy} batches with more were kept, as asked for'
        return text


def output(command, env=None):
    """What a batch prints; None if the library lacks what it needs."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ, **(env or {})))
    if done.returncode == NOT_THERE:
        return None
    if done.returncode:
        sys.exit(f'bench: {" ".join(map(str, command))}: failed: {done.stderr}')
    return done.stdout
