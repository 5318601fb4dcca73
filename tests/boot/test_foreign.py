#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Debian's kernels for other machines: what they are, what is taken out of them, and what is said without a device tree.

Their boots are in test_virt.py.

    test_foreign.py KERNEL [zboot]
    test_foreign.py made-up

KERNEL is one of tests/fetch-kernels.sh; with zboot, EFI zboot images are made of it.
"""
import gzip
import os
import struct
import sys

import common
import images
import recompress
from common import check, equal

# kernel: (format of the flat Image, arch, keys that only one of them has)
KINDS = {
    '6.1-arm64': ('arm64-image', 'arm64', {'page_size': 4096, 'anywhere': True, 'header_version': None}),
    'trixie-riscv64': ('riscv64-image', 'riscv64',
                       {'page_size': None, 'anywhere': None, 'header_version': 2}),
    'sid-loong64': ('loongarch64-image', 'loongarch64',
                    {'page_size': None, 'anywhere': None, 'header_version': None}),
}


# As the kernel's build compresses, but for the levels, for time.
ZBOOT = {
    'gzip': ('gzip', 'gzip', ['-n', '-1'], b'\x1f\x8b\x08\0\0\0\0\0'),
    'zstd': ('zstd', 'zstd', ['-1', '--long=27'], b'\x28\xb5\x2f\xfd'),
}
VERBS = (['plan'], ['measure'], ['dump', '--memory-file', 'ram', '--cpu-file', 'cpu'])
ENTERED = {'arm64': 'it is an arm64 Image, entered at its first byte',
           'riscv64': 'it is a riscv64 Image, entered at its first byte'}


def header(image, kind):
    """What info is to say of a flat Image, by its bytes."""
    text_offset, image_size, flags = struct.unpack_from('<QQQ', image, 8)
    out = {'text_offset': text_offset, 'image_size': image_size, 'image_flags': flags, 'entry': None}
    if kind == 'loongarch64-image':
        out.update({'entry': text_offset, 'text_offset': flags, 'image_flags': 0})
    return {**out, 'init_size': image_size, 'big_endian': False}


def release(kernel):
    """What its package is called after "linux-image-" or "linux-binary-"."""
    return common.fetched(kernel, 'package').read_text().strip().split('-', 2)[2]


def extracted(path, folder):
    out = folder / 'extracted'
    done = common.run('extract', path, '--output', out)
    equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), 'extract')
    return out.read_bytes()


def protocols(arch):
    """What info is to say of what it boots by."""
    return [{'protocol': arch, 'decompress': None, 'can': True, 'reason': ENTERED[arch]}] if arch in ENTERED else []


def alone(path, arch, folder, verbs=VERBS[:1], protocols=('auto',)):
    """Without a device tree, nothing is made of it; of loongarch64's, never."""
    says = (f'a kernel for {arch} is told of its machine by a device tree: --dtb FILE' if arch in ENTERED else
            f'a kernel for {arch}, which an EFI firmware has to start: it has no boot protocol of its own')
    before = sorted(folder.iterdir())
    for verb in verbs:
        for protocol in protocols:
            done = common.run(*verb, '--kernel', path, '--protocol', protocol, cwd=folder)
            line = done.stderr.decode()
            equal((done.returncode, done.stdout), (1, b''), f'{verb[0]} by {protocol}')
            check(line.startswith(f'pvhload: {path}: ') and line.count('\n') == 1 and line.endswith(f'{says}\n'), line)
    equal(sorted(folder.iterdir()), before, 'files left behind')


def described(path, kernel, image, **more):
    """info of a file that holds this flat Image."""
    kind, arch, own = KINDS[kernel]
    info = common.run_json('info', path)
    expected = {'format': kind, 'arch': arch, 'guest': 'linux', 'protocols': protocols(arch), 'payload': None,
                'wrapper': None, 'cmdline_max': None, 'initrd_max': None, **own, **header(image, kind),
                **more}
    equal({key: info[key] for key in expected}, expected, f'info of {path}')
    check(info['kernel_version'].startswith(release(kernel) + ' '), info['kernel_version'])
    text = common.run('info', path).stdout.decode()
    by = f'{arch}: {ENTERED[arch]}' if arch in ENTERED else 'nothing: '
    check(f'{info["format"]} for {arch}' in text and f'boots by      {by}' in text, text)


def around(kernel, image, folder):
    """The Image compressed as a whole."""
    path = folder / 'Image.gz'
    path.write_bytes(recompress.compressed(image, *recompress.FILE['gzip'][1:]))
    described(path, kernel, image, wrapper='gzip')
    check(extracted(path, folder) == image, 'what is extracted is what was compressed')
    alone(path, KINDS[kernel][1], folder)


