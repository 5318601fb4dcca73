/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Making the plan of one method: the memory map and what is kept free, the kernel, the protocol's
 * parts, the result.  What all methods share is made once, by the first method that needs it.
 */
#include "boot/plan.h"

#include "abi/sizes.h"
#include "boot/bda.h"
#include "boot/files.h"
#include "boot/in_place.h"
#include "boot/kept.h"
#include "boot/plan_memory.h"
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "memory/rom.h"

static enum pvhload_status copy_roms(struct pvl_builder *b, struct pvhload_error *err)
{
	const size_t count = b->config.rom_count;
	struct pvl_space *space = &b->layout.space;

	PVL_TRY(pvl_roms_check(b->config.roms, count, &space->ram, err));
	if (count > 0)
		memcpy(b->plan->roms, b->config.roms, count * sizeof(b->plan->roms[0]));
	space->roms = b->plan->roms;
	space->rom_count = count;
	return PVHLOAD_OK;
}

static enum pvhload_status copy_memmap(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_memmap *map = &b->plan->memmap;
	const struct pvhload_memmap *from = b->config.memmap;

	map->entries = pvl_plan_new(b, from->count, sizeof(*from->entries));
	if (!map->entries)
		return pvl_fail_no_memory(err, from->count * sizeof(*from->entries));
	memcpy(map->entries, from->entries, from->count * sizeof(*from->entries));
	map->struct_size = sizeof(*map);
	map->capacity = map->count = from->count;
	pvl_memmap_sort(map->entries, map->count);
	PVL_TRY(pvl_space_init(&b->layout.space, pvl_kernel_arch(b->image), map, err));
	return copy_roms(b, err);
}

static enum pvhload_status copy_cmdline(struct pvl_builder *b, struct pvhload_error *err)
{
	b->plan->cmdline = pvl_plan_text(b, b->config.cmdline, err);
	return b->plan->cmdline ? PVHLOAD_OK : PVHLOAD_E_NO_MEMORY;
}

static enum pvhload_status make_nodes(struct pvl_builder *b, struct pvhload_error *err)
{
	const size_t count = b->x86.setup_data_count;

	b->plan->node_count = count;
	b->plan->nodes = pvl_plan_new(b, count, sizeof(*b->plan->nodes));
	return b->plan->nodes ? PVHLOAD_OK
			      : pvl_fail_no_memory(err, count * sizeof(*b->plan->nodes));
}

/* Prepare what all methods share.  A failure is reported by each method. */
static enum pvhload_status prepare(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_plan *plan = b->plan;

	if (!plan->cmdline)
		PVL_TRY(copy_cmdline(b, err));
	if (!plan->files)
		PVL_TRY(pvl_files_init(b, err));
	if (!plan->nodes)
		PVL_TRY(make_nodes(b, err));
	if (!b->prepared) {
		PVL_TRY(pvl_space_clear(&b->layout.space, err));
		PVL_TRY(pvl_keep_free(b, err));
		PVL_TRY(pvl_claim_bda(b, err));
		if (b->is_linux)
			PVL_TRY(pvl_take_memory_words(b, err));
		pvl_space_save(&b->layout.space);
	}
	b->prepared = true;
	return pvl_space_restore(&b->layout.space, err);
}

/* To guest memory if it may go there, else to host memory. */
static enum pvhload_status decode(struct pvl_builder *b, struct pvhload_error *err)
{
	PVL_TRY(pvl_decode_in_place(b, err));
	if (b->in_place && b->in_place->kernel)
		return PVHLOAD_OK;
	return pvl_image_decode(b->image, &b->callbacks, err);
}

/* The image that is loaded: of a bzImage that the host decodes, its payload. */
static enum pvhload_status choose_loaded(struct pvl_builder *b, struct pvhload_error *err)
{
	const bool host = b->method.decompress == PVHLOAD_DECOMPRESS_HOST;
	const enum pvhload_status status = host ? decode(b, err) : PVHLOAD_OK;

	if (status == PVHLOAD_OK)
		b->loaded = host ? pvl_known_kernel(b) : b->image;
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}

static uint64_t asked_place(const struct pvl_builder *b)
{
	return pvl_config_place(b, PVHLOAD_REGION_KERNEL, 0);
}

/* By what memmap=exactmap leaves of RAM. */
static enum pvhload_status place_in_exact(struct pvl_builder *b, struct pvl_space *space,
					  enum pvl_kernel_goes goes, struct pvhload_error *err)
{
	PVL_TRY(pvl_space_set_ram(space, &b->exact.map, &b->exact.ram, err));
	return pvl_kernel_place(&b->kernel, asked_place(b), goes, space, &b->place, err);
}

