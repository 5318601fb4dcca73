# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What an input at a limit costs: CPU time and memory.

Of large images, those of the program that looks at one and does nothing else; of all else, those of the calls of the
library, which pvhload-costs makes.
"""
import bz2
import gzip
import lzma
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

MIB = 1 << 20
TIMES = 3  # of which the most counts
CALLS = 5  # likewise, of pvhload-costs
STREAMS = 65536
HEAD = ('limit', 'input', 'bytes', 'ms', 'MiB', 'of')
SHOFF, SHNUM, SHENTSIZE = 0x28, 0x3c, 0x3a  # in an ELF64 header
SIZE_OF_SECTION, SECTION = 0x20, 64


def with_sections(elf, count):
    """The same file and a table of sections at its end, whose first says how many there are."""
    out = bytearray(elf)
    struct.pack_into('<Q', out, SHOFF, len(elf))
    struct.pack_into('<H', out, SHENTSIZE, SECTION)
    struct.pack_into('<H', out, SHNUM, count if count == 1 else 0)
    table = bytearray(SECTION * count)
    struct.pack_into('<Q', table, SIZE_OF_SECTION, 0 if count == 1 else count)
    return bytes(out + table)


def many_notes(images):
    """16 segments, each of as many notes as one may have, and then the one that is looked for."""
    room, each = 64 << 10, struct.pack('<III', 0, 0, 1)
    filler = each * (room // len(each))
    return images.elf64(images.load(0x100000), *[images.notes(filler) for _ in range(15)],
                        images.notes(images.note(0x100000)))


def relocations(images):
    half = 1 << 21
    words = struct.pack(f'<{half + 1}I', *range(half + 1))
    return with_sections(images.kernel(), 1) + words + words


def text(images, size):
    """All but the last letter of what is looked for, over and over."""
    word = b'Linux versio'
    return images.elf64(images.load(0x1000000, word * (size // len(word))),
                        images.notes(images.note(0x1000000)), entry=0x1000000)


def searched(images):
    """A bzImage that does not say where its payload is: 63 gzip streams of what is no kernel, and one that is."""
    noise = random.Random(1)
    out = bytearray(images.bzimage(b''))
    struct.pack_into('<H', out, 0x206, 0x207)
    streams = [gzip.compress(noise.randbytes(1000 << 10), 1) for _ in range(63)]
    return bytes(out) + b''.join(streams) + gzip.compress(images.kernel())


def streams(images, compress):
    return compress(images.kernel()) + compress(b'x') * (STREAMS - 1)


def large_xz(data):
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=[{
        'id': lzma.FILTER_LZMA2, 'preset': 0, 'dict_size': 128 * MIB}])


def wide_zstd(data):
    return subprocess.run(['zstd', '--long=27', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


def zeros(images, compress):
    return compress(images.kernel(images.load(0x1000000, bytes(255 * MIB))))


CASES = [
    ('none', 'a kernel of a page', 'info', lambda i: i.kernel()),
    ('PVHLOAD_ELF_PHDRS_MAX', '1024 segments', 'plan', lambda i: i.kernel(
        *[i.load(0x200000 + n * 0x1000) for n in range(1022)])),
    ('PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX', 'notes of 12 bytes', 'info', many_notes),
    ('PVHLOAD_ELF_SHDRS_MAX', '1048576 sections', 'info', lambda i: with_sections(
        i.elf64(i.load(0x100000)), MIB)),
    ('PVHLOAD_LINUX_SIGN_SEARCH_MAX', '64 MiB that may be it', 'plan', lambda i: text(i, 64 * MIB)),
    ('PVHLOAD_VERSION_SEARCH_MAX', '256 MiB that may be it', 'info', lambda i: text(i, 256 * MIB)),
    ('PVHLOAD_RELOCATIONS_MAX', '4194304 entries', 'info', relocations),
    ('PVHLOAD_PAYLOAD_CANDIDATES_MAX', '64 streams in 62 MiB', 'extract', searched),
    ('PVL_CODEC_STREAMS_MAX', 'gzip, a byte each', 'info', lambda i: streams(i, gzip.compress)),
    ('PVL_CODEC_STREAMS_MAX', 'bzip2, a byte each', 'info', lambda i: streams(i, bz2.compress)),
    ('PVL_CODEC_STREAMS_MAX', 'xz, 128 MiB dictionaries', 'info', lambda i: streams(i, large_xz)),
    ('PVHLOAD_LZMA_MEMORY_MAX', 'xz, 128 MiB, zeros', 'info', lambda i: zeros(i, large_xz)),
    ('PVHLOAD_ZSTD_WINDOW_MAX', 'zstd, 128 MiB, zeros', 'info', lambda i: zeros(i, wide_zstd)),
    ('PVHLOAD_DECODE_LIMIT_DEFAULT', 'gzip, zeros', 'info', lambda i: zeros(i, lambda d: gzip.compress(d, 1))),
    ('PVHLOAD_DECODE_LIMIT_DEFAULT', 'bzip2, zeros', 'info', lambda i: zeros(i, bz2.compress)),
]


def cost(exe, command):
    """Milliseconds and KiB, the most of some runs, of a program that does what it is asked."""
    milliseconds, memory = 0.0, 0
    for _ in range(TIMES):
        done = subprocess.run([exe, 'run'] + command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f'{" ".join(map(str, command))}: {done.stderr}')
        took, kib = done.stdout.split()
        milliseconds, memory = max(milliseconds, float(took)), max(memory, int(kib))
    return milliseconds, memory


def command_of(program, verb, path):
    if verb == 'plan':
        return [program, verb, '--kernel', path]
    return [program, verb, path] + (['--output', path.with_name('out')] if verb == 'extract' else [])


def program_rows(exe, program, patterns, images, folder):
    path = folder / 'image'
    for limit, what, verb, make in CASES:
        if patterns and not any(p in limit for p in patterns):
            continue
        path.write_bytes(make(images))
        milliseconds, kib = cost(exe, command_of(program, verb, path))
        yield limit, what, f'{path.stat().st_size:,}', f'{milliseconds:.0f}', f'{kib / 1024:.0f}', 'program'


def call_rows(exe, patterns, times=CALLS):
    """As pvhload-costs prints them.  Where calls of the heap are not seen, it has no figure for memory."""
    printed = subprocess.run([exe, str(times)] + patterns, stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in printed.splitlines():
        limit, what, milliseconds, kib = line.split('\t')
        yield limit, what, '', f'{float(milliseconds):.2f}', kib if kib == '-' else f'{float(kib) / 1024:.3f}', 'heap'


def show(options, source):
    """CPU time, so that others may run, though caches and memory are shared."""
    sys.path.insert(0, str(source / 'tests' / 'boot'))
    import images  # pylint: disable=import-outside-toplevel
    form = '\t'.join(['{}'] * 6) if options.tsv else '{:<36} {:<38} {:>12} {:>8} {:>6} {}'
    print(form.format(*HEAD))
    exe, program = options.build / 'bench' / 'pvhload-costs', options.build / 'tools' / 'pvhload'
    with tempfile.TemporaryDirectory(dir=options.build) as folder:
        for row in program_rows(exe, program, options.case, images, pathlib.Path(folder)):
            print(form.format(*row), flush=True)
    for row in call_rows(exe, options.case):
        print(form.format(*row), flush=True)
