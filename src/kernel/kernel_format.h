/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The functions of each format, called by kernel.c. */
#ifndef PVL_KERNEL_KERNEL_FORMAT_H
#define PVL_KERNEL_KERNEL_FORMAT_H

#include "kernel/kernel.h"
#include "x86/limits.h"

struct pvl_kernel_format {
	void (*describe)(struct pvl_kernel *kernel, uint32_t levels);
	/* Its own place in @space, if that depends on it; else kernel->own is it. */
	uint64_t (*own)(const struct pvl_kernel *kernel, const struct pvl_space *space);
	enum pvhload_status (*at)(const struct pvl_kernel *kernel, uint64_t gpa,
				  struct pvl_kernel_place *ret, struct pvhload_error *err);
	enum pvhload_status (*check)(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvhload_error *err);
	enum pvhload_status (*claim)(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place, uint32_t reason,
				     struct pvl_space *space, struct pvhload_error *err);
	enum pvhload_status (*write)(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvl_writes *writes,
				     struct pvhload_error *err);
};

extern const struct pvl_kernel_format pvl_kernel_elf;
extern const struct pvl_kernel_format pvl_kernel_bzimage;
extern const struct pvl_kernel_format pvl_kernel_flat;
extern const struct pvl_kernel_format pvl_kernel_firmware;

/* Bits of the memory that Linux manages, by the levels of its page tables. */
static inline unsigned int pvl_linux_memory_bits(uint32_t levels)
{
	return levels == 5 ? PVL_X86_LINUX_BITS_5_LEVELS : PVL_X86_LINUX_BITS_4_LEVELS;
}

/* Set @kernel->end to 2^@bits. */
void pvl_kernel_set_end(struct pvl_kernel *kernel, unsigned int bits);

#endif
