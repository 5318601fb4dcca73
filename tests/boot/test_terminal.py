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
FAULT = bytes.fromhex('0f0b')  # ud2, with no interrupt table: a triple fault
DEBUG = bytes.fromhex('b064 e6e9') + SILENT  # 'd' to port 0xe9
# The PIIX4's power management: its base to 0x600, switched on, and soft off (S5) to its control register.
OFF = bytes.fromhex('bef80c0000 89f2 b8400b0080 ef 83c204 b801060000 ef'
                    '89f2 b8800b0080 ef 83c204 b001 ee'
                    'ba04060000 66b80020 66ef f4 ebfd')
DEBUG_OFF = bytes.fromhex('b064 e6e9') + OFF
# A byte after the file's, which is 0, and the last one of it, which is '0': each to port 0xe9, and one more for the next.
AGAIN = bytes.fromhex('a000081000 0430 e6e9 fe0500081000'
                      'a023001000 e6e9 fe0523001000') + SILENT + b'0'
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
    payload = stream.compress(elf64(load(0x100000, code, mem_size=0x1000), notes(note(0x100000)))) + stream.flush()
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
        self.process = subprocess.Popen([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', str(path), '--memory',
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
        done = subprocess.run([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', path, '--timeout', '60'],
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
        equal(steps, [b'open', b'decode', b'load', b'first'], 'steps')


def escaped():
    with common.scratch() as folder:
        t = Terminal(guest(folder, ECHO))
        t.wait_for(b'>')
        t.type(b'~')
        t.wait_for(b'~')
        t.type(b'\x01x')
        equal(t.finish(), 1, 'exit status')
        check(b'ended before the guest did' in t.text, t.text)
        equal(t.text.count(b'Ctrl-A x ends the guest'), 1, 'how to end it')


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
        process = subprocess.Popen([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', guest(folder, ECHO),
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
            process = subprocess.Popen([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', path, '--timeout',
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


# name: (code, options, exit status, standard output, what standard error says)
QUIET = {
    'reset': (SILENT, [], 1, b'', 'reset after'),
    'triple fault': (FAULT, [], 1, b'', 'reset after'),
    'meant to': (SILENT, ['--expect-silence'], 0, b'', ''),
    'port 0xe9': (DEBUG, [], 0, b'd', ''),
    'power-off': (OFF, [], 0, b'', 'note: the guest ended without a word'),
    'power-off, meant to': (OFF, ['--expect-silence'], 0, b'', ''),
    'started anew': (AGAIN, ['--reboots', '2'], 0, b'000000', ''),
    'turned off is the end': (DEBUG_OFF, ['--reboots', '2'], 0, b'd', ''),
    'silent each time': (FAULT, ['--reboots', '1'], 1, b'', 'reset after'),
}


def quiet():
    """A reset without a word is a failure, as it most likely is a triple fault; a power-off is not."""
    with common.scratch() as folder:
        for name, (code, options, status, out, says) in QUIET.items():
            path = guest(folder, code)
            done = common.run('boot', '--vmm', 'qemu', '--kernel', path, '--timeout', '60', *options)
            text = done.stderr.decode()
            equal((done.returncode, done.stdout), (status, out), f'{name}: {text}')
            equal(text.count('\n'), 1 if says else 0, f'{name}: {text}')
            check(says in text, f'{name}: {text}')
            if status == 1:
                for part in (f'pvhload: {path}: ', 'earlyprintk=ttyS0', '--expect-silence'):
                    check(part in text, f'{name}: {part} is not in {text}')


def hint():
    """After 5 seconds of nothing, once, unless there is a console= or silence is expected."""
    cases = ((HANG, [], 1), (HANG, ['--expect-silence'], 0), (FLOOD, [], 0),
             (HANG, ['--append', 'quiet console=ttyS0'], 0),
             (HANG, ['--append', 'quiet netconsole=x'], 1))
    with common.scratch() as folder:
        paths = {code: guest(folder, code).rename(folder / f'{code.hex()}') for code in (HANG, FLOOD)}
        started = [subprocess.Popen([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', paths[code], '--timeout', '8',
                                     *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE) for code, options, _ in cases]
        for process, (_, options, wanted) in zip(started, cases):
            text = process.communicate(timeout=60)[1].decode()
            equal(process.returncode, 1, f'exit status: {text}')
            equal(text.count("Linux writes there with --append 'console=ttyS0'"), wanted,
                  f'{options}: {text}')
            check('did not end within 8 seconds' in text, text)


def output_that_goes_away():
    with common.scratch() as folder:
        path = guest(folder, ECHO)
        reader, writer = os.pipe()
        process = subprocess.Popen([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', path, '--timeout', '60'],
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
        done = subprocess.run([common.PROGRAM, 'boot', '--vmm', 'qemu', '--kernel', path], stdin=subprocess.DEVNULL,
                              capture_output=True, env={'PATH': str(folder)})
        equal(done.returncode, 1, 'exit status')
        check(b'qemu-system-x86_64: not installed' in done.stderr and
              done.stderr.count(b'\n') == 1, done.stderr.decode())


if __name__ == '__main__':
    without_qemu()
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    common.main([piped, typed, escaped, ended_by_signals, ended_by_any_signal,
                 ignored_signals_stay_ignored, reader_that_has_stopped, closed_standard_input, killed, timed_out, quiet, hint,
                 output_that_goes_away])
