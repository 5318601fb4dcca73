/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Whether an ELF file is Linux, by which sign, and what the planner makes of it. */
#include "plan_fixture.h"

enum { PVH = PVHLOAD_PROTOCOL_PVH, L64 = PVHLOAD_PROTOCOL_X86_LINUX64 };
enum { REFUSED = 0 };

/* Notes that a case has; bits. */
enum { ENTRY = 1, OWNER = 2, OS_LINUX = 4, OS_OTHER = 8, OS_ODD = 16, OWNER_LONGER = 32 };

static struct elf_spec with_notes(unsigned int notes, const char *text)
{
	static const uint8_t entry[8] = { 0x10, 0x00, 0x10, 0x00 };
	static uint8_t bytes[256], data[32];
	struct elf_spec spec = small_kernel();
	size_t used = 0;

	if (notes & OWNER_LONGER)
		used = put_note(bytes, used, "Linux4", 1, entry, 4, 4);
	if (notes & OS_OTHER)
		used = put_note(bytes, used, "Xen", 6, "NetBSD", 7, 4);
	if (notes & OS_LINUX)
		used = put_note(bytes, used, "Xen", 6, "linux", 6, 4);
	if (notes & OS_ODD)
		used = put_note(bytes, used, "Xen", 6, "\x1b[2J", 4, 4);
	if (notes & OWNER)
		used = put_note(bytes, used, "Linux", 0x101, entry, 4, 4);
	if (notes & ENTRY)
		used = put_note(bytes, used, "Xen", 18, entry, sizeof(entry), 4);
	memcpy(data, text, strlen(text));
	spec.segments[1].bytes = data;
	spec.segments[2].bytes = bytes;
	spec.segments[2].mem_size = spec.segments[2].file_size = used;
	return spec;
}

static const struct {
	const char *name;
	unsigned int notes;
	const char *text; /* in what is loaded */
	uint32_t guest;
	const char *reason;
	uint32_t protocol; /* that AUTO takes, or REFUSED */
} signs[] = {
	{ "a note of owner Linux", OWNER, "", PVHLOAD_GUEST_LINUX, "owner Linux", L64 },
	{ "the same with a PVH entry", OWNER | ENTRY, "", PVHLOAD_GUEST_LINUX, "owner Linux", PVH },
	{ "another owner", OWNER_LONGER, "", PVHLOAD_GUEST_OTHER, "no sign of Linux", REFUSED },
	{ "GUEST_OS linux", OS_LINUX, "", PVHLOAD_GUEST_LINUX, "GUEST_OS says linux", L64 },
	{ "GUEST_OS NetBSD, whatever its text", OS_OTHER | ENTRY, SMALL_SIGN, PVHLOAD_GUEST_OTHER,
	  "GUEST_OS says NetBSD", PVH },
	{ "the first GUEST_OS", OS_OTHER | OS_LINUX, "", PVHLOAD_GUEST_OTHER, "NetBSD", REFUSED },
	{ "both notes", OS_OTHER | OWNER, "", PVHLOAD_GUEST_LINUX, "owner Linux", L64 },
	{ "for no terminal", OS_ODD | ENTRY, "", PVHLOAD_GUEST_OTHER, "says ?[2J", PVH },
	{ "the version text", 0, SMALL_SIGN, PVHLOAD_GUEST_LINUX, "Linux's version text", L64 },
	{ "its words without a number", 0, "Linux version %s", PVHLOAD_GUEST_OTHER,
	  "no sign of Linux", REFUSED },
	{ "nothing", 0, "", PVHLOAD_GUEST_OTHER, "no sign of Linux", REFUSED },
	{ "a PVH entry alone", ENTRY, "", PVHLOAD_GUEST_OTHER, "no sign of Linux", PVH },
};

START_TEST(sign)
{
	const struct elf_spec spec = with_notes(signs[_i].notes, signs[_i].text);
	const struct pvhload_image_info *info;
	struct plan_fixture f;

	plan_setup_spec(&f, 64 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	info = pvhload_image_get_info(f.image);
	ck_assert_msg(info->guest == signs[_i].guest, "%s: %s", signs[_i].name, info->guest_reason);
	ck_assert_msg(strstr(info->guest_reason, signs[_i].reason) != NULL, "%s: %s",
		      signs[_i].name, info->guest_reason);
	if (signs[_i].protocol != REFUSED) {
		ck_assert_uint_eq(plan(&f)->protocol, signs[_i].protocol);
		ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->guest, signs[_i].guest);
	} else {
		ck_says(refused(&f, PVHLOAD_E_PROTOCOL), "no PVH entry",
			"its ELF entry 0x100000 is taken only if asked for: ", signs[_i].reason);
	}
	/* asked for, its ELF entry is Linux's */
	f.config.protocol = L64;
	ck_assert_uint_eq(plan(&f)->guest, PVHLOAD_GUEST_LINUX);
	/* and so it is on the caller's word, if there is no PVH entry */
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f.config.flags = PVHLOAD_BOOT_LINUX;
	ck_assert_uint_eq(plan(&f)->protocol, signs[_i].notes & ENTRY ? PVH : L64);
	ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->guest, PVHLOAD_GUEST_LINUX);
	plan_teardown(&f);
}
END_TEST

