/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of UKIs: whose kernel, initrd and command line they have, and that they say so. */
#include <unistd.h>

#include "descriptors.h"
#include "flat_images.h"
#include "plan_fixture.h"
#include "uki_images.h"

static void uki_setup(struct plan_fixture *f, const struct uki_spec *spec)
{
	plan_setup(f, 64 * MIB);
	use_bytes(f, build_uki(spec));
}

static void expect_reason(const struct pvhload_plan_info *info, const char *notes)
{
	const size_t length = strlen(notes), all = strlen(info->reason);

	ck_assert_msg(all >= length && strcmp(info->reason + all - length, notes) == 0,
		      "the reason is '%s', which does not end with '%s'", info->reason, notes);
}

/* What the small UKI has after its kernel, at 63.99 MiB: the highest page of RAM. */
#define INITRD_GPA (64 * MIB - 0x1000)

static void expect_initrd(struct plan_fixture *f, const char *bytes, size_t size)
{
	uint8_t read[64];

	expect_region(f->plan ? pvhload_plan_get_info(f->plan) : plan(f), "initrd", INITRD_GPA,
		      size);
	committed(f, INITRD_GPA, read, sizeof(read));
	ck_assert_mem_eq(read, bytes, size);
}

/* All that can be said of a command line: the UKI's, the caller's, the flags. */
static const struct {
	const char *own; /* NULL for no .cmdline */
	size_t own_size; /* 0: as a text */
	const char *given;
	uint32_t flags;
	const char *cmdline, *notes;
} cmdlines[] = {
	{ "a b", 0, NULL, 0, "a b", "; from the UKI: .linux, .initrd, .cmdline" },
	{ "a b", 0, "", 0, "a b", "; from the UKI: .linux, .initrd, .cmdline" },
	{ "a b", 0, NULL, PVHLOAD_BOOT_UKI_APPEND, "a b",
	  "; from the UKI: .linux, .initrd, .cmdline" },
	{ "a b", 0, "c d", 0, "c d",
	  "; from the UKI: .linux, .initrd; the caller's command line is used in place of its "
	  ".cmdline" },
	{ "a b", 0, "c d", PVHLOAD_BOOT_UKI_APPEND, "a b c d",
	  "; from the UKI: .linux, .initrd, .cmdline; the caller's command line follows its "
	  ".cmdline" },
	{ NULL, 0, NULL, 0, "", "; from the UKI: .linux, .initrd" },
	{ NULL, 0, "c d", 0, "c d", "; from the UKI: .linux, .initrd" },
	{ NULL, 0, "c d", PVHLOAD_BOOT_UKI_APPEND, "c d", "; from the UKI: .linux, .initrd" },
	{ "a b\n", 0, NULL, 0, "a b", "; from the UKI: .linux, .initrd, .cmdline" },
	{ "a b\0", 4, NULL, 0, "a b", "; from the UKI: .linux, .initrd, .cmdline" },
	{ " a b \n\0", 7, "c", PVHLOAD_BOOT_UKI_APPEND, " a b  c",
	  "; from the UKI: .linux, .initrd, .cmdline; the caller's command line follows its "
	  ".cmdline" },
	{ "a\nb", 0, NULL, 0, "a\nb", "; from the UKI: .linux, .initrd, .cmdline" },
	{ "\n", 0, "c", PVHLOAD_BOOT_UKI_APPEND, "c",
	  "; from the UKI: .linux, .initrd, .cmdline; the caller's command line follows its "
	  ".cmdline" },
	{ "\0", 1, NULL, 0, "", "; from the UKI: .linux, .initrd, .cmdline" },
};

START_TEST(command_lines)
{
	struct bytes kernel = small_kernel_file();
	struct uki_spec spec = small_uki(&kernel);
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	spec.sections[1].name = cmdlines[_i].own ? ".cmdline" : ".data";
	spec.sections[1].bytes = cmdlines[_i].own ? cmdlines[_i].own : "";
	spec.sections[1].size =
		cmdlines[_i].own_size ? cmdlines[_i].own_size : strlen(spec.sections[1].bytes);
	uki_setup(&f, &spec);
	f.config.cmdline = cmdlines[_i].given;
	f.config.flags = cmdlines[_i].flags;
	info = plan(&f);
	ck_assert_str_eq(info->cmdline, cmdlines[_i].cmdline);
	expect_reason(info, cmdlines[_i].notes);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_PVH);
	ck_assert_uint_eq(info->decompress, 0);
	expect_initrd(&f, UKI_INITRD, strlen(UKI_INITRD));
	plan_teardown(&f);
	bytes_free(&kernel);
}
END_TEST

