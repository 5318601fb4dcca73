/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Zero pages made from a description, written into a guest's memory.  Layouts are written out by
 * offset, independently of the library's own tables.
 */
#ifndef SUPPORT_ZERO_PAGE_H
#define SUPPORT_ZERO_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct zero_page_entry {
	uint64_t addr, size;
	uint32_t type;
};

struct zero_page_spec {
	uint16_t version; /* 0: 0x20f */
	uint8_t type_of_loader;
	uint8_t loadflags;
	uint16_t xloadflags;
	uint64_t cmdline_gpa;
	uint64_t initrd_gpa;
	uint64_t initrd_size;
	uint64_t rsdp_gpa;
	uint64_t setup_data;
	struct zero_page_entry e820[128];
	uint8_t e820_entries;
	uint8_t sentinel;
};

/* Write all 4096 bytes to @page. */
void put_zero_page(uint8_t *page, const struct zero_page_spec *spec);

/* Write packed e820 entries to @at; returns their bytes. */
size_t put_e820(uint8_t *at, const struct zero_page_entry *entries, size_t count);

/*
 * Write a setup_data node to memory that starts at guest address 0, @size bytes of @data in it; NULL
 * leaves what is there.
 */
void put_setup_data(uint8_t *memory, uint64_t gpa, uint64_t next, uint32_t type, const void *data,
		    uint32_t size);

/* Write a node of type SETUP_INDIRECT; @type stands in its struct as it is. */
void put_setup_indirect(uint8_t *memory, uint64_t gpa, uint64_t next, uint32_t type, uint64_t addr,
			uint64_t size);

#endif
