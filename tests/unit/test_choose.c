/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Which protocol a plan is for, why, and what is said when there is none. */
#include "plan_fixture.h"

static struct bytes small_bzimage(void)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), out = build_compressed(&elf, GZIP);

	bytes_free(&elf);
	return out;
}

static void expect_choice(struct plan_fixture *f, uint32_t protocol, uint32_t decompress,
			  const char *reason)
{
	const struct pvhload_plan_info *info = plan(f);

	ck_assert_uint_eq(info->protocol, protocol);
	ck_assert_uint_eq(info->decompress, decompress);
	ck_assert_msg(strstr(info->reason, reason) != NULL, "%s", info->reason);
}

START_TEST(what_the_image_offers)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	expect_choice(&f, PVHLOAD_PROTOCOL_PVH, 0, "PVH is the best");
	use_bytes(&f, small_bzimage());
	expect_choice(&f, PVHLOAD_PROTOCOL_PVH, PVHLOAD_DECOMPRESS_HOST, "PVH is the best");
	plan_teardown(&f);

	spec.segment_count = 2; /* no note */
	plan_setup_spec(&f, 256 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, 0, "not by PVH: no PVH entry");
	plan_teardown(&f);

	/* an ELF32 file's entry is as likely Multiboot's */
	spec.is32 = true;
	plan_setup_spec(&f, 256 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no PVH entry", "32-bit Linux entry at 0x100000, if asked for");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX32, 0, "asked for");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no 64-bit Linux entry: it is an ELF32 file");
	plan_teardown(&f);
}
END_TEST

/* A bzImage without a payload, as memtest86+; then without one entry after the other. */
START_TEST(no_payload)
{
	const struct bzimage_spec spec = { .version = 0x20c };
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, build_bzimage(&spec));
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, 0, "no payload to take an ELF file from");
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "the host cannot decode the image: it has no payload");
	f.config.decompress = PVHLOAD_DECOMPRESS_AUTO;
	set_field(&f, 0x236, 0, 2);
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX32, 0, "no payload");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "xloadflags, 0x0, do not have XLF_KERNEL_64", "by its 32-bit entry");
	poke(&f.bytes, 0x236, 1, 2);
	set_field(&f, 0x1f4, 0x200 / 16, 4);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "protected-mode code, 512 bytes, ends before the entry");
	set_field(&f, 0x236, 0, 2);
	set_field(&f, 0x214, 0, 4);
	for (uint32_t p = PVHLOAD_PROTOCOL_AUTO; p <= PVHLOAD_PROTOCOL_X86_LINUX32; p++) {
		f.config.protocol = p;
		err = refused(&f, PVHLOAD_E_PROTOCOL);
		ck_says(err, "only entry is the 16-bit entry, which needs a BIOS",
			"boot protocol 2.12, code32_start 0x0");
		ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	}
	plan_teardown(&f);
}
END_TEST

/* Start info has no place for it: the kernel's own entry has. */
START_TEST(what_is_handed_over)
{
	static const uint8_t bytes[64] = { 1 };
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_linux_setup_data seed = { sizeof(seed), &source,
						       PVHLOAD_SETUP_RNG_SEED, 0 };
	const struct pvhload_framebuffer screen = PVHLOAD_FRAMEBUFFER_INIT;
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_AUTO);
	f.x86.setup_data = &seed;
	f.x86.setup_data_count = 1;
	/* its payload would not decode: nobody has tried */
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST,
		      "not by PVH: PVH has no place for setup_data");
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "PVH has no place for setup_data", "the Linux boot protocol does");
	f.x86.setup_data_count = 0;
	f.x86.framebuffer = &screen;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "a framebuffer");
	f.x86.framebuffer = NULL;
	f.x86.efi_info = bytes;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "efi_info");
	f.x86.efi_info = NULL;
	f.x86.loadflags = PVHLOAD_LOADFLAG_QUIET;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "load flags");
	f.x86.loadflags = 0;
	f.x86.page_size = PVHLOAD_X86_PAGE_SIZE_1G;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "PVH has no place for page tables with pages of 1 GiB",
		"the Linux boot protocol does");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "the 32-bit entry has no page tables", "none with pages of 1 GiB");
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST, "1 GiB");
	f.x86.page_size = PVHLOAD_X86_PAGE_SIZE_2M; /* as without: no reason to leave PVH */
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	f.x86.paging_levels = 5;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "5-level page tables");
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST, "5-level");
	f.x86.paging_levels = 0;
	f.x86.page_entry_mask = (uint64_t)1 << 47;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST, "a mask in them");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "the 32-bit entry has no page tables", "none with a mask");
	plan_teardown(&f);
}
END_TEST

