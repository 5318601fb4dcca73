/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* From options to a plan: what plan, boot and dump have in common. */
#ifndef TOOL_SESSION_H
#define TOOL_SESSION_H

#include "options.h"
#include "progress_line.h"

#define VMM_CLAIMS_MAX 2u

struct session;

/* What runs the guest, and has a machine of its own. */
struct session_vmm {
	/* Its device tree, to be freed.  Returns TOOL_DONE, or prints a message and returns TOOL_FAILED. */
	int (*make_tree)(const struct session *s, uint8_t **ret, size_t *ret_size);
	/* Ranges of RAM that it uses itself; returns how many. */
	size_t (*claims)(const struct session *s,
			 struct pvhload_boot_keep_free ret[VMM_CLAIMS_MAX]);
};

struct session {
	const struct options *options;
	const struct session_vmm *vmm; /* of a machine with a device tree, or NULL */
	uint32_t arch;                 /* PVHLOAD_ARCH_* of the machine: X86_64 for all x86 */
	uint64_t ram_base;             /* where its RAM begins */
	struct pvhload_memmap map;
	struct pvhload_image *image;
	struct pvhload_plan *plan;
	int *fds; /* of the files that the plan reads from: the kernel's, each initrd's, and others */
	size_t fd_count;
	bool loaded;             /* by session_load(), which has written the plan */
	const char *memory_file; /* what a failed write of guest memory is blamed on, or NULL */
};

/* Returns TOOL_DONE, or prints a message and returns what to exit with; free it in either case. */
int session_open(struct session *session, const struct options *options, struct progress *progress);
/* The same in two steps: find out what the image is and for which machine, then plan. */
int session_begin(struct session *session, const struct options *options,
		  struct progress *progress);
/* Between the two: have the kernel in a file that memory with PVHLOAD_RAM_SLOT_MAP maps. */
int session_share(struct session *session);
int session_plan(struct session *session, const struct session_vmm *vmm, struct progress *progress);
/* Plan, and write the plan to guest memory, which is zero, in one step. */
int session_load(struct session *session, const struct session_vmm *vmm,
		 const struct pvhload_memory *mem, struct progress *progress);
void session_close(struct session *session);

/* Write the plan to guest memory. */
int session_commit(struct session *session, const struct pvhload_memory *mem,
		   struct progress *progress);

/* Where a firmware ends, and where its last bytes are once more. */
#define FIRMWARE_END        0x100000000u
#define FIRMWARE_ALIAS_GPA  0xe0000u
#define FIRMWARE_ALIAS_SIZE 0x20000u

/* The ROM that the plan's firmware takes, its variables included; empty without one. */
struct pvhload_range session_rom(const struct session *s);

/* Guest RAM as a file has it: on x86 what is below the 32-bit hole, then at once what is above. */
#define RAM_SLOTS_MAX 2u
size_t session_ram_slots(const struct session *s,
			 struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX]);
size_t session_x86_slots(uint64_t ram_size, struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX]);

#endif
