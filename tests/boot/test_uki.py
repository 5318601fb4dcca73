#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Unified kernel images: what is in one comes out as it went in, and one boots by its own command line.

    test_uki.py made-up     small ones, in all ways
    test_uki.py KERNEL      of Debian's kernel, laid out here, and booted
    test_uki.py KERNEL ukify
                            made by Debian's ukify, signed by osslsigncode, and a profile of it booted
"""
import hashlib
import os
import struct
import subprocess
import sys

import common
import images
import initramfs
from common import check, equal

ALWAYS = 'console=ttyS0 reboot=t panic=-1 loglevel=4'
# .ucode is an initrd, too: what is in either is there.
INIT = '''
/bin/busybox mount -t proc proc /proc
echo "@cmdline $(/bin/busybox cat /proc/cmdline)"
for f in /first /second; do echo "@sum $f $(/bin/busybox sha256sum <$f)"; done
echo @done
/bin/busybox reboot -f
'''


def extracted(path, folder, *options):
    out = folder / 'extracted'
    done = common.run('extract', path, '--output', out, *options)
    equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), f'extract {options}')
    return out.read_bytes()


def listed(path):
    """What info says of sections, and that what it says of their places is so."""
    info, file = common.run_json('info', path), path.read_bytes()
    return [(s['name'], s['profile'], file[s['offset']:s['offset'] + s['size']]) for s in info['sections']]


def refused(says, *args):
    done = common.run(*args)
    equal((done.returncode, done.stdout), (1, b''), says)
    check(says in done.stderr.decode() and done.stderr.count(b'\n') == 1, done.stderr.decode())


# A base and two profiles, the second with a kernel of its own; .sdmagic is the stub's.
KERNEL, OTHER = images.kernel(), images.elf64(images.load(0x200000), images.notes(images.note(0x200000)))
SECTIONS = [(b'.sdmagic', b'stub'), (b'.cmdline', b'base words\n'), (b'.osrel', b'ID=test'), (b'.initrd', b'initrd'),
            (b'.linux', KERNEL), (b'.uname', b'7.0'), (b'.profile', b'ID=main'), (b'.ucode', b'of main'),
            (b'.profile', b'ID=other'), (b'.cmdline', b'other words'), (b'.linux', OTHER), (b'.dtb', b'tree')]


def the_sections():
    """Named, with what they have; none is the stub's, and the first is the kernel."""
    with common.scratch() as folder:
        path = folder / 'uki.efi'
        path.write_bytes(images.uki(*SECTIONS, signature=b'signed'))
        info = common.run_json('info', path)
        equal((info['format'], info['arch'], info['wrapper'], info['profiles']), ('elf64', 'x86_64', None, 2), 'info')
        equal(info['signature'], {'offset': path.stat().st_size - 16, 'size': 16}, 'where it is signed')
        equal(listed(path), [('linux', None, KERNEL), ('cmdline', None, b'base words\n'), ('osrel', None, b'ID=test'),
                             ('initrd', None, b'initrd'), ('uname', None, b'7.0'), ('profile', 0, b'ID=main'),
                             ('ucode', 0, b'of main'), ('profile', 1, b'ID=other'), ('cmdline', 1, b'other words'),
                             ('linux', 1, OTHER), ('dtb', 1, b'tree')], 'sections')
        text = common.run('info', path).stdout.decode()
        for line in ('  in a UKI      profiles: 2\n', ' .cmdline, 11 bytes\n', ' .ucode, 7 bytes, of profile 0\n',
                     f'  signature     16 bytes at offset {path.stat().st_size - 16:#x}, not verified\n'):
            check(line in text, text)
        path.write_bytes(images.uki((b'.linux', KERNEL)))
        info = common.run_json('info', path)
        equal((info['profiles'], info['signature'], len(info['sections'])), (1, None, 1), 'without profiles')
        check('  signature     none\n' in common.run('info', path).stdout.decode(), 'not signed')
        path.write_bytes(KERNEL)
        info = common.run_json('info', path)
        equal((info['profiles'], info['signature'], info['sections']), (None, None, []), 'no UKI')


