#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Files as people name them: pipes, "-", one taken for another, outputs that are inputs, full disks."""
import gzip
import json
import os
import subprocess

import common
import images
import initramfs
from common import check, equal
from images import kernel

CPIO = initramfs.cpio({'init': (0o100755, b'#!/bin/sh\n')})


def piped(data, *args):
    """The program with @data in a pipe as its standard input."""
    return subprocess.run([common.PROGRAM, *map(str, args)], input=data, capture_output=True,
                          timeout=120)


def from_pipes():
    image = images.bzimage(gzip.compress(kernel()))
    with common.scratch() as folder:
        path = folder / 'image'
        path.write_bytes(image)
        equal(json.loads(piped(image, 'info', '--json', '-').stdout), common.run_json('info', path),
              'info of a pipe')
        with path.open('rb') as file:
            done = subprocess.run([common.PROGRAM, 'info', '--json', '-'], stdin=file,
                                  capture_output=True)
        equal(json.loads(done.stdout), common.run_json('info', path), 'info of a file as input')
        equal(json.loads(piped(image, 'plan', '--json', '--kernel', '-').stdout),
              common.run_json('plan', '--kernel', path), 'plan of a pipe')
        for source, target in (('-', '-'), (path, '-'), ('-', folder / 'out'), ('/dev/stdin', '-')):
            done = piped(image, 'extract', source, '--output', target)
            equal((done.returncode, done.stderr), (0, b''), f'extract {source} --output {target}')
            got = done.stdout if target == '-' else (folder / 'out').read_bytes()
            equal(got, kernel(), f'what extract {source} --output {target} writes')
        equal(sorted(os.listdir(folder)), ['image', 'out'], 'files')


def initrds_from_pipes():
    """All files that plan reads may be pipes, one of them "-"; /dev/null is an empty one."""
    with common.scratch() as folder:
        path, initrd = folder / 'kernel', folder / 'initrd'
        path.write_bytes(kernel())
        initrd.write_bytes(CPIO)
        for option, extra in (('--initrd', ''), ('--module', ',text'), ('--rng-seed', '')):
            wanted = common.run_json('plan', '--kernel', path, option, f'{initrd}{extra}')
            got = piped(CPIO, 'plan', '--json', '--kernel', path, option, f'-{extra}')
            equal(json.loads(got.stdout), wanted, f'{option} from standard input')
            got = subprocess.run(['bash', '-c', f'"$0" plan --json --kernel "$1" {option} <(cat "$2"){extra}',
                                  common.PROGRAM, path, initrd], capture_output=True, timeout=60)
            equal(json.loads(got.stdout), wanted, f'{option} from a pipe')
        plan = common.run_json('plan', '--kernel', path, '--initrd', '/dev/null')
        check(plan['reason'].endswith('; the initrd is empty, so there is none'), plan['reason'])
        for args, says in (
                (['info', '/dev/null'], '/dev/null: not a kernel image: the file is empty'),
                (['info', '/dev/zero'], '/dev/zero: a device: give a file, or a pipe'),
                (['plan', '--kernel', path, '--initrd', '/dev/zero'], '/dev/zero: a device: give a file'),
                (['plan', '--kernel', path, '--initrd', '/dev/null', '--place', 'initrd,64M'],
                 "has no region 'initrd'; the initrd is empty")):
            done = common.run(*args)
            equal((done.returncode, done.stdout), (1, b''), str(args))
            check(says in done.stderr.decode(), done.stderr.decode())
        done = piped(kernel(), 'plan', '--kernel', '-', '--initrd', '-')
        equal((done.returncode, done.stderr), (1, b'pvhload: -: standard input has been read already\n'),
              'two that read it')
        # a kernel that is none is said to be so, whoever writes to the initrd's pipe
        done = subprocess.run(['bash', '-c', '"$0" plan --kernel "$1" --initrd <(exec sleep 30 2>/dev/null)',
                               common.PROGRAM, initrd], capture_output=True, timeout=20)
        equal(done.returncode, 1, 'a cpio archive for a kernel')


# what is in the pipe, options, what the message says
BAD_PIPES = [
    (b'', [], 'the file is empty'),
    (b'text', [], 'not a kernel image'),
    (kernel() + bytes(70000), ['--decode-limit', '64K'],
     'more than 65536 bytes come out of the pipe; --decode-limit raises it'),
]


def bad_pipes():
    for data, options, says in BAD_PIPES:
        for args in (['info', '-'], ['extract', '-', '--output', '-'], ['plan', '--kernel', '-']):
            done = piped(data, *args, *options)
            equal((done.returncode, done.stdout), (1, b''), f'{args} {options}')
            text = done.stderr.decode()
            check(text.startswith('pvhload: -: ') and says in text and text.count('\n') == 1, text)
    equal(piped(kernel() + bytes(70000), 'info', '-', '--decode-limit', '70K').returncode, 0, 'the limit')


