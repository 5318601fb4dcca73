/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* From options to a plan: what plan, boot and dump have in common. */
#ifndef TOOL_SESSION_H
#define TOOL_SESSION_H

#include "options.h"
#include "progress_line.h"

struct session {
	const struct options *options;
	struct pvhload_memmap map;
	struct pvhload_image *image;
	struct pvhload_plan *plan;
	int *fds; /* of the files that the plan reads from: the kernel's, each initrd's, and others */
	size_t fd_count;
	const char *memory_file; /* what a failed write of guest memory is blamed on, or NULL */
};

/* Returns TOOL_DONE, or prints a message and returns what to exit with; free it in either case. */
int session_open(struct session *session, const struct options *options, struct progress *progress);
void session_close(struct session *session);

/* Write the plan to guest memory. */
int session_commit(struct session *session, const struct pvhload_memory *mem,
		   struct progress *progress);

/* Guest RAM as a file has it: what is below the 32-bit hole, then at once what is above. */
#define RAM_SLOTS_MAX 2u
size_t session_ram_slots(uint64_t ram_size, struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX]);

#endif
