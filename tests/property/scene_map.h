/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#ifndef PROPERTY_SCENE_MAP_H
#define PROPERTY_SCENE_MAP_H

#include <pvhload/pvhload.h>

#include "random.h"

/* A sound map of at least one entry, in any order. */
void scene_map_make(struct pvhload_memmap *map, struct random *r);

/* The same as a machine for arm64 or riscv64 has it: banks, which begin anywhere. */
void scene_map_make_banks(struct pvhload_memmap *map, struct random *r);

#endif
