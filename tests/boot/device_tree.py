# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Flattened device trees, made from a description.

A node is a dictionary: of bytes for a property, of a dictionary for a child.  Layout: Devicetree Specification,
chapter 5.
"""
import struct


def cells(*numbers):
    """Each of 8 bytes."""
    return struct.pack(f'>{len(numbers)}Q', *numbers)


def cell(number):
    return struct.pack('>I', number)


def text(words):
    return words.encode() + b'\0'


def aligned(data):
    return data + bytes(-len(data) % 4)


def node(name, members, strings):
    out = cell(1) + aligned(text(name))
    for key, value in members.items():
        if isinstance(value, dict):
            out += node(key, value, strings)
        else:
            out += cell(3) + cell(len(value)) + cell(len(strings)) + aligned(value)
            strings += text(key)
    return out + cell(2)


def tree(root, reserved=(), free=0):
    """With @free bytes after its blocks."""
    strings = bytearray()
    structure = node('', root, strings) + cell(9)
    entries = b''.join(cells(*entry) for entry in (*reserved, (0, 0)))
    at = 40 + len(entries)
    size = at + len(structure) + len(strings)
    header = struct.pack('>10I', 0xd00dfeed, size + free, at, at + len(structure), 40, 17, 16, 0, len(strings),
                         len(structure))
    return header + entries + structure + bytes(strings) + bytes(free)