/* What a command line says of memory counts, whosever it is. */
START_TEST(words_of_its_own)
{
	struct bytes kernel = small_kernel_file();
	struct uki_spec spec = small_uki(&kernel);
	struct plan_fixture f;

	spec.sections[1].bytes = "mem=32M";
	spec.sections[1].size = 7;
	uki_setup(&f, &spec);
	expect_region(plan(&f), "initrd", 32 * MIB - 0x1000, strlen(UKI_INITRD));
	plan_teardown(&f);
	bytes_free(&kernel);
}
END_TEST

/* .ucode first, each at a multiple of 4, whatever their order in the file; the caller's in place of both. */
START_TEST(initrds)
{
	const struct pvhload_source given = pvhload_source_buffer("given", 5);
	struct bytes kernel = small_kernel_file();
	struct uki_spec spec = small_uki(&kernel);
	struct plan_fixture f;

	add_text(&spec, ".ucode", "ucode");
	uki_setup(&f, &spec);
	expect_initrd(&f, "ucode\0\0\0the initrd", 18);
	expect_reason(pvhload_plan_get_info(f.plan),
		      "; from the UKI: .linux, .ucode, .initrd, .cmdline");
	f.config.initrds = &given;
	f.config.initrd_count = 1;
	plan(&f);
	expect_initrd(&f, "given", 5);
	expect_reason(
		pvhload_plan_get_info(f.plan),
		"; from the UKI: .linux, .cmdline; the caller's initrd is used in place of its "
		".ucode, .initrd");
	plan_teardown(&f);
	spec.sections[3].size = 0;
	uki_setup(&f, &spec);
	expect_initrd(&f, "ucode", 5); /* as with any initrds */
	plan_teardown(&f);
	spec.sections[4].size = 0;
	uki_setup(&f, &spec);
	ck_assert_ptr_null(region(plan(&f), "initrd"));
	expect_reason(pvhload_plan_get_info(f.plan), "; the initrd is empty, so there is none");
	plan_teardown(&f);
	bytes_free(&kernel);
}
END_TEST

/* A kernel of its own, at another address; nothing for its initrd but the base's. */
START_TEST(profiles)
{
	struct elf_spec other_spec = small_kernel();
	struct bytes kernel = small_kernel_file(), other;
	struct uki_spec spec = small_uki(&kernel);
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	other_spec.segments[1].paddr = 0x400000;
	other = build_elf(&other_spec);
	add_text(&spec, ".profile", "ID=zero");
	add_text(&spec, ".profile", "ID=one");
	add_text(&spec, ".cmdline", "one");
	add_section(&spec, ".linux", other.data, other.size);
	uki_setup(&f, &spec);
	info = plan(&f);
	ck_assert_str_eq(info->cmdline, UKI_CMDLINE);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	expect_reason(info, "; from profile 0 of the UKI: .linux, .initrd, .cmdline");
	f.config.uki_profile = 1;
	info = plan(&f);
	ck_assert_str_eq(info->cmdline, "one");
	expect_region(info, "kernel", SMALL_LOW, SMALL_END + 0x200000 - SMALL_LOW);
	expect_reason(info, "; from profile 1 of the UKI: .linux, .initrd, .cmdline");
	expect_initrd(&f, UKI_INITRD, strlen(UKI_INITRD));
	f.config.uki_profile = 2;
	err = refused(&f, PVHLOAD_E_NOT_FOUND);
	ck_says(err, "there is no profile 2: the UKI has 2, which count from 0");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	f.config.uki_profile = PVHLOAD_UKI_BASE;
	ck_says(refused(&f, PVHLOAD_E_NOT_FOUND), "there is no profile 4294967295");
	plan_teardown(&f);
	bytes_free(&other);
	bytes_free(&kernel);
}
END_TEST

/* Each kind of kernel that boots, in the base and as the second profile's own: as it boots alone. */
START_TEST(kinds)
{
	struct bytes elf = small_kernel_file();
	struct bytes kernels[] = { bytes_copy(elf.data, elf.size), build_compressed(&elf, GZIP),
				   codecs[GZIP].compress(&elf) };

	for (uint32_t i = 0; i < 6; i++) {
		const struct bytes *kernel = &kernels[i / 2];
		struct uki_spec spec = small_uki(i % 2 ? &elf : kernel);
		const struct pvhload_plan_info *info;
		struct plan_fixture f;

		if (i % 2) {
			add_text(&spec, ".profile", "");
			add_text(&spec, ".profile", "");
			add_section(&spec, ".linux", kernel->data, kernel->size);
		}
		uki_setup(&f, &spec);
		f.config.uki_profile = i % 2;
		info = plan(&f);
		ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_PVH);
		ck_assert_uint_eq(info->decompress, i / 2 == 1 ? PVHLOAD_DECOMPRESS_HOST : 0);
		ck_assert_uint_eq(info->entry, SMALL_ENTRY);
		expect_initrd(&f, UKI_INITRD, strlen(UKI_INITRD));
		plan_teardown(&f);
	}
	for (size_t i = 0; i < 3; i++)
		bytes_free(&kernels[i]);
	bytes_free(&elf);
}
END_TEST

