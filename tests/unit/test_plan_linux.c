/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans by the Linux boot protocol: regions, zero page, page tables, processor. */
#include "plan_fixture.h"

#define PAGE 4096u

START_TEST(the_usual_by_64_bit)
{
	static const uint8_t gdt[24] = { [18] = 0, [21] = 0 };
	const struct pvhload_plan_info *info;
	struct plan_fixture f;
	uint8_t bytes[48], text[2049];

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.cmdline = "quiet";
	f.config.rsdp_gpa = 0xe0000;
	info = plan(&f);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_X86_LINUX64);
	ck_assert_str_eq(info->reason, "asked for");
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_uint_eq(info->zero_page_gpa, 0x7000);
	ck_assert_uint_eq(info->start_info_gpa, 0);
	ck_assert_uint_eq(info->region_count, 5);
	expect_region(info, "gdt", 0x500, 48);
	expect_region(info, "zero page", 0x7000, 4096);
	expect_region(info, "page tables", 0x9000, 6 * PAGE);
	expect_region(info, "cmdline", 0x20000, 2048);

	ck_assert_uint_eq(info->x86_cpu->rsi, 0x7000);
	ck_assert_uint_eq(info->x86_cpu->cr0, 0x80000011);
	ck_assert_uint_eq(info->x86_cpu->cr3, 0x9000);
	ck_assert_uint_eq(info->x86_cpu->cr4, 0x20);
	ck_assert_uint_eq(info->x86_cpu->efer, 0x500);
	ck_assert_uint_eq(info->x86_cpu->cs.selector, 0x10);
	ck_assert_uint_eq(info->x86_cpu->ds.selector, 0x18);
	ck_assert_uint_eq(info->x86_cpu->gdt.base, 0x500);

	committed(&f, 0x500, bytes, sizeof(bytes));
	ck_assert_mem_eq(bytes, gdt, 16); /* two null descriptors */
	ck_assert_uint_eq(le(bytes + 16, 8), 0x00af9b000000ffff);
	ck_assert_uint_eq(le(bytes + 24, 8), 0x00cf93000000ffff);
	committed(&f, 0x20000, text, sizeof(text));
	ck_assert_str_eq((const char *)text, "quiet");
	ck_assert_uint_eq(text[2047], 0);
	ck_assert_uint_eq(text[2048], 0xa5);
	ck_assert_uint_eq(zero_page(&f, 0x228, 4), 0x20000);
	ck_assert_uint_eq(zero_page(&f, 0x070, 8), 0xe0000);
	ck_assert_uint_eq(zero_page(&f, 0x210, 1), 0xff);
	ck_assert_uint_eq(zero_page(&f, 0x1ef, 1), 0);
	ck_assert_uint_eq(zero_page(&f, 0x1e8, 1), 2);
	/* root, and through the first directory the last 2 MiB of the fourth GiB */
	ck_assert_uint_eq(guest_le(&f, 8, 0x9000) & ~(uint64_t)0xfff, 0xa000);
	ck_assert_uint_eq(guest_le(&f, 8, 0xa000 + 4 * 8), 0);
	ck_assert_uint_eq(guest_le(&f, 8,
				   (guest_le(&f, 8, 0xa000 + 3 * 8) & ~(uint64_t)0xfff) + 511 * 8) &
				  ~(uint64_t)0x1fff,
			  0xffe00000);
	plan_teardown(&f);
}
END_TEST

START_TEST(the_usual_by_32_bit)
{
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	info = plan(&f);
	ck_assert_uint_eq(info->region_count, 4);
	ck_assert_ptr_null(region(info, "page tables"));
	ck_assert_uint_eq(info->entry, 0x1000000);
	ck_assert_uint_eq(info->x86_cpu->rsi, 0x7000);
	ck_assert_uint_eq(info->x86_cpu->cr0, 0x11);
	ck_assert_uint_eq(info->x86_cpu->cr4, 0);
	ck_assert_uint_eq(info->x86_cpu->efer, 0);
	ck_assert_uint_eq(info->x86_cpu->cs.selector, 0x10);
	ck_assert_uint_eq(info->x86_cpu->cs.db, 1);
	plan_teardown(&f);
}
END_TEST

