/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Opening what the builders made. */
#ifndef SUPPORT_OPEN_IMAGE_H
#define SUPPORT_OPEN_IMAGE_H

#include "images.h"
#include "suite.h"

/* Open bytes that must be an image. */
struct pvhload_image *open_bytes(const struct bytes *bytes);

/* Opening these bytes fails with @status; the error is returned, the image untouched. */
struct pvhload_error refuse_bytes(const struct bytes *bytes, enum pvhload_status status);

/* Decoding what is in these bytes, to no more than @limit, fails with @status and leaves nothing. */
struct pvhload_error refuse_decode(const struct bytes *bytes, uint64_t limit,
				   enum pvhload_status status);

/* Build, open or refuse, and free the bytes. */
struct pvhload_error refuse_elf(const struct elf_spec *spec, enum pvhload_status status);

/* A map of one piece of RAM from 0, with the PC's hole below 1 MiB; @entries has room for 3. */
struct pvhload_memmap ram_map(struct pvhload_memmap_entry entries[3], uint64_t ram_size);

#endif