def what_is_taken_out():
    with common.scratch() as folder:
        path = folder / 'uki.efi'
        path.write_bytes(images.uki(*SECTIONS))
        for profile, own in (('0', {'profile': b'ID=main', 'ucode': b'of main'}),
                             ('1', {'profile': b'ID=other', 'cmdline': b'other words', 'linux': OTHER, 'dtb': b'tree'})):
            has = {'linux': KERNEL, 'cmdline': b'base words\n', 'osrel': b'ID=test', 'initrd': b'initrd',
                   'uname': b'7.0', **own}
            for part in ('linux', 'initrd', 'cmdline', 'dtb', 'dtbauto', 'hwids', 'ucode', 'osrel', 'uname', 'sbat',
                         'profile'):
                if part in has:
                    equal(extracted(path, folder, '--part', part, '--profile', profile), has[part], part)
                    continue
                refused(f'profile {profile} of the UKI has no .{part}', 'extract', path, '--part', part, '--profile',
                        profile, '--output', folder / 'none')
            equal(extracted(path, folder, '--profile', profile), has['linux'], 'what is loaded')
        equal(extracted(path, folder), KERNEL, 'what is loaded')
        equal(extracted(path, folder, '--part', 'loaded'), KERNEL, 'what is loaded')
        for part in ('cmdline', 'loaded'):
            refused('there is no profile 2: the UKI has 2, which count from 0', 'extract', path, '--part', part,
                    '--profile', '2', '--output', folder / 'none')
        path.write_bytes(KERNEL)
        refused('there is no such part: the image is no UKI', 'extract', path, '--part', 'cmdline', '--output',
                folder / 'none')
        refused('the image is no UKI', 'extract', path, '--profile', '1', '--output', folder / 'none')
        path.write_bytes(images.uki((b'.linux', b'#!/bin/sh')))
        refused('section .linux: not a kernel image', 'extract', path, '--output', folder / 'none')
        equal(sorted(os.listdir(folder)), ['extracted', 'uki.efi'], 'files left behind')


def what_is_planned():
    """What the options give takes the place of the UKI's own, and the reason has it."""
    cases = [
        ([], 'base words', 'from profile 0 of the UKI: .linux, .ucode, .initrd, .cmdline'),
        (['--append', 'mine'], 'mine', "the caller's command line is used in place of its .cmdline"),
        (['--append', 'mine', '--uki-cmdline', 'replace'], 'mine', 'in place of its .cmdline'),
        (['--append', 'mine', '--uki-cmdline', 'append'], 'base words mine', "command line follows its .cmdline"),
        (['--profile', '1'], 'other words', 'from profile 1 of the UKI: .linux, .initrd, .cmdline'),
        (['--initrd', 'file'], 'base words', "the caller's initrd is used in place of its .ucode, .initrd"),
    ]
    with common.scratch() as folder:
        path = folder / 'uki.efi'
        path.write_bytes(images.uki(*SECTIONS))
        (folder / 'file').write_bytes(b'f' * 100)
        for options, cmdline, says in cases:
            options = [folder / 'file' if word == 'file' else word for word in options]
            plan = common.run_json('plan', '--kernel', path, '--memory', '64M', *options)
            equal(plan['cmdline'], cmdline, f'{options}')
            check(says in plan['reason'], plan['reason'])
            initrd = next(r for r in plan['regions'] if r['name'] == 'initrd')
            equal(initrd['size'], 100 if '--initrd' in options else 6 if '--profile' in options else 14, 'initrd')
            equal(plan['entry'], 0x200000 if '--profile' in options else 0x100000, 'entry')
        refused('there is no profile 2: the UKI has 2', 'plan', '--kernel', path, '--profile', '2')
        for args in (['plan', '--kernel', path, '--profile', 'x'], ['plan', '--kernel', path, '--profile', '4294967295'],
                     ['plan', '--kernel', path, '--uki-cmdline', 'x'], ['extract', path, '--part', 'x', '--output', 'a']):
            equal(common.run(*args).returncode, 2, f'{args[3:]}')


def initrds(folder):
    """Two archives, of which either has a file, and init is in the second; the bytes of both files."""
    first, second = os.urandom(100001), os.urandom(200003)
    return (initramfs.cpio({'first': (0o100644, first)}), initramfs.with_init(INIT, second=second), first, second)


def boots(path, cmdline, first, second, *options):
    lines = common.boot('--kernel', path, '--memory', '256M', *options)
    said = [line for line in lines if line.startswith('@')]
    equal(said, [f'@cmdline {cmdline}', *(f'@sum /{name} {hashlib.sha256(data).hexdigest()}  -'
                                          for name, data in (('first', first), ('second', second))), '@done'],
          'what the guest says')