/* An ELF file by e_entry, with a header that says no more than it must. */
START_TEST(an_elf_file)
{
	const struct pvhload_plan_info *info;
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;

	spec.segment_count = 2; /* no PVH note */
	spec.entry = 0x100020;
	plan_setup_spec(&f, 64 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	info = plan(&f);
	ck_assert_uint_eq(info->entry, 0x100020);
	ck_assert_uint_eq(info->kernel_gpa, SMALL_LOW);
	ck_assert_uint_eq(info->decompress, 0);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	ck_assert_uint_eq(zero_page(&f, 0x1fe, 2), 0xaa55);
	ck_assert_uint_eq(zero_page(&f, 0x202, 4), 0x53726448);
	ck_assert_uint_eq(zero_page(&f, 0x206, 2), 0x20f);
	ck_assert_uint_eq(zero_page(&f, 0x210, 2), 0x01ff); /* and loadflags */
	ck_assert_uint_eq(zero_page(&f, 0x260, 4), 0);
	plan_teardown(&f);

	spec.is32 = true;
	plan_setup_spec(&f, 64 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	ck_assert_uint_eq(plan(&f)->entry, 0x100020);
	ck_assert_uint_eq(plan(&f)->x86_cpu->cr0, 0x11);
	ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->arch, PVHLOAD_ARCH_X86_64);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x400000);
	ck_says(refused(&f, PVHLOAD_E_RANGE),
		"cannot be moved from 0x100000 to 0x400000: its 32-bit entry is not position "
		"independent");
	plan_teardown(&f);
}
END_TEST

/* The header of the bzImage is the kernel's own word, also when what is inside of it is loaded. */
START_TEST(an_elf_file_from_a_bzimage)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	info = plan(&f);
	ck_assert_uint_eq(info->decompress, PVHLOAD_DECOMPRESS_HOST);
	ck_assert_uint_eq(info->entry, spec.entry);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	ck_assert_uint_eq(zero_page(&f, 0x238, 4), 2047);
	ck_assert_uint_eq(zero_page(&f, 0x260, 4), 0x3000000);
	ck_assert_uint_eq(zero_page(&f, 0x214, 4), 0); /* no 32-bit code anywhere */
	bytes_free(&elf);
	plan_teardown(&f);
}
END_TEST

START_TEST(places)
{
	const struct pvhload_boot_keep_free low = KEEP_FREE(0, 0x9fc00, "the VMM's");
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 0x30000);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x31001);
	set_place(&f, PVHLOAD_REGION_X86_GDT, 0,
		  0x1000010); /* where the kernel would like to be: it gives way */
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 0x200000);
	info = plan(&f);
	expect_region(info, "zero page", 0x30000, 4096);
	expect_region(info, "cmdline", 0x31001, 2048);
	expect_region(info, "gdt", 0x1000010, 48);
	expect_region(info, "page tables", 0x200000, 6 * PAGE);
	expect_region(info, "kernel", 0x1200000, 0x3000000);
	ck_assert_uint_eq(info->x86_cpu->rsi, 0x30000);
	ck_assert_uint_eq(info->x86_cpu->cr3, 0x200000);

	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 0x200800);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "page tables at 0x200800 is not at a multiple of 0x1000");
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 0);
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 0x9f000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "zero page [0x9f000, 0xa0000) leaves RAM");
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 0x30800);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x31000);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "cmdline [0x31000, 0x31800)", "zero page [0x30800, 0x31800)");
	plan_teardown(&f);

	/* whatever the caller puts where the kernel would like to be, the kernel gives way */
	for (size_t i = 0; i < 3; i++) {
		static const uint8_t bytes[64] = { 1 };
		const struct pvhload_source source = pvhload_source_buffer(bytes, 64);
		const struct pvhload_linux_setup_data data = { sizeof(data), &source, 1000, 0 };
		static const uint32_t kinds[] = { PVHLOAD_REGION_INITRD,
						  PVHLOAD_REGION_X86_SETUP_DATA,
						  PVHLOAD_REGION_X86_PAGE_TABLES };

		bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
		f.config.initrds = &source;
		f.config.initrd_count = 1;
		f.x86.setup_data = &data;
		f.x86.setup_data_count = 1;
		set_place(&f, kinds[i], 0, 0x1000000);
		ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x1200000);
		set_place(&f, kinds[i], 0, 0x7000); /* and so does the zero page */
		ck_assert_uint_ne(plan(&f)->zero_page_gpa, 0x7000);
		plan_teardown(&f);
	}

	/* the page tables grow for a kernel above 4 GiB, at the same place */
	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 0x80000);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 4 * GIB);
	expect_region(plan(&f), "page tables", 0x80000, 7 * PAGE);
	plan_teardown(&f);

	/* the usual places are taken: elsewhere, as low as it fits */
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.keep_free = &low;
	f.config.keep_free_count = 1;
	info = plan(&f);
	expect_region(info, "zero page", 0x100000, 4096);
	expect_region(info, "cmdline", 0x101000, 2048);
	expect_region(info, "gdt", 0x101800, 48);
	expect_region(info, "page tables", 0x102000, 6 * PAGE);
	plan_teardown(&f);
}
END_TEST