/* The map decides as well: one too long for PVH, and places that only some can do without. */
START_TEST(what_the_map_allows)
{
	const struct pvhload_boot_keep_free taken = KEEP_FREE(0x200000, 0x1000, "the VMM's");
	const struct pvhload_boot_keep_free most =
		KEEP_FREE(0x201000, 256 * MIB - 0x201000, "the rest");
	const struct pvhload_boot_keep_free both[2] = { taken, most };
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, small_bzimage());
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	for (uint64_t i = 0; i < 65; i++)
		ck_status(PVHLOAD_OK, err,
			  pvhload_memmap_reserve(&f.map, 128 * MIB + i * 0x10000, 0x1000,
						 PVHLOAD_MEMMAP_RESERVED, &err));
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST,
		      "not by PVH: the memory map has 132 entries; Linux takes 127 by PVH");
	plan_teardown(&f);

	/* one entry: Linux adds another by PVH, and throws it away by a zero page */
	plan_setup(&f, 256 * MIB);
	f.map.count = 1;
	f.entries[0] = (struct pvhload_memmap_entry){ 0, 256 * MIB, PVHLOAD_MEMMAP_RAM, 0 };
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	expect_choice(&f, PVHLOAD_PROTOCOL_PVH, 0, "PVH is the best");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "the memory map has 1 entry", "fewer than 2");
	plan_teardown(&f);

	/* the ELF file cannot give way, the bzImage can */
	plan_setup(&f, 256 * MIB);
	use_bytes(&f, small_bzimage());
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f.config.cmdline = "nokaslr";
	f.config.keep_free = &taken;
	f.config.keep_free_count = 1;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST,
		      "not by PVH: kernel segment 1 [0x200000, 0x203000) overlaps the VMM's");
	/* neither can: what stood in the way of the best two is told */
	f.config.keep_free = both;
	f.config.keep_free_count = 2;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "not by PVH: kernel segment 1", "the VMM's",
		"; not by the 64-bit entry: ", "no room for kernel");
	ck_assert_ptr_null(strstr(err.message, "what is inside"));
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	plan_teardown(&f);
}
END_TEST

/* What is wrong with the image is no reason to try something else. */
START_TEST(damage)
{
	struct pvhload_error err;
	struct plan_fixture f;

	if (skip_without(ZSTD))
		return;
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_AUTO);
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "zstd payload: truncated");
	/* a codec of tomorrow's: the kernel's own code may know it */
	poke(&f.bytes, (size_t)pvhload_image_get_info(f.image)->parts[0]->offset, 0x12345678, 4);
	reopen(&f);
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST,
		      "not by PVH: the payload's codec is unknown");
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	err = refused(&f, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "codec is unknown");
	/* asked for its own entry, nobody looks inside */
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST, "asked for");
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	(void)refused(&f, PVHLOAD_E_UNSUPPORTED);
	plan_teardown(&f);
}
END_TEST

START_TEST(who_decodes)
{
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, small_bzimage());
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST,
		      "the 64-bit entry is the best");
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	expect_choice(&f, PVHLOAD_PROTOCOL_PVH, PVHLOAD_DECOMPRESS_HOST, "PVH is the best");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	expect_choice(&f, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_HOST, "asked for");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no 32-bit Linux entry: it is an ELF64 file");
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "PVH does not go with decoding by the guest");
	f.config.decompress = 3;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "decoder (3)");
	plan_teardown(&f);
}
END_TEST

START_TEST(names)
{
	struct pvhload_error err;
	uint32_t protocol;

	ck_assert_str_eq(pvhload_protocol_name(PVHLOAD_PROTOCOL_AUTO), "auto");
	ck_assert_str_eq(pvhload_protocol_name(PVHLOAD_PROTOCOL_X86_LINUX64), "linux64");
	ck_assert_str_eq(pvhload_protocol_name(PVHLOAD_PROTOCOL_X86_LINUX32), "linux32");
	ck_assert_str_eq(pvhload_protocol_name(99), "unknown");

	for (uint32_t id = PVHLOAD_PROTOCOL_AUTO; id <= PVHLOAD_PROTOCOL_RISCV64_LINUX; id++) {
		protocol = 99;
		ck_status(PVHLOAD_OK, err,
			  pvhload_protocol_from_name(pvhload_protocol_name(id), &protocol, &err));
		ck_assert_uint_eq(protocol, id);
	}
	protocol = 99;
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_protocol_from_name("PVH", &protocol, &err));
	ck_says(err, "no boot protocol of that name; the names are auto, pvh, linux64, linux32, "
		     "arm64, riscv64");
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_protocol_from_name("unknown", &protocol, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_protocol_from_name(NULL, &protocol, &err));
	ck_assert_uint_eq(protocol, 99);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_protocol_from_name("pvh", NULL, &err));
}
END_TEST

/* What is said does not depend on whether somebody has decoded the image before. */
START_TEST(refused_before_and_after_decoding)
{
	static const struct {
		uint32_t protocol;
		uint64_t at, value, size;
	} cases[] = {
		{ PVHLOAD_PROTOCOL_X86_LINUX64, 0x260, 0x100, 4 }, /* init_size */
		{ PVHLOAD_PROTOCOL_X86_LINUX64, 0x236, 0, 2 },     /* xloadflags */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error before, after, err;
		struct plan_fixture f;

		bzimage_setup(&f, 256 * MIB, cases[i].protocol);
		use_bytes(&f, small_bzimage());
		set_field(&f, (uint32_t)cases[i].at, cases[i].value, (size_t)cases[i].size);
		before = refused(&f, PVHLOAD_E_PROTOCOL);
		ck_assert_ptr_null(strstr(before.message, "by PVH, at"));
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(f.image, &err));
		after = refused(&f, PVHLOAD_E_PROTOCOL);
		ck_assert_str_eq(before.message, after.message);
		plan_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("choose");

	ADD_TESTS(suite, "choose", refused_before_and_after_decoding, what_the_image_offers,
		  no_payload, what_is_handed_over, what_the_map_allows, damage, who_decodes, names);
	return run_suite(suite);
}
