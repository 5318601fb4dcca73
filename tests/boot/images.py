# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Kernel images made from a description, so that a test shows what is wrong with the one it uses."""
import struct

PT_LOAD, PT_NOTE = 1, 4
X86_64, AARCH64 = 62, 183
PE_ARM64 = 0xaa64
PE_X86_64 = 0x8664


def note(entry):
    """A Xen PHYS32_ENTRY note of 8 bytes."""
    return struct.pack('<III4sQ', 4, 8, 18, b'Xen\0', entry)


# 64 bytes, in which auto sees that it is Linux.
CODE = b'\x90' * 48 + b'Linux version 7\0'


def load(gpa, data=CODE, mem_size=None, file_size=None):
    return {'type': PT_LOAD, 'gpa': gpa, 'data': data, 'mem_size': mem_size,
            'file_size': file_size}


def notes(data):
    return {'type': PT_NOTE, 'gpa': 0, 'data': data, 'mem_size': 0, 'file_size': None}


def elf64(*segments, machine=X86_64, byte_order='<', entry=0x100000):
    """An ELF64 executable; header fields in the given byte order."""
    header_size = 64 + 56 * len(segments)
    data_order = 1 if byte_order == '<' else 2
    out = struct.pack('<4sBBBB8x', b'\x7fELF', 2, data_order, 1, 0)
    out += struct.pack(byte_order + 'HHIQQQIHHHHHH', 2, machine, 1, entry, 64, 0, 0, 64, 56,
                       len(segments), 64, 0, 0)
    at, body = header_size, b''
    for s in segments:
        size = len(s['data']) if s['file_size'] is None else s['file_size']
        mem = size if s['mem_size'] is None else s['mem_size']
        out += struct.pack(byte_order + 'IIQQQQQQ', s['type'], 7, at, s['gpa'], s['gpa'], size,
                           mem, 4)
        body += s['data']
        at += len(s['data'])
    return out + body


def kernel(*more, entry=0x100000):
    """One that is fine, at 1 MiB, with more segments."""
    return elf64(load(0x100000), notes(note(entry)), *more)


def bzimage(payload, trailer=None):
    """Boot protocol 2.15 around a payload; @trailer is the size appended, None for a gzip payload."""
    if trailer is not None:
        payload = payload + struct.pack('<I', trailer)
    out = bytearray(0x400 + 0x400)  # code up to after the 64-bit entry
    fields = {0x1f1: (1, 'B'), 0x1fe: (0xaa55, 'H'), 0x200: (0x6aeb, 'H'),
              0x202: (0x53726448, 'I'), 0x206: (0x20f, 'H'), 0x211: (1, 'B'),
              0x214: (0x100000, 'I'), 0x22c: (0x7fffffff, 'I'), 0x230: (0x200000, 'I'),
              0x236: (0x7f, 'H'), 0x238: (2047, 'I'), 0x248: (0x400, 'I'),
              0x24c: (len(payload), 'I'), 0x258: (0x1000000, 'Q'), 0x260: (0x4000000, 'I')}
    for offset, (value, kind) in fields.items():
        struct.pack_into('<' + kind, out, offset, value)
    return bytes(out) + payload


def pe_header(machine, *sections):
    """With sections of (name, offset, size), each at the address of its offset."""
    out = struct.pack('<4sHH12xHH', b'PE\0\0', machine, len(sections), 160, 0x206)
    out += struct.pack('<H158x', 0x20b)
    for name, offset, size in sections:
        out += struct.pack('<8sIIII16x', name, size, offset, size, offset)
    return out


def arm64(image_size=0x10000, text_offset=0, flags=0xa):
    """A flat Image of 4 KiB; as a kernel without EFI has it, with a branch at its start."""
    return struct.pack('<IIQQQ24xII', 0x14000400, 0, text_offset, image_size, flags, 0x644d5241, 0) + bytes(4032)


def riscv64(image_size=0x10000, text_offset=0x200000):
    """The same for riscv64."""
    return struct.pack('<IIQQQIIQQII', 0x0000a001, 0, text_offset, image_size, 0, 2, 0, 0, 0x5643534952, 0x05435352,
                       0) + bytes(4032)


def padded(image):
    """An Image as it is before zboot compresses it: with zeros, to the bytes it says it needs."""
    return image + bytes(max(struct.unpack_from('<I', image, 16)[0] - len(image), 0))


def zboot(stream, name, decoded_size, machine=PE_ARM64):
    """As Linux's Makefile.zboot lays it out: headers, code, the payload with its size, data.

    gzip's stream has the size in itself.
    """
    offset = 0x1000
    payload = stream if name == 'gzip' else stream + struct.pack('<I', decoded_size)
    payload += bytes(-len(payload) % 512)
    end = offset + len(payload)
    out = struct.pack('<2s2x4sII8x32sII', b'MZ', b'zimg', offset, len(stream), name.encode(),
                      0x818223cd, 64)
    out += pe_header(machine, (b'.text', 512, end - 512), (b'.data', end, 512))
    return out + bytes(offset - len(out)) + payload + bytes(512)


def uki(*sections, machine=PE_X86_64, signature=b''):
    """A PE file for EFI with sections of (name, bytes), in this order; what fills them up is no zeros."""
    at = -(-(0x80 + 24 + 240 + 40 * len(sections)) // 512) * 512
    table, body = b'', b''
    for name, data in sections:
        filled = data + b'\xee' * (-len(data) % 512)
        table += struct.pack('<8sIIII16x', name, len(data), 0x10000, len(filled), at + len(body))
        body += filled
    certificates = struct.pack('<IHH', 8 + len(signature), 0x200, 2) + signature if signature else b''
    certificates += bytes(-len(certificates) % 8)
    out = b'MZ' + bytes(58) + struct.pack('<I', 0x80) + bytes(64)
    out += struct.pack('<4sHH12xHH', b'PE\0\0', machine, len(sections), 240, 0x206)
    out += struct.pack('<H66xH38xI', 0x20b, 10, 16)
    out += struct.pack('<32xII88x', at + len(body) if signature else 0, len(certificates))
    out += table
    return out + bytes(at - len(out)) + body + certificates


def multiboot_flat():
    """A Multiboot 1 kernel that is no ELF file: 4 KiB at 1 MiB, by its header's address fields."""
    flags = 0x10003
    header = struct.pack('<8I', 0x1badb002, flags, -(0x1badb002 + flags) & 0xffffffff, 0x100000, 0x100000, 0, 0, 0x100020)
    return header + b'\xf4' * (4096 - len(header))
