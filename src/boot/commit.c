/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Writing a plan to guest memory: the only step that does.  Where the VMM gives a direct window, a
 * file is read straight into it; where it can map the file, whole pages are not copied at all.
 */
#include <stdlib.h>
#include <string.h>

#include "boot/plan.h"
#include "core/checked.h"
#include "core/error.h"
#include "memory/access.h"

#define BUFFER_SIZE (64u << 10)
#define WINDOW_SIZE (2u << 20)

/* One commit: memory, and a buffer for what cannot go straight there. */
struct commit {
	struct pvl_memory mem;
	uint8_t *buffer;
};

static enum pvhload_status write_zeros(struct commit *c, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	void *window;

	if (c->mem.flags & PVHLOAD_MEMORY_ZEROED)
		return PVHLOAD_OK;
	if (c->mem.ops.zero)
		return pvl_memory_zero(&c->mem, gpa, size, err);
	window = pvl_memory_host_ptr(&c->mem, gpa, size);
	if (window) {
		memset(window, 0, (size_t)size);
		return PVHLOAD_OK;
	}
	memset(c->buffer, 0, BUFFER_SIZE);
	while (size > 0 && status == PVHLOAD_OK) {
		const size_t n = (size_t)pvl_min_u64(size, BUFFER_SIZE);

		status = pvl_memory_write(&c->mem, gpa, c->buffer, n, err);
		gpa += n;
		size -= n;
	}
	return status;
}

/*
 * How much of a range to move at once, and the window for it, if there is one: all of it; or, where
 * the VMM's slots end within it, smaller parts, so that little goes through the buffer.
 */
static void *find_window(const struct commit *c, uint64_t gpa, uint64_t size, uint64_t *ret_size)
{
	static const uint64_t parts[] = { UINT64_MAX, WINDOW_SIZE, BUFFER_SIZE };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		void *window;

		*ret_size = pvl_min_u64(size, parts[i]);
		window = pvl_memory_host_ptr(&c->mem, gpa, *ret_size);
		if (window)
			return window;
	}
	return NULL;
}

/* Copy from a source: straight into a window, from its own address, or through the buffer. */
static enum pvhload_status copy_source(struct commit *c, const struct pvl_source *source,
				       uint64_t offset, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	struct pvl_span view;

	if (size > 0 && !c->mem.ops.host_ptr && pvl_source_view(source, offset, size, &view))
		return pvl_memory_write(&c->mem, gpa, view.data, view.size, err);
	while (size > 0 && status == PVHLOAD_OK) {
		uint64_t n;
		void *window = find_window(c, gpa, size, &n);

		if (window) {
			status = pvl_source_read(source, offset, window, n, err);
		} else if (pvl_source_view(source, offset, n, &view)) {
			status = pvl_memory_write(&c->mem, gpa, view.data, view.size, err);
		} else {
			status = pvl_source_read(source, offset, c->buffer, n, err);
			if (status == PVHLOAD_OK)
				status = pvl_memory_write(&c->mem, gpa, c->buffer, (size_t)n, err);
		}
		offset += n;
		gpa += n;
		size -= n;
	}
	return status;
}

/*
 * Map the whole pages of a piece, if the VMM can and the file and the guest agree on where a page
 * starts.  *@ret_head and *@ret_mapped are the bytes before the mapping and in it.
 */
static enum pvhload_status map_pages(struct commit *c, const struct pvl_piece *piece,
				     uint64_t *ret_head, uint64_t *ret_mapped,
				     struct pvhload_error *err)
{
	const uint64_t page = PVHLOAD_MAP_FILE_ALIGN;
	uint64_t offset, start, end;
	enum pvhload_status status;
	bool mapped;
	int fd;

	*ret_head = *ret_mapped = 0;
	if (!c->mem.ops.map_file || !pvl_source_file(piece->source, piece->offset, &fd, &offset) ||
	    piece->gpa % page != offset % page || !pvl_align_up(piece->gpa, page, &start))
		return PVHLOAD_OK;
	end = pvl_align_down(piece->gpa + piece->size, page);
	if (start >= end)
		return PVHLOAD_OK;
	status = pvl_memory_map_file(&c->mem, start, fd, offset + (start - piece->gpa), end - start,
				     &mapped, err);
	if (status == PVHLOAD_OK && mapped) {
		*ret_head = start - piece->gpa;
		*ret_mapped = end - start;
	}
	return status;
}

static enum pvhload_status write_file(struct commit *c, const struct pvl_piece *piece,
				      struct pvhload_error *err)
{
	uint64_t head, mapped;
	enum pvhload_status status = map_pages(c, piece, &head, &mapped, err);

	if (status == PVHLOAD_OK)
		status = copy_source(c, piece->source, piece->offset, piece->gpa, head, err);
	if (status == PVHLOAD_OK)
		status = copy_source(c, piece->source, piece->offset + head + mapped,
				     piece->gpa + head + mapped, piece->size - head - mapped, err);
	return status;
}

static enum pvhload_status write_piece(struct commit *c, const struct pvl_piece *piece,
				       struct pvhload_error *err)
{
	if (piece->source)
		return pvl_fail_about(err, write_file(c, piece, err), piece->subject, piece->index);
	if (piece->bytes)
		return pvl_memory_write(&c->mem, piece->gpa, piece->bytes, (size_t)piece->size,
					err);
	return write_zeros(c, piece->gpa, piece->size, err);
}

static const char *region_name(const struct pvhload_plan *plan, uint64_t gpa)
{
	const char *name = "";

	for (size_t i = 0; i < plan->info.region_count; i++)
		if (plan->info.regions[i]->gpa <= gpa)
			name = plan->info.regions[i]->name;
	return name;
}

static enum pvhload_status write_plan(const struct pvhload_plan *plan, struct commit *c,
				      struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < plan->info.region_count && status == PVHLOAD_OK; i++) {
		const struct pvhload_plan_region *r = plan->info.regions[i];

		status = pvl_memory_check(&c->mem, r->gpa, r->size, err);
		if (status != PVHLOAD_OK)
			return pvl_fail_in(err, status, "%s", r->name);
	}
	c->buffer = malloc(BUFFER_SIZE);
	if (!c->buffer)
		return pvl_fail_no_memory(err, BUFFER_SIZE);
	for (size_t i = 0; i < plan->piece_count && status == PVHLOAD_OK; i++) {
		status = write_piece(c, &plan->pieces[i], err);
		if (status != PVHLOAD_OK)
			status = pvl_fail_in(err, status, "%s",
					     region_name(plan, plan->pieces[i].gpa));
	}
	free(c->buffer);
	return status;
}

enum pvhload_status pvhload_plan_commit(const struct pvhload_plan *plan,
					const struct pvhload_memory *mem, struct pvhload_error *err)
{
	struct pvl_ram ram = { NULL, 0 };
	struct commit c = { .buffer = NULL };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the plan is NULL");
	status = pvl_memory_open(mem, PVL_MEMORY_WRITES, &plan->space.ram, &c.mem, err);
	if (status == PVHLOAD_OK && mem->memmap) {
		status = pvl_ram_init(mem->memmap, &ram, err);
		c.mem.ram = &ram;
	}
	if (status == PVHLOAD_OK)
		status = write_plan(plan, &c, err);
	pvl_ram_free(&ram);
	return status;
}
