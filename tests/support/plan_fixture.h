/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A small kernel in RAM that is only a map, and plans of it. */
#ifndef SUPPORT_PLAN_FIXTURE_H
#define SUPPORT_PLAN_FIXTURE_H

#include "open_image.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

#define KEEP_FREE(gpa, length, name)                                                          \
	{                                                                                     \
		sizeof(struct pvhload_boot_keep_free), (gpa), (length), (name), 0, 0, NULL, 0 \
	}

struct plan_fixture {
	struct elf_spec spec;
	struct bytes bytes;
	struct pvhload_image *image;
	struct pvhload_memmap_entry entries[160];
	struct pvhload_memmap map;
	struct pvhload_boot_config config;
	struct pvhload_boot_x86 x86;
	struct pvhload_boot_place places[16];
	struct pvhload_plan *plan;
};

/* The small kernel, or the one described, and @ram bytes as a PC has them. */
void plan_setup(struct plan_fixture *f, uint64_t ram);
void plan_setup_spec(struct plan_fixture *f, uint64_t ram, const struct elf_spec *spec);
void plan_teardown(struct plan_fixture *f);

/* Another image, which is the fixture's to free. */
void use_bytes(struct plan_fixture *f, struct bytes bytes);

/* Look at the fixture's bytes anew: a test has changed some. */
void reopen(struct plan_fixture *f);

/* A bzImage that nobody decodes on the host, for one of the Linux protocols. */
void bzimage_setup(struct plan_fixture *f, uint64_t ram, uint32_t protocol);

/* Set a field of the fixture's bzImage. */
void set_field(struct plan_fixture *f, size_t offset, uint64_t value, size_t size);

/* Ask for a place of a region, or with address 0 for none. */
void set_place(struct plan_fixture *f, uint32_t kind, uint32_t index, uint64_t gpa);

/* Plan; what every plan promises holds: regions sorted, disjoint, inside RAM, a firmware in ROM. */
const struct pvhload_plan_info *plan(struct plan_fixture *f);

/* Planning fails with @status and gives nothing. */
struct pvhload_error refused(struct plan_fixture *f, enum pvhload_status status);

/* A file of @size bytes, however many, as a plan does not read it: the test fails if it does. */
struct pvhload_source never_read(uint64_t size);

/* A region by its name, or NULL. */
const struct pvhload_plan_region *region(const struct pvhload_plan_info *info, const char *name);
void expect_region(const struct pvhload_plan_info *info, const char *name, uint64_t gpa,
		   uint64_t size);

/* @size bytes as commit would write them; what it would not is 0xa5. */
void committed(struct plan_fixture *f, uint64_t gpa, void *dst, size_t size);

/* A little-endian number: in memory, as commit would write it, and as a field of the zero page. */
uint64_t le(const uint8_t *bytes, size_t size);
uint64_t guest_le(struct plan_fixture *f, size_t size, uint64_t gpa);
uint64_t zero_page(struct plan_fixture *f, size_t offset, size_t size);

#endif
