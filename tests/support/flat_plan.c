/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "flat_plan.h"

void flat_setup(struct flat_fixture *t, struct bytes image)
{
	memset(t, 0, sizeof(*t));
	plan_setup(&t->f, 64 * MIB);
	use_bytes(&t->f, image);
	t->f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	t->f.entries[0] =
		(struct pvhload_memmap_entry){ RAM_GPA, MACHINE_RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 };
	t->f.map.count = 1;
	t->tree = machine_tree();
	t->fdt = (struct pvhload_fdt)PVHLOAD_FDT_INIT;
	t->fdt.tree = t->tree.data;
	t->fdt.size = t->tree.size;
	t->f.config.fdt = &t->fdt;
	t->arm64 = (struct pvhload_boot_arm64)PVHLOAD_BOOT_ARM64_INIT;
	t->f.config.arm64 = &t->arm64;
	t->riscv64 = (struct pvhload_boot_riscv64)PVHLOAD_BOOT_RISCV64_INIT;
	t->f.config.riscv64 = &t->riscv64;
}

void flat_teardown(struct flat_fixture *t)
{
	plan_teardown(&t->f);
	bytes_free(&t->tree);
}

void flat_use_tree(struct flat_fixture *t, struct bytes tree)
{
	bytes_free(&t->tree);
	t->tree = tree;
	t->fdt.tree = tree.data;
	t->fdt.size = tree.size;
}

void flat_use_initrd(struct flat_fixture *t, struct pvhload_source source)
{
	t->initrd = source;
	t->f.config.initrds = &t->initrd;
	t->f.config.initrd_count = 1;
}
