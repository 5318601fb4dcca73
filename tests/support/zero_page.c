/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "zero_page.h"

#include <string.h>

#include "images.h"

void put_zero_page(uint8_t *page, const struct zero_page_spec *spec)
{
	struct bytes out = { page, 4096 };

	memset(page, 0, 4096);
	poke(&out, 0x070, spec->rsdp_gpa, 8);
	poke(&out, 0x0c0, spec->initrd_gpa >> 32, 4);
	poke(&out, 0x0c4, spec->initrd_size >> 32, 4);
	poke(&out, 0x0c8, spec->cmdline_gpa >> 32, 4);
	poke(&out, 0x1e8, spec->e820_entries, 1);
	poke(&out, 0x1ef, spec->sentinel, 1);
	poke(&out, 0x1fe, 0xaa55, 2);
	poke(&out, 0x202, 0x53726448, 4);
	poke(&out, 0x206, spec->version ? spec->version : 0x20f, 2);
	poke(&out, 0x210, spec->type_of_loader, 1);
	poke(&out, 0x211, spec->loadflags, 1);
	poke(&out, 0x218, spec->initrd_gpa, 4);
	poke(&out, 0x21c, spec->initrd_size, 4);
	poke(&out, 0x228, spec->cmdline_gpa, 4);
	poke(&out, 0x236, spec->xloadflags, 2);
	poke(&out, 0x250, spec->setup_data, 8);
	put_e820(page + 0x2d0, spec->e820, spec->e820_entries < 128 ? spec->e820_entries : 128);
}

size_t put_e820(uint8_t *at, const struct zero_page_entry *entries, size_t count)
{
	struct bytes out = { at, 0 };

	for (size_t i = 0; i < count; i++) {
		poke(&out, 20 * i, entries[i].addr, 8);
		poke(&out, 20 * i + 8, entries[i].size, 8);
		poke(&out, 20 * i + 16, entries[i].type, 4);
	}
	return 20 * count;
}

void put_setup_data(uint8_t *memory, uint64_t gpa, uint64_t next, uint32_t type, const void *data,
		    uint32_t size)
{
	struct bytes out = { memory + gpa, 0 };

	poke(&out, 0, next, 8);
	poke(&out, 8, type, 4);
	poke(&out, 12, size, 4);
	if (data)
		memcpy(memory + gpa + 16, data, size);
}

void put_setup_indirect(uint8_t *memory, uint64_t gpa, uint64_t next, uint32_t type, uint64_t addr,
			uint64_t size)
{
	uint8_t words[24] = { 0 };
	struct bytes out = { words, sizeof(words) };

	poke(&out, 0, type, 4);
	poke(&out, 8, size, 8);
	poke(&out, 16, addr, 8);
	put_setup_data(memory, gpa, next, 0x80000000, words, sizeof(words));
}
