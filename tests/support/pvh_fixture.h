/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Guest memory, a map of it, and PVH parameters that are fine. */
#ifndef SUPPORT_PVH_FIXTURE_H
#define SUPPORT_PVH_FIXTURE_H

#include "fake_memory.h"
#include "images.h"
#include "open_image.h"

#define RAM_SIZE (4u << 20)
#define GIB      (1ull << 30)

struct pvh_fixture {
	struct fake_memory fake;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map;
	struct pvhload_pvh_params params;
	struct pvhload_pvh_layout layout;
};

void pvh_setup(struct pvh_fixture *f);
void pvh_teardown(struct pvh_fixture *f);

enum pvhload_status write_it(struct pvh_fixture *f, struct pvhload_error *err);

/* Writing fails with @status and not a byte of the guest changes. */
struct pvhload_error pvh_refused(struct pvh_fixture *f, enum pvhload_status status);

/* What is at @gpa; it must be readable. */
struct pvhload_pvh_view *read_back(struct pvh_fixture *f, uint64_t gpa);

#endif
