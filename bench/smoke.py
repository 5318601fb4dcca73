#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Each case once, on kernels of some bytes: that they work, not how fast.

    smoke.py PVHLOAD-BENCH PVHLOAD-COUNTS PVHLOAD-COSTS
"""
import gzip
import lzma
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'boot'))
import images  # noqa: E402
import cached  # noqa: E402
from counts import counts  # noqa: E402
import limits  # noqa: E402
import quiet  # noqa: E402
import table  # noqa: E402
import times  # noqa: E402


def lz4(data):
    """Linux's framing; one chunk, of literals alone."""
    more = len(data) - 15
    block = b'\xf0' + b'\xff' * (more // 255) + bytes([more % 255]) + data
    return struct.pack('<II', 0x184c2102, len(block)) + block


def zstd(data):
    """A frame of one raw block."""
    return struct.pack('<IBI', 0xfd2fb528, 0xa0, len(data)) + (1 | len(data) << 3).to_bytes(3, 'little') + data


def make_kernels(folder):
    kernel = images.kernel(images.load(0x200000, bytes(range(256)) * 64))
    for series, codec in (('6.1', lz4), ('6.12', zstd)):
        (folder / series).mkdir()
        (folder / series / 'vmlinux').write_bytes(kernel)
        (folder / series / 'vmlinux.gz').write_bytes(gzip.compress(kernel))
        (folder / series / 'vmlinuz-gzip').write_bytes(images.bzimage(gzip.compress(kernel)))
        (folder / series / 'vmlinuz-xz').write_bytes(images.bzimage(lzma.compress(kernel, check=lzma.CHECK_CRC32), trailer=len(kernel)))
        (folder / series / 'vmlinuz-lzma').write_bytes(images.bzimage(lzma.compress(kernel, lzma.FORMAT_ALONE), trailer=len(kernel)))
        (folder / series / 'vmlinuz').write_bytes(images.bzimage(codec(kernel), trailer=len(kernel)))


class Options:
    rounds, batches, seconds, close = 1, 1, 0, True


def check_gate():
    """Batches from a noisy time are thrown away, and counted."""
    shares = iter([0.5, 0.06, 0.01])
    real = quiet.Window.share
    gate = quiet.Gate()
    gate._wait = lambda: None
    quiet.Window.share = lambda self: next(shares)
    assert gate.batch(lambda: 'kept') == 'kept'
    quiet.Window.share = real
    assert (gate.kept, gate.thrown) == (1, 2), gate.words()
    assert '1 batches kept, 2 thrown away' in gate.words()


def check_cases(exe, kernels):
    program = times.Program(exe, kernels)
    cases = program.cases([])
    rows = times.measure_times(cases, program, None, quiet.Gate(noisy=True), Options)
    rows += times.measure_memory(cases, program, None)
    rows += times.measure_times(cases[:1], program, program, quiet.Gate(noisy=True), Options)
    missing = {c.name for c in cases} - {r.name for r in rows}
    assert not missing, f'not measured: {missing}'
    table.show(rows, ['kernels of some bytes: the figures say nothing'], as_tsv=True, with_baseline=True)
    # A kernel whose content is not what is loaded has to be noticed.
    path = kernels / '6.12' / 'vmlinuz'
    path.write_bytes(path.read_bytes().replace(b'\xfe\xff', b'\xff\xff', 1))
    done = subprocess.run([exe, 'times', 'decode/zstd/file/fresh', kernels, '0'], capture_output=True, check=False)
    assert done.returncode == 1, 'other bytes were not noticed'


# What callgrind writes: names once, and numbers for them from then on; after calls= what the call cost.
CALLGRIND = """
ob=(1) /x/libpvhload.so.0.3
fn=(1) pvhload_boot_plan
12 30
cob=(2) /libpvhload.so/libc.so.6
cfn=(2) memcpy
calls=1 0
+1 1000
* 4
ob=(2)
fn=(2)
0 500
ob=(1)
fn=(3) helper
-3 2
"""


def check_cached(kernels):
    """Neither way changes a byte."""
    before = {path: path.read_bytes() for path in cached.kernels_of(kernels)}
    assert len(before) == 12, before
    for choice in cached.CHOICES:
        cached.prepare(kernels, choice)
        assert {path: path.read_bytes() for path in cached.kernels_of(kernels)} == before
    assert cached.fact(kernels).startswith('page cache: ')


def check_counts(exe):
    cost = counts.read_cost(CALLGRIND)
    assert (cost.own, cost.everything) == (36, 536), cost.__dict__
    for scene in ('cmdline-100', 'plan-initrd', 'paging-512g'):
        subprocess.run([exe, scene], check=True, timeout=60)
    if shutil.which('valgrind'):
        cost = counts.count(exe, 'plan-initrd', '')
        assert 1000 < cost.own < cost.everything < 1000000, cost.__dict__


def check_costs(exe):
    """Each case works, and no other's row is printed when only one is asked for."""
    rows = list(limits.call_rows(exe, [], times=1))
    assert len(rows) > 50, rows
    assert all(float(row[3]) >= 0 and (row[4] == '-' or float(row[4]) >= 0) for row in rows), rows
    assert limits.cost(exe, [shutil.which('true')])[1] < 10000, 'the memory of another program is counted'
    assert {row[0] for row in limits.call_rows(exe, ['READ_PROBLEMS'], times=1)} == {'PVHLOAD_READ_PROBLEMS_MAX'}


def main():
    check_gate()
    check_counts(sys.argv[2])
    check_costs(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        make_kernels(pathlib.Path(folder))
        check_cached(pathlib.Path(folder))
        check_cases(sys.argv[1], pathlib.Path(folder))
    return 0


if __name__ == '__main__':
    sys.exit(main())