START_TEST(paging)
{
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.paging_levels = 5;
	info = plan(&f);
	expect_region(info, "page tables", 0x9000, 7 * PAGE);
	ck_assert_uint_eq(info->x86_cpu->cr4, 0x1020);
	f.x86.page_size = GIB;
	expect_region(plan(&f), "page tables", 0x9000, 3 * PAGE);
	f.x86.paging_levels = 4;
	expect_region(plan(&f), "page tables", 0x9000, 2 * PAGE);
	f.x86.page_entry_mask = (uint64_t)1 << 51;
	(void)plan(&f);
	ck_assert_uint_eq(guest_le(&f, 8, 0x9000) >> 51, 1);
	ck_assert_uint_eq(guest_le(&f, 8, 0xa000) >> 51, 1);

	f.x86.page_entry_mask = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.x86.page_entry_mask = 0;
	f.x86.paging_levels = 3;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.x86.paging_levels = 5;
	set_field(&f, 0x236, 0x03, 2);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "xloadflags, 0x3", "XLF_5LEVEL");
	set_field(&f, 0x236, 0x23, 2); /* its own loader copes, what is in the payload does not */
	(void)plan(&f);
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "xloadflags, 0x23", "XLF_5LEVEL_ENABLED");
	f.config.decompress = PVHLOAD_DECOMPRESS_AUTO;
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "the 32-bit entry has no page tables: none with 5 levels");
	plan_teardown(&f);
}
END_TEST

/* Also where no page tables are built. */
START_TEST(paging_of_every_protocol)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_PVH, PVHLOAD_PROTOCOL_X86_LINUX64,
					      PVHLOAD_PROTOCOL_X86_LINUX32 };
	struct pvhload_error err;
	struct plan_fixture f;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		bzimage_setup(&f, 256 * MIB, protocols[i]);
		f.x86.paging_levels = 7;
		err = refused(&f, PVHLOAD_E_USAGE);
		ck_says(err, "page tables have 4 or 5 levels, not 7");
		f.x86.paging_levels = 4;
		f.x86.page_size = 12345;
		err = refused(&f, PVHLOAD_E_USAGE);
		ck_says(err, "pages have 2 MiB or 1 GiB, not 0x3039 bytes");
		plan_teardown(&f);
	}
}
END_TEST

/* startup_64 finds out where it is: any distance of whole 2 MiB. */
START_TEST(moved_elf)
{
	const struct pvhload_boot_keep_free taken = KEEP_FREE(0x200000, 0x1000, "the VMM's");
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;
	uint8_t byte[2];

	plan_setup(&f, 6 * GIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x900000);
	info = plan(&f);
	ck_assert_uint_eq(info->kernel_gpa, 0x900000);
	ck_assert_uint_eq(info->entry, 0x900000);
	expect_region(info, "kernel", 0x900000, SMALL_END - SMALL_LOW);
	committed(&f, 0x9fffff, byte, 2); /* the second segment has moved as far as the first */
	ck_assert_uint_eq(byte[1], 0xd0);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 4 * GIB + 0x100000);
	ck_assert_uint_eq(plan(&f)->entry, 4 * GIB + 0x100000);
	expect_region(plan(&f), "page tables", 0x9000, 7 * PAGE);

	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0xa00000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "from 0x100000 to 0xa00000", "the distance must be a multiple of 0x200000");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	f.config.keep_free = &taken;
	f.config.keep_free_count = 1;
	info = plan(&f);
	/* 2 MiB further; what is below the kernel is not looked at */
	ck_assert_uint_eq(info->kernel_gpa, 0x300000);
	ck_assert_uint_eq(info->entry, 0x300000);
	plan_teardown(&f);
}
END_TEST

