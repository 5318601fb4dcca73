/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as guest memory from 0 up, with something at 0x40 that is read back (or, if they are few, struct guest_least).
 * guest_input.c reads it, whole and in part, and holds one against the other; and while it changes, or cannot be read.
 */
#ifndef FUZZ_GUEST_INPUT_H
#define FUZZ_GUEST_INPUT_H

#include <stdbool.h>

#include <pvhload/pvhload.h>

#include "answers.h"
#include "bytes.h"
#include "fuzz.h"

#define GUEST_AT 0x40u

struct guest {
	struct bytes ram;
	struct pvhload_ram_slot slot;
	struct pvhload_memmap_entry entry;
	struct pvhload_memmap map;
	struct pvhload_memory memory;
	bool judged; /* one in four, as it takes long: read in part as well, judged, and read while it changes */
	size_t reads, change_at; /* the read, from 1 on, that has another byte, or fails; 0: none */
	bool fails;
};

/* How a reading went. */
struct reading {
	enum pvhload_status status;
	struct pvhload_error err;
	void *view; /* NULL on failure */
	const struct pvhload_error *const *problems;
	size_t problem_count;
	uint32_t incomplete;
};

/*
 * A target's own: an input shorter than @ram is put into RAM of that size, which is zero, its first four bytes at 0 and the rest at
 * @at; or, if its third byte is 7 modulo 8, it is used as it is, so that short RAM is tried too.
 */
struct guest_least {
	size_t ram, at;
	size_t magic_at; /* 8 bytes that are put there besides */
	uint64_t magic;  /* 0: none */
};
extern const struct guest_least guest_least;

/* A target's own: reads what is at GUEST_AT, and checks the view as far as there is one. */
struct reading guest_read(const struct guest *guest, uint32_t flags);
void guest_view_free(void *view);

/* What a judgement of the same bytes must be, which tells all that a view with @least problems does; and free it. */
void guest_judged(enum pvhload_status status, struct pvhload_check *check, size_t least);

#endif
