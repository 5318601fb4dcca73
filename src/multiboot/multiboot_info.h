/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The information that a Multiboot kernel is given: its content, the rules on that, and its bytes. */
#ifndef PVL_MULTIBOOT_MULTIBOOT_INFO_H
#define PVL_MULTIBOOT_MULTIBOOT_INFO_H

#include <stdbool.h>

#include <pvhload/memmap.h>
#include <pvhload/multiboot.h>
#include <pvhload/status.h>

struct pvl_multiboot_writer;

struct pvl_multiboot_module {
	uint64_t gpa;
	uint64_t size;
	const char *text; /* not NULL */
};

struct pvl_multiboot_input {
	uint32_t version;        /* 1 or 2 */
	const char *kernel_name; /* not NULL, nor is the next */
	const char *cmdline;
	const struct pvl_multiboot_module *modules;
	size_t module_count;
	size_t initrd_count; /* the first of them, which are no modules of the caller */
	const struct pvhload_memmap_entry *memmap;
	size_t memmap_count;
	uint32_t lower_kib; /* RAM from 0 and from 1 MiB on */
	uint32_t upper_kib;
	const uint8_t *rsdp;
	size_t rsdp_size;
	bool is_relocatable; /* version 2: the guest is told where it has been loaded */
	uint64_t load_base;
};

/* Check all that does not depend on places. */
enum pvhload_status pvl_multiboot_check(const struct pvl_multiboot_input *input,
					struct pvhload_error *err);

/* The bytes of the information at @gpa; returns how many.  Without @dst they are only counted. */
uint64_t pvl_multiboot_encode(const struct pvl_multiboot_input *input, uint64_t gpa, uint8_t *dst);

/* The information of each version. */
void pvl_multiboot1_encode(const struct pvl_multiboot_input *input, uint64_t gpa,
			   struct pvl_multiboot_writer *w);
void pvl_multiboot2_encode(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w);

#define PVL_MULTIBOOT_LOADER_NAME "libpvhload"

#endif
