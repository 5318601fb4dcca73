/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a guest finds, by the library's readers and by its memory. */
#include <string.h>

#include "flow.h"

#define COMPARED (64u << 10) /* of a long region's bytes */

static const struct pvhload_plan_region *find_region(const struct pvhload_plan_info *info,
						     uint32_t kind)
{
	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->kind == kind)
			return info->regions[i];
	return NULL;
}

void is_file(const struct shadow *m, uint64_t gpa, const struct bytes *bytes)
{
	const uint8_t *at = shadow_at(m, gpa, bytes->size);

	MUST(at && memcmp(at, bytes->data, bytes->size) == 0);
}

void is_initrd(const struct scene *s, const struct shadow *m, uint64_t gpa)
{
	uint64_t at = gpa;

	for (size_t i = 0; i < s->config.initrd_count; i++) {
		const struct bytes *bytes = &s->initrds[i].bytes;

		if (bytes->size == 0)
			continue;
		at = gpa + (at - gpa + 3) / 4 * 4;
		is_file(m, at, bytes);
		at += bytes->size;
	}
}

static void same_map(const struct pvhload_memmap_entry *entries, size_t count,
		     const struct pvhload_memmap *map)
{
	MUST(count == map->count);
	MUST(memcmp(entries, map->entries, count * sizeof(entries[0])) == 0);
}

static void check_modules(const struct scene *s, const struct pvhload_pvh_view *view,
			  const struct shadow *m)
{
	const size_t first = view->module_count - s->config.module_count;

	MUST(view->module_count >= s->config.module_count && first <= 1);
	for (size_t i = 0; i < s->config.module_count; i++) {
		const struct pvhload_pvh_module *module = &view->modules[first + i];
		const char *text = s->module_list[i].cmdline;

		MUST(module->size == s->modules[i].bytes.size);
		MUST(!module->cmdline == !text && (!text || strcmp(module->cmdline, text) == 0));
		is_file(m, module->gpa, &s->modules[i].bytes);
	}
	if (scene_initrd_size(s) > 0) {
		MUST(first == 1 && view->modules[0].size == scene_initrd_size(s));
		is_initrd(s, m, view->modules[0].gpa);
	}
}

static void check_start_info(const struct scene *s, const struct pvhload_plan_info *info,
			     const struct shadow *m)
{
	struct pvhload_memory memory = m->memory;
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_check *check = NULL;

	memory.memmap = &s->map;
	MUST(pvhload_pvh_read(&memory, info->start_info_gpa, 0, &view, NULL) == PVHLOAD_OK);
	MUST(strcmp(view->cmdline, info->cmdline) == 0);
	MUST(view->rsdp_gpa == s->config.rsdp_gpa);
	same_map(view->memmap, view->memmap_count, info->memmap);
	check_modules(s, view, m);
	pvhload_pvh_view_free(view);
	MUST(pvhload_pvh_check(&memory, info->start_info_gpa,
			       info->guest == PVHLOAD_GUEST_LINUX ? 0 : PVHLOAD_PVH_NOT_LINUX,
			       &check, NULL) == PVHLOAD_OK);
	pvhload_check_free(check);
}

static void check_nodes(const struct scene *s, const struct pvhload_linux_view *view,
			const struct shadow *m)
{
	MUST(view->setup_data_count == s->x86.setup_data_count);
	for (size_t i = 0; i < view->setup_data_count; i++) {
		const struct pvhload_linux_node *n = view->setup_data[i];

		MUST(n->type == s->node_list[i].type);
		if (s->node_list[i].flags != 0)
			continue; /* some have only an address */
		MUST(n->size == s->nodes[i].bytes.size);
		is_file(m, n->data_gpa, &s->nodes[i].bytes);
	}
}

