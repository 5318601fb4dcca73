/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a guest would find: the plan is committed, and read back by the library and by hand. */
#include <string.h>

#include "plan_checks.h"
#include "sparse.h"

#define FOUR_GIB      (UINT64_C(1) << 32)
#define CMDLINE_USUAL 2047u
#define BYTES_MAX     (1u << 20) /* files of more than this are not committed */

static struct sparse memory;

static uint64_t guest_le(uint64_t gpa, size_t size)
{
	uint8_t bytes[8];

	sparse_read(&memory, gpa, bytes, size);
	return peek(bytes, size);
}

/* The file at @gpa has the bytes that its source gives. */
static bool is_file(const struct sparse *from, uint64_t gpa, uint64_t size)
{
	uint8_t byte;

	for (uint64_t i = 0; i<size; i += size> 64 && i + 64 < size ? 61 : 1) {
		sparse_read(from, gpa + i, &byte, 1);
		if (byte != scene_byte(i))
			return false;
	}
	return true;
}

static bool is_map(const struct pvhload_memmap *found, const struct pvhload_memmap *map)
{
	if (found->count != map->count)
		return false;
	for (size_t i = 0; i < map->count; i++)
		if (memcmp(&found->entries[i], &map->entries[i], sizeof(map->entries[i])) != 0)
			return false;
	return true;
}

/* The initrds, each at a multiple of 4 bytes. */
bool is_initrd(const struct scene *s, const struct sparse *from, uint64_t gpa)
{
	uint64_t at = gpa;

	for (size_t i = 0; i < s->config.initrd_count; i++) {
		at = gpa + (at - gpa + 3) / 4 * 4;
		if (!is_file(from, at, s->initrds[i].size))
			return false;
		at += s->initrds[i].size;
	}
	return true;
}

/* Bytes that are kept are where they are to be. */
static bool are_kept(const struct scene *s)
{
	for (size_t i = 0; i < s->config.keep_free_count; i++)
		if (!is_file(&memory, s->keep_free[i].gpa, s->keep_free[i].byte_count))
			return false;
	return true;
}

/* The kernel's bytes are where the plan says: the first of each segment, or of the code. */
static bool is_kernel(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct model_elf *elf = &s->image->elf;
	const uint64_t shift = info->kernel_gpa - elf->low;
	const bool as_it_is = s->image->is_bzimage && info->protocol != PVHLOAD_PROTOCOL_PVH &&
			      info->decompress != PVHLOAD_DECOMPRESS_HOST;

	for (size_t i = 0; i < elf->count && !as_it_is; i++)
		if (elf->segments[i].file_size > 0 &&
		    guest_le(elf->segments[i].gpa + shift, 1) != 1)
			return false;
	return !as_it_is || (guest_le(info->kernel_gpa, 4) == 0 &&
			     guest_le(info->kernel_gpa + s->image->bzimage.code_size - 1, 1) ==
				     s->image->bytes.data[s->image->bytes.size - 1]);
}

/* Of an ELF file, each byte of its regions is written once: no old one is left between the segments. */
static bool is_filled(const struct scene *s, const struct pvhload_plan_info *info)
{
	const bool as_it_is = s->image->is_bzimage && info->protocol != PVHLOAD_PROTOCOL_PVH &&
			      info->decompress != PVHLOAD_DECOMPRESS_HOST;
	uint64_t size = 0;

	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->kind == PVHLOAD_REGION_KERNEL)
			size += info->regions[i]->size;
	return as_it_is || memory.kernel == size;
}

static bool check_modules(const struct scene *s, const struct pvhload_plan_info *info,
			  const struct pvhload_pvh_view *view)
{
	const size_t first = scene_initrd_size(s) > 0 ? 1 : 0;

	if (view->module_count != first + s->config.module_count)
		return complain(s, "%zu modules", view->module_count);
	if (first && (view->modules[0].size != scene_initrd_size(s) ||
		      view->modules[0].gpa != find_region(info, PVHLOAD_REGION_INITRD, 0)->gpa ||
		      !is_initrd(s, &memory, view->modules[0].gpa)))
		return complain(s, "the first module is not the initrd");
	for (size_t i = 0; i < s->config.module_count; i++) {
		const struct pvhload_pvh_module *m = &view->modules[first + i];
		const char *text = s->modules[i].cmdline;

		if (m->size != s->module_sources[i].size || !is_file(&memory, m->gpa, m->size) ||
		    (m->cmdline != NULL) != (text != NULL) ||
		    (text && strcmp(m->cmdline, text) != 0))
			return complain(s, "module %zu is not as given", i);
	}
	return true;
}

