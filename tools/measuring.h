/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Digests of what a guest is started with. */
#ifndef TOOL_MEASURING_H
#define TOOL_MEASURING_H

#include "digest.h"
#include "session.h"

/* Some bytes, and their digests. */
struct measured {
	uint64_t size;
	struct digests digests;
};

/* Each returns TOOL_DONE, or prints a message and returns what to exit with. */

/* The kernel's file as it is, whatever is loaded of it. */
int measure_kernel(const struct session *s, struct measured *ret);
/* The initrds as they are loaded, joined and padded; without one, no bytes. */
int measure_initrd(const struct session *s, struct measured *ret);
/* The command line with its NUL. */
int measure_cmdline(const struct session *s, struct measured *ret);
/* The table of kernel hashes, made of these three. */
int measure_hashes(const struct session *s, uint8_t table[PVHLOAD_KERNEL_HASHES_SIZE]);
/* A region of the plan as it is after a commit, zeros where that writes nothing. */
int measure_region(const struct session *s, size_t index, struct measured *ret);

#endif
