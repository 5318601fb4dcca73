#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A bzImage with its payload by gzip, as kernels are that distributions do not choose another codec for.

    gzip_bzimage.py FOLDER

Of the folder's vmlinuz, vmlinux.gz and info (by "pvhload info --json") it makes vmlinuz-gzip.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'boot'))
import recompress  # noqa: E402

if __name__ == '__main__':
    FOLDER = pathlib.Path(sys.argv[1])
    INFO = json.loads((FOLDER / 'info').read_text(encoding='utf-8'))
    MADE = recompress.bzimage((FOLDER / 'vmlinuz').read_bytes(), INFO, (FOLDER / 'vmlinux.gz').read_bytes())
    (FOLDER / 'vmlinuz-gzip').write_bytes(MADE)
