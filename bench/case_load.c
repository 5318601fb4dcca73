/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Loading an ELF file that is not compressed. */
#include "bench.h"

#define ELF(memory, ram_kind)                                                                  \
	{                                                                                      \
		.name = "load/elf/" memory, .over = "pread of its segments", .kernel = "6.12", \
		.file = "vmlinux", .ram = (ram_kind), .target = 1.02, .measured = guest_load,  \
		.limit = limit_pread, .finish = guest_finish                                   \
	}

const struct bench_case load_cases[] = {
	ELF("warm", RAM_WARM),
	ELF("fresh", RAM_FRESH),
	ELF("memfd", RAM_MEMFD),
	ELF("huge", RAM_HUGE),
	{ 0 },
};
