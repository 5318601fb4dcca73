/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A world that changes while the library works: files that shrink, grow, are changed, cannot be read or are read in
 * pieces; guest memory that changes; callbacks and allocations that fail.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include <pvhload/pvhload.h>
#include <stdbool.h>

#include "bytes.h"
#include "fuzz_input.h"
#include "shadow_memory.h"

/* How a file is given to the library. */
enum world_kind { WORLD_BUFFER, WORLD_READER, WORLD_FD, WORLD_SEALED_FD, WORLD_KINDS };

/* What happens at a read. */
enum world_event {
	WORLD_NOTHING,
	WORLD_SHRINKS, /* to half of it, from then on */
	WORLD_GROWS,
	WORLD_CHANGES, /* each byte is another from then on */
	WORLD_EIO,
	WORLD_EVENTS
};

struct world_file;
#define WORLD_FILES_MAX 16u

struct world {
	bool changes; /* something happens, or fails: not all that is asked for can be had */
	enum world_event event;
	uint64_t event_at;   /* the read, from 1 on, of all files, at which it happens; 0: never */
	size_t piece;        /* most bytes of a read; 0: all */
	uint64_t eintr;      /* bit n: the n-th pread() or preadv(), modulo 64, is interrupted */
	uint64_t cancel_at;  /* the report that ends the call; 0: none */
	uint64_t touch_at;   /* the report at which memory that is decoded to changes; 0: none */
	size_t no_memory_at; /* the allocation that fails; 0: none */
	struct shadow_faults memory;

	uint64_t reads, preads, reports;
	bool happened;
	struct shadow *touched;                    /* memory whose window changes */
	struct world_file *files[WORLD_FILES_MAX]; /* that have a descriptor */
	size_t file_count;
};

/* A file as the library sees it. */
struct world_file {
	struct world *world;
	struct bytes bytes; /* borrowed */
	int fd;             /* -1: none */
	enum world_kind kind;
};

/* What can happen; only short reads and interrupted ones, unless the input asks for more. */
void world_make(struct world *w, struct input *in);

/* Nothing fails or happens any more. */
void world_heal(struct world *w);

/* As it was: the next call sees the same happen. */
void world_rewind(struct world *w);

/* Give @bytes, which must live as long, to the library in this way. */
struct pvhload_source world_open(struct world *w, struct world_file *file,
				 const struct bytes *bytes, enum world_kind kind);
void world_close(struct world_file *file);

/* pvhload_progress::callback, with the world as its user. */
int world_report(void *user, uint32_t phase, uint64_t done, uint64_t total);

#endif