static bool check_start_info(const struct scene *s, const struct pvhload_plan_info *info)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_pvh_view *view = NULL;
	const struct pvhload_memmap map = { sizeof(map), NULL, 0, 0, 0 };
	struct pvhload_memmap found = map;
	bool good;

	if (pvhload_pvh_read(&memory.memory, info->start_info_gpa, 0, &view, &err) != PVHLOAD_OK)
		return complain(s, "start_info cannot be read: %s", err.message);
	found.entries = (struct pvhload_memmap_entry *)(uintptr_t)view->memmap;
	found.count = view->memmap_count;
	good = check_modules(s, info, view);
	if (good && (strcmp(view->cmdline, info->cmdline) != 0 || !is_map(&found, info->memmap) ||
		     view->rsdp_gpa != s->config.rsdp_gpa))
		good = complain(s, "start_info has another command line, map or RSDP");
	pvhload_pvh_view_free(view);
	return good;
}

static bool check_nodes(const struct scene *s, const struct pvhload_linux_view *view)
{
	const size_t own = s->map.count > 128 ? 1 : 0;

	if (view->setup_data_count != own + s->x86.setup_data_count)
		return complain(s, "%zu setup_data", view->setup_data_count);
	for (size_t i = 0; i < s->x86.setup_data_count; i++) {
		const struct pvhload_linux_node *n = view->setup_data[own + i];
		const struct pvhload_linux_setup_data *d = &s->nodes[i];
		const bool pointer = d->flags != 0 && (d->type == PVHLOAD_SETUP_IMA ||
						       d->type == PVHLOAD_SETUP_CC_BLOB);
		const uint64_t at =
			pointer ? guest_le(n->data_gpa, d->type == PVHLOAD_SETUP_IMA ? 8 : 4)
				: n->data_gpa;

		if (n->type != d->type || (!pointer && n->size != d->source->size) ||
		    !is_file(&memory, at, d->source->size))
			return complain(s, "setup_data %zu is not as given", i);
	}
	return true;
}

static bool check_header(const struct scene *s, const struct pvhload_plan_info *info,
			 const struct outcome *o)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const uint64_t page = info->zero_page_gpa;

	if (!s->image->is_bzimage)
		return true;
	if (info->decompress == PVHLOAD_DECOMPRESS_HOST)
		return guest_le(page + 0x214, 4) == 0 ||
		       complain(s, "code32_start of a kernel that the host has unpacked");
	if (guest_le(page + 0x214, 4) != (info->kernel_gpa < FOUR_GIB ? info->kernel_gpa : 0))
		return complain(s, "code32_start is not where the kernel is");
	if (guest_le(page + 0x230, 4) != o->alignment || guest_le(page + 0x260, 4) != bz->init_size)
		return complain(s, "kernel_alignment or init_size is not the kernel's");
	return true;
}

static bool check_zero_page(const struct scene *s, const struct pvhload_plan_info *info,
			    const struct outcome *o)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD, 0);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_linux_view *view = NULL;
	bool good;

	if (pvhload_linux_read(&memory.memory, info->zero_page_gpa, 0, &view, &err) != PVHLOAD_OK)
		return complain(s, "the zero page cannot be read: %s", err.message);
	good = check_nodes(s, view) && check_header(s, info, o);
	if (good &&
	    (strcmp(view->cmdline, info->cmdline) != 0 || !is_map(view->memmap, info->memmap) ||
	     view->sentinel != 0 || view->rsdp_gpa != s->config.rsdp_gpa))
		good = complain(s, "the zero page has another command line, map or RSDP");
	if (good && ((initrd != NULL) != (view->initrd_size > 0) ||
		     (initrd && (view->initrd_gpa != initrd->gpa ||
				 view->initrd_size != scene_initrd_size(s) ||
				 !is_initrd(s, &memory, initrd->gpa)))))
		good = complain(s, "the zero page has another initrd");
	pvhload_linux_view_free(view);
	return good;
}

/* Walk the page tables as the processor does: where @address is mapped to, or 0. */
static uint64_t walk(const struct scene *s, const struct pvhload_plan_info *info, uint64_t address)
{
	const uint64_t mask = s->x86.page_entry_mask;
	uint64_t table = info->x86_cpu->cr3;

	for (unsigned int shift = info->x86_cpu->cr4 & 0x1000 ? 48 : 39; shift >= 21; shift -= 9) {
		const uint64_t entry = guest_le(table + (address >> shift & 511) * 8, 8);
		const uint64_t to = entry & 0x000ffffffffff000 & ~mask;

		if ((entry & 0x3) != 0x3 || (entry & mask) != mask)
			return 0;
		if (entry & 0x80)
			return to + (address & ((UINT64_C(1) << shift) - 1));
		table = to;
	}
	return 0;
}

