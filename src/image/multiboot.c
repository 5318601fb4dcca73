/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Multiboot kernels: what both versions share, and those that are no ELF file, which are a format of their own.
 *
 * A header never keeps a file from being opened as what else it is: what is wrong with it is its problem, and the
 * planner's.  Addresses have 32 bits; all sums and differences of them are made in 64.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.1.3; Multiboot2 Specification 2.0, 3.1.5 and 3.1.13.
 */
#include "image/multiboot.h"

#include <stdarg.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/range.h"
#include "image/format.h"

bool pvl_multiboot_fail(struct pvl_multiboot_reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(r->result->problem, sizeof(r->result->problem), format, args);
	va_end(args);
	return false;
}

/* The part of the file that is loaded, and where: *@ret is set but for its mem_size. */
static bool find_bytes(struct pvl_multiboot_reader *r, struct pvhload_image_segment *ret)
{
	const struct pvhload_image_multiboot_address *a = &r->result->address;
	const uint64_t header = a->header_addr, file_size = r->image->source.length;
	const bool from_start =
		r->result->view.version == 2 && a->load_addr == PVL_MB2_LOAD_FROM_START;
	const uint64_t before = from_start ? r->offset : header - a->load_addr;

	if ((!from_start && header < a->load_addr) || before > header || before > r->offset)
		return pvl_multiboot_fail(r,
					  "its header_addr 0x%" PRIx32 " and load_addr 0x%" PRIx32
					  " put what is loaded before the start of the file",
					  a->header_addr, a->load_addr);
	ret->offset = r->offset - before;
	ret->gpa = header - before;
	ret->file_size = file_size - ret->offset;
	if (a->load_end_addr == 0)
		return true;
	if (a->load_end_addr <= ret->gpa || a->load_end_addr - ret->gpa > ret->file_size)
		return pvl_multiboot_fail(r,
					  "its load_end_addr 0x%" PRIx32
					  " is not after load_addr, or passes the end of the file",
					  a->load_end_addr);
	ret->file_size = a->load_end_addr - ret->gpa;
	return true;
}

static bool find_bss(struct pvl_multiboot_reader *r, struct pvhload_image_segment *s)
{
	const uint32_t bss_end = r->result->address.bss_end_addr;

	s->mem_size = s->file_size;
	if (bss_end != 0 && bss_end < s->gpa + s->file_size)
		return pvl_multiboot_fail(r,
					  "its bss_end_addr 0x%" PRIx32
					  " is before the end of what is loaded, 0x%" PRIx64,
					  bss_end, s->gpa + s->file_size);
	if (bss_end != 0)
		s->mem_size = bss_end - s->gpa;
	return true;
}

/* By the address fields: one segment. */
static bool load_by_address(struct pvl_multiboot_reader *r)
{
	struct pvl_multiboot *mb = r->result;

	if (!find_bytes(r, &mb->segment) || !find_bss(r, &mb->segment))
		return false;
	mb->list[0] = &mb->segment;
	mb->loads = (struct pvhload_image_elf){
		.segments = mb->list,
		.segment_count = 1,
		.range = { mb->segment.gpa, mb->segment.mem_size },
	};
	mb->view.loads = &mb->loads;
	mb->view.entry = mb->address.entry_addr;
	return true;
}

static bool load_elf(struct pvl_multiboot_reader *r)
{
	struct pvl_multiboot *mb = r->result;

	if (!r->image->info.elf)
		return pvl_multiboot_fail(r,
					  "it has no address fields, and the file is no ELF file");
	mb->view.loads = r->image->info.elf;
	mb->view.entry = r->has_entry ? mb->address.entry_addr : r->image->physical_entry;
	return true;
}

bool pvl_multiboot_load(struct pvl_multiboot_reader *r)
{
	const struct pvhload_image_multiboot *view = &r->result->view;
	const struct pvhload_range *range;

	if (!(view->address ? load_by_address(r) : load_elf(r)))
		return false;
	range = &view->loads->range;
	if (range->gpa > PVL_4GIB || range->size > PVL_4GIB - range->gpa)
		return pvl_multiboot_fail(r,
					  "0x%" PRIx64 " bytes at 0x%" PRIx64 " are not below %s",
					  range->size, range->gpa, PVL_4GIB_NAME);
	if (!pvl_loads_bytes_at(view->loads, view->entry))
		return pvl_multiboot_fail(r, "its entry 0x%" PRIx64 " is in no segment's bytes",
					  view->entry);
	return true;
}

