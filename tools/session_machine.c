/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "session_machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"

/* Where the RAM of QEMU's machine "virt" begins. */
#define ARM64_RAM_BASE   0x40000000u
#define RISCV64_RAM_BASE 0x80000000u

/* For the nodes that OpenSBI adds: where its own memory is. */
#define OPENSBI_TREE_ROOM 0x1000u

#define FIRMWARE_PLACES 2u /* its ROM, and the copy below 1 MiB */

/*
 * A UKI says it by its PE header; a file that is compressed or packed as a whole has to be decoded.  One that cannot be is
 * refused when it is planned.
 */
static const struct pvhload_image_info *find_inner(struct pvhload_image *image)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	while (!info->uki && (info->format == PVHLOAD_FORMAT_COMPRESSED ||
			      info->format == PVHLOAD_FORMAT_EFI_ZBOOT)) {
		if (pvhload_image_decode(image, NULL) != PVHLOAD_OK)
			break;
		image = pvhload_image_payload(image);
		info = pvhload_image_get_info(image);
	}
	return info;
}

int session_find_machine(struct session *s)
{
	const struct pvhload_image_info *info = find_inner(s->image);

	s->arch = info->flat || info->uki ? info->arch : PVHLOAD_ARCH_X86_64;
	s->ram_base = s->arch == PVHLOAD_ARCH_ARM64     ? ARM64_RAM_BASE
		      : s->arch == PVHLOAD_ARCH_RISCV64 ? RISCV64_RAM_BASE
							: 0;
	if (s->options->has_ram_base && !session_has_tree(s) && s->options->ram_base != 0)
		return tool_fail(s->options->kernel, "--ram-base: RAM of x86 begins at 0");
	if (s->options->has_ram_base)
		s->ram_base = s->options->ram_base;
	if (s->options->has_kaslr_seed && !session_has_tree(s))
		return tool_fail(s->options->kernel,
				 "--kaslr: this version does not relocate kernels itself");
	return TOOL_DONE;
}

bool session_has_tree(const struct session *s)
{
	return s->arch == PVHLOAD_ARCH_ARM64 || s->arch == PVHLOAD_ARCH_RISCV64;
}

static enum pvhload_status init_map(struct session *s, struct pvhload_error *err)
{
	struct pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;

	x86.ram_size = s->options->memory;
	if (!session_has_tree(s))
		return pvhload_memmap_init_x86(&x86, &s->map, err);
	return pvhload_memmap_add(&s->map, s->ram_base, s->options->memory, PVHLOAD_MEMMAP_RAM,
				  err);
}

/* What has a firmware is no RAM for anybody. */
static int reserve_firmware(struct session *s)
{
	const struct pvhload_image_firmware *f = pvhload_image_get_info(s->image)->firmware;
	const struct pvhload_range places[FIRMWARE_PLACES] = {
		f ? f->window : (struct pvhload_range){ 0, 0 },
		f ? f->alias : (struct pvhload_range){ 0, 0 },
	};
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; f && i < FIRMWARE_PLACES; i++)
		if (pvhload_memmap_reserve(&s->map, places[i].gpa, places[i].size,
					   PVHLOAD_MEMMAP_RESERVED, &err) != PVHLOAD_OK)
			return tool_fail(s->options->kernel, "--reserve: %s", err.message);
	return TOOL_DONE;
}

int session_make_map(struct session *s)
{
	const struct options *o = s->options;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	/* Each claim can add itself and split an entry in two. */
	s->map = (struct pvhload_memmap)PVHLOAD_MEMMAP_INIT;
	s->map.capacity = 3 + 2 * (o->reserve_count + FIRMWARE_PLACES);
	s->map.entries = calloc(s->map.capacity, sizeof(*s->map.entries));
	if (!s->map.entries)
		return tool_fail(o->kernel, "no memory");
	if (init_map(s, &err) != PVHLOAD_OK)
		return tool_fail(o->kernel, "--memory: %s", err.message);
	for (size_t i = 0; i < o->reserve_count; i++) {
		const struct reserve_option *r = &o->reserves[i];

		if (pvhload_memmap_reserve(&s->map, r->gpa, r->size, r->type, &err) != PVHLOAD_OK)
			return tool_fail(o->kernel, "--reserve: %s", err.message);
	}
	return reserve_firmware(s);
}