def outputs_that_are_inputs():
    with common.scratch() as folder:
        for name, data in (('kernel', kernel()), ('initrd', b'x' * 32)):
            (folder / name).write_bytes(data)
        os.link(folder / 'kernel', folder / 'hard')
        (folder / 'soft').symlink_to('kernel')
        plan = ['--kernel', 'kernel', '--initrd', 'initrd']
        for args in ([['extract', 'kernel', '--output', name] for name in
                      ('kernel', './kernel', 'hard', 'soft')] +
                     [['plan', *plan, '--svg', name] for name in ('kernel', 'initrd', 'hard')] +
                     [['dump', *plan, '--memory-file', name, '--cpu-file', 'cpu'] for name in
                      ('kernel', 'initrd')] +
                     [['dump', *plan, '--memory-file', 'ram', '--cpu-file', 'initrd']]):
            done = common.run(*args, cwd=folder)
            equal((done.returncode, done.stdout), (1, b''), str(args))
            text = done.stderr.decode()
            check('it is read as well: write to another file' in text and text.count('\n') == 1, text)
        with (folder / 'kernel').open('ab') as file:
            done = subprocess.run([common.PROGRAM, 'extract', folder / 'kernel', '--output', '-'],
                                  stdout=file, stderr=subprocess.PIPE)
        equal(done.returncode, 1, 'extract to the end of its own input')
        check(b'pvhload: -: it is read as well' in done.stderr, done.stderr.decode())
        equal((folder / 'kernel').read_bytes(), kernel(), 'the kernel afterwards')
        equal((folder / 'initrd').read_bytes(), b'x' * 32, 'the initrd afterwards')
        equal(sorted(os.listdir(folder)), ['hard', 'initrd', 'kernel', 'soft'], 'files')


def outputs_that_are_one():
    """Two outputs of one name, however it is written; one that links to another is that other."""
    with common.scratch() as folder:
        (folder / 'kernel').write_bytes(kernel())
        (folder / 'there').write_bytes(b'old')
        (folder / 'deeper').mkdir()
        for link, target in (('soft', 'there'), ('here', '.')):
            (folder / link).symlink_to(target)
        files = sorted(os.listdir(folder))
        for memory, cpu in (('new', 'new'), ('new', './new'), ('new', folder / 'new'), ('here/new', 'new'),
                            ('deeper/../new', 'new'), ('there', 'soft'), ('soft', './here/there'),
                            ('/dev/null', '/dev/../dev/null')):
            done = common.run('dump', '--kernel', 'kernel', '--memory-file', memory, '--cpu-file', cpu,
                              cwd=folder)
            equal((done.returncode, done.stdout), (2, b''), f'{memory} and {cpu}')
            check(b'--memory-file and --cpu-file are the same file' in done.stderr, done.stderr.decode())
        equal(sorted(os.listdir(folder)), files, 'files')
        with (folder / 'there').open('ab') as file:
            done = subprocess.run([common.PROGRAM, 'plan', '--kernel', 'kernel', '--svg', 'soft'],
                                  stdout=file, stderr=subprocess.PIPE, cwd=folder)
        equal((done.returncode, done.stderr),
              (1, b'pvhload: soft: standard output goes there as well: write to another file\n'),
              'plan with its picture in its output')
        equal((folder / 'there').read_bytes(), b'old', 'what was there')
        # one file by two hard links: each name gets a file of its own
        os.link(folder / 'there', folder / 'hard')
        for memory, cpu in (('new', 'newer'), ('new', 'deeper/new'), ('there', 'hard')):
            done = common.run('dump', '--kernel', 'kernel', '--memory', '16M', '--memory-file', memory,
                              '--cpu-file', cpu, cwd=folder)
            equal((done.returncode, done.stderr), (0, b''), f'{memory} and {cpu}')
            equal(os.path.getsize(folder / memory), 16 << 20, memory)
            check(json.loads((folder / cpu).read_text())['rip'] != 0, cpu)


def one_taken_for_another():
    with common.scratch() as folder:
        kernel_path, initrd, packed = folder / 'vmlinuz', folder / 'initrd.img', folder / 'initrd.gz'
        kernel_path.write_bytes(images.bzimage(gzip.compress(kernel())))
        initrd.write_bytes(CPIO)
        packed.write_bytes(gzip.compress(CPIO))
        cpio, swapped = 'not a kernel image: a cpio archive, as an initrd is', 'are --kernel and --initrd swapped?'
        for args, says, not_said in (
                (['plan', '--kernel', initrd, '--initrd', kernel_path],
                 [cpio, f'; {kernel_path} is a kernel image: {swapped}'], []),
                (['plan', '--kernel', packed, '--initrd', kernel_path], [cpio, swapped], []),
                (['info', packed], [f'payload of the gzip file: {cpio}'], []),
                (['plan', '--kernel', initrd], [cpio], [swapped]),
                (['plan', '--kernel', initrd, '--initrd', initrd], [cpio], [swapped]),
                (['info', initrd], [cpio], []),
                (['extract', initrd, '--output', folder / 'out'], [cpio], [])):
            done = common.run(*args)
            text = done.stderr.decode()
            equal((done.returncode, done.stdout), (1, b''), f'{args}: {text}')
            for part in says:
                check(part in text, f'{args}: {part!r} is not in {text}')
            for part in not_said:
                check(part not in text, f'{args}: {part!r} is in {text}')


def full_disk():
    """A file system of 1 MiB of our own, where that can be had."""
    with common.scratch() as folder:
        (folder / 'kernel').write_bytes(kernel(images.load(0x200000, b'x' * (2 << 20))))
        (folder / 'small').mkdir()
        alone = ['unshare', '-rm', 'sh', '-c']
        mount = f'mount -t tmpfs -o size=1M tmpfs {folder}/small && cd {folder}/small'
        if subprocess.run([*alone, mount], capture_output=True).returncode != 0:
            print('not tried: no file system of our own')
            return
        done = subprocess.run([*alone, f'{mount} && exec "$0" dump --kernel ../kernel --memory-file ram '
                               '--cpu-file cpu', common.PROGRAM], capture_output=True, text=True)
        equal((done.returncode, done.stderr),
              (1, 'pvhload: ram: cannot write: No space left on device\n'), 'dump to a full disk')


if __name__ == '__main__':
    common.main([from_pipes, initrds_from_pipes, bad_pipes, outputs_that_are_inputs, outputs_that_are_one,
                 one_taken_for_another, full_disk])
