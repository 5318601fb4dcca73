# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What decoding costs at worst: seconds of CPU time for each MiB that comes out, by codec and content.

Zeros are the most output for the least input; noise, which no codec makes smaller, the most input.  Both are made a kernel
by an ELF header, as the library decodes what is one.  xz stores noise, so a stream of literals is made by hand.
"""
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import coded_xz
import quiet

MIB = 1 << 20
SIZE = 32 * MIB
LIMIT = 2 * SIZE
TIMES = 3  # of which the most counts
COMPRESSORS = {
    'gzip': (['gzip', '-9nc'], ['gzip', '-1nc']),
    'bzip2': (['bzip2', '-9c'], ['bzip2', '-1c']),
    'lzma': (['xz', '--format=lzma', '-9c'], ['xz', '--format=lzma', '-0c']),
    'xz': (['xz', '--check=crc32', '--x86', '--lzma2=preset=9', '-c'], ['xz', '--check=crc32', '-0c']),
    'lzo': (['lzop', '-9c'], ['lzop', '-1c']),
    'lz4': (['lz4', '-l', '-9', '-c'], ['lz4', '-l', '-1', '-c']),
    'zstd': (['zstd', '-19', '-c'], ['zstd', '-1', '-c']),
}
HEAD = ('codec', 'content', 'by', 'input', 'output', 's/MiB', 'ratio')


def contents():
    """Each SIZE bytes.  Noise that is the same each time."""
    return {'zeros': bytes(SIZE), 'noise': random.Random(1).randbytes(SIZE),
            'noise of 2 bits': bytes(random.Random(2).choices(range(4), k=SIZE)),
            'noise of 7 bits': bytes(random.Random(3).choices(range(128), k=SIZE))}


def as_kernel(data, images):
    return images.kernel(images.load(0x1000000, data))


def cost(exe, path):
    """The most of some runs, in seconds for each MiB, and the bytes that came out; None if this build has no decoder."""
    worst, made = 0.0, 0
    for _ in range(TIMES):
        out = quiet.output([exe, 'bomb', path, str(LIMIT)])
        if out is None:
            return None
        made, nanoseconds = map(int, out.split())
        worst = max(worst, nanoseconds / 1e9 / (made / MIB))
    return worst, made


def made_by_hand(images, folder):
    """The xz stream that no encoder makes."""
    noise = random.Random(1).randbytes(coded_xz.CHUNK)
    times = SIZE // len(noise)
    plain = as_kernel(noise * times, images)
    head = plain[:plain.index(noise)]
    assert plain == head + noise * times
    (folder / 'xz').write_bytes(coded_xz.stream(head, noise, times))


def row(exe, path, codec, content, by):
    """None if this build has no decoder."""
    worst = cost(exe, path)
    if worst is None:
        return None
    seconds, made = worst
    taken = path.stat().st_size
    return codec, content, by, f'{taken:,}', f'{made:,}', f'{seconds:.5f}', f'{made / taken:.1f}'


def rows(exe, patterns, images, folder):
    plain = folder / 'plain'
    for content, data in contents().items():
        plain.write_bytes(as_kernel(data, images))
        for codec, commands in COMPRESSORS.items():
            if patterns and not any(p in codec for p in patterns) or not shutil.which(commands[0][0]):
                continue
            for command in commands:
                path = folder / codec
                with open(plain, 'rb') as source, open(path, 'wb') as target:
                    subprocess.run(command, stdin=source, stdout=target, stderr=subprocess.DEVNULL, check=True)
                found = row(exe, path, codec, content, ' '.join(command))
                if not found:
                    break
                yield found
    if not patterns or any(p in 'xz' for p in patterns):
        made_by_hand(images, folder)
        found = row(exe, folder / 'xz', 'xz', 'noise, coded', 'coded_xz.py')
        if found:
            yield found


def show(options, source):
    """CPU time of one thread, so that others may run, though caches and memory are shared."""
    sys.path.insert(0, str(source / 'tests' / 'boot'))
    import images  # pylint: disable=import-outside-toplevel
    form = '\t'.join(['{}'] * 7) if options.tsv else '{:<6} {:<16} {:<46} {:>12} {:>12} {:>9} {:>9}'
    print(form.format(*HEAD))
    with tempfile.TemporaryDirectory(dir=options.build) as folder:
        for found in rows(options.build / 'bench' / 'pvhload-bench', options.case, images, pathlib.Path(folder)):
            print(form.format(*found), flush=True)
