/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where an initrd is to go, and cannot. */
#include "errors.h"

static int64_t nothing(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user, (void)offset, (void)dst, (void)len;
	ck_abort_msg("a plan reads no initrd");
	return -1;
}

static struct pvhload_error initrd_of(struct plan_fixture *f, uint64_t size, uint64_t gpa)
{
	const struct pvhload_source initrd = pvhload_source_reader(nothing, NULL, size);

	f->config.initrds = &initrd;
	f->config.initrd_count = 1;
	set_place(f, PVHLOAD_REGION_INITRD, 0, gpa);
	return try_plan(f);
}

static struct pvhload_error initrd_larger_than_ram(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	return initrd_of(&f, 100 * MIB, 0);
}

static struct pvhload_error initrd_limit(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, GIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	set_field(&f, 0x22c, 0x37ffffff, 4);
	return initrd_of(&f, 900 * MIB, 0);
}

static struct pvhload_error initrd_above_limit(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, GIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	set_field(&f, 0x22c, 0x37ffffff, 4);
	return initrd_of(&f, MIB, 0x38000000);
}

static struct pvhload_error initrd_above_4g(void)
{
	struct plan_fixture f;

	plan_setup(&f, 6 * GIB);
	return initrd_of(&f, MIB, 4 * GIB);
}

static struct pvhload_error misaligned_initrd(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	return initrd_of(&f, MIB, 0x2000100);
}

static struct pvhload_error initrd_on_kernel(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	return initrd_of(&f, MIB, 0x200000);
}

static const struct mistake mistakes[] = {
	{ "An initrd larger than RAM", initrd_larger_than_ram, PVHLOAD_E_NO_ROOM,
	  "no room for initrd, 104857600 bytes: the largest free range between 0x100000 "
	  "and 4 GiB has 64999424 bytes, [0x203000, 0x4000000) above kernel: 39858176 "
	  "too few",
	  "Give the guest more RAM. What is in the initrd is unpacked into RAM as well: "
	  "count on several times its size." },
	{ "An initrd too large for the kernel's limit", initrd_limit, PVHLOAD_E_NO_ROOM,
	  "no room for initrd, 943718400 bytes: the largest free range between 0x100000 "
	  "and initrd_addr_max, 0x37ffffff has 872415232 bytes, [0x4000000, 0x38000000) "
	  "above kernel: 71303168 too few; nor with the kernel as low or as high as it "
	  "fits",
	  "Make it smaller or take a newer kernel: this one takes nothing above its "
	  "initrd_addr_max, however much RAM there is." },
	{ "An initrd above the kernel's limit", initrd_above_limit, PVHLOAD_E_RANGE,
	  "initrd, 0x100000 bytes at 0x38000000, does not end below initrd_addr_max, "
	  "0x37ffffff: 0x100000 bytes are beyond it",
	  "Ask for a lower place, or leave initrd_gpa 0: the kernel would not find its "
	  "initrd, and say that there is no root." },
	{ "An initrd above 4 GiB by PVH", initrd_above_4g, PVHLOAD_E_RANGE,
	  "initrd, 0x100000 bytes at 0x100000000, does not end below 4 GiB: 0x100000 "
	  "bytes are beyond it",
	  "Ask for a place below 4 GiB, or for the 64-bit entry, which takes one above if "
	  "xloadflags say so." },
	{ "An initrd at an odd address", misaligned_initrd, PVHLOAD_E_RANGE,
	  "initrd at 0x2000100 is not at a multiple of 0x1000",
	  "Ask for a multiple of 4096: Linux hands an initrd's memory back by whole pages." },
	{ "An initrd on the kernel", initrd_on_kernel, PVHLOAD_E_OVERLAP,
	  "kernel segment 1 [0x200000, 0x203000) overlaps initrd [0x200000, 0x300000) by "
	  "0x3000 bytes; the kernel cannot be moved: it has no PHYS32_RELOC note",
	  "Ask for a higher place, or leave initrd_gpa 0: the highest that fits is taken." },
};

THEME(initrds_theme, "Places of an initrd", mistakes);
