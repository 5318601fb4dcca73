/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/error.h"

#define BUFFER_SIZE (64u << 10)
#define WINDOW_SIZE (2u << 20)

enum pvhload_status pvl_transfer_init(struct pvl_transfer *t, struct pvhload_error *err)
{
	t->buffer = malloc(BUFFER_SIZE);
	return t->buffer ? PVHLOAD_OK : pvl_fail_no_memory(err, BUFFER_SIZE);
}

void pvl_transfer_free(struct pvl_transfer *t)
{
	free(t->buffer);
	t->buffer = NULL;
}

enum pvhload_status pvl_transfer_zeros(struct pvl_transfer *t, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	void *window;

	if (t->mem.flags & PVHLOAD_MEMORY_ZEROED)
		return PVHLOAD_OK;
	if (t->mem.ops.zero)
		return pvl_memory_zero(&t->mem, gpa, size, err);
	window = pvl_memory_host_ptr(&t->mem, gpa, size);
	if (window) {
		memset(window, 0, (size_t)size);
		return PVHLOAD_OK;
	}
	memset(t->buffer, 0, BUFFER_SIZE);
	while (size > 0 && status == PVHLOAD_OK) {
		const size_t n = (size_t)pvl_min_u64(size, BUFFER_SIZE);

		status = pvl_memory_write(&t->mem, gpa, t->buffer, n, err);
		gpa += n;
		size -= n;
	}
	return status;
}

/*
 * How much of a range to move at once, and the window for it, if there is one: all of it; or, where
 * the VMM's slots end within it, smaller parts, so that little goes through the buffer.
 */
static void *find_window(const struct pvl_transfer *t, uint64_t gpa, uint64_t size,
			 uint64_t *ret_size)
{
	static const uint64_t parts[] = { UINT64_MAX, WINDOW_SIZE, BUFFER_SIZE };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		void *window;

		*ret_size = pvl_min_u64(size, parts[i]);
		window = pvl_memory_host_ptr(&t->mem, gpa, *ret_size);
		if (window)
			return window;
	}
	return NULL;
}

/* Copy from a source: straight into a window, from its own address, or through the buffer. */
static enum pvhload_status copy_source(struct pvl_transfer *t, const struct pvl_source *source,
				       uint64_t offset, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	struct pvl_span view;

	if (size > 0 && !t->mem.ops.host_ptr && pvl_source_view(source, offset, size, &view))
		return pvl_memory_write(&t->mem, gpa, view.data, view.size, err);
	while (size > 0 && status == PVHLOAD_OK) {
		uint64_t n;
		void *window = find_window(t, gpa, size, &n);

		if (window) {
			status = pvl_source_read(source, offset, window, n, err);
		} else if (pvl_source_view(source, offset, n, &view)) {
			status = pvl_memory_write(&t->mem, gpa, view.data, view.size, err);
		} else {
			status = pvl_source_read(source, offset, t->buffer, n, err);
			if (status == PVHLOAD_OK)
				status = pvl_memory_write(&t->mem, gpa, t->buffer, (size_t)n, err);
		}
		offset += n;
		gpa += n;
		size -= n;
	}
	return status;
}

/*
 * Map the whole pages of a range, if the VMM can and the file and the guest agree on where a page
 * starts.  *@ret_head and *@ret_mapped are the bytes before the mapping and in it.
 */
static enum pvhload_status map_pages(struct pvl_transfer *t, const struct pvl_source *source,
				     uint64_t at, uint64_t gpa, uint64_t size, uint64_t *ret_head,
				     uint64_t *ret_mapped, struct pvhload_error *err)
{
	const uint64_t page = PVHLOAD_MAP_FILE_ALIGN;
	uint64_t offset, start, end;
	enum pvhload_status status;
	bool mapped;
	int fd;

	*ret_head = *ret_mapped = 0;
	if (!t->mem.ops.map_file || !pvl_source_file(source, at, &fd, &offset) ||
	    gpa % page != offset % page || !pvl_align_up(gpa, page, &start))
		return PVHLOAD_OK;
	end = pvl_align_down(gpa + size, page);
	if (start >= end)
		return PVHLOAD_OK;
	status = pvl_memory_map_file(&t->mem, start, fd, offset + (start - gpa), end - start,
				     &mapped, err);
	if (status == PVHLOAD_OK && mapped) {
		*ret_head = start - gpa;
		*ret_mapped = end - start;
	}
	return status;
}

enum pvhload_status pvl_transfer_source(struct pvl_transfer *t, const struct pvl_source *source,
					uint64_t offset, uint64_t gpa, uint64_t size,
					struct pvhload_error *err)
{
	uint64_t head, mapped;
	enum pvhload_status status = map_pages(t, source, offset, gpa, size, &head, &mapped, err);

	if (status == PVHLOAD_OK)
		status = copy_source(t, source, offset, gpa, head, err);
	if (status == PVHLOAD_OK)
		status = copy_source(t, source, offset + head + mapped, gpa + head + mapped,
				     size - head - mapped, err);
	return status;
}
