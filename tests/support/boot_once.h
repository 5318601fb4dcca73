/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* One boot from a file into memory of this process, for counting what it calls. */
#ifndef SUPPORT_BOOT_ONCE_H
#define SUPPORT_BOOT_ONCE_H

#include "images.h"

#define FILE_NAME "/tmp/pvhload-boot-XXXXXX"

enum boot_once_kind { BOOT_ELF, BOOT_BZIMAGE, BOOT_HOST_DECODE };

/* Zeros but for the first members, which say what is booted. */
struct boot_once {
	enum boot_once_kind kind;
	bool kept_open;   /* the caller keeps the file open */
	enum codec codec; /* of a bzImage */
	size_t unit;      /* bytes of each of three segments, which do not compress; 0: 1 MiB */

	char name[sizeof(FILE_NAME)]; /* kernels have one; only a memfd has none */
	int fd;
	uint8_t *ram;
	struct pvhload_image *image;
	struct pvhload_plan *plan;
};

/* Make the file and the memory. */
void boot_once_prepare(struct boot_once *boot);

/* Open the image, plan, and commit: in one step, if the host decodes. */
void boot_once(struct boot_once *boot);

void boot_once_end(struct boot_once *boot);

#endif
