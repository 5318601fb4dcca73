/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of flat Images: limits, the processor's state, and what the guest finds in its memory. */
#include <stdlib.h>
#include <string.h>

#include "device_trees.h"
#include "plan_checks.h"

#define FDT_ALIGN (UINT64_C(2) << 20)

void flat_limits_of(const struct scene *s, uint32_t kind, uint64_t *limit, uint64_t *align)
{
	const struct model_flat *flat = &s->image->flat;

	*limit = flat_end(flat);
	*align = 1;
	if (kind == PVHLOAD_REGION_KEPT)
		*limit = UINT64_MAX;
	else if (kind == PVHLOAD_REGION_INITRD)
		*align = flat_page(flat);
	else if (kind == PVHLOAD_REGION_FDT)
		*align = s->places.fdt_gpa != 0 ? PVHLOAD_FDT_ALIGN : FDT_ALIGN;
}

static bool is_over(const struct pvhload_plan_region *r, struct tree_range other)
{
	return r->gpa < other.gpa + other.size && other.gpa < r->gpa + r->size;
}

/* Nothing but what the caller has put there is over what the tree reserves. */
static bool check_reservations(const struct scene *s, const struct pvhload_plan_region *r)
{
	const bool kept = r->kind == PVHLOAD_REGION_KEPT;

	for (size_t i = 0; i < s->tree.reserved_count && !kept; i++)
		if (is_over(r, s->tree.reserved[i]))
			return complain(s, "%s is over reservation %zu of the tree", r->name, i);
	if (!kept && s->tree.has_initrd && scene_initrd_size(s) == 0 && is_over(r, s->tree.initrd))
		return complain(s, "%s is over the tree's initrd", r->name);
	return true;
}

static bool check_arm64(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct pvhload_arm64_cpu *cpu = info->arm64_cpu;
	uint64_t others = 0;

	if (!cpu || info->riscv64_cpu || info->arch != PVHLOAD_ARCH_ARM64)
		return complain(s, "the plan is not for arm64");
	for (size_t i = 1; i < PVHLOAD_ARM64_X_COUNT; i++)
		others |= cpu->x[i];
	if (cpu->x[0] != info->fdt_gpa || others != 0 || cpu->pc != info->entry ||
	    cpu->pstate != (s->arm64.exception_level == 2 ? 0x3c9 : 0x3c5))
		return complain(s, "the processor's state is not arm64 Linux's");
	return true;
}

static bool check_riscv64(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct pvhload_riscv64_cpu *cpu = info->riscv64_cpu;

	if (!cpu || info->arm64_cpu || info->arch != PVHLOAD_ARCH_RISCV64)
		return complain(s, "the plan is not for riscv64");
	if (cpu->pc != info->entry || cpu->a0 != s->riscv64.boot_hart || cpu->a1 != info->fdt_gpa ||
	    cpu->satp != 0 || cpu->mode != 1)
		return complain(s, "the processor's state is not riscv64 Linux's");
	return true;
}

/* text_offset from a multiple of 2 MiB, with all it needs, and entered at its first byte. */
static bool check_kernel(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct model_flat *flat = &s->image->flat;
	const struct pvhload_plan_region *kernel = find_region(info, PVHLOAD_REGION_KERNEL, 0);

	if (!kernel || kernel->gpa != info->kernel_gpa || info->entry != kernel->gpa ||
	    kernel->size < flat->image_size || kernel->size < flat->bytes.size)
		return complain(
			s, "the kernel has not all it needs, or is not entered at its first byte");
	if (kernel->gpa == 0 || kernel->gpa < flat->text_offset ||
	    (kernel->gpa - flat->text_offset) % FDT_ALIGN != 0)
		return complain(s, "the kernel's base is not at a multiple of 2 MiB");
	return true;
}

static bool check_tree_place(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct pvhload_plan_region *tree = find_region(info, PVHLOAD_REGION_FDT, 0);

	if (!tree || tree->gpa != info->fdt_gpa || tree->size > PVHLOAD_FDT_LIMIT)
		return complain(s, "there is no device tree where the plan says");
	if (s->places.fdt_gpa == 0 &&
	    tree->gpa / FDT_ALIGN != (tree->gpa + tree->size - 1) / FDT_ALIGN)
		return complain(s, "the device tree crosses a multiple of 2 MiB");
	return true;
}

bool check_flat_plan(const struct scene *s, const struct pvhload_plan_info *info)
{
	const uint32_t guest = guest_is_linux(s) ? PVHLOAD_GUEST_LINUX : PVHLOAD_GUEST_OTHER;

	for (size_t i = 0; i < info->region_count; i++)
		if (!check_reservations(s, info->regions[i]))
			return false;
	if (info->x86_cpu || info->start_info_gpa != 0 || info->zero_page_gpa != 0 ||
	    info->guest != guest)
		return complain(s, "the plan has something of x86, or another guest");
	return check_kernel(s, info) && check_tree_place(s, info) &&
	       (s->image->flat.is_arm64 ? check_arm64(s, info) : check_riscv64(s, info));
}

/* The file's bytes; that zeros follow up to the region's end is counted elsewhere. */
static bool has_kernel(const struct scene *s, const struct sparse *memory, uint64_t gpa)
{
	const struct bytes *file = &s->image->flat.bytes;
	struct bytes found = bytes_zero(file->size);
	bool same;

	sparse_read(memory, gpa, found.data, found.size);
	same = memcmp(found.data, file->data, file->size) == 0;
	bytes_free(&found);
	return same;
}

