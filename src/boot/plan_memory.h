/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a command line takes away from Linux's RAM, and what the kernel's own KASLR does not know of. */
#ifndef PVL_BOOT_PLAN_MEMORY_H
#define PVL_BOOT_PLAN_MEMORY_H

#include "boot/plan.h"

/*
 * Keep free what the command line takes away, and list the RAM that it leaves the kernel, if it names that one by
 * one: b->exact.
 */
enum pvhload_status pvl_take_memory_words(struct pvl_builder *b, struct pvhload_error *err);
void pvl_free_exact(struct pvl_builder *b);

/* PVHLOAD_E_MEMMAP if the map that the words make breaks a rule of Linux's on memory maps. */
enum pvhload_status pvl_check_memory_left(const struct pvl_builder *b, struct pvhload_error *err);

/* Say in the plan, which is made, what was taken away, and by which words. */
void pvl_note_memory_words(struct pvl_builder *b);

/*
 * PVHLOAD_E_OVERLAP if a kernel that decodes itself may move over what is kept free, or over the RSDP: it takes
 * the map's word for what is RAM.
 */
enum pvhload_status pvl_check_own_kaslr(const struct pvl_builder *b, struct pvhload_error *err);

#endif
