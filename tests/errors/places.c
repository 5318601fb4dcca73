/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where the kernel and the structures are to go, and cannot. */
#include "errors.h"

static struct pvhload_error kernel_leaves_ram(void)
{
	struct plan_fixture f;

	plan_setup(&f, 2 * MIB);
	return try_plan(&f);
}

static struct pvhload_error kernel_in_hole(void)
{
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;

	spec.segments[1].paddr = 3 * GIB - 0x1000;
	plan_setup_spec(&f, 6 * GIB, &spec);
	return try_plan(&f);
}

static struct pvhload_error kernel_in_acpi(void)
{
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_reserve(&f.map, 0x202000, 0x100000, PVHLOAD_MEMMAP_ACPI, &err));
	return try_plan(&f);
}

static struct pvhload_error reserved_under(struct plan_fixture *f, uint64_t gpa, uint64_t length,
					   const char *name)
{
	const struct pvhload_boot_keep_free r = KEEP_FREE(gpa, length, name);

	f->config.keep_free = &r;
	f->config.keep_free_count = 1;
	return try_plan(f);
}

static struct pvhload_error kernel_on_keep_free(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	return reserved_under(&f, 0x200000, 0x1000, "MPTABLE");
}

static struct pvhload_error bzimage_nowhere(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	return reserved_under(&f, 0x1800000, 0x1000, "framebuffer");
}

static struct pvhload_error bad_keep_free(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	return reserved_under(&f, MIB, UINT64_MAX, "shared memory");
}

static struct pvhload_error too_many_bytes(void)
{
	static const uint8_t bytes[PVHLOAD_KERNEL_HASHES_SIZE];
	struct pvhload_boot_keep_free r = KEEP_FREE(0x3000000, 0x80, "kernel hashes");
	struct plan_fixture f;

	r.bytes = bytes;
	r.byte_count = sizeof(bytes);
	plan_setup(&f, 64 * MIB);
	f.config.keep_free = &r;
	f.config.keep_free_count = 1;
	return try_plan(&f);
}

static struct pvhload_error two_keep_free(void)
{
	const struct pvhload_boot_keep_free both[] = {
		KEEP_FREE(0x3000000, 0x10000, "pstore"),
		KEEP_FREE(0x3008000, 0x10000, "ramoops"),
	};
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = both;
	f.config.keep_free_count = 2;
	return try_plan(&f);
}

static struct pvhload_error kernel_at(uint32_t protocol, uint64_t gpa)
{
	struct plan_fixture f;

	bzimage_setup(&f, 6 * GIB, protocol);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, gpa);
	return try_plan(&f);
}

static struct pvhload_error misaligned_kernel(void)
{
	return kernel_at(PVHLOAD_PROTOCOL_X86_LINUX64, 0x4100000);
}

static struct pvhload_error kernel_above_4g(void)
{
	return kernel_at(PVHLOAD_PROTOCOL_X86_LINUX32, 4 * GIB);
}

static struct pvhload_error kernel_below_1m(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	poke(&f.bytes, 0x235, 12, 1);
	poke(&f.bytes, 0x260, 0x4000, 4);
	set_field(&f, 0x258, 0, 8);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x10000);
	return try_plan(&f);
}

static struct pvhload_error not_relocatable(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x4000000);
	set_field(&f, 0x234, 0, 1);
	return try_plan(&f);
}

static struct pvhload_error pvh_moved(void)
{
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x1000000);
	return try_plan(&f);
}

static struct pvhload_error pvh_moved_too_far(void)
{
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;

	add_reloc_note(&spec, 0x200000, MIB, 0x7ffffff);
	plan_setup_spec(&f, 256 * MIB, &spec);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x8000000);
	return try_plan(&f);
}

static struct pvhload_error elf_moved_oddly(void)
{
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;

	spec.entry = 0x100020;
	plan_setup_spec(&f, 256 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x1000000);
	return try_plan(&f);
}

static struct pvhload_error place_on_kernel(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_PVH_START_INFO, 0, 0x200000);
	return try_plan(&f);
}

static struct pvhload_error place_on_place(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 0x20000);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x20800);
	return try_plan(&f);
}

static struct pvhload_error map_too_high(void)
{
	struct plan_fixture f;

	plan_setup(&f, 2 * GIB);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, GIB);
	return try_plan(&f);
}

static struct pvhload_error cmdline_in_rom(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x9fc00);
	return try_plan(&f);
}

static struct pvhload_error misaligned_tables(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 0x9800);
	return try_plan(&f);
}

static struct pvhload_error zero_page_too_high(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 4 * GIB);
	return try_plan(&f);
}

static struct pvhload_error place_on_rsdp(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.rsdp_gpa = 0x6000;
	set_place(&f, PVHLOAD_REGION_PVH_START_INFO, 0, 0x6000);
	return try_plan(&f);
}

static struct pvhload_error place_twice(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x20000);
	f.places[1] = f.places[0];
	f.places[1].gpa = 0x30000;
	f.config.place_count = 2;
	return try_plan(&f);
}

