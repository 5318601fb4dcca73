/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What stands against a boot wherever things go. */
#include <string.h>

#include "placer.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

/* 28 KiB in one piece between 64 KiB and 640 KiB. */
static bool has_low_ram(const struct scene *s)
{
	static struct free_space ram;

	linux_ram(s, &ram);
	for (size_t i = 0; i < ram.count; i++) {
		const struct free_range r = ram.ranges[i];
		const uint64_t start = r.start > 64 * KIB ? r.start : 64 * KIB;
		const uint64_t end = r.end < 640 * KIB ? r.end : 640 * KIB;

		if (end >= start && end - start >= 28 * KIB)
			return true;
	}
	return false;
}

/* The caller's word; else the protocol's; else what the image says. */
bool guest_is_linux(const struct scene *s)
{
	if (s->config.flags != 0)
		return s->config.flags == PVHLOAD_BOOT_LINUX;
	return s->image->is_bzimage || s->image->is_flat ||
	       s->config.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 ||
	       s->config.protocol == PVHLOAD_PROTOCOL_X86_LINUX32 || s->image->elf.has_sign;
}

static uint64_t map_rules(const struct scene *s, size_t least, size_t most)
{
	if (!guest_is_linux(s))
		return s->map.count > 4096 ? BIT(PVHLOAD_E_MEMMAP) : 0;
	return s->map.count < least || s->map.count > most || !has_low_ram(s) || too_few_words(s)
		       ? BIT(PVHLOAD_E_MEMMAP)
		       : 0;
}

/* What the host is to unpack: an ELF file. */
static uint64_t payload_rules(const struct scene *s, struct method method)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	uint64_t refusals = 0;

	if (!s->image->is_bzimage)
		return 0;
	if (method.decompress == PVHLOAD_DECOMPRESS_HOST && bz->payload == PAYLOAD_NONE)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	if (method.decompress == PVHLOAD_DECOMPRESS_HOST && bz->payload == PAYLOAD_OF_NO_CODEC)
		refusals |= BIT(PVHLOAD_E_UNSUPPORTED);
	return refusals;
}

/* An empty module is noticed when it has its turn, which is after some places. */
static uint64_t file_rules(const struct scene *s)
{
	uint64_t refusals = 0;

	for (size_t i = 0; i < s->config.module_count; i++)
		if (s->module_sources[i].size == 0)
			refusals |= BIT(PVHLOAD_E_MALFORMED) | NO_PLACE;
	return refusals;
}

static uint64_t pvh_rules(const struct scene *s)
{
	const bool known = s->image->is_bzimage;
	const bool unlimited = !known && !guest_is_linux(s);
	uint64_t most = known ? s->image->bzimage.cmdline_max : unlimited ? 65535 : 2047;
	uint64_t refusals = map_rules(s, 1, 127);

	most = most < 65535 ? most : 65535;
	if (s->x86.setup_data_count > 0 || s->x86.loadflags != 0 || s->x86.page_entry_mask != 0 ||
	    s->x86.paging_levels == 5 || s->x86.page_size == 1024 * MIB)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	if (!s->image->elf.has_pvh)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	else if (!model_has_code_at(&s->image->elf, s->image->elf.pvh_entry))
		refusals |= BIT(PVHLOAD_E_MALFORMED);
	if (s->cmdline_length > most)
		refusals |= BIT(PVHLOAD_E_CMDLINE);
	return refusals;
}

/* setup_data; those of the map's own are the caller's as little as they are 64. */
static uint64_t node_rules(const struct scene *s, uint32_t version)
{
	uint64_t total = 0, refusals = 0;

	for (size_t i = 0; i < s->x86.setup_data_count; i++) {
		const struct pvhload_linux_setup_data *d = &s->nodes[i];
		const bool indirect = d->flags & PVHLOAD_SETUP_DATA_INDIRECT &&
				      d->type != PVHLOAD_SETUP_IMA &&
				      d->type != PVHLOAD_SETUP_CC_BLOB;

		total += d->source->size;
		if (d->source->size == 0)
			refusals |= BIT(PVHLOAD_E_MALFORMED);
		if (d->type == PVHLOAD_SETUP_RNG_SEED &&
		    d->source->size > PVHLOAD_LINUX_EARLY_DATA_MAX)
			refusals |= BIT(PVHLOAD_E_LIMIT);
		if (indirect && version < 0x20f)
			refusals |= BIT(PVHLOAD_E_PROTOCOL);
	}
	if (total > 64 * MIB)
		refusals |= BIT(PVHLOAD_E_LIMIT);
	if ((s->x86.setup_data_count > 0 || s->map.count > 128) && version < 0x209)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	return refusals;
}

static bool has_linux_entry(const struct scene *s, struct method method)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const bool wide = method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64;

	if (s->image->has_multiboot && !s->image->is_elf)
		return false;
	if (loads_bzimage(s, method) && !model_has_room(bz))
		return false;
	if (loads_bzimage(s, method))
		return wide ? (bz->xloadflags & PVHLOAD_XLF_KERNEL_64) != 0
			    : bz->version >= 0x205 && bz->code32_start != 0;
	return s->image->elf.is32 != wide && model_has_code_at(&s->image->elf, s->image->elf.entry);
}

static uint64_t paging_rules(const struct scene *s, struct method method)
{
	const uint32_t needed = method.decompress == PVHLOAD_DECOMPRESS_HOST
					? PVHLOAD_XLF_5LEVEL_ENABLED
					: PVHLOAD_XLF_5LEVEL;
	bool good;

	if (method.protocol != PVHLOAD_PROTOCOL_X86_LINUX64)
		good = s->x86.paging_levels != 5 && s->x86.page_entry_mask == 0 &&
		       s->x86.page_size != 1024 * MIB;
	else
		good = s->x86.paging_levels != 5 || !s->image->is_bzimage ||
		       s->image->bzimage.xloadflags & needed;
	return good ? 0 : BIT(PVHLOAD_E_PROTOCOL);
}

static uint64_t linux_rules(const struct scene *s, struct method method)
{
	const uint32_t version = s->image->is_bzimage ? s->image->bzimage.version : 0x20f;
	const uint64_t most = s->image->is_bzimage ? s->image->bzimage.cmdline_max : 2047;
	uint64_t refusals =
		map_rules(s, 2, 4096) | paging_rules(s, method) | node_rules(s, version);

	if (method.decompress == PVHLOAD_DECOMPRESS_GUEST && may_move_over(s))
		refusals |= BIT(PVHLOAD_E_OVERLAP);
	if (!has_linux_entry(s, method) || s->config.module_count > 0)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	if (s->cmdline_length > most)
		refusals |= BIT(PVHLOAD_E_CMDLINE);
	if (s->cmdline_length > 0 && version < 0x202)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	return refusals;
}

uint64_t placer_rules(const struct scene *s, struct method method)
{
	const uint64_t both = payload_rules(s, method) | file_rules(s);

	if (s->is_flat)
		return flat_rules(s, method);
	if (is_multiboot(method.protocol))
		return file_rules(s) | multiboot_rules(s, method);
	/* nothing is known of what is not there */
	if (s->image->is_bzimage && method.decompress == PVHLOAD_DECOMPRESS_HOST &&
	    s->image->bzimage.payload == PAYLOAD_NONE)
		return BIT(PVHLOAD_E_PROTOCOL);
	return both |
	       (method.protocol == PVHLOAD_PROTOCOL_PVH ? pvh_rules(s) : linux_rules(s, method));
}