def made_zboot(kernel, image, codec, folder):
    """A zboot image of the Image, and what comes out of it."""
    whole = images.padded(image)
    stream = recompress.compressed(whole, *ZBOOT[codec])
    path = folder / f'zboot-{codec}'
    path.write_bytes(images.zboot(stream, codec, len(whole)))
    described(path, kernel, image, format='efi-zboot',
              payload={'codec': codec, 'offset': 0x1000, 'size': len(stream),
                       'uncompressed_size': len(whole)})
    out = extracted(path, folder)
    check(out == whole, 'what is extracted is what was compressed')
    check(out[:len(image)] == image and not any(out[len(image):]), 'the Image, and zeros')
    alone(path, KINDS[kernel][1], folder)
    cut = folder / 'cut'
    cut.write_bytes(path.read_bytes()[:0x1000 + len(stream) - 1])
    done = common.run('info', cut)
    equal((done.returncode, done.stdout), (1, b''), 'a truncated zboot image')
    check(b'passes the end of the file' in done.stderr, done.stderr.decode())


def as_it_is(kernel, folder):
    """Debian's file; the flat Image that it is, or has as its payload."""
    path = common.kernel(kernel)
    file = path.read_bytes()
    image = extracted(path, folder)
    if file[4:8] == b'zimg':
        offset, size, name = struct.unpack_from('<II8x32s', file, 8)
        described(path, kernel, image, format='efi-zboot',
                  payload={'codec': name.rstrip(b'\0').decode(), 'offset': offset, 'size': size,
                           'uncompressed_size': len(image)})
        equal(struct.unpack_from('<I', file, offset + size)[0], len(image), 'the decoded size')
    else:
        check(image == file, 'an Image is extracted as it is')
        described(path, kernel, image)
    alone(path, KINDS[kernel][1], folder, VERBS, ('auto', 'pvh', 'linux64', 'linux32'))
    return image


def refused(done, path, says):
    equal((done.returncode, done.stdout), (1, b''), says)
    line = done.stderr.decode()
    check(line.startswith(f'pvhload: {path}: ') and line.count('\n') == 1 and says in line, line)


def made_up():
    """What a header says is told, though a payload may not be decoded."""
    with common.scratch() as folder:
        path = folder / 'image'
        path.write_bytes(images.arm64(image_size=0, text_offset=0x0000080000000000, flags=0x5))
        info = common.run_json('info', path)
        expected = {'format': 'arm64-image', 'arch': 'arm64', 'text_offset': 0x80000, 'image_size': 0,
                    'image_flags': 5, 'page_size': 16384, 'big_endian': True, 'anywhere': False,
                    'init_size': None, 'kernel_version': None, 'relocatable': True, 'alignment': 0x200000}
        equal({key: info[key] for key in expected}, expected, 'a big-endian kernel of before 3.17')
        text = common.run('info', path).stdout.decode()
        for line in ('  byte order    big-endian\n', '  page size     16384\n',
                     '  wants         to be at a multiple of 0x200000 plus 0x80000, and does not say how much '
                     'memory it needs there, as low as can be: what is below is lost\n'):
            check(line in text, text)
        path.write_bytes(images.arm64(flags=0x10))
        refused(common.run('info', path), path, 'unknown flags: 0x10')
        path.write_bytes(images.zboot(gzip.compress(images.arm64()), 'brotli', 4096))
        refused(common.run('info', '--json', path), path, 'the header calls it "brotli"')
        refused(common.run('extract', path, '--output', folder / 'out'), path, '"brotli"')
        refused(common.run('plan', '--kernel', path), path, '"brotli"')
        done = common.run('info', path)
        equal(done.returncode, 1, 'exit status of info')
        equal([line[:16].strip() for line in done.stdout.decode().split('\n')[1:]],
              ['guest', 'compressed', 'boots by', ''], 'what is told of it')
        path.write_bytes(images.zboot(gzip.compress(images.kernel()), 'gzip', 0))
        refused(common.run('extract', path, '--output', folder / 'out'), path,
                'payload: an ELF file, which is never in an EFI zboot image')
        equal(os.listdir(folder), ['image'], 'files left behind')


def main():
    kernel = sys.argv[1]
    if kernel == 'made-up':
        common.main([made_up])
        return
    with common.scratch() as folder:
        image = as_it_is(kernel, folder)
        if 'zboot' in sys.argv[2:]:
            around(kernel, image, folder)
            for codec in ('gzip', 'zstd'):
                made_zboot(kernel, image, codec, folder)
    print(f'ok: {kernel}')


if __name__ == '__main__':
    main()
