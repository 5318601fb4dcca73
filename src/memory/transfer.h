/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Writing to the guest by the cheapest method that the VMM offers: whole pages of a file are
 * mapped, or a file is read directly into guest memory (the window), or bytes are copied through a
 * buffer.
 */
#ifndef PVL_MEMORY_TRANSFER_H
#define PVL_MEMORY_TRANSFER_H

#include "core/progress.h"
#include "memory/access.h"
#include "source/source.h"

/* RAM in one piece, and a pointer to it: what is there is known not to be zeros. */
struct pvl_used {
	struct pvl_range range; /* empty: none */
	uint8_t *host;
};

/* Guest memory, a buffer for bytes that cannot be read into it directly, and the progress. */
struct pvl_transfer {
	struct pvl_memory mem;
	struct pvl_used used; /* zeros are written there, whatever is said of memory */
	uint8_t *buffer;
	struct pvl_work work;
};

/*
 * Get the buffer if it is sure to be needed; t->mem is open.  PVHLOAD_E_NO_MEMORY.  Where there is host_ptr, it is got
 * for the first range that has no pointer.
 */
enum pvhload_status pvl_transfer_init(struct pvl_transfer *t, struct pvhload_error *err);
void pvl_transfer_free(struct pvl_transfer *t);

/*
 * The three kinds of bytes.  Every step ends with pvl_work_advance(), whose PVHLOAD_E_CANCELLED ends them.
 *
 * @size bytes of @source, from @offset on, to @gpa; @steady: the guest will not write to them soon.
 */
enum pvhload_status pvl_transfer_source(struct pvl_transfer *t, const struct pvl_source *source,
					uint64_t offset, uint64_t gpa, uint64_t size, bool steady,
					struct pvhload_error *err);

/* @size bytes of host memory. */
enum pvhload_status pvl_transfer_bytes(struct pvl_transfer *t, const uint8_t *bytes, uint64_t gpa,
				       uint64_t size, struct pvhload_error *err);

/*
 * @size bytes that are at @from, in t->used, to @gpa: they may overlap.  Bytes of t->used that are moved later must not be
 * where these go to.
 */
enum pvhload_status pvl_transfer_used(struct pvl_transfer *t, uint64_t from, uint64_t gpa,
				      uint64_t size, struct pvhload_error *err);

/* Is all of @range known to be zero, so that zeros need not be written? */
bool pvl_transfer_skips_zeros(const struct pvl_transfer *t, struct pvl_range range);

/* @size bytes of zeros, not 0; nothing is done where they need not be written. */
enum pvhload_status pvl_transfer_zeros(struct pvl_transfer *t, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err);

#endif
