/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Multiboot: one block of information, and files above the kernel. */
#include <string.h>

#include "placer.h"

#define FOUR_GIB (UINT64_C(1) << 32)
#define GIB      (UINT64_C(1) << 30)
#define NAME     "kernel"
#define LOADER   "libpvhload"

bool is_multiboot(uint32_t protocol)
{
	return protocol == PVHLOAD_PROTOCOL_MULTIBOOT1 || protocol == PVHLOAD_PROTOCOL_MULTIBOOT2;
}

const struct model_multiboot *multiboot_of(const struct scene *s, uint32_t protocol)
{
	return &s->image->multiboot[protocol - PVHLOAD_PROTOCOL_MULTIBOOT1];
}

static uint64_t pad(uint64_t size)
{
	return (size + 7) / 8 * 8;
}

/* Bytes of command lines: the kernel's, and those of the modules, with what each has besides. */
static uint64_t texts(const struct scene *s, uint64_t each)
{
	const uint64_t own = sizeof(NAME) + (s->cmdline_length > 0 ? 1 + s->cmdline_length : 0);
	uint64_t sum = pad(own + (each > 0 ? 8 : 0));

	if (scene_initrd_size(s) > 0)
		sum += pad(each + sizeof("initrd"));
	for (size_t i = 0; i < s->config.module_count; i++)
		sum += pad(each + 1 + (s->modules[i].cmdline ? strlen(s->modules[i].cmdline) : 0));
	return sum;
}

/* Each piece at a multiple of 8: of version 1 all that the structure points to, of version 2 the tags. */
static uint64_t info_size(const struct scene *s, uint32_t protocol)
{
	const uint64_t map = s->map.count * 24, loader = sizeof(LOADER);

	if (protocol == PVHLOAD_PROTOCOL_MULTIBOOT1)
		return pad(116) + scene_files(s) * 16 + map + texts(s, 0) + pad(loader);
	return 8 + texts(s, 16) + pad(8 + loader) + 16 + 16 + map +
	       (multiboot_of(s, protocol)->has_reloc ? pad(12) : 0) + 8;
}

static bool place_info(const struct scene *s, struct method method, struct outcome *o, bool fixed)
{
	const struct placed info = { .kind = PVHLOAD_REGION_MULTIBOOT_INFO };
	const struct want want = { info_size(s, method.protocol), 8, 0, 0, FOUR_GIB, 0 };

	return (s->places.info_gpa != 0) != fixed ||
	       place_structure(o, info, want, s->places.info_gpa, 0x9000);
}

static bool place_gdt(const struct scene *s, struct outcome *o, bool fixed)
{
	const struct placed gdt = { .kind = PVHLOAD_REGION_X86_GDT };
	const struct want want = { 32, 1, 0, 0, FOUR_GIB, 0 };

	return (s->places.gdt_gpa != 0) != fixed ||
	       place_structure(o, gdt, want, s->places.gdt_gpa, 0x500);
}

static uint64_t kernel_end(const struct scene *s, const struct outcome *o)
{
	return o->kernel_gpa + (s->image->elf.end - s->image->elf.low);
}

/* Files that are placed after it are above it. */
static bool place_the_kernel(const struct scene *s, struct method method, struct outcome *o)
{
	if (!place_kernel(s, method, o))
		return false;
	o->files_min = kernel_end(s, o);
	return true;
}

bool place_multiboot(const struct scene *s, struct method method, struct outcome *o)
{
	const bool first = o->order.files_first;
	struct want want;

	/* only one that can move is moved for the others */
	if ((!kernel_moves(s, method, &want) || s->places.kernel_gpa != 0) &&
	    (first || o->order.kernel != KERNEL_OWN))
		return refuse(o, BIT(PVHLOAD_E_NO_ROOM));
	return place_info(s, method, o, true) && place_gdt(s, o, true) &&
	       place_pvh_files(s, o, true) && (!first || place_pvh_files(s, o, false)) &&
	       place_the_kernel(s, method, o) && place_info(s, method, o, false) &&
	       place_gdt(s, o, false) && (first || place_pvh_files(s, o, false));
}

uint64_t multiboot_refusals(const struct scene *s, const struct outcome *o)
{
	const uint64_t end = kernel_end(s, o);

	for (size_t i = 0; i < o->count; i++)
		if ((o->placed[i].kind == PVHLOAD_REGION_INITRD ||
		     o->placed[i].kind == PVHLOAD_REGION_MODULE) &&
		    o->placed[i].gpa < end)
			return BIT(PVHLOAD_E_RANGE);
	return 0;
}

uint64_t multiboot_rules(const struct scene *s, struct method method)
{
	uint64_t refusals = 0;

	if (!multiboot_of(s, method.protocol)->usable || s->x86.setup_data_count > 0 ||
	    s->x86.loadflags != 0 || s->x86.page_entry_mask != 0 || s->x86.paging_levels == 5 ||
	    s->x86.page_size == GIB)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	if (s->cmdline_length > PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX)
		refusals |= BIT(PVHLOAD_E_CMDLINE);
	return refusals;
}
