/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What has no room in RAM, once everything before it has its place. */
#include "errors.h"

static struct pvhload_error reserving(struct plan_fixture *f, uint64_t gpa, uint64_t end)
{
	const struct pvhload_boot_keep_free r = KEEP_FREE(gpa, end - gpa, "the VMM's");

	f->config.keep_free = &r;
	f->config.keep_free_count = 1;
	return try_plan(f);
}

static struct pvhload_error pvh_kernel(void)
{
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;

	add_reloc_note(&spec, 0x200000, MIB, 0x3fffffff);
	plan_setup_spec(&f, 3 * MIB, &spec);
	return reserving(&f, 0x180000, 0x181000);
}

static struct pvhload_error elf_kernel(void)
{
	struct plan_fixture f;

	plan_setup(&f, 4 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	return reserving(&f, 0x180000, 0x181000);
}

static struct pvhload_error both_ways(void)
{
	struct plan_fixture f;

	plan_setup(&f, 4 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	return reserving(&f, 0x180000, 0x181000);
}

static struct pvhload_error module(void)
{
	static const uint8_t bytes[1];
	struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_boot_module modules[2] = {
		{ sizeof(modules[0]), &source, NULL },
		{ sizeof(modules[0]), &source, NULL },
	};
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	source.size = 40 * MIB; /* never read by a plan */
	f.config.modules = modules;
	f.config.module_count = 2;
	return try_plan(&f);
}

static struct pvhload_error tables_below_1g(void)
{
	const struct pvhload_boot_keep_free both[] = {
		KEEP_FREE(0x1000, 0x9ec00, "the VMM's"),
		KEEP_FREE(0x203000, GIB - 0x203000, "memory to be ballooned"),
	};
	struct plan_fixture f;

	plan_setup(&f, 2 * GIB);
	f.config.keep_free = both;
	f.config.keep_free_count = 2;
	return try_plan(&f);
}

static struct pvhload_error setup_data_of(uint32_t flags)
{
	static const uint8_t bytes[1];
	struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_linux_setup_data data = { sizeof(data), &source, 1000, flags };
	struct plan_fixture f;

	bzimage_setup(&f, 80 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	source.size = 40 * MIB; /* never read by a plan */
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	return try_plan(&f);
}

static struct pvhload_error node(void)
{
	return setup_data_of(0);
}

static struct pvhload_error node_indirect(void)
{
	return setup_data_of(PVHLOAD_SETUP_DATA_INDIRECT);
}

static struct pvhload_error page_tables(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 0x1000);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x2000);
	set_place(&f, PVHLOAD_REGION_X86_GDT, 0, 0x3000);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x1000000);
	f.entries[1].gpa = 0x1000000;
	f.entries[1].size = 0x3000000;
	return reserving(&f, 0x4000, 0x9f000);
}

static const struct mistake mistakes[] = {
	{ "A PVH kernel where a keep_free range is, and no other place", pvh_kernel,
	  PVHLOAD_E_NO_ROOM,
	  "kernel [0x100000, 0x203000) overlaps the VMM's [0x180000, 0x181000) by 0x1000 "
	  "bytes: no room for kernel, 1060864 bytes: the largest free range between "
	  "0x100000 and 0x40000000 at a multiple of 0x200000 has 1048576 bytes, "
	  "[0x200000, 0x300000) above the VMM's: 12288 too few",
	  "Give the guest more RAM, or reserve another range: the kernel may move, but "
	  "is moved in one piece and by the steps of its note." },
	{ "A vmlinux by its 64-bit entry, and no other place", elf_kernel, PVHLOAD_E_NO_ROOM,
	  "kernel [0x100000, 0x203000) overlaps the VMM's [0x180000, 0x181000) by 0x1000 bytes: no room for kernel, 1060864 bytes: the largest free range between 0x200000 and 2^46 at 0x100000 plus a multiple of 0x200000 has 1048576 bytes, [0x300000, 0x400000): 12288 too few",
	  "Give the guest more RAM, or reserve another range. A vmlinux moves by "
	  "multiples of 2 MiB from where it is linked to." },
	{ "A kernel that neither of its two entries brings in", both_ways, PVHLOAD_E_OVERLAP,
	  "not by PVH: kernel [0x100000, 0x203000) overlaps the VMM's [0x180000, "
	  "0x181000) by 0x1000 bytes; the kernel cannot be moved: it has no PHYS32_RELOC "
	  "note; not by the 64-bit entry: kernel [0x100000, 0x203000) overlaps the VMM's "
	  "[0x180000, 0x181000) by 0x1000 bytes: no room for kernel, 1060864 bytes: the "
	  "largest free range between 0x200000 and 2^46 at 0x100000 plus a "
	  "multiple of 0x200000 has 1048576 bytes, [0x300000, 0x400000): 12288 too few",
	  "Reserve another range, with which either entry does, or give the guest"
	  " more RAM, with which the 64-bit one does: PVHLOAD_PROTOCOL_AUTO has "
	  "tried both, and says of each what stood in its way." },
	{ "A module larger than what is left", module, PVHLOAD_E_NO_ROOM,
	  "no room for module 1, 41943040 bytes: the largest free range between 0x100000 "
	  "and 4 GiB has 23056384 bytes, [0x203000, 0x1800000) between kernel and module "
	  "0: 18886656 too few; nor in another order of the files",
	  "Give the guest more RAM below 4 GiB, or modules with fewer bytes: each is "
	  "whole, and none is above 4 GiB." },
	{ "No RAM for PVH's tables", tables_below_1g, PVHLOAD_E_NO_ROOM,
	  "no room for memmap, 48 bytes: there is no free RAM between 0x1000 and 1 GiB",
	  "Leave RAM below 1 GiB free, best below 640 KiB: Linux reads memmap and "
	  "modlist by a mapping of the first GiB." },
	{ "A setup_data larger than what is left", node, PVHLOAD_E_NO_ROOM,
	  "no room for setup_data 0 1000, 41943056 bytes: the largest free range between "
	  "0x100000 and 4 GiB has 16777216 bytes, [0x4000000, 0x5000000) above kernel: "
	  "25165840 too few; nor with the kernel as low or as high as it fits",
	  "Give the guest more RAM below 4 GiB, or put it into an initrd: Linux "
	  "keeps the memory of setup_data for good." },
	{ "The bytes of an indirect setup_data, larger than what is left", node_indirect,
	  PVHLOAD_E_NO_ROOM,
	  "no room for setup_data 0 1000 data, 41943040 bytes: the largest free range "
	  "between 0x100000 and 4 GiB has 16777216 bytes, [0x4000000, 0x5000000) above "
	  "kernel: 25165824 too few; nor with the kernel as low or as high as it fits",
	  "Give the guest more RAM below 4 GiB, or put it into an initrd." },
	{ "No room for page tables", page_tables, PVHLOAD_E_NO_ROOM,
	  "no room for page tables, 24576 bytes: the largest free range between 0x1000 "
	  "and 4 GiB has 3072 bytes, [0x9f000, 0x9fc00) above the VMM's: 21504 too few",
	  "Leave room for them below 4 GiB, in one piece: 24 KiB with pages of 2 "
	  "MiB, 8 KiB with page_size 1 GiB. Here keep_free has taken low "
	  "memory, and the kernel the rest." },
};

THEME(room_theme, "Room in RAM", mistakes);
