/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Page tables and the processor's first state. */
#include "errors.h"

static struct pvhload_error paging(uint32_t protocol, uint32_t levels, uint64_t mask)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, protocol);
	f.x86.paging_levels = levels;
	f.x86.page_entry_mask = mask;
	return try_plan(&f);
}

static struct pvhload_error no_5_levels(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x236, 0x0f, 2);
	f.x86.paging_levels = 5;
	return try_plan(&f);
}

static struct pvhload_error levels_by_32(void)
{
	return paging(PVHLOAD_PROTOCOL_X86_LINUX32, 5, 0);
}

static struct pvhload_error levels_by_pvh(void)
{
	return paging(PVHLOAD_PROTOCOL_PVH, 5, 0);
}

static struct pvhload_error three_levels(void)
{
	return paging(PVHLOAD_PROTOCOL_X86_LINUX64, 3, 0);
}

static struct pvhload_error mask_of_flags(void)
{
	return paging(PVHLOAD_PROTOCOL_X86_LINUX64, 4, (uint64_t)1 << 63);
}

static struct pvhload_error mask_of_addresses(void)
{
	return paging(PVHLOAD_PROTOCOL_X86_LINUX64, 4, (uint64_t)1 << 31);
}

static struct pvhload_error small_pages(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.page_size = 4096;
	return try_plan(&f);
}

static struct pvhload_error tables_for(struct pvhload_range range, uint64_t gpa, size_t capacity)
{
	struct pvhload_x86_page_tables spec = PVHLOAD_X86_PAGE_TABLES_INIT;
	struct pvhload_error err = fresh_error();
	uint8_t bytes[4096];

	spec.ranges = &range;
	spec.range_count = 1;
	spec.gpa = gpa;
	return failed(pvhload_x86_page_tables_build(&spec, bytes, capacity, &err), &err);
}

static struct pvhload_error far_range(void)
{
	return tables_for((struct pvhload_range){ (uint64_t)1 << 47, GIB }, 0x9000, 4096);
}

static struct pvhload_error too_many_tables(void)
{
	return tables_for((struct pvhload_range){ 0, (uint64_t)1 << 40 }, 0x9000, 4096);
}

static struct pvhload_error odd_tables(void)
{
	return tables_for((struct pvhload_range){ 0, GIB }, 0x9010, 4096);
}

static struct pvhload_error small_buffer(void)
{
	return tables_for((struct pvhload_range){ 0, GIB }, 0x9000, 4096);
}

static struct pvhload_error small_gdt(void)
{
	struct pvhload_x86_cpu state = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;
	uint8_t bytes[16];

	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_cpu_init_pvh(SMALL_ENTRY, 0x6000, 0x500, &state, &err));
	return failed(pvhload_x86_cpu_gdt(&state, bytes, sizeof(bytes), &err), &err);
}

static struct pvhload_error other_selector(void)
{
	struct pvhload_x86_cpu state = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;
	uint8_t bytes[64];

	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_cpu_init_pvh(SMALL_ENTRY, 0x6000, 0x500, &state, &err));
	state.ds.selector = 0x40;
	return failed(pvhload_x86_cpu_gdt(&state, bytes, sizeof(bytes), &err), &err);
}

static const struct mistake mistakes[] = {
	{ "5-level page tables for a kernel without them", no_5_levels, PVHLOAD_E_PROTOCOL,
	  "the kernel's xloadflags, 0xf, do not have XLF_5LEVEL: it cannot be entered with "
	  "5-level page tables",
	  "Leave paging_levels 0: the kernel would fault in its first instructions. Kernels "
	  "with CONFIG_X86_5LEVEL=y have the flag." },
	{ "5-level page tables by the 32-bit entry", levels_by_32, PVHLOAD_E_PROTOCOL,
	  "the 32-bit entry has no page tables: none with 5 levels, none with pages of 1 GiB, "
	  "and none with a mask",
	  "Leave paging_levels 0, or ask for the 64-bit entry: the 32-bit entry starts "
	  "without paging, and the kernel makes its own tables." },
	{ "5-level page tables by PVH", levels_by_pvh, PVHLOAD_E_PROTOCOL,
	  "PVH has no place for 5-level page tables; the Linux boot protocol does",
	  "Leave paging_levels 0, or ask for the 64-bit entry: PVH starts without paging." },
	{ "Page tables of 3 levels", three_levels, PVHLOAD_E_USAGE,
	  "page tables have 4 or 5 levels, not 3", "Set the number of levels to 4 or 5; 0 is 4." },
	{ "A mask with flags of an entry", mask_of_flags, PVHLOAD_E_USAGE,
	  "page tables for 4 GiB and the kernel: the entry mask 0x8000000000000000 has "
	  "bits outside 12 to 51",
	  "Give an address bit: the bit by which memory is encrypted (SEV: CPUID "
	  "0x8000001f, EBX 5:0)." },
	{ "A mask with a bit that addresses have", mask_of_addresses, PVHLOAD_E_RANGE,
	  "page tables for 4 GiB and the kernel: the pages [0x0, 0x100000000) have "
	  "addresses with bits of the entry mask 0x80000000",
	  "Give a bit above all that is mapped: what has the bit set already would be "
	  "mapped twice, or not at all." },
	{ "Pages of 4 KiB", small_pages, PVHLOAD_E_USAGE,
	  "pages have 2 MiB or 1 GiB, not 0x1000 "
	  "bytes",
	  "Set the page size to 2 MiB or 1 GiB; 0 is 2 MiB. Protection by small "
	  "pages is the kernel's to make." },
	{ "A range above what 4 levels reach", far_range, PVHLOAD_E_RANGE,
	  "range 0 to map, 0x40000000 bytes at 0x800000000000, ends above 0x800000000000, "
	  "the limit with 4 levels",
	  "Ask for 5 levels, if kernel and processor have them, or map less: the kernel "
	  "maps its RAM by itself later on." },
	{ "Page tables larger than the limit", too_many_tables, PVHLOAD_E_LIMIT,
	  "the page tables would take 0x403000 bytes; the limit is 0x400000: 0x3000 too "
	  "many",
	  "Take pages of 1 GiB (page_size), or map what the entry needs: the kernel, what "
	  "it is handed, and the first 4 GiB." },
	{ "Page tables at a wrong address", odd_tables, PVHLOAD_E_USAGE,
	  "the page tables' address 0x9010 is not a multiple of 4096",
	  "Give a multiple of 4096 as the address: a table takes a page, and "
	  "entries hold no lower bits." },
	{ "A buffer too small for the page tables", small_buffer, PVHLOAD_E_CAPACITY,
	  "the page tables take 0x3000 bytes, there are 0x1000",
	  "Ask pvhload_x86_page_tables_size() first, with the same struct: it says how "
	  "many bytes." },
	{ "A buffer too small for the GDT", small_gdt, PVHLOAD_E_CAPACITY,
	  "the GDT takes 32 bytes, there are 16",
	  "Give PVHLOAD_PVH_GDT_SIZE or PVHLOAD_LINUX_GDT_SIZE bytes." },
	{ "A selector that the GDT does not have", other_selector, PVHLOAD_E_USAGE,
	  "selector 0x40 has no descriptor of 8 bytes in a GDT of 32 bytes",
	  "Leave the selectors as pvhload_x86_cpu_init_pvh() set them, or write a GDT of your "
	  "own: loading this one would be a triple fault." },
};

THEME(paging_theme, "Page tables and the processor", mistakes);
