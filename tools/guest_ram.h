/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A guest's RAM in this process, and the ways to load it: what --load says. */
#ifndef TOOL_GUEST_RAM_H
#define TOOL_GUEST_RAM_H

#include "session.h"

struct guest_ram {
	void *host;
	uint64_t size;
	int fd;        /* of what is shared; -1 without */
	bool own;      /* private anonymous memory, into which files may be mapped; else @fd's */
	uint32_t load; /* LOAD_*, never LOAD_AUTO */
};

/* Memory that reads as zero.  Each returns TOOL_DONE, or prints a message and returns TOOL_FAILED; free it in either case. */
int guest_ram_make(struct guest_ram *ram, uint64_t size, uint32_t load); /* what only we need */
int guest_ram_make_shared(struct guest_ram *ram, uint64_t size, uint32_t load);
void guest_ram_free(struct guest_ram *ram);

/* RAM, and ROM if there is one, as the library takes them. */
struct guest_memory {
	struct pvhload_ram_slot slots[RAM_SLOTS_MAX + 1];
	struct pvhload_ram_slots table;
	struct pvhload_memory_ops ops;
	struct pvhload_memory mem;
};
void guest_ram_describe(const struct session *s, const struct guest_ram *ram,
			const struct pvhload_ram_slot *rom, bool zeroed, struct guest_memory *ret);

/* Plan, and in place, load: session_commit() is what is left to do unless the session is loaded. */
int guest_ram_plan(struct session *s, const struct session_vmm *vmm, const struct guest_ram *ram,
		   struct progress *progress);

/* All bytes to a file that is made anew, of RAM's size; pages of zeros are holes.  @path is what a failure is blamed on. */
int guest_ram_write(const struct guest_ram *ram, int fd, const char *path);

#endif
