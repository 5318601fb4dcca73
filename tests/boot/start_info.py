# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Start info and what it leads to, made from a description.

Offsets: Xen, public/arch-x86/hvm/start_info.h.
"""
import struct


def start_info(version=1, modules=0, modlist=0, cmdline=0, rsdp=0, memmap=0, entries=0):
    return struct.pack('<IIIIQQQQII', 0x336ec578, version, 0, modules, modlist, cmdline, rsdp,
                       memmap, entries, 0)


def modlist(modules):
    """Of (gpa, size)."""
    return b''.join(struct.pack('<QQQQ', gpa, size, 0, 0) for gpa, size in modules)


def memmap(entries):
    """Of (addr, size, type)."""
    return b''.join(struct.pack('<QQII', *entry, 0) for entry in entries)
