# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""An xz stream of noise that is coded as literals, each bit of it: xz stores noise, which is cheap to decode.

LZMA2's chunks and the range coder are as in The .xz File Format and in the LZMA specification.
"""
import zlib

PROBABILITY_BITS = 11
MOVE_BITS = 5
TOP = 1 << 24
CHUNK = 60000  # a coded chunk has 64 KiB at most
STORED_MAX = 1 << 16
DICTIONARY_64K = 8  # (2 | (bits & 1)) << (bits // 2 + 11)


class RangeEncoder:
    """Bits by adaptive probabilities."""

    def __init__(self):
        self.low, self.range, self.cache, self.pending, self.out = 0, 0xffffffff, 0, 1, bytearray()

    def shift(self):
        """Give out the highest byte, and with it those that waited for a carry."""
        if self.low < 0xff000000 or self.low > 0xffffffff:
            carry = self.low >> 32
            self.out.append((self.cache + carry) & 0xff)
            self.out += bytes([(0xff + carry) & 0xff]) * (self.pending - 1)
            self.pending = 0
            self.cache = self.low >> 24 & 0xff
        self.pending += 1
        self.low = (self.low << 8) & 0xffffffff

    def bit(self, table, index, bit):
        """One bit, by the probability at an index that it changes."""
        bound = (self.range >> PROBABILITY_BITS) * table[index]
        if bit:
            self.low += bound
            self.range -= bound
            table[index] -= table[index] >> MOVE_BITS
        else:
            self.range = bound
            table[index] += ((1 << PROBABILITY_BITS) - table[index]) >> MOVE_BITS
        while self.range < TOP:
            self.range = (self.range << 8) & 0xffffffff
            self.shift()

    def end(self):
        """All bytes of the stream."""
        for _ in range(5):
            self.shift()
        return bytes(self.out)


def literals(data):
    """Of LZMA without context, lc, lp and pb of 0."""
    half = 1 << (PROBABILITY_BITS - 1)
    coder, is_match, tree = RangeEncoder(), [half], [half] * 0x100
    for byte in data:
        coder.bit(is_match, 0, 0)
        node = 1
        for shift in range(7, -1, -1):
            bit = byte >> shift & 1
            coder.bit(tree, node, bit)
            node = node << 1 | bit
    return coder.end()


def number(value):
    """In groups of seven bits, the lowest first."""
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def with_sum(data):
    """To a multiple of four bytes, and its CRC32."""
    data += bytes(-len(data) % 4)
    return data + zlib.crc32(data).to_bytes(4, 'little')


def stored(data):
    """A chunk as it is, the first of the dictionary."""
    assert 0 < len(data) <= STORED_MAX
    return b'\x01' + (len(data) - 1).to_bytes(2, 'big') + data


def coded(data):
    """A chunk with properties and state of its own."""
    packed = literals(data)
    assert len(data) <= STORED_MAX and len(packed) <= STORED_MAX
    return b'\xc0' + (len(data) - 1).to_bytes(2, 'big') + (len(packed) - 1).to_bytes(2, 'big') + b'\x00' + packed


def stream(head, noise, times):
    """An xz file of @head, and @noise so many times."""
    plain = head + noise * times
    header = with_sum(bytes([2, 0, 0x21, 1, DICTIONARY_64K, 0, 0, 0]))
    block = header + stored(head) + coded(noise) * times + b'\x00'
    unpadded = len(block) + 4
    block += bytes(-len(block) % 4) + zlib.crc32(plain).to_bytes(4, 'little')
    index = with_sum(b'\x00' + number(1) + number(unpadded) + number(len(plain)))
    flags = b'\x00\x01'
    footer = (len(index) // 4 - 1).to_bytes(4, 'little') + flags
    return (b'\xfd7zXZ\x00' + flags + zlib.crc32(flags).to_bytes(4, 'little') + block + index +
            zlib.crc32(footer).to_bytes(4, 'little') + footer + b'YZ')
