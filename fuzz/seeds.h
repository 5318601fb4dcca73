/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Making the seeds of the fuzz targets. */
#ifndef FUZZ_SEEDS_H
#define FUZZ_SEEDS_H

#include "bytes.h"

/* Write a seed of that target, by that name. */
void save(const char *target, const char *name, const struct bytes *bytes);

/* Those of fuzz_image. */
void images(void);

/* Those of fuzz_firmware. */
void firmwares(void);

/* Those of fuzz_flat and of fuzz_boot_load. */
void flat_boots(void);
void loaded_boots(void);

/* Those of fuzz_elf, _bzimage, _uki, _zboot, _multiboot, _page_tables, _relocs and _recompress. */
void formats(void);

/* Those of fuzz_flow. */
void flows(void);

#endif
