# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Guest RAM with a zero page in it, made from a description.

Offsets: Linux, Documentation/arch/x86/zero-page.rst and boot.rst.
"""
import struct

SETUP_INDIRECT = 0x80000000


class Ram(bytearray):
    """Guest memory from address 0 up."""

    def put(self, gpa, kind, *values):
        struct.pack_into('<' + kind, self, gpa, *values)

    def put_bytes(self, gpa, data):
        self[gpa:gpa + len(data)] = data


def e820(entries):
    """Packed entries of (addr, size, type)."""
    return b''.join(struct.pack('<QQI', *entry) for entry in entries)


def put_zero_page(ram, gpa, version=0x20f, type_of_loader=0xff, loadflags=1, xloadflags=0,
                  cmdline=0, initrd=(0, 0), rsdp=0, setup_data=0, entries=(), sentinel=0,
                  **kernel):
    """A zero page at @gpa; @kernel has the kernel's own words."""
    ram.put_bytes(gpa, bytes(4096))
    ram.put(gpa + 0x070, 'Q', rsdp)
    for high, low, value in ((0x0c0, 0x218, initrd[0]), (0x0c4, 0x21c, initrd[1]),
                             (0x0c8, 0x228, cmdline)):
        ram.put(gpa + high, 'I', value >> 32)
        ram.put(gpa + low, 'I', value & 0xffffffff)
    ram.put(gpa + 0x1e8, 'B', len(entries))
    ram.put(gpa + 0x1ef, 'B', sentinel)
    ram.put(gpa + 0x1fe, 'H', 0xaa55)
    ram.put(gpa + 0x202, 'I', 0x53726448)
    ram.put(gpa + 0x206, 'H', version)
    ram.put(gpa + 0x210, 'BB', type_of_loader, loadflags)
    ram.put(gpa + 0x236, 'H', xloadflags)
    ram.put(gpa + 0x250, 'Q', setup_data)
    ram.put_bytes(gpa + 0x2d0, e820(entries))
    fields = {'code32_start': (0x214, 'I'), 'initrd_addr_max': (0x22c, 'I'),
              'kernel_alignment': (0x230, 'I'), 'relocatable': (0x234, 'B'),
              'cmdline_size': (0x238, 'I'), 'pref_address': (0x258, 'Q'),
              'init_size': (0x260, 'I'), 'syssize': (0x1f4, 'I'),
              'payload_offset': (0x248, 'I'), 'payload_length': (0x24c, 'I')}
    for name, value in kernel.items():
        offset, kind = fields[name]
        ram.put(gpa + offset, kind, value)


def put_node(ram, gpa, next_gpa, kind, data):
    """A setup_data node."""
    ram.put(gpa, 'QII', next_gpa, kind, len(data))
    ram.put_bytes(gpa + 16, data)


def indirect(kind, gpa, size):
    """The data of a node of type SETUP_INDIRECT."""
    return struct.pack('<IIQQ', SETUP_INDIRECT | kind, 0, size, gpa)
