/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The guest's first screen: what holds whatever the protocol that tells of it. */
#ifndef PVL_GUEST_FRAMEBUFFER_H
#define PVL_GUEST_FRAMEBUFFER_H

#include <pvhload/framebuffer.h>

#include "memory/memmap.h"

/* Copy @caller's description, fill in the defaults and check it: PVHLOAD_E_USAGE. */
enum pvhload_status pvl_framebuffer_open(const struct pvhload_framebuffer *caller,
					 struct pvhload_framebuffer *ret,
					 struct pvhload_error *err);

/* PVHLOAD_E_OVERLAP if the sound map says that the guest may use its memory as RAM. */
enum pvhload_status pvl_framebuffer_check_map(const struct pvhload_framebuffer *fb,
					      const struct pvhload_memmap_entry *entries,
					      size_t count, struct pvhload_error *err);

#endif