def laid_out(kernel):
    """Of sections by name and bytes: all is found again, and it boots with nothing but the file given."""
    linux = common.kernel(kernel).read_bytes()
    ucode, initrd, first, second = initrds(None)
    own = f'{ALWAYS} uki.own=1'
    with common.scratch() as folder:
        path = folder / 'uki.efi'
        path.write_bytes(images.uki((b'.cmdline', own.encode()), (b'.initrd', initrd), (b'.linux', linux),
                                    (b'.ucode', ucode), (b'.profile', b'ID=main'), (b'.profile', b'ID=other'),
                                    (b'.cmdline', b'other'), signature=os.urandom(1424)))
        for part, data in (('linux', linux), ('initrd', initrd), ('ucode', ucode), ('cmdline', own.encode())):
            check(extracted(path, folder, '--part', part) == data, part)
        equal(extracted(path, folder, '--part', 'cmdline', '--profile', '1'), b'other', 'of the second profile')
        inner = common.run_json('info', common.kernel(kernel))
        outer = common.run_json('info', path)
        own_keys = ('profiles', 'signature', 'sections')
        equal({k: v for k, v in outer.items() if k not in own_keys},
              {k: v for k, v in inner.items() if k not in own_keys}, 'info of the kernel in it')
        boots(path, own, first, second)


def ukify(*args):
    root = common.fetched('ukify', 'usr/lib/systemd/ukify').parent.parent
    env = {**os.environ, 'PYTHONPATH': str(root / 'python3/dist-packages')}
    done = subprocess.run([sys.executable, root / 'systemd/ukify', 'build', *args], env=env, capture_output=True, text=True)
    equal(done.returncode, 0, f'ukify: {done.stderr}')


def signed(path, folder):
    """By a key of our own; what was said of sections before and after."""
    key, cert, out = folder / 'key', folder / 'cert', folder / 'signed.efi'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-keyout', key,
                    '-out', cert], check=True, capture_output=True)
    subprocess.run(['osslsigncode', 'sign', '-certs', cert, '-key', key, '-in', path, '-out', out], check=True,
                   capture_output=True)
    before, after = common.run_json('info', path), common.run_json('info', out)
    equal(before['signature'], None, 'not signed yet')
    where = after.pop('signature')
    equal(where['offset'] + where['size'], out.stat().st_size, 'a signature at the end')
    size, revision, kind = struct.unpack_from('<IHH', out.read_bytes(), where['offset'])
    equal((size, revision, kind), (where['size'], 0x200, 2), 'the certificate table')
    del before['signature']
    equal(after, before, 'all else')
    return out


def as_built(kernel):
    """As ukify joins stub, kernel, initrd and profiles; signed."""
    for program, package in (('osslsigncode', 'osslsigncode'), ('openssl', 'openssl')):
        common.need(program, package)
    stubs = common.fetched('ukify', 'usr/lib/systemd/boot/efi')
    ucode, initrd, first, second = initrds(None)
    with common.scratch() as folder:
        for name, data in (('ucode', ucode), ('initrd', initrd)):
            (folder / name).write_bytes(data)
        other, path = folder / 'other.efi', folder / 'uki.efi'
        ukify('--profile=ID=other', f'--cmdline={ALWAYS} uki.other=1', f'--stub={stubs / "addonx64.efi.stub"}', '--sbat=',
              f'--output={other}')
        ukify(f'--linux={common.kernel(kernel)}', f'--initrd={folder / "initrd"}', f'--microcode={folder / "ucode"}',
              f'--cmdline={ALWAYS} uki.base=1', '--os-release=ID=test', '--uname=6.12', f'--stub={stubs / "linuxx64.efi.stub"}',
              f'--join-profile={other}', f'--output={path}')
        equal([(name, profile) for name, profile, _ in listed(path) if profile is not None],
              [('profile', 0), ('profile', 1), ('cmdline', 1)], 'what the profiles have')
        refused('an add-on for a unified kernel image (it has .profile)', 'info', other)
        refused('an EFI program', 'info', stubs / 'linuxx64.efi.stub')
        path = signed(path, folder)
        for part, data in (('linux', common.kernel(kernel).read_bytes()), ('initrd', initrd), ('ucode', ucode),
                           ('osrel', b'ID=test'), ('uname', b'6.12')):
            check(extracted(path, folder, '--part', part).rstrip(b'\n') == data.rstrip(b'\n'), part)
        boots(path, f'{ALWAYS} uki.base=1', first, second)
        boots(path, f'{ALWAYS} uki.other=1 more words', first, second, '--profile', '1', '--append', 'more words',
              '--uki-cmdline', 'append', '--protocol', 'linux64')


def main():
    if sys.argv[1] == 'made-up':
        common.main([the_sections, what_is_taken_out, what_is_planned])
        return
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    (as_built if 'ukify' in sys.argv[2:] else laid_out)(sys.argv[1])
    print('ok')


if __name__ == '__main__':
    main()