/* By the kernel's source: what the plan needs of the UKI stays, the descriptor closed and another in its place. */
START_TEST(by_its_source)
{
	struct bytes kernel = small_kernel_file(), other = bytes_zero(100), bytes;
	struct uki_spec spec = small_uki(&kernel);
	const size_t before = open_descriptors();
	struct pvhload_source source;
	struct plan_fixture f;
	int fd, other_fd;

	add_text(&spec, ".ucode", "ucode");
	bytes = build_uki(&spec);
	plan_setup(&f, 64 * MIB);
	fd = file_of(bytes.data, bytes.size);
	source = pvhload_source_fd(fd);
	f.config.image = NULL;
	f.config.kernel = &source;
	plan(&f);
	ck_assert_uint_eq(open_descriptors(), before + 1 + 3); /* the kernel's, and two files' */
	close(fd);
	other_fd = file_of(other.data, other.size);
	ck_assert_int_eq(other_fd, fd);
	expect_initrd(&f, "ucode\0\0\0the initrd", 18);
	close(other_fd);
	plan_teardown(&f);
	ck_assert_uint_eq(open_descriptors(), before);
	bytes_free(&bytes);
	bytes_free(&other);
	bytes_free(&kernel);
}
END_TEST

static struct pvhload_error refuse_spec(const struct uki_spec *spec, uint32_t profile,
					enum pvhload_status status)
{
	struct pvhload_error err;
	struct plan_fixture f;

	uki_setup(&f, spec);
	f.config.uki_profile = profile;
	err = refused(&f, status);
	plan_teardown(&f);
	return err;
}

START_TEST(refusals)
{
	struct bytes kernel = small_kernel_file(), flat = build_flat(ARM64, true);
	struct bytes text = bytes_zero(0x10001);
	struct uki_spec spec = small_uki(&kernel);

	spec.sections[1].bytes = "a\0b";
	spec.sections[1].size = 3;
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_MALFORMED),
		"section .cmdline has a NUL at byte 1 of its 3, which would end it there");
	memset(text.data, 'x', text.size);
	spec.sections[1].bytes = text.data;
	spec.sections[1].size = 0x10001;
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_CMDLINE),
		"section .cmdline has 65537 bytes, more than the limit of 65536");
	spec.sections[1].size = 0x10000;
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_CMDLINE), "the command line has 65536 bytes");
	spec = small_uki(&flat);
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_MALFORMED),
		"the UKI is for x86_64, and its kernel (.linux) for arm64");
	spec.machine = 0x5064;
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_MALFORMED), "the UKI is for riscv64");
	spec.machine = 0xaa64;
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_PROTOCOL),
		"no PVH entry: it is an arm64 Image; it could boot by the arm64 protocol");
	spec = small_uki(&kernel);
	spec.machine = 0xaa64;
	ck_says(refuse_spec(&spec, 0, PVHLOAD_E_MALFORMED), "its kernel (.linux) for x86_64");
	spec = small_uki(&flat);
	spec.sections[2].name = ".osrel";
	add_text(&spec, ".profile", "");
	add_section(&spec, ".linux", kernel.data, kernel.size);
	add_text(&spec, ".profile", "");
	ck_says(refuse_spec(&spec, 1, PVHLOAD_E_NOT_FOUND),
		"profile 1 of the UKI has no kernel (.linux)");
	add_text(&spec, ".linux", "not one");
	ck_says(refuse_spec(&spec, 1, PVHLOAD_E_FORMAT), "section .linux: not a kernel image");
	bytes_free(&text);
	bytes_free(&flat);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_uki");
	TCase *lines = tcase_create("command_lines");

	tcase_add_loop_test(lines, command_lines, 0, (int)(sizeof(cmdlines) / sizeof(cmdlines[0])));
	suite_add_tcase(suite, lines);
	ADD_TESTS(suite, "plan_uki", words_of_its_own, initrds, profiles, kinds, by_its_source,
		  refusals);
	return run_suite(suite);
}