/* What the zero page says of the firmware and the first screen. */
static void check_screen(const struct scene *s, const uint8_t *page)
{
	static const uint8_t none[PVHLOAD_EFI_INFO_SIZE];
	const uint8_t *efi_info = s->x86.efi_info ? s->x86.efi_info : none;
	const uint8_t *screen = page + PVHLOAD_ZERO_SCREEN_INFO;
	const bool text = s->framebuffer.type == PVHLOAD_FRAMEBUFFER_VGA_TEXT;

	MUST(memcmp(page + PVHLOAD_ZERO_EFI_INFO, efi_info, sizeof(none)) == 0);
	if (!s->x86.framebuffer)
		MUST(screen[PVHLOAD_SCREEN_TYPE] == 0);
	else
		MUST((screen[PVHLOAD_SCREEN_TYPE] == PVHLOAD_SCREEN_TYPE_VGA) == text);
}

/* Does the header of the image, or of the kernel in it, point to a list of its own, which may be anything? */
static bool brings_setup_data(struct pvhload_image *image)
{
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM] = { 0 };
	const uint8_t *list = header + (PVHLOAD_SETUP_SETUP_DATA - PVHLOAD_SETUP_HEADER_OFFSET);
	size_t size;

	for (; image; image = pvhload_image_payload(image))
		if (pvhload_image_setup_header(image, header, sizeof(header), &size, NULL) ==
			    PVHLOAD_OK &&
		    peek(list, 8) != 0)
			return true;
	return false;
}

static void check_zero_page(const struct scene *s, const struct pvhload_plan_info *info,
			    const struct shadow *m)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD);
	struct pvhload_memory memory = m->memory;
	const bool entry32 = info->protocol == PVHLOAD_PROTOCOL_X86_LINUX32;
	struct pvhload_linux_view *view = NULL;
	struct pvhload_check *check = NULL;

	memory.memmap = &s->map;
	MUST(pvhload_linux_read(&memory, info->zero_page_gpa, 0, &view, NULL) == PVHLOAD_OK);
	MUST(strcmp(view->cmdline, info->cmdline) == 0 && view->sentinel == 0);
	MUST(view->rsdp_gpa == s->config.rsdp_gpa);
	MUST(view->initrd_size == (initrd ? initrd->size : 0));
	MUST(!initrd || view->initrd_gpa == initrd->gpa);
	same_map(view->memmap->entries, view->memmap->count, info->memmap);
	if (scene_initrd_size(s) > 0) {
		MUST(view->initrd_size == scene_initrd_size(s));
		is_initrd(s, m, view->initrd_gpa);
	}
	check_nodes(s, view, m);
	check_screen(s, view->zero_page);
	pvhload_linux_view_free(view);
	MUST(pvhload_linux_check(&memory, info->zero_page_gpa, entry32 ? PVHLOAD_LINUX_ENTRY32 : 0,
				 &check, NULL) == PVHLOAD_OK);
	pvhload_check_free(check);
}

static void check_tree(const struct scene *s, const struct pvhload_plan_info *info,
		       const struct shadow *m)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD);
	struct pvhload_memory memory = m->memory;
	struct pvhload_fdt_view *view = NULL;

	memory.memmap = &s->map;
	MUST(pvhload_fdt_read(&memory, info->fdt_gpa, 0, &view, NULL) == PVHLOAD_OK);
	MUST(strcmp(view->bootargs, info->cmdline) == 0);
	MUST(!initrd || (view->initrd.gpa == initrd->gpa && view->initrd.size == initrd->size));
	MUST(!s->fdt.kaslr_seed || view->kaslr_seed_size == PVHLOAD_FDT_KASLR_SEED_SIZE);
	MUST(!s->fdt.rng_seed || view->rng_seed_size == s->fdt.rng_seed_size);
	pvhload_fdt_view_free(view);
	if (initrd && scene_initrd_size(s) > 0)
		is_initrd(s, m, initrd->gpa);
}

/* The image whose bytes are in the guest: the one that is entered. */
static struct pvhload_image *loaded_image(struct pvhload_image *image,
					  const struct pvhload_plan_info *info)
{
	struct pvhload_image *inner;

	if (pvhload_image_get_info(image)->bzimage && info->decompress != PVHLOAD_DECOMPRESS_HOST)
		return image;
	MUST(pvhload_image_decode(image, NULL) == PVHLOAD_OK);
	inner = pvhload_image_payload(image);
	return inner ? loaded_image(inner, info) : image;
}

