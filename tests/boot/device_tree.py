# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Flattened device trees, made from a description, and read as far as the tests need it.

In a description, a node is a dictionary: of bytes for a property, of a dictionary for a child.  Layout: Devicetree
Specification, chapter 5.
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


BEGIN_NODE, END_NODE, PROP, NOP = 1, 2, 3, 4


def properties(tree):
    """(path of the node, name, where its token begins, where its value begins, size of the value) of each."""
    struct_at, strings_at = struct.unpack_from('>II', tree, 8)
    path, at = [], struct_at
    while True:
        token, = struct.unpack_from('>I', tree, at)
        if token == BEGIN_NODE:
            end = tree.index(b'\0', at + 4)
            path.append(tree[at + 4:end].decode())
            at = end + 1
        elif token == END_NODE:
            path.pop()
            at += 4
        elif token == PROP:
            size, name = struct.unpack_from('>II', tree, at + 4)
            name_at = strings_at + name
            name = tree[name_at:tree.index(b'\0', name_at)].decode()
            yield '/'.join(path) or '/', name, at, at + 12, size
            at += 12 + size
        elif token == NOP:
            at += 4
        else:
            return
        at += -at % 4


def without(tree, *names):
    """The tree without these properties of /chosen."""
    out = bytearray(tree)
    for path, name, at, value_at, size in properties(tree):
        if path == '/chosen' and name in names:
            end = value_at + size + -size % 4
            out[at:end] = struct.pack('>I', NOP) * ((end - at) // 4)
    return bytes(out)


def chosen(tree):
    """{name: value} of /chosen."""
    return {name: tree[at:at + size] for path, name, _, at, size in properties(tree) if path == '/chosen'}


def grown(tree, size):
    """The tree with a property in its root that makes it so large, which nobody reads."""
    at, strings_at, strings, blocks = (struct.unpack_from('>I', tree, where)[0] for where in (8, 12, 32, 36))
    pad = size - len(tree) - 12
    structure = tree[at:at + 8] + cell(3) + cell(pad) + cell(0) + bytes(pad) + tree[at + 8:at + blocks]
    out = bytearray(tree[:at] + structure + tree[strings_at:strings_at + strings])
    struct.pack_into('>I', out, 4, len(out))
    struct.pack_into('>I', out, 12, at + len(structure))
    struct.pack_into('>I', out, 36, len(structure))
    return bytes(out)
