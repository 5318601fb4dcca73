#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A bzImage with its payload by other codecs, as kernels are that distributions choose them for.

    recompressed.py FOLDER

Of the folder's vmlinuz, vmlinux, vmlinux.gz and info (by "pvhload info --json") it makes vmlinuz-gzip, -xz and -lzma.
"""
import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'boot'))
import recompress  # noqa: E402

LZMA = ('xz', 'xz-utils', ['--format=lzma', '--lzma1=preset=0,dict=64MiB'], b'\x5d\0\0\0\x04')


def payloads(folder):
    vmlinux = (folder / 'vmlinux').read_bytes()
    yield 'gzip', (folder / 'vmlinux.gz').read_bytes()
    yield 'xz', recompress.payload(vmlinux, 'xz')
    yield 'lzma', recompress.compressed(vmlinux, *LZMA) + struct.pack('<I', len(vmlinux))


def main():
    folder = pathlib.Path(sys.argv[1])
    info = json.loads((folder / 'info').read_text(encoding='utf-8'))
    kernel = (folder / 'vmlinuz').read_bytes()
    for codec, payload in payloads(folder):
        (folder / f'vmlinuz-{codec}').write_bytes(recompress.bzimage(kernel, info, payload))


if __name__ == '__main__':
    main()
