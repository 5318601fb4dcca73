#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's kernel by every codec: as the payload of its bzImage, and around the whole file.

    test_codecs.py payload CODEC [boot]
    test_codecs.py file NAME [boot]

The payload is taken out, compressed by another program as the kernel build does it, and put back into
the bzImage; then it has to come out as it was, and to boot.
"""
import sys

import common
import initramfs
import recompress
from common import check, equal

SERIES = '6.12'

INIT = '''
/bin/busybox mount -t proc proc /proc
/bin/busybox dmesg -n 1
echo "@release $(/bin/busybox uname -r)"
/bin/busybox reboot -f
'''


def extracted(path, folder):
    out = folder / 'extracted'
    done = common.run('extract', path, '--output', out)
    equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), 'extract')
    return out.read_bytes()


def boots(path, release, folder):
    """From the file to user space, by PVH, decoded on the host."""
    initrd = folder / 'initrd'
    initrd.write_bytes(initramfs.with_init(INIT))
    options = ['--kernel', path, '--memory', '512M', '--initrd', initrd, '--protocol', 'pvh',
               '--append', 'console=ttyS0 reboot=t panic=-1']
    equal(common.run_json('plan', *options)['protocol'], 'pvh', 'protocol')
    lines = common.boot(*options)
    check(f'@release {release}' in lines, 'the guest did not get to user space:\n'
          + '\n'.join(lines[-25:]))


def as_payload(codec, boot, folder):
    kernel = common.kernel(SERIES)
    info = common.run_json('info', kernel)
    vmlinux = recompress.vmlinux(kernel, folder)
    new = recompress.payload(vmlinux, codec)
    path = folder / 'bzImage'
    path.write_bytes(recompress.bzimage(kernel.read_bytes(), info, new))

    found = common.run_json('info', path)
    equal(found.pop('payload'), {'codec': codec, 'offset': info['payload']['offset'],
                                 'size': len(new), 'uncompressed_size': len(vmlinux)}, 'payload')
    del info['payload']
    equal(found, info, 'info, but for the payload')
    check(codec.encode() in common.run('info', path).stdout, 'info for people names the codec')
    check(extracted(path, folder) == vmlinux, 'what is extracted is what was compressed')
    if boot:
        boots(path, info['kernel_version'].split()[0], folder)


def as_file(name, boot, folder):
    kernel = common.kernel(SERIES)
    vmlinux = recompress.vmlinux(kernel, folder)
    elf = folder / 'vmlinux'
    codec, *how = recompress.FILE[name]
    for inner in (elf, kernel):
        path = folder / 'wrapped'
        path.write_bytes(recompress.compressed(inner.read_bytes(), *how))
        info = common.run_json('info', inner)
        equal(info.pop('wrapper'), None, 'wrapper')
        found = common.run_json('info', path)
        equal(found.pop('wrapper'), codec, 'wrapper')
        equal(found, info, 'info, but for the wrapper')
        text = common.run('info', path).stdout.decode()
        check(f'  wrapper       {codec}' in text, text)
        check(extracted(path, folder) == vmlinux, 'the innermost is extracted')
    if boot:  # the last, which is the bzImage
        boots(path, info['kernel_version'].split()[0], folder)


def main():
    kind, name, boot = sys.argv[1], sys.argv[2], 'boot' in sys.argv[3:]
    with common.scratch() as folder:
        {'payload': as_payload, 'file': as_file}[kind](name, boot, folder)
    print(f'ok: {kind} {name}{", booted" if boot else ""}')


if __name__ == '__main__':
    main()