/* After memmap=exactmap, RAM is for the kernel what that leaves. */
static enum pvhload_status place_exactly(struct pvl_builder *b, struct pvl_space *space,
					 enum pvl_kernel_goes goes, struct pvhload_error *err)
{
	const struct pvhload_memmap *map = space->memmap;
	const struct pvl_ram ram = space->ram;
	const enum pvhload_status placed = pvl_fail_in(err, place_in_exact(b, space, goes, err),
						       "with what memmap=exactmap leaves of RAM");
	const enum pvhload_status back = pvl_space_set_ram(space, map, &ram, err);

	return back == PVHLOAD_OK ? placed : back;
}

/* For the layout. */
static enum pvhload_status place_kernel(void *user, struct pvl_space *space,
					enum pvl_kernel_goes goes, bool *ret_movable,
					struct pvhload_error *err)
{
	struct pvl_builder *b = user;
	const enum pvhload_status status =
		b->effects.exact
			? place_exactly(b, space, goes, err)
			: pvl_kernel_place(&b->kernel, asked_place(b), goes, space, &b->place, err);

	*ret_movable = b->kernel.movable && asked_place(b) == 0;
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}

static enum pvhload_status make_regions(struct pvhload_plan *plan, struct pvhload_error *err)
{
	const size_t most = plan->space.count;
	size_t count = 0;

	plan->regions = calloc(most, sizeof(*plan->regions) + sizeof(*plan->region_list));
	if (!plan->regions)
		return pvl_fail_no_memory(err, most * sizeof(*plan->regions));
	plan->region_list = (const struct pvhload_plan_region **)&plan->regions[most];
	for (size_t i = 0; i < most; i++) {
		const struct pvl_claim *claim = &plan->space.claims[i];

		if (claim->kind == 0)
			continue;
		plan->regions[count] = (struct pvhload_plan_region){ .name = claim->name,
								     .gpa = claim->range.start,
								     .size = claim->size,
								     .kind = claim->kind,
								     .index = claim->index,
								     .reason = claim->reason };
		plan->region_list[count] = &plan->regions[count];
		count++;
	}
	plan->info.regions = plan->region_list;
	plan->info.region_count = count;
	return PVHLOAD_OK;
}

static void describe(struct pvl_builder *b)
{
	struct pvhload_plan_info *info = &b->plan->info;

	memset(info, 0, sizeof(*info));
	info->protocol = b->method.protocol->id;
	info->decompress = pvl_image_payload_part(&b->image->info) ? b->method.decompress : 0;
	info->cmdline = b->plan->cmdline;
	info->memmap = &b->plan->memmap;
	b->method.protocol->ops->describe_cpu(b->plan);
	info->reason = "";
	if (b->notes)
		b->notes[0] = '\0';
	b->notes_left_out = 0;
}

/* Set the places that the caller gave. */
static void fix_parts(struct pvl_builder *b)
{
	for (size_t i = 0; i < b->layout.count; i++) {
		struct pvl_part *part = &b->layout.parts[i];

		part->fixed = pvl_config_place(b, part->kind, part->index);
	}
}

/* Places, then everything that follows from them. */
static enum pvhload_status plan_parts(struct pvl_builder *b, void *job, struct pvhload_error *err)
{
	const struct pvl_protocol_ops *protocol = b->method.protocol->ops;

	PVL_TRY(protocol->parts(b, job, err));
	PVL_TRY(pvl_check_memory_left(b, err));
	fix_parts(b);
	PVL_TRY(pvl_layout_place(&b->layout, err));
	b->plan->info.kernel_gpa = b->place.gpa;
	b->plan->info.entry = b->place.entry;
	PVL_TRY(pvl_kernel_write(&b->kernel, &b->place, &b->layout.space, &b->plan->writes, err));
	PVL_TRY(protocol->cpu(b, job, err));
	PVL_TRY(protocol->encode(b, job, err));
	PVL_TRY(pvl_write_kept(b, err));
	PVL_TRY(pvl_write_bda(b, err));
	pvl_writes_finish(&b->plan->writes, &b->layout.space);
	return PVHLOAD_OK;
}

static enum pvhload_status plan_with_job(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvl_protocol_ops *protocol = b->method.protocol->ops;
	void *job = pvl_plan_new(b, 1, protocol->job_size + 1); /* never 0 bytes */
	enum pvhload_status status;

	if (!job)
		return pvl_fail_no_memory(err, protocol->job_size);
	status = plan_parts(b, job, err);
	if (protocol->end)
		protocol->end(job);
	return status;
}