/* All that the kernel may touch is mapped to itself: everything but an initrd and what is kept free. */
static bool check_tables(const struct scene *s, const struct pvhload_plan_info *info)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		const uint64_t at[] = { r->gpa, r->gpa + r->size / 2, r->gpa + r->size - 1 };

		for (size_t k = 0;
		     k < 3 && r->kind != PVHLOAD_REGION_INITRD && r->kind != PVHLOAD_REGION_KEPT;
		     k++)
			if (at[k] != 0 && walk(s, info, at[k]) != at[k])
				return complain(s, "%s: 0x%" PRIx64 " is not mapped", r->name,
						at[k]);
	}
	for (uint64_t at = 0x1000; at < FOUR_GIB; at += 0x7ffff000)
		if (walk(s, info, at) != at)
			return complain(s, "0x%" PRIx64 " is not mapped", at);
	return true;
}

/* Bytes that a commit would copy. */
static uint64_t bytes_of(const struct scene *s, const struct pvhload_plan_info *info)
{
	uint64_t sum = scene_initrd_size(s);

	for (size_t i = 0; i < s->config.module_count; i++)
		sum += s->module_sources[i].size;
	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->kind == PVHLOAD_REGION_X86_SETUP_DATA ||
		    info->regions[i]->kind == PVHLOAD_REGION_X86_SETUP_DATA_BYTES ||
		    info->regions[i]->kind == PVHLOAD_REGION_X86_PAGE_TABLES)
			sum += info->regions[i]->size;
	return sum;
}

/* The guest's memory, judged by the rules of writing. */
static enum pvhload_status judge(const struct scene *s, const struct pvhload_plan_info *info,
				 struct pvhload_check **ret, struct pvhload_error *err)
{
	const uint32_t not_linux = guest_is_linux(s) ? 0 : PVHLOAD_PVH_NOT_LINUX;
	const uint32_t entry =
		info->protocol == PVHLOAD_PROTOCOL_X86_LINUX32 ? PVHLOAD_LINUX_ENTRY32 : 0;

	if (info->protocol == PVHLOAD_PROTOCOL_PVH)
		return pvhload_pvh_check(&memory.memory, info->start_info_gpa, not_linux, ret, err);
	return pvhload_linux_check(&memory.memory, info->zero_page_gpa, entry, ret, err);
}

/*
 * What was planned has no problem, but for a command line whose limit start info cannot tell, and an
 * init_size of 0, which is well where there is nothing to decode.  A zero page is judged as Linux's, which a guest that is not Linux need not satisfy.
 */
static bool check_judged(const struct scene *s, const struct pvhload_plan_info *info)
{
	const bool not_linux = !guest_is_linux(s);
	const bool as_it_is = s->image->is_bzimage && info->protocol != PVHLOAD_PROTOCOL_PVH &&
			      info->decompress != PVHLOAD_DECOMPRESS_HOST;
	const bool no_size =
		as_it_is && s->image->bzimage.version >= 0x20a && s->image->bzimage.init_size == 0;
	const bool long_cmdline = info->protocol == PVHLOAD_PROTOCOL_PVH && !not_linux &&
				  strlen(info->cmdline) > CMDLINE_USUAL;
	const size_t expected = long_cmdline || no_size ? 1 : 0;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_check *check = NULL;
	bool good;

	if (info->protocol != PVHLOAD_PROTOCOL_PVH && not_linux)
		return true;
	if (judge(s, info, &check, &err) != PVHLOAD_OK)
		return complain(s, "the guest cannot be judged: %s", err.message);
	good = check->count == expected ||
	       complain(s, "a planned guest has %zu problems: %s", check->count,
			check->count > 0 ? check->problems[0]->message : "");
	pvhload_check_free(check);
	return good;
}

bool check_guest(const struct scene *s, const struct pvhload_plan *plan, const struct outcome *o,
		 bool *skipped)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	*skipped = bytes_of(s, info) > BYTES_MAX;
	if (*skipped)
		return true;
	sparse_init(&memory, info);
	if (pvhload_plan_commit(plan, &memory.memory, &err) != PVHLOAD_OK)
		return complain(s, "commit: %s", err.message);
	if (memory.strayed)
		return complain(s, "commit wrote outside the plan's regions");
	if (!s->is_flat && !is_kernel(s, info))
		return complain(s, "the kernel is not where the plan says");
	if (!are_kept(s))
		return complain(s, "the bytes of a keep_free are not there");
	if (!is_filled(s, info))
		return complain(s, "of the kernel's regions 0x%" PRIx64 " bytes were written",
				memory.kernel);
	if (s->is_flat)
		return check_flat_guest(s, info, &memory);
	if (is_multiboot(info->protocol))
		return check_multiboot_guest(s, info, &memory);
	if (!check_judged(s, info))
		return false;
	if (info->protocol == PVHLOAD_PROTOCOL_PVH)
		return check_start_info(s, info);
	return check_zero_page(s, info, o) &&
	       (info->protocol != PVHLOAD_PROTOCOL_X86_LINUX64 || check_tables(s, info));
}
