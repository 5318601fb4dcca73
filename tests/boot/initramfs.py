# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""An initramfs made of files in memory: the kernel's "newc" cpio archive.

ABI source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
"""
import pathlib

import common

BUSYBOX = ('/bin/busybox', '/usr/bin/busybox')


def cpio(files):
    """An archive of {name: (mode, bytes)}; a mode of a folder takes no bytes."""
    out = bytearray()

    def entry(number, name, mode, data):
        header = [number, mode, 0, 0, 2 if mode & 0o40000 else 1, 0, len(data), 0, 0, 0, 0,
                  len(name) + 1, 0]
        out.extend(b'070701' + b''.join(b'%08X' % field for field in header))
        out.extend(name.encode() + b'\0')
        out.extend(bytes(-len(out) % 4))
        out.extend(data)
        out.extend(bytes(-len(out) % 4))

    for number, (name, (mode, data)) in enumerate(files.items(), 1):
        entry(number, name, mode, data)
    entry(0, 'TRAILER!!!', 0, b'')
    return bytes(out)


def busybox():
    for path in BUSYBOX:
        if pathlib.Path(path).exists():
            return pathlib.Path(path).read_bytes()
    return common.skip('busybox is not installed (Debian: busybox-static)')


def with_init(script, box=None, **files):
    """busybox, @box or this machine's, the script as /init, and more files."""
    content = {'bin': (0o40755, b''), 'proc': (0o40755, b''), 'dev': (0o40755, b''),
               'bin/busybox': (0o100755, box or busybox()),
               'init': (0o100755, b'#!/bin/busybox sh\n' + script.encode())}
    content.update({name: (0o100644, data) for name, data in files.items()})
    return cpio(content)
