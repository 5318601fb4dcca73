/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The header of Multiboot 2 and its tags.
 *
 * ABI source: Multiboot2 Specification 2.0, 3.1.
 */
#include "core/checked.h"
#include "core/libc.h"
#include "image/multiboot.h"

static bool is_header(struct pvl_span bytes, uint64_t at)
{
	uint32_t word, sum = 0;

	for (uint64_t i = 0; i < PVL_MB2_WORDS; i++) {
		if (!pvl_span_le32(bytes, at + i * sizeof(word), &word))
			return false;
		if (i == 0 && word != PVL_MB2_MAGIC)
			return false;
		sum += word;
	}
	return sum == 0 && pvl_span_get32(bytes, at + PVL_MB2_ARCH) == PVL_MB2_ARCH_I386;
}

bool pvl_multiboot2_find(struct pvl_span bytes, uint64_t *ret)
{
	for (uint64_t at = 0; at < bytes.size; at += PVL_MB2_ALIGNMENT) {
		if (!is_header(bytes, at))
			continue;
		*ret = at;
		return true;
	}
	return false;
}

/* What the kernel wants to be told: an information that is known, if only by name, it may find absent. */
static bool read_request(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	uint32_t type;

	for (uint64_t at = PVL_MB2_TAG_HEADER; !optional && pvl_span_le32(tag, at, &type);
	     at += sizeof(type))
		if (type > PVL_MB2I_LAST)
			return pvl_multiboot_fail(
				r, "it requires information of the unknown type %" PRIu32, type);
	return true;
}

static bool read_address(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	struct pvhload_image_multiboot_address *a = &r->result->address;

	(void)optional;
	a->header_addr = pvl_span_get32(tag, PVL_MB2_ADDRESS_HEADER);
	a->load_addr = pvl_span_get32(tag, PVL_MB2_ADDRESS_LOAD);
	a->load_end_addr = pvl_span_get32(tag, PVL_MB2_ADDRESS_LOAD_END);
	a->bss_end_addr = pvl_span_get32(tag, PVL_MB2_ADDRESS_BSS_END);
	r->result->view.address = a;
	return true;
}

static bool read_entry(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	(void)optional;
	r->result->address.entry_addr = pvl_span_get32(tag, PVL_MB2_ENTRY_ADDR);
	r->has_entry = true;
	return true;
}

static bool read_console(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	const uint32_t flags = pvl_span_get32(tag, PVL_MB2_CONSOLE_FLAGS);

	if (!optional && (flags & PVL_MB2_CONSOLE_REQUIRED) != 0)
		return pvl_multiboot_fail(
			r, "it requires a console, and there is no screen to promise it");
	return true;
}

static bool read_framebuffer(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	(void)tag;
	if (!optional)
		return pvl_multiboot_fail(
			r, "it requires a framebuffer: its tag for one is not optional");
	return true;
}

static bool read_relocatable(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	struct pvhload_image_multiboot_reloc *reloc = &r->result->reloc;

	(void)optional;
	reloc->min = pvl_span_get32(tag, PVL_MB2_RELOC_MIN);
	reloc->max = pvl_span_get32(tag, PVL_MB2_RELOC_MAX);
	reloc->align = pvl_span_get32(tag, PVL_MB2_RELOC_ALIGN);
	reloc->preference = pvl_span_get32(tag, PVL_MB2_RELOC_PREFERENCE);
	if (reloc->align == 0 || (reloc->align & (reloc->align - 1)) != 0)
		return pvl_multiboot_fail(r,
					  "its relocatable tag has an alignment of 0x%" PRIx32
					  ", which is no power of two",
					  reloc->align);
	if (reloc->min > reloc->max || reloc->preference > PVL_MB2_PREFERENCE_MAX)
		return pvl_multiboot_fail(r,
					  "its relocatable tag allows 0x%" PRIx32 " to 0x%" PRIx32
					  ", preference %" PRIu32 ", which is nowhere or unknown",
					  reloc->min, reloc->max, reloc->preference);
	r->result->view.reloc = reloc;
	return true;
}

/* Modules are at page boundaries in any case; the tags for EFI say how it would be entered there. */
static bool read_nothing(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional)
{
	(void)r;
	(void)tag;
	(void)optional;
	return true;
}