static enum pvhload_status plan_checked(struct pvl_builder *b, struct pvhload_error *err)
{
	if (!b->plan->memmap.entries)
		PVL_TRY(copy_memmap(b, err));
	PVL_TRY(b->method.protocol->ops->check(b, err));
	PVL_TRY(prepare(b, err));
	PVL_TRY(choose_loaded(b, err));
	describe(b);
	pvl_kernel_describe(b->loaded, b->method.protocol->entry, b->x86.paging_levels, b->is_linux,
			    &b->kernel);
	b->layout.place_kernel = place_kernel;
	b->layout.kernel = b;
	return plan_with_job(b, err);
}

enum pvhload_status pvl_plan_method(struct pvl_builder *b, struct pvhload_error *err)
{
	enum pvhload_status status;

	b->loaded = NULL;
	status = plan_checked(b, err);
	pvl_layout_free(&b->layout);
	if (status == PVHLOAD_OK) {
		/* From here on, the plan owns the claims. */
		b->plan->space = b->layout.space;
		memset(&b->layout.space, 0, sizeof(b->layout.space));
		b->plan->loaded = pvl_image_ref((struct pvhload_image *)(uintptr_t)b->loaded);
		return make_regions(b->plan, err);
	}
	b->plan->writes.count = 0;
	free(b->plan->blob);
	free(b->plan->kept);
	b->plan->blob = b->plan->kept = NULL;
	return status;
}

const struct pvhload_plan_info *pvhload_plan_get_info(const struct pvhload_plan *plan)
{
	return plan ? &plan->info : NULL;
}

/* A function of all writes. */
typedef enum pvhload_status writes_fn(const struct pvhload_plan *plan,
				      const struct pvl_memory *memory,
				      const struct pvl_decoded *decoded, struct pvhload_error *err);

static enum pvhload_status commit(const struct pvhload_plan *plan, const struct pvl_memory *memory,
				  const struct pvl_decoded *decoded, struct pvhload_error *err)
{
	return pvl_writes_commit_decoded(&plan->writes, &plan->space, memory, decoded,
					 &plan->progress, err);
}

static enum pvhload_status clear_unused(const struct pvhload_plan *plan,
					const struct pvl_memory *memory,
					const struct pvl_decoded *decoded,
					struct pvhload_error *err)
{
	(void)decoded;
	return pvl_writes_clear_unused(&plan->writes, &plan->space, memory, &plan->progress, err);
}

static enum pvhload_status write_checked(writes_fn *function, const struct pvhload_plan *plan,
					 const struct pvl_memory *memory,
					 const struct pvl_decoded *decoded,
					 struct pvhload_error *err)
{
	PVL_TRY(pvl_roms_check(memory->roms, memory->rom_count, memory->ram, err));
	return function(plan, memory, decoded, err);
}

static enum pvhload_status write_by(writes_fn *function, const struct pvhload_plan *plan,
				    const struct pvhload_memory *mem,
				    const struct pvl_decoded *decoded, struct pvhload_error *err)
{
	struct pvl_ram ram = { NULL, 0 };
	struct pvl_memory memory;
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the plan is NULL");
	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &plan->space.ram, &memory, err));
	if (mem->memmap) {
		PVL_TRY(pvl_ram_init(mem->memmap, &ram, err));
		memory.ram = &ram;
	} else if (!memory.roms) {
		memory.roms = plan->space.roms;
		memory.rom_count = plan->space.rom_count;
	}
	status = write_checked(function, plan, &memory, decoded, err);
	pvl_ram_free(&ram);
	return status;
}

enum pvhload_status pvl_plan_write(const struct pvhload_plan *plan,
				   const struct pvhload_memory *mem,
				   const struct pvl_decoded *decoded, struct pvhload_error *err)
{
	return write_by(commit, plan, mem, decoded, err);
}

enum pvhload_status pvhload_plan_commit(const struct pvhload_plan *plan,
					const struct pvhload_memory *mem, struct pvhload_error *err)
{
	return write_by(commit, plan, mem, NULL, err);
}

enum pvhload_status pvhload_plan_clear_unused(const struct pvhload_plan *plan,
					      const struct pvhload_memory *mem,
					      struct pvhload_error *err)
{
	return write_by(clear_unused, plan, mem, NULL, err);
}

enum pvhload_status pvhload_plan_read_region(const struct pvhload_plan *plan, size_t index,
					     uint64_t offset, void *dst, size_t size,
					     struct pvhload_error *err)
{
	const struct pvhload_plan_region *r;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan || (!dst && size > 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "a pointer is NULL");
	if (index >= plan->info.region_count)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no region %zu; the plan has %zu", index,
				plan->info.region_count);
	r = plan->info.regions[index];
	if (offset > r->size || size > r->size - offset)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(r->gpa),
				"%zu bytes at offset 0x%" PRIx64
				" are not inside %s, which has 0x%" PRIx64,
				size, offset, r->name, r->size);
	return pvl_writes_read(&plan->writes, r->gpa + offset, dst, size, err);
}