/* Every part of a kernel above 4 GiB is mapped, however many there are. */
START_TEST(mapped_above)
{
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;
	uint64_t pdpt;

	spec.segment_count = 6;
	for (size_t i = 2; i < 6; i++)
		spec.segments[i] = spec.segments[1];
	for (size_t i = 0; i < 6; i++)
		spec.segments[i].paddr = (5 + i) * GIB;
	spec.entry = 5 * GIB;
	plan_setup_spec(&f, 12 * GIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX; /* each segment is a region */
	expect_region(plan(&f), "kernel 5", 10 * GIB, 0x3000);
	pdpt = guest_le(&f, 8, 0x9000) & ~(uint64_t)0xfff;
	for (uint64_t i = 0; i < 12; i++)
		ck_assert_uint_eq(guest_le(&f, 8, pdpt + i * 8) != 0, i < 4 || (i > 4 && i < 11));
	plan_teardown(&f);
}
END_TEST

/* A kernel that is not Linux has the zero page's limit as well. */
START_TEST(too_many_entries)
{
	static struct pvhload_memmap_entry entries[PVHLOAD_LINUX_MEMMAP_MAX + 1];
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	for (uint64_t i = 2; i < PVHLOAD_LINUX_MEMMAP_MAX + 1; i++)
		entries[i] = (struct pvhload_memmap_entry){ 4 * GIB + i * 0x1000, 0x1000,
							    PVHLOAD_MEMMAP_RESERVED, 0 };
	memcpy(entries, f.entries, 2 * sizeof(entries[0]));
	f.map.entries = entries;
	f.map.capacity = f.map.count = PVHLOAD_LINUX_MEMMAP_MAX + 1;
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	ck_says(refused(&f, PVHLOAD_E_MEMMAP),
		"the memory map has 4097 entries; the limit is 4096: 1 too many");
	f.map.count--;
	(void)plan(&f);
	plan_teardown(&f);
}
END_TEST

/* By PVH it is the note's word: alignment, lowest start, highest end. */
START_TEST(moved_by_pvh)
{
	static const uint8_t reloc[12] = { 0, 0, 0x10, 0, 0, 0, 0x10, 0, 0xff, 0xff, 0xff, 3 };
	const struct pvhload_boot_keep_free taken = KEEP_FREE(0x200000, 0x1000, "the VMM's");
	static uint8_t notes[128];
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x400000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "cannot be moved from 0x100000 to 0x400000", "no PHYS32_RELOC note");
	plan_teardown(&f);

	memcpy(notes, spec.segments[2].bytes, spec.segments[2].file_size);
	spec.segments[2].file_size =
		put_note(notes, spec.segments[2].file_size, "Xen", 19, reloc, sizeof(reloc), 4);
	spec.segments[2].bytes = notes;
	plan_setup_spec(&f, 256 * MIB, &spec);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x400000);
	ck_assert_uint_eq(plan(&f)->entry, 0x400010);
	ck_assert_uint_eq(plan(&f)->x86_cpu->rip, 0x400010);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x480000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "its address must be a multiple of 0x100000");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x3f00000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "it can be in [0x100000, 0x4000000)");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	f.config.keep_free = &taken;
	f.config.keep_free_count = 1;
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x300000);
	plan_teardown(&f);
}
END_TEST

/* A copy that outlives its plan, in the caller's size. */
START_TEST(copy_of_the_processor)
{
	struct larger {
		struct pvhload_x86_cpu cpu;
		uint64_t added;
	} larger = { .added = 7 };
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct pvhload_x86_cpu small = { .struct_size = sizeof(cpu) - 8, .rip = 5 };
	struct pvhload_error err;
	struct plan_fixture f;
	uint64_t entry;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	entry = plan(&f)->entry;
	ck_status(PVHLOAD_OK, err, pvhload_plan_get_x86_cpu(f.plan, &cpu, &err));
	ck_assert_mem_eq(&cpu, pvhload_plan_get_info(f.plan)->x86_cpu, sizeof(cpu));
	larger.cpu.struct_size = sizeof(larger);
	ck_status(PVHLOAD_OK, err, pvhload_plan_get_x86_cpu(f.plan, &larger.cpu, &err));
	ck_assert_uint_eq(larger.cpu.struct_size, sizeof(larger));
	ck_assert_uint_eq(larger.added, 7);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_x86_cpu(f.plan, &small, &err));
	ck_assert_uint_eq(small.rip, 5);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_x86_cpu(f.plan, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_x86_cpu(NULL, &cpu, &err));
	ck_says(err, "the plan is NULL");
	plan_teardown(&f);
	ck_assert_uint_eq(cpu.rip, entry);
	ck_assert_uint_eq(larger.cpu.rip, entry);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_linux");

	ADD_TESTS(suite, "plan_linux", copy_of_the_processor, the_usual_by_64_bit,
		  the_usual_by_32_bit, an_elf_file, an_elf_file_from_a_bzimage, places, paging,
		  paging_of_every_protocol, moved_elf, mapped_above, moved_by_pvh,
		  too_many_entries);
	return run_suite(suite);
}
