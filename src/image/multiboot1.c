/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The header of Multiboot 1.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.1.
 */
#include "core/checked.h"
#include "core/libc.h"
#include "image/multiboot.h"

static bool is_header(struct pvl_span bytes, uint64_t at)
{
	uint32_t word, sum = 0;

	for (uint64_t i = 0; i < PVL_MB1_WORDS; i++) {
		if (!pvl_span_le32(bytes, at + i * sizeof(word), &word))
			return false;
		if (i == 0 && word != PVL_MB1_MAGIC)
			return false;
		sum += word;
	}
	return sum == 0;
}

/* The part of the file in which it has to be. */
static struct pvl_span first_bytes(struct pvl_span bytes)
{
	bytes.size = (size_t)pvl_min_u64(bytes.size, PVL_MB1_WITHIN);
	return bytes;
}

bool pvl_multiboot1_find(struct pvl_span bytes, uint64_t *ret)
{
	bytes = first_bytes(bytes);
	for (uint64_t at = 0; at < bytes.size; at += PVL_MB1_ALIGNMENT) {
		if (!is_header(bytes, at))
			continue;
		*ret = at;
		return true;
	}
	return false;
}

static bool read_address(struct pvl_multiboot_reader *r)
{
	struct pvhload_image_multiboot_address *a = &r->result->address;
	struct pvl_span h;

	if (!pvl_span_sub(first_bytes(r->bytes), r->offset, PVL_MB1_ADDRESS_SIZE, &h))
		return pvl_multiboot_fail(r, "its address fields pass the first %u bytes",
					  PVL_MB1_WITHIN);
	a->header_addr = pvl_span_get32(h, PVL_MB1_HEADER_ADDR);
	a->load_addr = pvl_span_get32(h, PVL_MB1_LOAD_ADDR);
	a->load_end_addr = pvl_span_get32(h, PVL_MB1_LOAD_END_ADDR);
	a->bss_end_addr = pvl_span_get32(h, PVL_MB1_BSS_END_ADDR);
	a->entry_addr = pvl_span_get32(h, PVL_MB1_ENTRY_ADDR);
	r->result->view.address = a;
	r->result->view.header_size = PVL_MB1_ADDRESS_SIZE;
	return true;
}

/* A video mode that is asked for is none that a guest depends on: real kernels ask, and start without. */
static bool check_flags(struct pvl_multiboot_reader *r)
{
	const uint32_t known = PVL_MB1_FLAG_ALIGN | PVL_MB1_FLAG_MEMORY | PVL_MB1_FLAG_VIDEO;
	const uint32_t unknown = r->result->view.flags & PVL_MB1_FLAGS_DEMAND & ~known;

	if (unknown != 0)
		return pvl_multiboot_fail(r,
					  "its flags demand what is not known: 0x%" PRIx32
					  " of 0x%" PRIx32,
					  unknown, r->result->view.flags);
	return true;
}

void pvl_multiboot1_read(struct pvl_multiboot_reader *r)
{
	struct pvhload_image_multiboot *view = &r->result->view;

	view->version = 1;
	view->header_offset = r->offset;
	view->header_size = PVL_MB1_SIZE;
	view->flags = pvl_span_get32(r->bytes, r->offset + PVL_MB1_FLAGS);
	if ((view->flags & PVL_MB1_FLAG_ADDRESS) != 0 && !read_address(r))
		return;
	if (check_flags(r))
		(void)pvl_multiboot_load(r);
}
