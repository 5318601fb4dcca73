#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The notes of pvhload/guest_note.h, in C and in assembly, in every kind of link: what a loader finds in the file.

    guest_note.py SOURCE-ROOT COMPILER

By GNU ld and by lld, where they are installed.  Every link is done with --gc-sections and nothing that keeps the
note, and once more of what a relocatable link has made.
"""
import pathlib
import platform
import shutil
import struct
import subprocess
import sys
import tempfile

SKIPPED = 77
LINKERS = ('ld.bfd', 'ld.lld')
ENTRY = 0x200010  # physical, in each of the scripts
HIGHER_HALF = 0xffffffff80000000
RELOC = struct.pack('<III', 0x200000, 0x100000, 0x3fffffff)

# The note alone keeps the entry; "start" keeps nothing, and nobody asks for "unused".
SOURCE = '''\
#include <pvhload/guest.h>
	.section .text.start, "ax"
	.globl start
start:	hlt
	.section .text.pvh, "ax"
	.balign 16
	.globl pvh_entry
pvh_entry:
	hlt
	.section .text.unused, "ax"
	.globl unused
unused:	hlt
	.section .note.GNU-stack, "", @progbits
'''
IN_ASSEMBLY = 'PVHLOAD_GUEST_NOTE_RELOC(0x200000, 0x100000, 0x3fffffff)\n'
IN_C = '#include <pvhload/guest.h>\nPVHLOAD_GUEST_NOTE_RELOC(0x200000, 0x100000, 0x3fffffff);\n'

SCRIPT = '''\
ENTRY(start)
SECTIONS
{{
	. = {base:#x} + 0x200000;
	.text : AT(ADDR(.text) - {base:#x}) {{ *(.text.start) *(.text.*) }}
	.note.Xen : AT(ADDR(.note.Xen) - {base:#x}) {{ *(.note.Xen) }}
	.dynsym : {{ *(.dynsym) }}
	.dynstr : {{ *(.dynstr) }}
	.hash : {{ *(.hash) }}
	.gnu.hash : {{ *(.gnu.hash) }}
	.dynamic : {{ *(.dynamic) }}
	pvh_note = ABSOLUTE(pvhload_guest_entry_note) + ABSOLUTE(pvh_entry) - {base:#x};
}}
'''

PIE = ['-pie', '--no-dynamic-linker']
# Bits, the note, what is between virtual and physical addresses, the linker's options, bytes of the descriptor.
GOOD = [
    (32, 'ENTRY32(pvh_entry)', 0, [], 4),
    (32, 'ENTRY64(pvh_entry)', 0, [], 8),
    (32, 'ENTRY32(pvh_entry - 0x80000000)', 0x80000000, [], 4),
    (32, 'ENTRY_PIE(pvh_entry, pvh_note)', 0, PIE, 8),
    (64, 'ENTRY32(pvh_entry)', 0, [], 4),
    (64, 'ENTRY64(pvh_entry)', 0, [], 8),
    (64, f'ENTRY32(pvh_entry - {HIGHER_HALF:#x})', HIGHER_HALF, [], 4),
    (64, f'ENTRY64(pvh_entry - {HIGHER_HALF:#x})', HIGHER_HALF, [], 8),
    (64, 'ENTRY_PIE(pvh_entry, pvh_note)', 0, [], 8),
    (64, 'ENTRY_PIE(pvh_entry, pvh_note)', 0, PIE, 8),
    (64, 'ENTRY_PIE(pvh_entry, pvh_note)', HIGHER_HALF, PIE, 8),
]
# The same, with a list of notes, and what the linker says of it.
BAD = [
    (64, ['ENTRY64(pvh_entry)'], 0, PIE, 'R_X86_64_32'),
    (64, ['ENTRY64(pvh_entry)'], HIGHER_HALF, [], 'R_X86_64_32'),
    (64, ['ENTRY64(pvh_entry)'], 1 << 32, [], 'R_X86_64_32'),
    (32, ['ENTRY32(pvh_entry)', 'ENTRY32(pvh_entry + 1)'], 0, [], 'pvhload_guest_entry_note'),
]


class Tools:
    """A compiler, a linker and a folder."""

    def __init__(self, root, cc, folder):
        self.root, self.cc, self.folder, self.compiled = root, cc, folder, {}

    def compile(self, bits, suffix, text):
        """The object of a source; each is compiled once."""
        key = bits, suffix, text
        if key not in self.compiled:
            self.compiled[key] = self.compile_anew(bits, self.folder / f'{len(self.compiled)}{suffix}', text)
        return self.compiled[key]

    def compile_anew(self, bits, source, text):
        source.write_text(text)
        out = source.with_suffix('.o')
        subprocess.run([*self.cc, f'-m{bits}', '-ffreestanding', '-fno-pic', f'-I{self.root / "include"}', '-c', source,
                        '-o', out], check=True)
        return out

    def objects(self, bits, note, in_c):
        """The kernel with its notes in assembly, or in a file of C."""
        macro = f'PVHLOAD_GUEST_NOTE_{note}'
        if not in_c:
            return [self.compile(bits, '.S', SOURCE + IN_ASSEMBLY + macro + '\n')]
        return [self.compile(bits, '.S', SOURCE), self.compile(bits, '.c', f'{IN_C}{macro};\n')]

    def link(self, linker, bits, objects, *options):
        """The file, or what the linker said."""
        out = self.folder / 'kernel'
        done = subprocess.run([linker, '-m', {32: 'elf_i386', 64: 'elf_x86_64'}[bits], *options, *objects, '-o', out],
                              capture_output=True, text=True)
        return out.read_bytes() if done.returncode == 0 else done.stderr

    def script(self, base):
        path = self.folder / 'kernel.ld'
        path.write_text(SCRIPT.format(base=base))
        return ['-T', path, '-z', 'max-page-size=0x1000', '--gc-sections']


def headers(elf):
    """(type, offset, bytes in the file) of each program header."""
    wide = elf[4] == 2
    phoff = struct.unpack_from('<Q' if wide else '<I', elf, 32 if wide else 28)[0]
    size, count = struct.unpack_from('<HH', elf, 54 if wide else 42)
    for at in range(phoff, phoff + size * count, size):
        kind, = struct.unpack_from('<I', elf, at)
        where, form = ((8, 32), '<Q') if wide else ((4, 16), '<I')
        yield kind, *(struct.unpack_from(form, elf, at + n)[0] for n in where)


def notes(elf):
    """{type: descriptor} of owner "Xen" in the PT_NOTE segments."""
    found = {}
    for kind, offset, size in headers(elf):
        at = offset
        while kind == 4 and at < offset + size:
            name_size, desc_size, note = struct.unpack_from('<III', elf, at)
            desc = at + 12 + (name_size + 3) // 4 * 4
            if elf[at + 12:at + 12 + name_size] == b'Xen\0':
                found.setdefault(note, []).append(elf[desc:desc + desc_size])
            at = desc + (desc_size + 3) // 4 * 4
    return found


def relocations(elf):
    """Entries of sections of type SHT_RELA and SHT_REL."""
    wide = elf[4] == 2
    shoff = struct.unpack_from('<Q' if wide else '<I', elf, 40 if wide else 32)[0]
    size, count = struct.unpack_from('<HH', elf, 58 if wide else 46)
    total = 0
    for at in range(shoff, shoff + size * count, size):
        kind, = struct.unpack_from('<I', elf, at + 4)
        if kind in (4, 9):
            total += struct.unpack_from('<Q' if wide else '<I', elf, at + (32 if wide else 20))[0]
    return total


def check_good(tools, linker, case, in_c, relocatable):
    bits, note, base, options, size = case
    objects = tools.objects(bits, note, in_c)
    if relocatable:
        whole = tools.folder / 'whole.o'
        whole.write_bytes(tools.link(linker, bits, objects, '-r'))
        objects = [whole]
    elf = tools.link(linker, bits, objects, *tools.script(base), *options)
    if isinstance(elf, str):
        return elf
    expected = {18: [ENTRY.to_bytes(size, 'little')], 19: [RELOC]}
    if notes(elf) != expected:
        return f'{notes(elf)}, expected {expected}'
    if relocations(elf):
        return 'there are relocations'
    if b'\0unused\0' in elf or b'\0pvh_entry\0' not in elf:
        return '--gc-sections kept what nobody asks for, or not the entry'
    return None


def check_bad(tools, linker, case):
    bits, notes_of, base, options, says = case
    objects = [tools.compile(bits, '.S', SOURCE)]
    objects += [tools.compile(bits, '.c', f'{IN_C}PVHLOAD_GUEST_NOTE_{note};\n') for note in notes_of]
    said = tools.link(linker, bits, objects, *tools.script(base), *options)
    return None if isinstance(said, str) and says in said else f'linked, or without {says}: {said[:300]}'


def main():
    root, cc = pathlib.Path(sys.argv[1]), sys.argv[2].split()
    linkers = [name for name in LINKERS if shutil.which(name)]
    if platform.machine() != 'x86_64' or not linkers:
        print('skipped: no linker for x86')
        return SKIPPED
    errors, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(root, cc, pathlib.Path(folder))
        for linker in linkers:
            for case in GOOD:
                for in_c in (False, True):
                    for relocatable in (False, True):
                        error = check_good(tools, linker, case, in_c, relocatable)
                        errors += [f'{linker} {case} C {in_c} -r {relocatable}: {error}'] if error else []
                        count += 1
            for case in BAD:
                error = check_bad(tools, linker, case)
                errors += [f'{linker} {case}: {error}'] if error else []
                count += 1
    print('\n'.join(errors) if errors else f'{count} links by {", ".join(linkers)}')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
