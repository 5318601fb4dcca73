# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A kernel's payload compressed again, in the framing that the kernel's own build gives each codec.

What takes long is kept in CACHE_DIR, named by the digest of what was compressed and by how.

ABI source: Linux, scripts/Makefile.lib (cmd_gzip, cmd_bzip2, ... with size_append) and
arch/x86/boot/compressed/Makefile.
"""
import hashlib
import os
import pathlib
import struct
import subprocess
import tempfile

import common

# codec: (program, Debian's package, arguments, how the stream begins).  The framing is the kernel
# build's, made from standard input, so that no size is known beforehand; some levels are lower, for
# time.
PAYLOAD = {
    'gzip': ('gzip', 'gzip', ['-n', '-9'], b'\x1f\x8b\x08\0\0\0\0\0'),
    'bzip2': ('bzip2', 'bzip2', ['-9'], b'BZh9'),
    'lzma': ('xz', 'xz-utils', ['--format=lzma', '-0'], b'\x5d\0\0'),
    'xz': ('xz', 'xz-utils', ['--check=crc32', '--threads=1', '--x86',
                              '--lzma2=preset=0,dict=128MiB'], b'\xfd7zXZ\0\0\x01'),
    'lzo': ('lzop', 'lzop', ['-9'], b'\x89LZO\0\r\n\x1a\n'),
    'lz4': ('lz4', 'lz4', ['-l', '-9'], b'\x02\x21\x4c\x18'),
    'zstd': ('zstd', 'zstd', ['-3', '--long=27'], b'\x28\xb5\x2f\xfd\x04\x88'),
}

# name: (codec, as above).  What people and distributions put around a whole file.
FILE = {
    'gzip': ('gzip', 'gzip', 'gzip', ['-1'], b'\x1f\x8b'),
    'xz': ('xz', 'xz', 'xz-utils', ['-0'], b'\xfd7zXZ\0\0\x04'),
    'zstd': ('zstd', 'zstd', 'zstd', ['-3'], b'\x28\xb5\x2f\xfd'),
    'lz4': ('lz4', 'lz4', 'lz4', ['-l', '-1'], b'\x02\x21\x4c\x18'),
    'lz4-frame': ('lz4', 'lz4', 'lz4', ['-1'], b'\x04\x22\x4d\x18'),
}


def compressed(data, program, package, arguments, head):
    """@data by a program, from the cache if it has been there."""
    how = ' '.join([program, *arguments])
    name = hashlib.sha256(data).hexdigest()[:16] + '-' + how.replace(' ', '_').replace('=', '')
    path = common.CACHE / 'recompressed' / name
    if not path.exists():
        common.need(program, package)
        out = subprocess.run([program, '-c', *arguments], input=data, check=True,
                             stdout=subprocess.PIPE).stdout
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two tests may be here at once: each renames what it has made, whole.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(out)
        os.replace(file.name, path)
    out = path.read_bytes()
    common.check(out.startswith(head), f'{how}: the stream begins {out[:12].hex()}')
    return out


def payload(vmlinux, codec):
    """What the kernel build would put into a bzImage: the stream, and the size after it."""
    stream = compressed(vmlinux, *PAYLOAD[codec])
    return stream if codec == 'gzip' else stream + struct.pack('<I', len(vmlinux))


def bzimage(original, info, new):
    """The bzImage @original, which `pvhload info` described, with another payload."""
    pm = ((original[0x1f1] or 4) + 1) * 512
    old = info['payload']
    out = bytearray(original[:old['offset']] + new + original[old['offset'] + old['size']:])
    out.extend(bytes(-(len(out) - pm) % 16))
    struct.pack_into('<I', out, 0x1f4, (len(out) - pm) // 16)
    struct.pack_into('<II', out, 0x248, old['offset'] - pm, len(new))
    return bytes(out)


def vmlinux(kernel, folder):
    """The payload of a kernel, by `pvhload extract`."""
    path = pathlib.Path(folder) / 'vmlinux'
    done = common.run('extract', kernel, '--output', path)
    common.equal((done.returncode, done.stderr), (0, b''), 'extract')
    return path.read_bytes()
