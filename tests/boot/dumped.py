# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Boot what `pvhload dump` writes: guest RAM as a file, and the processor's state as JSON.

As pvhload boot does it: QEMU on the RAM file, with the ROM of tools/rom.S, which loads the state and jumps.  The
ROM is assembled, and its state filled in, anew here.
"""
import json
import re
import subprocess

import common

TOOLS = common.SOURCE / 'tools'
EFER_LMA = 0x400  # follows from LME and paging


def layout():
    """{name: number} of rom_layout.h."""
    text = (TOOLS / 'rom_layout.h').read_text()
    return {name: int(number, 16) for name, number in re.findall(r'#define ROM_(\w+)\s+(0x[0-9a-f]+)', text)}


def make_rom(cpu, folder):
    at = layout()
    obj, path = folder / 'rom.o', folder / 'rom'
    subprocess.run([*common.CC, '-c', '-o', obj, TOOLS / 'rom.S'], check=True)
    subprocess.run(['objcopy', '-O', 'binary', '-j', '.rodata.rom', obj, path], check=True)
    rom = bytearray(path.read_bytes())
    common.equal(len(rom), at['SIZE'], 'bytes of ROM')

    def store(place, value, size):
        first = at['STATE'] + place
        rom[first:first + size] = value.to_bytes(size, 'little')

    for name in ('rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13',
                 'r14', 'r15', 'cr0', 'cr2', 'cr3', 'cr4', 'cr8'):
        store(at[name.upper()], cpu[name], 8)
    store(at['EFER'], cpu['efer'] & ~EFER_LMA, 8)
    for name in ('es', 'ss', 'ds', 'fs', 'gs', 'tr', 'ldt'):
        store(at[name.upper()], cpu[name]['selector'], 2)
    for name in ('gdt', 'idt'):
        store(at[name.upper() + 'R'], cpu[name]['limit'], 2)
        store(at[name.upper() + 'R'] + 2, cpu[name]['base'], 8)
    store(at['TSS_TYPE'], cpu['gdt']['base'] + cpu['tr']['selector'] + 5, 8)
    for name in ('lint0', 'lint1'):
        store(at[name.upper()], cpu['lapic'][name], 4)
    frame = (cpu['rip'], cpu['cs']['selector'], cpu['rflags'], cpu['rsp'], cpu['ss']['selector'])
    for i, value in enumerate(frame):
        store(at['FRAME'] + 8 * i, value, 8)
    store(at['JUMP'], cpu['rip'] & 0xffffffff, 4)
    store(at['JUMP'] + 4, cpu['cs']['selector'], 2)
    store(at['FLAGS'], (cpu['rflags'] & 0xff) << 8, 4)
    store(at['LONG_MODE'], cpu['cs']['l'], 4)
    path.write_bytes(rom)
    return path


def boot(memory, cpu, folder, timeout=200):
    """What the guest wrote to its serial console."""
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    rom = make_rom(json.loads(cpu.read_text()), folder)
    size = memory.stat().st_size
    done = subprocess.run(
        ['qemu-system-x86_64', '-machine', 'pc,max-ram-below-4g=3G,memory-backend=ram', '-accel', 'tcg', '-cpu', 'max',
         '-object', f'memory-backend-file,id=ram,mem-path={memory},size={size},share=on', '-m', f'size={size}B',
         '-bios', rom, '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
    common.equal((done.returncode, done.stderr), (0, b''), 'QEMU')
    return done.stdout.decode('utf-8', 'replace').replace('\r', '')