/* Is the property these bytes?  Or, with @size 0, is there none? */
static bool is_property(const struct bytes *tree, const char *name, const void *bytes, size_t size)
{
	size_t found = 0;
	const uint8_t *value = tree_find(tree, "/chosen", name, &found);

	if (size == 0)
		return !value;
	return value && found == size && memcmp(value, bytes, size) == 0;
}

static void put_be64(uint8_t bytes[8], uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
}

static bool has_initrd(const struct scene *s, const struct bytes *tree, uint64_t gpa)
{
	uint8_t start[8], end[8];

	if (scene_initrd_size(s) == 0) /* what the tree says of one is left */
		return s->tree.has_initrd || (is_property(tree, "linux,initrd-start", NULL, 0) &&
					      is_property(tree, "linux,initrd-end", NULL, 0));
	put_be64(start, gpa);
	put_be64(end, gpa + scene_initrd_size(s));
	return is_property(tree, "linux,initrd-start", start, 8) &&
	       is_property(tree, "linux,initrd-end", end, 8);
}

static bool has_seeds(const struct scene *s, const struct bytes *tree)
{
	const struct pvhload_fdt *fdt = &s->tree.fdt;
	const bool kaslr = fdt->kaslr_seed || s->tree.chosen_kaslr == 0;
	const bool rng = fdt->rng_seed || s->tree.chosen_rng == 0;

	return (!kaslr || is_property(tree, "kaslr-seed", fdt->kaslr_seed,
				      fdt->kaslr_seed ? PVHLOAD_FDT_KASLR_SEED_SIZE : 0)) &&
	       (!rng || is_property(tree, "rng-seed", fdt->rng_seed, fdt->rng_seed_size));
}

/* By a walk that is not the library's. */
static bool check_chosen(const struct scene *s, const struct pvhload_plan_info *info,
			 const struct bytes *tree)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD, 0);
	const bool no_bootargs = info->cmdline[0] == '\0' && !s->tree.has_bootargs &&
				 (s->tree.fdt.bootargs == PVHLOAD_FDT_BOOTARGS_AUTO ||
				  s->tree.fdt.bootargs == PVHLOAD_FDT_BOOTARGS_KEEP);

	if (!is_property(tree, "bootargs", info->cmdline,
			 no_bootargs ? 0 : strlen(info->cmdline) + 1))
		return complain(s, "the tree's bootargs are not the plan's command line");
	if (!has_initrd(s, tree, initrd ? initrd->gpa : 0))
		return complain(s, "the tree has another initrd");
	if (!has_seeds(s, tree))
		return complain(s, "the tree has other seeds");
	if (s->tree.has_chosen && !is_property(tree, "stdout-path", "/uart@9000000", 14))
		return complain(s, "the tree has lost its stdout-path");
	return true;
}

/* The banks that the guest finds: the caller's, or the map's RAM. */
static bool is_memory(const struct scene *s, const struct pvhload_fdt_view *view)
{
	static struct free_space ram;
	const struct scene_tree *t = &s->tree;
	const bool written = t->fdt.flags & PVHLOAD_FDT_WRITE_MEMORY;
	bool same;

	free_space_init(&ram, &s->map);
	same = view->memory_count == (written ? ram.count : t->memory_count);
	for (size_t i = 0; same && i < view->memory_count; i++) {
		const uint64_t gpa = written ? ram.ranges[i].start : t->memory[i].gpa;
		const uint64_t size = written ? ram.ranges[i].end - gpa : t->memory[i].size;

		same = view->memory[i].gpa == gpa && view->memory[i].size == size;
	}
	return same;
}

static bool is_told(const struct scene *s, const struct pvhload_plan_info *info,
		    const struct pvhload_fdt_view *view)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD, 0);
	const struct tree_range none =
		s->tree.has_initrd ? s->tree.initrd : (struct tree_range){ 0, 0 };
	const uint64_t gpa = initrd ? initrd->gpa : none.gpa;
	const uint64_t size = initrd ? scene_initrd_size(s) : none.size;
	bool same = view->reservation_count == s->tree.reserved_count &&
		    strcmp(view->bootargs, info->cmdline) == 0 && view->initrd.gpa == gpa &&
		    view->initrd.size == size && is_memory(s, view);

	for (size_t i = 0; same && i < view->reservation_count; i++)
		same = view->reservations[i]->gpa == s->tree.reserved[i].gpa &&
		       view->reservations[i]->size == s->tree.reserved[i].size;
	return same;
}

static bool check_view(const struct scene *s, const struct pvhload_plan_info *info,
		       const struct sparse *memory)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_fdt_view *view = NULL;
	bool good;

	if (pvhload_fdt_read(&memory->memory, info->fdt_gpa, 0, &view, &err) != PVHLOAD_OK)
		return complain(s, "the tree cannot be read: %s", err.message);
	good = is_told(s, info, view) ||
	       complain(s, "what is read of the tree is not what it was to say");
	pvhload_fdt_view_free(view);
	return good;
}

bool check_flat_guest(const struct scene *s, const struct pvhload_plan_info *info,
		      struct sparse *memory)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD, 0);
	struct bytes tree = bytes_zero((size_t)find_region(info, PVHLOAD_REGION_FDT, 0)->size);
	bool good;

	sparse_read(memory, info->fdt_gpa, tree.data, tree.size);
	if (!has_kernel(s, memory, info->kernel_gpa))
		good = complain(s, "the kernel's bytes are not where the plan says");
	else if (initrd && !is_initrd(s, memory, initrd->gpa))
		good = complain(s, "the initrd's bytes are not where the plan says");
	else
		good = check_chosen(s, info, &tree) && check_view(s, info, memory);
	bytes_free(&tree);
	return good;
}
