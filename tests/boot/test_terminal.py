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
import time
import zlib

import common
from common import check, equal
import images
from images import elf64, load, notes, note

# 32-bit code at the PVH entry.
HANG = bytes.fromhex('f4 eb fd')  # hlt; jmp
SILENT = bytes.fromhex('b0 fe e6 64 f4 eb fd')  # reset by port 0x64; hlt; jmp
FLOOD = bytes.fromhex('baf8030000 b078 ee ebfd')  # mov edx, COM1 data; mov al, 'x'; out dx, al...
ECHO = bytes.fromhex('baf8030000 b03e ee'   # mov edx, COM1 data; mov al, '>'; out dx, al
                     'bafd030000'   # start: mov edx, COM1 line status
                     'ec a801 74fb'   # wait: in al, dx; test al, 1; jz wait
                     'baf8030000'   # mov edx, COM1 data
                     'ec ee'   # in al, dx; out dx, al
                     '3c71 75eb'   # cmp al, 'q'; jne start
                     'b0fe e664 f4 ebfd')  # reset


def guest(folder, code):
    """A bzImage, so that there is something to decode as well."""
    path = folder / 'guest'
    stream = zlib.compressobj(wbits=31)
    payload = stream.compress(elf64(load(0x100000, code), notes(note(0x100000)))) + stream.flush()
    path.write_bytes(images.bzimage(payload))
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


def take_signals():
    """Under nohup, a signal that is ignored here would be ignored by the program as well."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """pvhload boot on a terminal of its own."""

    def __init__(self, path, *options):
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen([common.PROGRAM, 'boot', '--kernel', str(path), '--memory',
                                         '16M', *options], stdin=slave, stdout=slave, stderr=slave,
                                        preexec_fn=take_signals)
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
        equal(done.stdout, b'>through the pipe \x01x \x03 q', 'what the guest echoed')
        equal(done.stderr, b'', 'standard error, which is not a terminal')


def typed():
    with common.scratch() as folder:
        t = Terminal(guest(folder, ECHO))
        t.wait_for(b'first output')
        t.wait_for(b'>')
        t.type(b'~')
        t.wait_for(b'~')
        during = termios.tcgetattr(t.slave)
        check(not during[3] & (termios.ICANON | termios.ECHO | termios.ISIG), 'the terminal is raw')
        t.type(b'\x03')  # Ctrl-C is the guest's
        t.wait_for(b'\x03')
        t.type(b'\x01\x01')  # Ctrl-A twice is one for the guest
        t.wait_for(b'\x01')
        t.type(b'\x01^q')
        t.wait_for(b'^')
        equal(t.finish(), 0, 'exit status')
        steps = [line.split()[0] for line in t.text.split(b'\r\n') if b' ms  ' in line]
        equal(steps, [b'open', b'decode', b'plan', b'commit', b'first'], 'steps')


def escaped():
    with common.scratch() as folder:
        t = Terminal(guest(folder, ECHO))
        t.wait_for(b'>')
        t.type(b'~')
        t.wait_for(b'~')
        t.type(b'\x01x')
        equal(t.finish(), 1, 'exit status')
        check(b'ended before the guest did' in t.text, t.text)


def ended_by_signals():
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            t = Terminal(path)
            t.wait_for(b'>')
            os.kill(t.process.pid, number)
            equal(t.finish(), -number, f'exit status after {number}')


def ended_by_any_signal():
    """One that nobody expects, and two at once: the terminal is restored and QEMU is gone."""
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        for number in (signal.SIGALRM, signal.SIGUSR1):
            t = Terminal(path)
            t.wait_for(b'>')
            os.kill(t.process.pid, number)
            equal(t.finish(), -number, f'exit status after {number}')
        t = Terminal(path)
        t.wait_for(b'>')
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGCONT):
            os.kill(t.process.pid, number)
        check(t.finish() in (-signal.SIGTERM, -signal.SIGHUP), 'exit status after two signals')


def ignored_signals_stay_ignored():
    """As nohup starts it, and as a shell starts what runs in the background."""
    def ignore():
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)

    with common.scratch() as folder:
        process = subprocess.Popen([common.PROGRAM, 'boot', '--kernel', guest(folder, ECHO),
                                    '--timeout', '60'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, preexec_fn=ignore)
        equal(process.stdout.read(1), b'>', 'the first byte')
        os.kill(process.pid, signal.SIGHUP)
        os.kill(process.pid, signal.SIGINT)
        process.stdin.write(b'still here q')
        process.stdin.flush()
        equal(process.stdout.read(), b'still here q', 'what the guest echoed')
        equal(process.wait(60), 0, 'exit status')


def reader_that_has_stopped():
    """A guest that talks without end, and nobody listening: it can still be ended."""
    with common.scratch() as folder:
        path = guest(folder, FLOOD)
        for how in ('timeout', 'signal'):
            process = subprocess.Popen([common.PROGRAM, 'boot', '--kernel', path, '--timeout',
                                        '1' if how == 'timeout' else '60'],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
            equal(process.stdout.read(1), b'x', 'the first byte')
            if how == 'signal':
                os.kill(process.pid, signal.SIGTERM)
            equal(process.wait(60), 1 if how == 'timeout' else -signal.SIGTERM, how)
            equal(leftover(process.pid), [], 'processes left behind')
            process.stdout.close()


def closed_standard_input():
    """The kernel file must not be taken for it."""
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        done = subprocess.run(['/bin/sh', '-c', 'exec "$0" boot --kernel "$1" --timeout 1 <&-',
                               common.PROGRAM, path], capture_output=True)
        equal(done.returncode, 1, 'exit status')
        equal(done.stdout, b'>', 'what the guest said: nobody typed anything')


def killed():
    """Even then QEMU does not stay behind."""
    with common.scratch() as folder:
        t = Terminal(guest(folder, ECHO))
        t.wait_for(b'>')
        os.kill(t.process.pid, signal.SIGKILL)
        equal(t.process.wait(60), -signal.SIGKILL, 'exit status')
        for _ in range(100):
            if not leftover(t.process.pid):
                break
            time.sleep(0.1)
        equal(leftover(t.process.pid), [], 'processes left behind')


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
    common.main([piped, typed, escaped, ended_by_signals, ended_by_any_signal,
                 ignored_signals_stay_ignored, reader_that_has_stopped, closed_standard_input, killed, timed_out, silent,
                 output_that_goes_away])
