/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#define NOTE_OFFSET 512u
#define PAGE        4096u

static struct pvhload_memmap_entry entries[STAGE_ENTRIES];
static struct pvhload_memmap map;

/* An ELF file with a segment of a page and a PVH note. */
static struct {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	uint8_t gap[NOTE_OFFSET - sizeof(Elf64_Ehdr) - 2 * sizeof(Elf64_Phdr)];
	Elf64_Nhdr note;
	char owner[4];
	uint64_t entry;
	uint8_t rest[2 * PAGE - NOTE_OFFSET - sizeof(Elf64_Nhdr) - 12];
} kernel;

struct pvhload_error stage_error = PVHLOAD_ERROR_INIT;

void must(enum pvhload_status status)
{
	must_hold(status == PVHLOAD_OK, stage_error.message);
}

void must_hold(int true_, const char *what)
{
	if (true_)
		return;
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

struct pvhload_memmap *stage_map(void)
{
	struct pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;

	x86.ram_size = 2048 * MIB;
	map.struct_size = sizeof(map);
	map.entries = entries;
	map.capacity = STAGE_ENTRIES;
	must(pvhload_memmap_init_x86(&x86, &map, &stage_error));
	return &map;
}

/* Knuth's MMIX generator. */
static size_t next_below(size_t limit)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)((state >> 33) % limit);
}

void stage_shuffle(struct pvhload_memmap_entry *list, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		const size_t other = next_below(i);
		const struct pvhload_memmap_entry entry = list[i - 1];

		list[i - 1] = list[other];
		list[other] = entry;
	}
}

struct pvhload_source stage_kernel(void)
{
	memcpy(kernel.header.e_ident, "\177ELF\2\1\1", 7);
	kernel.header.e_type = ET_EXEC;
	kernel.header.e_machine = EM_X86_64;
	kernel.header.e_version = 1;
	kernel.header.e_entry = STAGE_KERNEL_GPA;
	kernel.header.e_phoff = sizeof(kernel.header);
	kernel.header.e_ehsize = sizeof(kernel.header);
	kernel.header.e_phentsize = sizeof(kernel.segments[0]);
	kernel.header.e_phnum = 2;
	kernel.segments[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
					   .p_offset = PAGE,
					   .p_vaddr = STAGE_KERNEL_GPA,
					   .p_paddr = STAGE_KERNEL_GPA,
					   .p_filesz = PAGE,
					   .p_memsz = 16 * PAGE,
					   .p_align = PAGE };
	kernel.segments[1] = (Elf64_Phdr){ .p_type = PT_NOTE,
					   .p_offset = NOTE_OFFSET,
					   .p_filesz = 24,
					   .p_memsz = 24,
					   .p_align = 4 };
	kernel.note = (Elf64_Nhdr){ .n_namesz = 4, .n_descsz = 8, .n_type = 18 };
	memcpy(kernel.owner, "Xen", 4);
	kernel.entry = STAGE_KERNEL_GPA;
	return pvhload_source_buffer(&kernel, sizeof(kernel));
}