static const struct {
	uint32_t type;
	uint32_t size; /* least */
	bool (*read)(struct pvl_multiboot_reader *r, struct pvl_span tag, bool optional);
} tags[] = {
	{ PVL_MB2_TAG_REQUEST, PVL_MB2_TAG_HEADER, read_request },
	{ PVL_MB2_TAG_ADDRESS, PVL_MB2_ADDRESS_SIZE, read_address },
	{ PVL_MB2_TAG_ENTRY, PVL_MB2_ENTRY_SIZE, read_entry },
	{ PVL_MB2_TAG_CONSOLE, PVL_MB2_CONSOLE_SIZE, read_console },
	{ PVL_MB2_TAG_FRAMEBUFFER, PVL_MB2_FRAMEBUFFER_SIZE, read_framebuffer },
	{ PVL_MB2_TAG_ALIGN, PVL_MB2_TAG_HEADER, read_nothing },
	{ PVL_MB2_TAG_EFI_BS, PVL_MB2_TAG_HEADER, read_nothing },
	{ PVL_MB2_TAG_EFI32, PVL_MB2_TAG_HEADER, read_nothing },
	{ PVL_MB2_TAG_EFI64, PVL_MB2_TAG_HEADER, read_nothing },
	{ PVL_MB2_TAG_RELOCATABLE, PVL_MB2_RELOC_SIZE, read_relocatable },
};

static bool read_tag(struct pvl_multiboot_reader *r, struct pvl_span tag)
{
	const uint32_t type = pvl_span_get16(tag, 0);
	const bool optional = (pvl_span_get16(tag, PVL_MB2_TAG_FLAGS) & PVL_MB2_TAG_OPTIONAL) != 0;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (tags[i].type != type)
			continue;
		if (tag.size < tags[i].size)
			return pvl_multiboot_fail(r,
						  "its tag of type %" PRIu32
						  " has %zu bytes, less than %" PRIu32,
						  type, tag.size, tags[i].size);
		return tags[i].read(r, tag, optional);
	}
	if (optional)
		return true;
	return pvl_multiboot_fail(
		r, "it has a tag of the unknown type %" PRIu32 ", which is not optional", type);
}

/* All tags in @h, the header, up to the one that ends it. */
static bool read_tags(struct pvl_multiboot_reader *r, struct pvl_span h)
{
	struct pvl_span tag;
	uint64_t at = PVL_MB2_TAGS;

	while (pvl_span_sub(h, at, PVL_MB2_TAG_HEADER, &tag)) {
		const uint32_t size = pvl_span_get32(tag, PVL_MB2_TAG_SIZE);

		if (size < PVL_MB2_TAG_HEADER || !pvl_span_sub(h, at, size, &tag))
			return pvl_multiboot_fail(r,
						  "its tag at 0x%" PRIx64 " has %" PRIu32
						  " bytes, and the header %zu",
						  at, size, h.size);
		if (pvl_span_get16(tag, 0) == PVL_MB2_TAG_END)
			return true;
		if (!read_tag(r, tag))
			return false;
		/* No overflow: the tag is inside of the header. */
		(void)pvl_align_up(at + size, PVL_MB2_ALIGNMENT, &at);
	}
	return pvl_multiboot_fail(r, "its tags have no end");
}

void pvl_multiboot2_read(struct pvl_multiboot_reader *r)
{
	struct pvhload_image_multiboot *view = &r->result->view;
	const uint32_t length = pvl_span_get32(r->bytes, r->offset + PVL_MB2_LENGTH);
	struct pvl_span h;

	view->version = 2;
	view->header_offset = r->offset;
	view->header_size = length;
	if (length < PVL_MB2_SIZE_MIN || !pvl_span_sub(r->bytes, r->offset, length, &h)) {
		(void)pvl_multiboot_fail(
			r,
			"it has %" PRIu32
			" bytes, less than %u, or passes the first %zu of the file",
			length, PVL_MB2_SIZE_MIN, r->bytes.size);
		return;
	}
	if (!read_tags(r, h))
		return;
	if (view->address && !r->has_entry)
		(void)pvl_multiboot_fail(r, "it has an address tag, but no entry tag");
	else
		(void)pvl_multiboot_load(r);
}
