/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/transfer.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "memory/copy_nonzero.h"

#define BUFFER_SIZE (64u << 10)
#define HOLD_FROM   (16u << 10) /* fewer bytes are not worth a mapping */
#define WINDOW_SIZE (2u << 20)
#define STEP_MAX    (16u << 20) /* moved at once, where the caller may cancel in between */

static enum pvhload_status get_buffer(struct pvl_transfer *t, struct pvhload_error *err)
{
	if (!t->buffer)
		t->buffer = malloc(BUFFER_SIZE);
	return t->buffer ? PVHLOAD_OK : pvl_fail_no_memory(err, BUFFER_SIZE);
}

enum pvhload_status pvl_transfer_init(struct pvl_transfer *t, struct pvhload_error *err)
{
	t->buffer = NULL;
	return t->mem.ops.host_ptr ? PVHLOAD_OK : get_buffer(t, err);
}

void pvl_transfer_free(struct pvl_transfer *t)
{
	free(t->buffer);
	t->buffer = NULL;
}

/* Nobody is told of the steps between if nobody asked. */
static uint64_t step_max(const struct pvl_transfer *t)
{
	return pvl_work_is_watched(&t->work) ? STEP_MAX : UINT64_MAX;
}

/*
 * How many bytes to move in one step, and the window for them, or NULL.  If there is no window for
 * all that one step may have, a smaller part is tried, so that few bytes go through the buffer.
 */
static void *choose_step(const struct pvl_transfer *t, uint64_t gpa, uint64_t size,
			 uint64_t *ret_size)
{
	const uint64_t steps[] = { step_max(t), WINDOW_SIZE, BUFFER_SIZE };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		void *window;

		*ret_size = pvl_min_u64(size, steps[i]);
		window = pvl_memory_host_ptr(&t->mem, gpa, *ret_size);
		if (window)
			return window;
	}
	return NULL;
}

/* One step of zeros, at most @size bytes, and how many it was. */
static enum pvhload_status zero_step(struct pvl_transfer *t, uint64_t gpa, uint64_t size,
				     uint64_t *ret_size, struct pvhload_error *err)
{
	void *window;

	if (t->mem.ops.zero) {
		*ret_size = pvl_min_u64(size, STEP_MAX);
		return pvl_memory_zero(&t->mem, gpa, *ret_size, err);
	}
	window = choose_step(t, gpa, size, ret_size);
	if (!window)
		PVL_TRY(get_buffer(t, err));
	memset(window ? window : t->buffer, 0, (size_t)*ret_size);
	if (window)
		return PVHLOAD_OK;
	return pvl_memory_write(&t->mem, gpa, t->buffer, (size_t)*ret_size, err);
}

/* Of ROM nobody has said that it is zero. */
bool pvl_transfer_skips_zeros(const struct pvl_transfer *t, struct pvl_range range)
{
	return (t->mem.flags & PVHLOAD_MEMORY_ZEROED) != 0 &&
	       !pvl_range_overlap(t->used.range, range) && !pvl_range_overlap(t->mem.rom, range);
}

/* From @gpa on, at most @size bytes that are all in t->used, or all not. */
static uint64_t up_to_border(const struct pvl_transfer *t, uint64_t gpa, uint64_t size,
			     bool *ret_used)
{
	const struct pvl_range used = t->used.range;

	*ret_used = gpa >= used.start && gpa < used.end;
	if (*ret_used)
		return pvl_min_u64(size, used.end - gpa);
	return gpa < used.start && used.start < used.end ? pvl_min_u64(size, used.start - gpa)
							 : size;
}