/* @size bytes of the image from @offset on are at @gpa. */
static void is_loaded(struct pvhload_image *image, uint64_t offset, uint64_t size,
		      const struct shadow *m, uint64_t gpa)
{
	static uint8_t bytes[COMPARED];

	size = size < COMPARED ? size : COMPARED;
	if (size == 0)
		return;
	MUST(pvhload_image_read(image, offset, bytes, (size_t)size, NULL) == PVHLOAD_OK);
	MUST(shadow_at(m, gpa, size) && memcmp(shadow_at(m, gpa, size), bytes, (size_t)size) == 0);
}

static void check_kernel(struct pvhload_image *image, const struct pvhload_plan_info *info,
			 const struct shadow *m)
{
	const struct pvhload_image_info *what;

	image = loaded_image(image, info);
	what = pvhload_image_get_info(image);
	if (what->bzimage)
		is_loaded(image, what->bzimage->code_offset, what->bzimage->code_size, m,
			  info->kernel_gpa);
	if (what->flat)
		is_loaded(image, 0, what->size, m, info->kernel_gpa);
	for (size_t i = 0; what->elf && i < what->elf->segment_count; i++) {
		const struct pvhload_image_segment *seg = what->elf->segments[i];

		is_loaded(image, seg->offset, seg->file_size, m,
			  seg->gpa - what->elf->range.gpa + info->kernel_gpa);
	}
}

static void check_kept(const struct scene *s, const struct shadow *m)
{
	for (size_t i = 0; i < s->config.keep_free_count; i++) {
		const struct pvhload_boot_keep_free *k = &s->keep_free[i];

		if (k->bytes)
			MUST(memcmp(shadow_at(m, k->gpa, k->byte_count), k->bytes, k->byte_count) ==
			     0);
	}
}

void read_back(const struct scene *s, struct pvhload_image *image,
	       const struct pvhload_plan_info *info, struct shadow *m)
{
	check_kernel(image, info, m);
	check_kept(s, m);
	if (info->protocol == PVHLOAD_PROTOCOL_PVH)
		check_start_info(s, info, m);
	if (info->protocol == PVHLOAD_PROTOCOL_X86_LINUX64 ||
	    info->protocol == PVHLOAD_PROTOCOL_X86_LINUX32) {
		if (brings_setup_data(image))
			read_anything(s, info, m);
		else
			check_zero_page(s, info, m);
	}
	if (info->fdt_gpa != 0)
		check_tree(s, info, m);
	read_told(s, info, m);
}

void read_anything(const struct scene *s, const struct pvhload_plan_info *info, struct shadow *m)
{
	struct pvhload_memory memory = m->memory;
	struct pvhload_check *check = NULL;
	struct pvhload_linux_view *page = NULL;
	struct pvhload_pvh_view *start = NULL;
	struct pvhload_fdt_view *tree = NULL;

	memory.memmap = &s->map;
	if (info->protocol == PVHLOAD_PROTOCOL_PVH) {
		if (pvhload_pvh_read(&memory, info->start_info_gpa, PVHLOAD_READ_PARTIAL, &start,
				     NULL) == PVHLOAD_OK)
			pvhload_pvh_view_free(start);
		if (pvhload_pvh_check(&memory, info->start_info_gpa, 0, &check, NULL) == PVHLOAD_OK)
			pvhload_check_free(check);
	}
	if (info->fdt_gpa != 0) {
		if (pvhload_fdt_read(&memory, info->fdt_gpa, PVHLOAD_READ_PARTIAL, &tree, NULL) ==
		    PVHLOAD_OK)
			pvhload_fdt_view_free(tree);
		if (pvhload_fdt_check(&memory, info->fdt_gpa, &check, NULL) == PVHLOAD_OK)
			pvhload_check_free(check);
	}
	if (info->zero_page_gpa != 0) {
		if (pvhload_linux_read(&memory, info->zero_page_gpa, PVHLOAD_READ_PARTIAL, &page,
				       NULL) == PVHLOAD_OK)
			pvhload_linux_view_free(page);
		if (pvhload_linux_check(&memory, info->zero_page_gpa, 0, &check, NULL) ==
		    PVHLOAD_OK)
			pvhload_check_free(check);
	}
}