static struct pvhload_error place_at_zero(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_X86_GDT, 0, 0x500);
	f.places[0].gpa = 0;
	return try_plan(&f);
}

static struct pvhload_error place_of_no_kind(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, 99, 0, 0x500);
	return try_plan(&f);
}

static struct pvhload_error place_of_kernel_part(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_KERNEL, 1, 0x200000);
	return try_plan(&f);
}

static const struct mistake mistakes[] = {
	{ "A kernel that does not fit into RAM", kernel_leaves_ram, PVHLOAD_E_RANGE,
	  "kernel segment 1 [0x200000, 0x203000) leaves RAM: the memory map ends at "
	  "0x200000; 0x3000 of its bytes are not RAM; the kernel cannot be moved: it has "
	  "no PHYS32_RELOC note",
	  "Give the guest more RAM: the kernel's .bss, which is cleared at its start, would "
	  "be nowhere." },
	{ "A kernel in the MMIO hole", kernel_in_hole, PVHLOAD_E_RANGE,
	  "kernel segment 1 [0xbffff000, 0xc0002000) leaves RAM: it runs into the hole "
	  "[0xc0000000, 0x100000000); 0x2000 of its bytes are not RAM; the kernel cannot "
	  "be moved: it has no PHYS32_RELOC note",
	  "Give the guest RAM at the address or link the kernel elsewhere: writes to the "
	  "hole go to devices, or nowhere." },
	{ "A kernel on ACPI tables", kernel_in_acpi, PVHLOAD_E_RANGE,
	  "kernel segment 1 [0x200000, 0x203000) leaves RAM: it runs into ACPI "
	  "[0x202000, 0x302000); 0x1000 of its bytes are not RAM; the kernel cannot be "
	  "moved: it has no PHYS32_RELOC note",
	  "Put the tables elsewhere: this kernel's addresses are fixed, the "
	  "tables' are the VMM's to choose." },
	{ "A kernel on a keep_free range, that cannot be moved", kernel_on_keep_free,
	  PVHLOAD_E_OVERLAP,
	  "kernel segment 1 [0x200000, 0x203000) overlaps MPTABLE [0x200000, 0x201000) "
	  "by 0x1000 bytes; the kernel cannot be moved: it has no PHYS32_RELOC note",
	  "Reserve another place, or give a kernel that can be moved: a bzImage, or one "
	  "whose PHYS32_RELOC note says so." },
	{ "No place for a kernel that can be moved", bzimage_nowhere, PVHLOAD_E_NO_ROOM,
	  "kernel [0x1000000, 0x4000000) overlaps framebuffer [0x1800000, 0x1801000) by "
	  "0x1000 bytes: no room for kernel, 50331648 bytes: the largest free range "
	  "between 0x1000000 and 2^46 at a multiple of 0x200000 has 39845888 bytes, "
	  "[0x1a00000, 0x4000000) above framebuffer: 10485760 too few",
	  "Move the keep_free range towards an end of RAM, or give the guest more RAM: the "
	  "kernel needs its init_size in one piece." },
	{ "A keep_free range that wraps", bad_keep_free, PVHLOAD_E_RANGE,
	  "keep_free \"shared memory\", 0xffffffffffffffff bytes at 0x100000, "
	  "passes the end of the address space",
	  "Check `length`, which is in bytes and not an end address." },
	{ "More bytes than a keep_free range has room for", too_many_bytes, PVHLOAD_E_RANGE,
	  "keep_free \"kernel hashes\" has 0xb0 bytes for 0x80 at 0x3000000, 0x30 too many",
	  "Take the size that the firmware says it has room for: one with less than the table "
	  "takes does not check kernels." },
	{ "Two keep_free ranges on the same bytes", two_keep_free, PVHLOAD_E_OVERLAP,
	  "ramoops [0x3008000, 0x3018000) overlaps pstore [0x3000000, 0x3010000) by "
	  "0x8000 bytes",
	  "Check both addresses: each was made for another device, and both would write "
	  "there." },
	{ "A kernel at a wrong alignment", misaligned_kernel, PVHLOAD_E_RANGE,
	  "the kernel at 0x4100000 is not at a multiple of its least alignment, 0x200000",
	  "Ask for a multiple of the kernel's min_alignment (pvhload_image_info has it), or "
	  "give the kernel no place." },
	{ "A kernel above 4 GiB by its 32-bit entry", kernel_above_4g, PVHLOAD_E_RANGE,
	  "the kernel at 0x100000000 does not end below 4 GiB: it takes RAM up to 0x103000000",
	  "Ask for the 64-bit entry, or for a place below 4 GiB." },
	{ "A kernel below 1 MiB", kernel_below_1m, PVHLOAD_E_RANGE,
	  "the kernel at 0x10000, running from 0x10000 on, is below 1 MiB",
	  "Ask for an address from 1 MiB on: below are the structures the kernel is handed, "
	  "and a BIOS's areas." },
	{ "Moving a kernel that is not relocatable", not_relocatable, PVHLOAD_E_RANGE,
	  "the kernel is not relocatable: it must be loaded at 0x100000, not at 0x4000000",
	  "Give the kernel no place, or build the kernel with CONFIG_RELOCATABLE=y." },
	{ "Moving a PVH kernel that does not say that it can be", pvh_moved, PVHLOAD_E_RANGE,
	  "the kernel cannot be moved from 0x100000 to 0x1000000: it has no PHYS32_RELOC "
	  "note",
	  "Give the kernel no place, or ask for the 64-bit entry, which needs no note. "
	  "Linux has the PHYS32_RELOC note from 6.12 on." },
	{ "Moving a PVH kernel too far", pvh_moved_too_far, PVHLOAD_E_RANGE,
	  "the kernel, 0x103000 bytes, cannot be moved to 0x8000000: it can be in "
	  "[0x100000, 0x8000000), and 0x103000 bytes would be outside",
	  "Ask for an address within the bounds of its PHYS32_RELOC note." },
	{ "Moving a vmlinux by an odd distance", elf_moved_oddly, PVHLOAD_E_RANGE,
	  "the kernel cannot be moved from 0x100000 to 0x1000000: the distance must be a "
	  "multiple of 0x200000",
	  "Move it by multiples of 2 MiB from where it is linked to: its page tables map it "
	  "in pages of that size." },
	{ "A fixed place on the kernel", place_on_kernel, PVHLOAD_E_OVERLAP,
	  "kernel segment 1 [0x200000, 0x203000) overlaps start_info [0x200000, "
	  "0x200038) by 0x38 bytes; the kernel cannot be moved: it has no PHYS32_RELOC "
	  "note",
	  "Ask for another place, or for none: loading one would overwrite the "
	  "other." },
	{ "Two fixed places that overlap", place_on_place, PVHLOAD_E_OVERLAP,
	  "cmdline [0x20800, 0x21000) overlaps zero page [0x20000, 0x21000) by 0x800 "
	  "bytes",
	  "Leave more room between them: the command line's place has cmdline_size bytes "
	  "and a NUL, whatever the text's length." },
	{ "A PVH table above 1 GiB", map_too_high, PVHLOAD_E_RANGE,
	  "memmap, 0x30 bytes at 0x40000000, does not end below 1 GiB: 0x30 bytes are "
	  "beyond it",
	  "Ask for a place below 1 GiB: Linux reads these tables by an early mapping that "
	  "ends there." },
	{ "A fixed place that is not RAM", cmdline_in_rom, PVHLOAD_E_RANGE,
	  "cmdline [0x9fc00, 0xa0400) leaves RAM: it runs into the hole [0x9fc00, "
	  "0x100000); 0x800 of its bytes are not RAM",
	  "Ask for a place that is RAM in the map, all of it: 640 KiB to 1 MiB is"
	  " no RAM on a PC." },
	{ "Two places for one region", place_twice, PVHLOAD_E_USAGE,
	  "region kind 7, index 0, has two places: 0x20000 and 0x30000",
	  "Give each region one place: its kind (PVHLOAD_REGION_*) and index name it." },
	{ "A place at address 0", place_at_zero, PVHLOAD_E_USAGE,
	  "place 0 is address 0, which means absent",
	  "Leave the entry out: then the library chooses." },
	{ "A place for an unknown kind of region", place_of_no_kind, PVHLOAD_E_USAGE,
	  "place 0 is for an unknown kind of region (99)",
	  "Take one of PVHLOAD_REGION_*. If it is one, the program was built against a later "
	  "version of the library than it runs with: update that." },
	{ "A place for a part of the kernel", place_of_kernel_part, PVHLOAD_E_USAGE,
	  "place 0 is for a part of the kernel, which has one place: that of "
	  "PVHLOAD_REGION_KERNEL, index 0",
	  "Say where the image's lowest byte is to be: a kernel is moved as a whole." },
	{ "Page tables at a wrong alignment", misaligned_tables, PVHLOAD_E_RANGE,
	  "page tables at 0x9800 is not at a multiple of 0x1000",
	  "Ask for a multiple of 4096: the processor ignores the lower bits of CR3." },
	{ "A zero page above 4 GiB", zero_page_too_high, PVHLOAD_E_RANGE,
	  "zero page, 0x1000 bytes at 0x100000000, does not end below 4 GiB: 0x1000 "
	  "bytes are beyond it",
	  "Ask for a place below 4 GiB, or for none." },
	{ "A fixed place on the RSDP", place_on_rsdp, PVHLOAD_E_OVERLAP,
	  "start_info [0x6000, 0x6038) overlaps the RSDP [0x6000, 0x6024) by 0x24 bytes",
	  "Put the RSDP elsewhere, as into 0xe0000 to 0xfffff, or ask for another place." },
};

THEME(places_theme, "Places of the kernel and the structures", mistakes);