/* One step of zeros, at most @size bytes, which may be none to write. */
static enum pvhload_status clear_step(struct pvl_transfer *t, uint64_t gpa, uint64_t size,
				      uint64_t *ret_size, struct pvhload_error *err)
{
	bool used;

	*ret_size = size = up_to_border(t, gpa, size, &used);
	if (used) {
		*ret_size = pvl_min_u64(size, STEP_MAX);
		memset(t->used.host + (gpa - t->used.range.start), 0, (size_t)*ret_size);
	} else if (!(t->mem.flags & PVHLOAD_MEMORY_ZEROED)) {
		return zero_step(t, gpa, size, ret_size, err);
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_transfer_zeros(struct pvl_transfer *t, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	while (size > 0) {
		uint64_t n;

		PVL_TRY(clear_step(t, gpa, size, &n, err));
		PVL_TRY(pvl_work_advance(&t->work, n, err));
		gpa += n;
		size -= n;
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_transfer_bytes(struct pvl_transfer *t, const uint8_t *bytes, uint64_t gpa,
				       uint64_t size, struct pvhload_error *err)
{
	while (size > 0) {
		const uint64_t n = pvl_min_u64(size, STEP_MAX);

		PVL_TRY(pvl_memory_write(&t->mem, gpa, bytes, (size_t)n, err));
		PVL_TRY(pvl_work_advance(&t->work, n, err));
		bytes += n;
		gpa += n;
		size -= n;
	}
	return PVHLOAD_OK;
}

/* One step: read into the window, write from the source's own bytes, or go through the buffer. */
static enum pvhload_status copy_step(struct pvl_transfer *t, const struct pvl_source *source,
				     uint64_t offset, uint64_t gpa, uint64_t size, void *window,
				     struct pvhload_error *err)
{
	struct pvl_span view;

	if (window)
		return pvl_source_read(source, offset, window, size, err);
	if (pvl_source_view(source, offset, size, &view))
		return pvl_memory_write(&t->mem, gpa, view.data, view.size, err);
	PVL_TRY(get_buffer(t, err));
	PVL_TRY(pvl_source_read(source, offset, t->buffer, size, err));
	return pvl_memory_write(&t->mem, gpa, t->buffer, (size_t)size, err);
}

/* Of bytes that are in host memory, to memory that is zero: pages of zeros stay untouched. */
static enum pvhload_status copy_held(struct pvl_transfer *t, const uint8_t *bytes, uint64_t gpa,
				     uint64_t size, struct pvhload_error *err)
{
	while (size > 0) {
		uint64_t n;
		void *window = choose_step(t, gpa, size, &n);

		if (window)
			pvl_copy_nonzero(window, bytes, (size_t)n);
		else
			PVL_TRY(pvl_memory_write(&t->mem, gpa, bytes, (size_t)n, err));
		PVL_TRY(pvl_work_advance(&t->work, n, err));
		bytes += n;
		gpa += n;
		size -= n;
	}
	return PVHLOAD_OK;
}

/* False if pages of zeros at @gpa have to be written, or looking for them would take a copy. */
static bool hold_pages(const struct pvl_transfer *t, const struct pvl_source *source,
		       uint64_t offset, uint64_t gpa, uint64_t size, struct pvl_held *ret)
{
	return size >= HOLD_FROM && t->mem.ops.host_ptr &&
	       pvl_transfer_skips_zeros(t, (struct pvl_range){ gpa, gpa + size }) &&
	       pvl_source_at_hand(source, offset, size, ret);
}

static enum pvhload_status copy_source(struct pvl_transfer *t, const struct pvl_source *source,
				       uint64_t offset, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	struct pvl_held held;
	struct pvl_span view;

	if (hold_pages(t, source, offset, gpa, size, &held)) {
		const enum pvhload_status status = copy_held(t, held.bytes.data, gpa, size, err);

		pvl_source_drop(source, &held);
		return status;
	}
	/* Bytes that are in host memory already do not go through the buffer. */
	if (size > 0 && !t->mem.ops.host_ptr && pvl_source_view(source, offset, size, &view))
		return pvl_transfer_bytes(t, view.data, gpa, view.size, err);
	while (size > 0) {
		uint64_t n;
		void *window = choose_step(t, gpa, size, &n);

		PVL_TRY(copy_step(t, source, offset, gpa, n, window, err));
		PVL_TRY(pvl_work_advance(&t->work, n, err));
		offset += n;
		gpa += n;
		size -= n;
	}
	return PVHLOAD_OK;
}

/* Where in host memory @size bytes at @gpa are; NULL if they are in no one piece. */
static uint8_t *find_window(const struct pvl_transfer *t, uint64_t gpa, uint64_t size)
{
	const struct pvl_range range = { gpa, gpa + size };

	if (pvl_range_contains(t->used.range, range))
		return t->used.host + (gpa - t->used.range.start);
	return pvl_memory_host_ptr(&t->mem, gpa, size);
}

/* One step of at most @size bytes, the first of them or, if @last, the last; without a window through the buffer. */
static enum pvhload_status move_step(struct pvl_transfer *t, uint64_t from, uint64_t gpa,
				     uint64_t size, bool last, uint64_t *ret_size,
				     struct pvhload_error *err)
{
	uint64_t n = pvl_min_u64(size, PVL_PROGRESS_STEP), skip = last ? size - n : 0;
	uint8_t *window = find_window(t, gpa + skip, n);

	if (!window) {
		n = pvl_min_u64(size, BUFFER_SIZE);
		skip = last ? size - n : 0;
		window = find_window(t, gpa + skip, n);
	}
	*ret_size = n;
	if (!window)
		PVL_TRY(get_buffer(t, err));
	memmove(window ? window : t->buffer, t->used.host + (from - t->used.range.start) + skip,
		(size_t)n);
	if (window)
		return PVHLOAD_OK;
	return pvl_memory_write(&t->mem, gpa + skip, t->buffer, (size_t)n, err);
}

enum pvhload_status pvl_transfer_used(struct pvl_transfer *t, uint64_t from, uint64_t gpa,
				      uint64_t size, struct pvhload_error *err)
{
	const bool up = gpa > from; /* so the last bytes are moved first */

	while (size > 0) {
		uint64_t n;

		PVL_TRY(move_step(t, from, gpa, size, up, &n, err));
		PVL_TRY(pvl_work_advance(&t->work, n, err));
		size -= n;
		from += up ? 0 : n;
		gpa += up ? 0 : n;
	}
	return PVHLOAD_OK;
}

/* The whole pages of a file that can be mapped at @gpa. */
struct file_pages {
	int fd;
	uint64_t offset;
	uint64_t gpa;
	uint64_t size;
};

/* False if the VMM cannot map files, or the file offset and @gpa differ modulo the page size. */
static bool find_pages(const struct pvl_transfer *t, const struct pvl_source *source,
		       uint64_t source_offset, uint64_t gpa, uint64_t size, struct file_pages *ret)
{
	const uint64_t page = PVHLOAD_MAP_FILE_ALIGN;
	uint64_t offset, start, end;

	if (!t->mem.ops.map_file || !pvl_source_file(source, source_offset, &ret->fd, &offset) ||
	    gpa % page != offset % page || !pvl_align_up(gpa, page, &start))
		return false;
	end = pvl_align_down(gpa + size, page);
	if (start >= end)
		return false;
	ret->offset = offset + (start - gpa);
	ret->gpa = start;
	ret->size = end - start;
	return true;
}

enum pvhload_status pvl_transfer_source(struct pvl_transfer *t, const struct pvl_source *source,
					uint64_t offset, uint64_t gpa, uint64_t size, bool steady,
					struct pvhload_error *err)
{
	const bool maps = steady || !(t->mem.flags & PVHLOAD_MEMORY_MAP_STEADY);
	struct file_pages pages;
	bool mapped = false;
	uint64_t head, skip;

	if (maps && find_pages(t, source, offset, gpa, size, &pages))
		PVL_TRY(pvl_memory_map_file(&t->mem, pages.gpa, pages.fd, pages.offset, pages.size,
					    &mapped, err));
	if (!mapped)
		return copy_source(t, source, offset, gpa, size, err);
	head = pages.gpa - gpa;
	skip = head + pages.size;
	PVL_TRY(pvl_work_advance(&t->work, pages.size, err));
	PVL_TRY(copy_source(t, source, offset, gpa, head, err));
	return copy_source(t, source, offset + skip, gpa + skip, size - skip, err);
}
