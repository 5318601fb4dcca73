/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A ROM that turns QEMU into a plain processor: from the reset vector it loads one processor state,
 * register by register, and jumps.  Nothing else happens between reset and the guest's entry.  The code
 * is rom.S; a program that is built for another machine than x86 does not have it.
 */
#ifndef TOOL_STUB_ROM_H
#define TOOL_STUB_ROM_H

#include <stdbool.h>
#include <stdint.h>

#include <pvhload/x86_cpu.h>

/* The ROM ends at 4 GiB; QEMU shows it at 0xf0000 as well. */
#define STUB_ROM_SIZE 0x10000u

/*
 * NULL, or why there is no ROM for @cpu: it is neither a 32-bit protected-mode state with paging off, nor
 * a long-mode state whose page tables have their root below 4 GiB; those must map the first MiB and the
 * GDT to themselves.  Or this program has no ROM at all.
 */
const char *stub_rom_build(const struct pvhload_x86_cpu *cpu, uint8_t rom[STUB_ROM_SIZE]);

#endif
