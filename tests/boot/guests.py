# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The freestanding guests of tests/guest, built by the compiler that the library was built with.

    pvh(folder)            ELF32 with a PVH note
    multiboot(folder, version)  ELF32 with a Multiboot header; multiboot_flat() is no ELF file
    moved(folder, bits, base)  ELF32 or ELF64, position-independent, with PHYS32_RELOC
    linux_elf(folder)      ELF64, for the 64-bit entry
    linux_bzimage(folder)  bzImage that has the 64-bit and the 32-bit entry
    reset(folder)          a firmware of 64 KiB, from the reset vector on

Each skips the test where the compiler cannot build it.
"""
import struct
import subprocess

import common

FOLDER = common.SOURCE / 'tests' / 'guest'
MIB = 1 << 20

COMMON = ['-O2', '-std=c17', '-ffreestanding', '-fno-stack-protector', '-fno-builtin',
          '-fno-asynchronous-unwind-tables', '-fno-jump-tables', '-mno-sse', '-mno-mmx',
          '-fcf-protection=none', '-nostdlib', '-Wl,--build-id=none',
          '-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments', '-Wall', '-Wextra']
I386 = ['-m32', '-march=i686']
X86_64 = ['-m64', '-march=x86-64', '-mno-red-zone', '-mcmodel=small']

ELF_BASE = 16 * MIB
ENTRY64 = 0x200  # from the start of the protected-mode code, and of the ELF file's memory
SETUP_SECTS = 2
PM_OFFSET = (SETUP_SECTS + 1) * 512
XLF_KERNEL_64, XLF_ABOVE_4G = 1, 2


def compile_guest(out, *options, sources, link=('-static', '-no-pie')):
    command = [*common.CC, *COMMON, *link, *options, f'-I{common.SOURCE / "include"}', '-o', str(out),
               *(str(FOLDER / name) for name in sources)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        common.skip(f'the compiler cannot build the guest:\n{done.stderr}')
    return out


def pvh(folder):
    return compile_guest(folder / 'guest.elf', *I386, '-fno-pic', '-fno-pie', '-T',
                         str(FOLDER / 'pvh.ld'),
                         sources=['entry32.S', 'print.c', 'state.c', 'reach.c', 'pvh.c'])


def moved(folder, bits, base):
    """One that is position-independent and says so; its code is of 32 bits in either class of file.

    At another base than 0, GNU ld calls it ET_EXEC.
    """
    return compile_guest(folder / f'moved{bits}', *(I386 if bits == 32 else X86_64), '-T', str(FOLDER / 'moved.ld'),
                         f'-Wl,--defsym=BASE={base:#x}', sources=['moved.S'], link=['-static-pie'])


def multiboot(folder, version):
    """An ELF32 file with a Multiboot header of that version."""
    return multiboot_elf(folder / f'multiboot{version}.elf', version)


def multiboot_elf(out, version, *options):
    return compile_guest(out, *I386, '-fno-pic', '-fno-pie', f'-DVERSION={version}', *options, '-T',
                         str(FOLDER / 'multiboot.ld'),
                         sources=['multiboot_header.S', 'entry32.S', 'print.c', 'state.c', 'reach.c', 'multiboot_guest.c'])


def multiboot_flat(folder, version):
    """The same guest as no ELF file: its bytes between 128 that are none of it and 63 more, by address fields."""
    elf = multiboot_elf(folder / f'flat{version}.elf', version, '-DFLAT')
    out = folder / f'multiboot{version}.bin'
    common.need('objcopy', 'binutils')
    subprocess.run(['objcopy', '-O', 'binary', elf, out], check=True)
    out.write_bytes(b'\xcc' * 128 + out.read_bytes() + b'\xcc' * 63)
    return out


def linux(out, base, *options, entry):
    """A Linux guest linked at @base.  It is position-independent, and relocated by nobody."""
    return compile_guest(out, *options, '-fpie', '-T', str(FOLDER / 'linux.ld'),
                         f'-Wl,--defsym=BASE={base:#x}',
                         sources=[entry, 'print.c', 'state.c', 'reach.c', 'linux.c'])


def linux_elf(folder):
    """Its entry is ENTRY64 after ELF_BASE: not the first byte."""
    return linux(folder / 'guest64.elf', ELF_BASE, *X86_64, '-Wl,-z,max-page-size=0x200000',
                 entry='entry64.S')


def flat(elf):
    """The memory image of an ELF file, .bss and all."""
    common.need('objcopy', 'binutils')
    out = elf.with_suffix('.bin')
    subprocess.run(['objcopy', '-O', 'binary', '--set-section-flags', '.bss=alloc,load,contents',
                    elf, out], check=True)
    return out.read_bytes()


def protected_mode_code(folder):
    """Both guests in one: 64-bit code at 0, 32-bit code after it; and where the latter is.

    At 0, where the 32-bit entry is, is a jump to the 32-bit code.
    """
    code64 = flat(linux_elf(folder))
    code32 = flat(linux(folder / 'guest32.elf', 0, *I386, '-DLINUX32', entry='entry32.S'))
    at32 = (len(code64) + 4095) // 4096 * 4096
    jump = struct.pack('<Bi', 0xe9, at32 - 5)
    code = jump + code64[len(jump):]
    return code + bytes(at32 - len(code)) + code32, at32


def setup_header(pm_size, **fields):
    """The first sectors of a bzImage of protocol 2.15, with some fields as the caller says."""
    layout = {'setup_sects': (0x1f1, 'B', SETUP_SECTS), 'root_flags': (0x1f2, 'H', 1),
              'syssize': (0x1f4, 'I', (pm_size + 15) // 16), 'vid_mode': (0x1fa, 'H', 0xffff),
              'boot_flag': (0x1fe, 'H', 0xaa55), 'jump': (0x200, 'H', 0x6aeb),
              'header': (0x202, 'I', 0x53726448), 'version': (0x206, 'H', 0x20f),
              'start_sys_seg': (0x20c, 'H', 0x1000), 'loadflags': (0x211, 'B', 1),
              'setup_move_size': (0x212, 'H', 0x8000), 'code32_start': (0x214, 'I', MIB),
              'heap_end_ptr': (0x224, 'H', 0x5a5a), 'initrd_addr_max': (0x22c, 'I', 0x7fffffff),
              'kernel_alignment': (0x230, 'I', 2 * MIB), 'relocatable_kernel': (0x234, 'B', 1),
              'min_alignment': (0x235, 'B', 21),
              'xloadflags': (0x236, 'H', XLF_KERNEL_64 | XLF_ABOVE_4G),
              'cmdline_size': (0x238, 'I', 2047), 'pref_address': (0x258, 'Q', 16 * MIB),
              'init_size': (0x260, 'I', 4 * MIB)}
    out = bytearray(PM_OFFSET)
    # Linux's own has this there: who copies it to the zero page has copied too much.
    out[0x1ef:0x1f1] = b'\xff\xff'
    # And after its header there is code.
    out[0x26c:] = b'\xcc' * (PM_OFFSET - 0x26c)
    for name, value in fields.items():
        offset, kind, _ = layout[name]
        layout[name] = offset, kind, value
    for offset, kind, value in layout.values():
        struct.pack_into('<' + kind, out, offset, value)
    return bytes(out)


def linux_bzimage(folder, name='guest.bzimage', **fields):
    """The path, the offset of the 32-bit code in the protected-mode code, and the header's sectors."""
    code, at32 = protected_mode_code(folder)
    header = setup_header(len(code), **fields)
    path = folder / name
    path.write_bytes(header + code)
    return path, at32, header


def reset(folder):
    return compile_guest(folder / 'reset.bin', '-m32', '-Wl,-Ttext=0', '-Wl,--oformat=binary', sources=['reset.S'])