static const struct {
	bool (*find)(struct pvl_span bytes, uint64_t *ret);
	void (*read)(struct pvl_multiboot_reader *r);
} versions[PVL_MULTIBOOT_VERSIONS] = {
	{ pvl_multiboot1_find, pvl_multiboot1_read },
	{ pvl_multiboot2_find, pvl_multiboot2_read },
};

static void look_at(struct pvhload_image *image, struct pvl_span bytes)
{
	const struct pvhload_image_multiboot **in_info[PVL_MULTIBOOT_VERSIONS] = {
		&image->info.multiboot1, &image->info.multiboot2
	};

	for (size_t i = 0; i < PVL_MULTIBOOT_VERSIONS; i++) {
		struct pvl_multiboot_reader r = { .image = image,
						  .bytes = bytes,
						  .result = &image->multiboot[i] };

		if (!versions[i].find(bytes, &r.offset))
			continue;
		versions[i].read(&r);
		r.result->view.problem = r.result->problem;
		*in_info[i] = &r.result->view;
	}
}

enum pvhload_status pvl_multiboot_look(struct pvhload_image *image, const struct pvl_head *head,
				       struct pvhload_error *err)
{
	const size_t size = (size_t)pvl_min_u64(image->source.length, PVL_MB2_WITHIN);
	enum pvhload_status status;
	uint8_t *bytes;

	if (size == 0)
		return PVHLOAD_OK;
	bytes = malloc(size);
	if (!bytes)
		return pvl_fail_no_memory(err, size);
	status = pvl_image_fetch(image, head, 0, bytes, size, err);
	/* Bytes that could not be read have nothing in them. */
	look_at(image, (struct pvl_span){ bytes, status == PVHLOAD_OK ? size : 0 });
	free(bytes);
	return status;
}

/* Without address fields nothing says what to load; the same word may be in any file. */
static bool has_address(const struct pvhload_image_multiboot *header)
{
	return header && header->address;
}

enum pvhload_status pvl_multiboot_search(struct pvhload_image *image, const struct pvl_head *head,
					 bool *ret, struct pvhload_error *err)
{
	PVL_TRY(pvl_multiboot_look(image, head, err));
	*ret = has_address(image->info.multiboot1) || has_address(image->info.multiboot2);
	return PVHLOAD_OK;
}

static enum pvhload_status refuse(const struct pvhload_image_multiboot *header,
				  struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(header->header_offset),
			"a Multiboot kernel whose Multiboot %" PRIu32 " header at offset 0x%" PRIx64
			" cannot be used: %s",
			header->version, header->header_offset, header->problem);
}

static bool is_usable(const struct pvhload_image_multiboot *header)
{
	return header && !header->problem[0];
}

enum pvhload_status pvl_multiboot_open(struct pvhload_image *image, const struct pvl_head *head,
				       struct pvhload_error *err)
{
	struct pvhload_image_info *info = &image->info;
	const struct pvhload_image_multiboot *header =
		is_usable(info->multiboot2) ? info->multiboot2 : info->multiboot1;

	(void)head;
	if (!is_usable(header))
		return refuse(has_address(info->multiboot2) ? info->multiboot2 : header, err);
	info->arch = PVHLOAD_ARCH_I386;
	info->entry = header->entry;
	info->cmdline_max = PVHLOAD_ELF_CMDLINE_MAX;
	info->initrd_max = UINT32_MAX;
	info->relocatable = header->reloc != NULL;
	info->alignment = header->reloc ? header->reloc->align : 1;
	info->preferred_address = header->loads->range.gpa;
	info->init_size = header->loads->range.size;
	info->guest = PVHLOAD_GUEST_OTHER;
	info->guest_reason = "a Multiboot kernel that is no ELF file";
	return PVHLOAD_OK;
}