/* What the caller, the protocol and the image say, and whose limit on the command line it comes to. */
START_TEST(whose_word)
{
	static const struct {
		unsigned int notes;
		uint32_t flags, protocol, guest, takes;
	} cases[] = {
		{ ENTRY, 0, PVH, PVHLOAD_GUEST_OTHER, 65535 },
		{ ENTRY, PVHLOAD_BOOT_LINUX, PVH, PVHLOAD_GUEST_LINUX, 2047 },
		{ ENTRY | OWNER, 0, PVH, PVHLOAD_GUEST_LINUX, 2047 },
		{ ENTRY | OWNER, PVHLOAD_BOOT_NOT_LINUX, PVH, PVHLOAD_GUEST_OTHER, 65535 },
		{ ENTRY, 0, L64, PVHLOAD_GUEST_LINUX, 2047 },
		{ ENTRY, PVHLOAD_BOOT_NOT_LINUX, L64, PVHLOAD_GUEST_OTHER, 2047 },
		{ ENTRY, 0, PVHLOAD_PROTOCOL_AUTO, PVHLOAD_GUEST_OTHER, 65535 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct elf_spec spec = with_notes(cases[i].notes, "");
		struct plan_fixture f;

		plan_setup_spec(&f, 64 * MIB, &spec);
		f.config.flags = cases[i].flags;
		f.config.protocol = cases[i].protocol;
		ck_assert_uint_eq(plan(&f)->guest, cases[i].guest);
		ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->cmdline_max, cases[i].takes);
		ck_assert_uint_eq(pvhload_boot_cmdline_capacity(f.image, cases[i].protocol,
								cases[i].flags),
				  cases[i].takes + 1);
		plan_teardown(&f);
	}
}
END_TEST

/* What is no kernel, or not Linux's entry. */
START_TEST(programs)
{
	static const struct {
		uint32_t type;
		uint64_t entry;
		unsigned int notes;
		uint32_t guest;
		const char *says;
	} cases[] = {
		{ PH_INTERP, 0x100000, OWNER, PVHLOAD_GUEST_OTHER,
		  "a dynamically linked program (PT_INTERP), no kernel" },
		{ PH_DYNAMIC, 0, OWNER, PVHLOAD_GUEST_OTHER,
		  "a shared library (PT_DYNAMIC, no entry), no kernel" },
		{ PH_DYNAMIC, 0x100000, OWNER, PVHLOAD_GUEST_LINUX, NULL },
		/* a PVH entry is one, however it is linked */
		{ PH_INTERP, 0x100000, OWNER | ENTRY, PVHLOAD_GUEST_LINUX, NULL },
		{ PH_DYNAMIC, 0, ENTRY, PVHLOAD_GUEST_OTHER, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = with_notes(cases[i].notes, "");
		struct plan_fixture f;

		spec.segments[3] = (struct part){ cases[i].type, 0x100000, "/ld", 4, 4, 1 };
		spec.segment_count = 4;
		spec.entry = cases[i].entry;
		plan_setup_spec(&f, 64 * MIB, &spec);
		f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
		ck_assert_uint_eq(pvhload_image_get_info(f.image)->guest, cases[i].guest);
		if (cases[i].says)
			ck_says(refused(&f, PVHLOAD_E_PROTOCOL), cases[i].says);
		else
			(void)plan(&f);
		plan_teardown(&f);
	}
}
END_TEST

/* A Multiboot kernel's entry may be virtual. */
START_TEST(virtual_entry)
{
	struct elf_spec spec = with_notes(OWNER, "");
	struct plan_fixture f;

	spec.entry = 0xffffffff80000008;
	plan_setup_spec(&f, 64 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	ck_says(refused(&f, PVHLOAD_E_PROTOCOL),
		"entry 0xffffffff80000008 is in no segment's bytes;");
	poke(&f.bytes, elf_phdr_offset(&spec, 0) + 16, 0xffffffff80000000, 8);
	reopen(&f);
	ck_says(refused(&f, PVHLOAD_E_PROTOCOL),
		"is in no segment's bytes but by virtual address, as Multiboot has it");
	plan_teardown(&f);
}
END_TEST

/* The payload of a bzImage is Linux on the bzImage's word. */
START_TEST(payload)
{
	const struct elf_spec spec = with_notes(ENTRY, "");
	struct bytes elf = build_elf(&spec);
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	ck_assert_uint_eq(plan(&f)->guest, PVHLOAD_GUEST_LINUX);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(f.image, &err));
	ck_assert_uint_eq(pvhload_image_get_info(pvhload_image_payload(f.image))->guest,
			  PVHLOAD_GUEST_LINUX);
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	ck_assert_uint_eq(plan(&f)->guest, PVHLOAD_GUEST_OTHER);
	plan_teardown(&f);

	/* a compressed file has no word of its own */
	plan_setup(&f, 256 * MIB);
	use_bytes(&f, codecs[GZIP].compress(&elf));
	ck_assert_uint_eq(pvhload_image_get_info(f.image)->guest, 0);
	ck_assert_uint_eq(plan(&f)->guest, PVHLOAD_GUEST_OTHER);
	plan_teardown(&f);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf_guest");
	TCase *table = tcase_create("sign");

	tcase_add_loop_test(table, sign, 0, (int)(sizeof(signs) / sizeof(signs[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "elf_guest", whose_word, programs, virtual_entry, payload);
	return run_suite(suite);
}
