/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The boot protocols: a row for each. */
#ifndef PVL_BOOT_PROTOCOLS_H
#define PVL_BOOT_PROTOCOLS_H

#include "boot/plan.h"

/* How a plan is made by a protocol.  A job is the protocol's own data while it is made. */
struct pvl_protocol_ops {
	/* Check image and config before a payload is decoded. */
	enum pvhload_status (*check)(const struct pvl_builder *b, struct pvhload_error *err);

	/* The size of a job, which starts as zeros, and the function that frees what it points to; NULL: nothing. */
	size_t job_size;
	void (*end)(void *job);

	/*
	 * Check what of the content the image that is decoded, and the config, tell; NULL: nothing.  The job is used for
	 * nothing else.
	 */
	enum pvhload_status (*content)(struct pvl_builder *b, void *job, struct pvhload_error *err);
	/* Check the content, and append the parts to @b->layout. */
	enum pvhload_status (*parts)(struct pvl_builder *b, void *job, struct pvhload_error *err);
	/* Bound an initrd or a module by where the kernel is, as far as that is known; NULL: it is not. */
	void (*bound_file)(const struct pvl_builder *b, struct pvl_part *part);
	/* Point the plan's info at its state of the architecture's processor, which is filled later. */
	void (*describe_cpu)(struct pvhload_plan *plan);
	/* Once everything has its place: make the processor's state and the writes. */
	enum pvhload_status (*cpu)(struct pvl_builder *b, void *job, struct pvhload_error *err);
	enum pvhload_status (*encode)(struct pvl_builder *b, void *job, struct pvhload_error *err);
};

struct pvl_protocol {
	uint32_t id;              /* PVHLOAD_PROTOCOL_* */
	const char *name;         /* for people and scripts: "linux64" */
	const char *entry_name;   /* "no 64-bit Linux entry" */
	const char *method_name;  /* "not by the 64-bit entry" */
	const char *payload_name; /* the same for a payload that the host decodes */
	enum pvl_entry entry;
	uint32_t arch;        /* PVHLOAD_ARCH_* of flat Images that it is for; 0: it is for x86 */
	uint32_t cmdline_max; /* of these, without the NUL */
	const struct pvl_protocol_ops *ops;
};

extern const struct pvl_protocol pvl_protocol_pvh;
extern const struct pvl_protocol pvl_protocol_linux64;
extern const struct pvl_protocol pvl_protocol_linux32;
extern const struct pvl_protocol pvl_protocol_multiboot1;
extern const struct pvl_protocol pvl_protocol_multiboot2;
extern const struct pvl_protocol pvl_protocol_arm64;
extern const struct pvl_protocol pvl_protocol_riscv64;
extern const struct pvl_protocol pvl_protocol_reset;

/* The one by which a flat Image is booted; NULL for any other image, and where there is none. */
const struct pvl_protocol *pvl_protocol_of_flat(const struct pvhload_image *image);

/* describe_cpu() of the protocols for x86. */
void pvl_describe_x86_cpu(struct pvhload_plan *plan);

/* Append the part of a GDT of @size bytes, whose usual place is @usual, to the layout, and then its bytes, by the plan's x86 state, to @block. */
size_t pvl_append_gdt(struct pvl_layout *layout, uint64_t size, uint64_t usual);
enum pvhload_status pvl_write_gdt(const struct pvl_builder *b, size_t part, struct pvl_block *block,
				  struct pvhload_error *err);

/* By PVHLOAD_PROTOCOL_*, or by number; NULL if there is none. */
const struct pvl_protocol *pvl_protocol_by_id(uint32_t id);
const struct pvl_protocol *pvl_protocol_number(size_t i);

#endif
