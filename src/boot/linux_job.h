/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A plan for a Linux protocol in the making, beside what the builder has. */
#ifndef PVL_BOOT_LINUX_JOB_H
#define PVL_BOOT_LINUX_JOB_H

#include <pvhload/x86_page_tables.h>

#include "boot/plan.h"
#include "protocol/linux.h"

struct pvl_linux_job {
	struct pvl_builder *b;
	struct pvl_linux_input input;
	struct pvl_linux_node nodes[PVHLOAD_LINUX_SETUP_DATA_MAX];
	struct pvhload_x86_page_tables tables;
	struct pvhload_range *mapped; /* tables.ranges, ours to free */
	uint64_t tables_size;         /* 0 for the 32-bit entry, which has none */
	uint64_t zero_page_gpa;
	uint64_t gdt_gpa;
	uint64_t node_behind; /* where the setup_data node that was placed last ends */
	uint64_t low_nodes;   /* bytes of them in low memory */
};

/* Claim what the caller gave a place: before the kernel, which may be able to give way. */
enum pvhload_status pvl_linux_take_fixed(struct pvl_linux_job *job, struct pvhload_error *err);

/* Claim places for everything else but the initrd. */
enum pvhload_status pvl_linux_take_usual(struct pvl_linux_job *job, struct pvhload_error *err);

/* Encode everything into one block, and let pieces point into it. */
enum pvhload_status pvl_linux_encode(struct pvl_linux_job *job, struct pvhload_error *err);

#endif