/* The file of an option that may be given once for such a machine; NULL if it is not. */
static int find_file(const struct session *s, uint32_t type, const char *option, const char **ret)
{
	const struct options *o = s->options;

	*ret = NULL;
	for (size_t i = 0; i < o->setup_data_count; i++) {
		if (o->setup_data[i].type != type)
			continue;
		if (*ret)
			return tool_fail(o->kernel, "%s is given twice; a device tree has it once",
					 option);
		*ret = o->setup_data[i].path;
	}
	return TOOL_DONE;
}

/* All of a file, to be freed. */
static int read_file(const char *path, size_t limit, uint8_t **ret, size_t *ret_size)
{
	const int fd = input_open(path, limit);
	const off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	int result = TOOL_FAILED;

	if (fd < 0)
		return TOOL_FAILED;
	if (size < 0 || (uint64_t)size > limit)
		result = tool_fail(path, "it has more than %zu bytes, the limit", limit);
	else if ((*ret = malloc((size_t)size + 1)) == NULL)
		result = tool_fail(path, "no memory");
	else if (pread(fd, *ret, (size_t)size, 0) != size)
		result = tool_fail(path, "cannot be read: %s", strerror(errno));
	else
		result = TOOL_DONE;
	*ret_size = (size_t)size;
	close(fd);
	return result;
}

static int add_seeds(const struct session *s, struct tree *tree)
{
	const struct options *o = s->options;
	const char *path;

	for (size_t i = 0; i < sizeof(tree->kaslr_seed); i++)
		tree->kaslr_seed[i] = (uint8_t)(o->kaslr_seed >> (56 - 8 * i));
	if (o->has_kaslr_seed)
		tree->fdt.kaslr_seed = tree->kaslr_seed;
	TOOL_TRY(find_file(s, PVHLOAD_SETUP_RNG_SEED, "--rng-seed", &path));
	if (!path)
		return TOOL_DONE;
	TOOL_TRY(read_file(path, PVHLOAD_FDT_RNG_SEED_MAX, &tree->seed, &tree->fdt.rng_seed_size));
	tree->fdt.rng_seed = tree->seed;
	return TOOL_DONE;
}

int session_make_tree(const struct session *s, struct tree *ret)
{
	const char *path;

	*ret = (struct tree){ .fdt = PVHLOAD_FDT_INIT };
	TOOL_TRY(find_file(s, PVHLOAD_SETUP_DTB, "--dtb", &path));
	if (path)
		TOOL_TRY(read_file(path, PVHLOAD_FDT_SIZE_MAX, &ret->bytes, &ret->fdt.size));
	else if (s->vmm)
		TOOL_TRY(s->vmm->make_tree(s, &ret->bytes, &ret->fdt.size));
	else if (!pvhload_image_find_part(s->image, PVHLOAD_IMAGE_PART_DTB, s->options->profile))
		return tool_fail(
			s->options->kernel,
			"a kernel for %s is told of its machine by a device tree: --dtb FILE",
			pvhload_arch_name(s->arch));
	ret->fdt.tree = ret->bytes;
	if (s->vmm && s->arch == PVHLOAD_ARCH_RISCV64)
		ret->fdt.room = OPENSBI_TREE_ROOM;
	return add_seeds(s, ret);
}

void session_free_tree(struct tree *tree)
{
	free(tree->bytes);
	free(tree->seed);
}

size_t session_ram_slots(const struct session *s, struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX])
{
	if (!session_has_tree(s))
		return session_x86_slots(s->options->memory, slots);
	slots[0] = (struct pvhload_ram_file_slot){ .gpa = s->ram_base, .size = s->options->memory };
	return 1;
}

struct pvhload_range session_rom(const struct session *s)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(s->plan);
	uint64_t gpa = FIRMWARE_END;

	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->kind == PVHLOAD_REGION_FIRMWARE &&
		    info->regions[i]->gpa < gpa)
			gpa = info->regions[i]->gpa;
	return (struct pvhload_range){ gpa, FIRMWARE_END - gpa };
}

size_t session_x86_slots(uint64_t ram_size, struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX])
{
	const struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = ram_size };
	struct pvhload_ram_slot made[RAM_SLOTS_MAX];
	uint64_t offset = 0;
	size_t count = 0;

	/* The map was made of the same size: this cannot fail. */
	if (pvhload_memmap_x86_slots(&x86, NULL, 0, made, RAM_SLOTS_MAX, &count, NULL) !=
	    PVHLOAD_OK)
		return 0;
	for (size_t i = 0; i < count; offset += made[i++].size)
		slots[i] = (struct pvhload_ram_file_slot){ .gpa = made[i].gpa,
							   .size = made[i].size,
							   .offset = offset };
	return count;
}
