/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of flat Images, in the machine of machine_tree(). */
#ifndef SUPPORT_FLAT_PLAN_H
#define SUPPORT_FLAT_PLAN_H

#include "fdt_fixture.h"
#include "flat_images.h"
#include "plan_fixture.h"

#define RAM_GPA MACHINE_RAM_GPA
#define RAM_END (MACHINE_RAM_GPA + MACHINE_RAM_SIZE)

struct flat_fixture {
	struct plan_fixture f;
	struct bytes tree;
	struct pvhload_fdt fdt;
	struct pvhload_boot_arm64 arm64;
	struct pvhload_boot_riscv64 riscv64;
	struct pvhload_source initrd;
};

void flat_setup(struct flat_fixture *t, struct bytes image);
void flat_teardown(struct flat_fixture *t);

/* Take another tree, or an initrd. */
void flat_use_tree(struct flat_fixture *t, struct bytes tree);
void flat_use_initrd(struct flat_fixture *t, struct pvhload_source source);

#endif
