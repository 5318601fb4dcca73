#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""boot and its terminal: bytes both ways, and the terminal as it was, however it ends."""
import glob
import os
import pty
import select
import signal
import subprocess
import termios

import common
from common import check, equal
from images import elf64, load, notes, note

# 32-bit code at the PVH entry.
HANG = bytes.fromhex('f4 eb fd')  # hlt; jmp
SILENT = bytes.fromhex('b0 fe e6 64 f4 eb fd')  # reset by port 0x64; hlt; jmp
ECHO = bytes.fromhex('bafd030000'   # start: mov edx, COM1 line status
                     'ec a801 74fb'   # wait: in al, dx; test al, 1; jz wait
                     'baf8030000'   # mov edx, COM1 data
                     'ec ee'   # in al, dx; out dx, al
                     '3c71 75eb'   # cmp al, 'q'; jne start
                     'b0fe e664 f4 ebfd')  # reset


def guest(folder, code):
    path = folder / 'guest'
    path.write_bytes(elf64(load(0x100000, code), notes(note(0x100000))))
    return path


def leftover(pid):
    """Processes that still use memory of a pvhload that has ended."""
    found = []
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(path, 'rb') as file:
                if f'/proc/{pid}/fd/'.encode() in file.read():
                    found.append(path)
        except OSError:
            pass
    return found


class Terminal:
    """pvhload boot on a terminal of its own."""

    def __init__(self, path, *options):
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen([common.PROGRAM, 'boot', '--kernel', str(path), '--memory',
                                         '16M', *options], stdin=slave, stdout=slave, stderr=slave)
        self.text = b''

    def wait_for(self, part, timeout=60):
        while part not in self.text:
            ready, _, _ = select.select([self.master], [], [], timeout)
            check(ready, f'{part!r} did not come: {self.text!r}')
            self.text += os.read(self.master, 4096)

    def type(self, data):
        os.write(self.master, data)

    def finish(self):
        status = self.process.wait(60)
        while select.select([self.master], [], [], 0.1)[0]:
            self.text += os.read(self.master, 4096)
        equal(termios.tcgetattr(self.slave), self.before, 'the terminal afterwards')
        equal(leftover(self.process.pid), [], 'processes left behind')
        os.close(self.master)
        os.close(self.slave)
        return status


def piped():
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        done = subprocess.run([common.PROGRAM, 'boot', '--kernel', path, '--timeout', '60'],
                              input=b'through the pipe \x01x \x03 q', capture_output=True)
        equal(done.returncode, 0, done.stderr.decode())
        equal(done.stdout, b'through the pipe \x01x \x03 q', 'what the guest echoed')
        equal(done.stderr, b'', 'standard error, which is not a terminal')


def typed():
    with common.scratch() as folder:
        t = Terminal(guest(folder, ECHO))
        t.type(b'a')
        t.wait_for(b'first output')
        t.wait_for(b'a')
        during = termios.tcgetattr(t.slave)
        check(not during[3] & (termios.ICANON | termios.ECHO | termios.ISIG), 'the terminal is raw')
        t.type(b'\x03')  # Ctrl-C is the guest's
        t.wait_for(b'\x03')
        t.type(b'\x01\x01')  # Ctrl-A twice is one for the guest
        t.wait_for(b'\x01')
        t.type(b'\x01bq')
        t.wait_for(b'b')
        equal(t.finish(), 0, 'exit status')
        for step in (b'open ', b'plan ', b'commit ', b'first output '):
            check(step in t.text and b' ms ' in t.text, f'{step}: {t.text!r}')


def escaped():
    with common.scratch() as folder:
        t = Terminal(guest(folder, ECHO))
        t.type(b'a')
        t.wait_for(b'a')
        t.type(b'\x01x')
        equal(t.finish(), 1, 'exit status')
        check(b'ended before the guest did' in t.text, t.text)


def ended_by_signals():
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            t = Terminal(path)
            t.type(b'a')
            t.wait_for(b'first output')
            os.kill(t.process.pid, number)
            equal(t.finish(), -number, f'exit status after {number}')


def timed_out():
    with common.scratch() as folder:
        t = Terminal(guest(folder, HANG), '--timeout', '1')
        equal(t.finish(), 1, 'exit status')
        check(b'did not end within 1 seconds' in t.text, t.text)


def silent():
    with common.scratch() as folder:
        done = common.run('boot', '--kernel', guest(folder, SILENT), '--timeout', '60')
        equal(done.returncode, 0, done.stderr.decode())
        check(b'without a word' in done.stderr, done.stderr.decode())


def output_that_goes_away():
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        reader, writer = os.pipe()
        process = subprocess.Popen([common.PROGRAM, 'boot', '--kernel', path, '--timeout', '60'],
                                   stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        os.close(reader)
        process.stdin.write(b'a')
        process.stdin.flush()
        equal(process.wait(60), 1, 'exit status')
        equal(leftover(process.pid), [], 'processes left behind')


def without_qemu():
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        done = subprocess.run([common.PROGRAM, 'boot', '--kernel', path], stdin=subprocess.DEVNULL,
                              capture_output=True, env={'PATH': str(folder)})
        equal(done.returncode, 1, 'exit status')
        check(b'qemu-system-x86_64: not installed' in done.stderr and
              done.stderr.count(b'\n') == 1, done.stderr.decode())


if __name__ == '__main__':
    without_qemu()
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    common.main([piped, typed, escaped, ended_by_signals, timed_out, silent,
                 output_that_goes_away])
