/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Unified kernel images, and EFI programs that are none. */
#include "errors.h"
#include "uki_images.h"

/* A UKI of the small kernel, which is the caller's to free. */
static struct uki_spec a_uki(struct bytes *kernel)
{
	*kernel = small_elf();
	return small_uki(kernel);
}

static struct pvhload_error open_spec(const struct uki_spec *spec, struct bytes *kernel)
{
	struct bytes bytes = build_uki(spec);

	bytes_free(kernel);
	return try_open(bytes);
}

/* Plan of these bytes with 64 MiB of RAM; the arguments are the caller's to free. */
static struct pvhload_error plan_spec(const struct uki_spec *spec, struct bytes *kernel,
				      uint32_t profile)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_uki(spec));
	f.config.uki_profile = profile;
	bytes_free(kernel);
	return try_plan(&f);
}

static struct pvhload_error pe_program(void)
{
	const struct uki_spec spec = { .subsystem = 3 };

	return try_open(build_uki(&spec));
}

static struct pvhload_error boot_loader(void)
{
	struct uki_spec spec = { .section_count = 0 };

	add_text(&spec, ".sbat", "sbat,1,SBAT Version\nshim,4,UEFI shim\n");
	return try_open(build_uki(&spec));
}

static struct pvhload_error add_on(void)
{
	struct uki_spec spec = { .section_count = 0 };

	add_text(&spec, ".sbat", "sbat,1,SBAT Version\n");
	add_text(&spec, ".cmdline", "debug");
	return try_open(build_uki(&spec));
}

static struct pvhload_error truncated_uki(void)
{
	struct bytes kernel;
	const struct uki_spec spec = a_uki(&kernel);
	struct bytes bytes = build_uki(&spec);

	bytes_free(&kernel);
	bytes.size -= 1;
	return try_open(bytes);
}

static struct pvhload_error truncated_headers(void)
{
	struct bytes kernel;
	const struct uki_spec spec = a_uki(&kernel);
	struct bytes bytes = build_uki(&spec);

	bytes.size = uki_header_offset(&spec, 2);
	bytes_free(&kernel);
	return try_open(bytes);
}

static struct pvhload_error truncated_signature(void)
{
	struct bytes kernel, bytes;
	struct uki_spec spec = a_uki(&kernel);

	spec.signature_size = 1424;
	bytes = build_uki(&spec);
	bytes_free(&kernel);
	bytes.size -= 1000;
	return try_open(bytes);
}

static struct pvhload_error truncated_pe(void)
{
	struct bytes kernel;
	const struct uki_spec spec = a_uki(&kernel);
	struct bytes bytes = build_uki(&spec);

	bytes.size = 0x90;
	bytes_free(&kernel);
	return try_open(bytes);
}

static struct pvhload_error many_sections(void)
{
	struct bytes kernel;
	struct uki_spec spec = a_uki(&kernel);

	while (spec.section_count < 97)
		add_text(&spec, ".dtbauto", "a tree");
	return open_spec(&spec, &kernel);
}

static struct pvhload_error kernel_of_another_machine(void)
{
	struct bytes kernel;
	struct uki_spec spec = a_uki(&kernel);

	spec.machine = 0xaa64;
	return plan_spec(&spec, &kernel, 0);
}

static struct pvhload_error kernel_elsewhere(void)
{
	struct bytes kernel;
	struct uki_spec spec = a_uki(&kernel);

	spec.sections[0].name = spec.sections[1].name = ".profile";
	return open_spec(&spec, &kernel);
}

static struct pvhload_error uki_in_a_file(void)
{
	struct bytes kernel;
	const struct uki_spec spec = a_uki(&kernel);
	struct bytes bytes = build_uki(&spec), file = codecs[GZIP].compress(&bytes);

	bytes_free(&bytes);
	bytes_free(&kernel);
	return try_decode(file, 0);
}

static struct pvhload_error script_in_linux(void)
{
	struct bytes kernel = bytes_copy("#!/bin/sh\n", 10);
	const struct uki_spec spec = small_uki(&kernel);

	return plan_spec(&spec, &kernel, 0);
}

static struct pvhload_error no_such_profile(void)
{
	struct bytes kernel;
	struct uki_spec spec = a_uki(&kernel);

	add_text(&spec, ".profile", "ID=main");
	add_text(&spec, ".profile", "ID=debug");
	return plan_spec(&spec, &kernel, 2);
}

static struct pvhload_error profile_of_an_elf(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.uki_profile = 1;
	return try_plan(&f);
}

static struct pvhload_error profile_without_a_kernel(void)
{
	struct bytes kernel;
	struct uki_spec spec = a_uki(&kernel);

	spec.sections[0].name = ".profile";
	add_text(&spec, ".profile", "ID=debug");
	return plan_spec(&spec, &kernel, 1);
}

static struct pvhload_error nul_in_the_command_line(void)
{
	struct bytes kernel;
	struct uki_spec spec = a_uki(&kernel);

	spec.sections[1].bytes = "quiet\0debug";
	spec.sections[1].size = 11;
	return plan_spec(&spec, &kernel, 0);
}

static struct pvhload_error long_command_line(void)
{
	struct bytes kernel, text = bytes_zero(70000);
	struct uki_spec spec = a_uki(&kernel);
	struct pvhload_error err;

	spec.sections[1].bytes = text.data;
	spec.sections[1].size = text.size;
	err = plan_spec(&spec, &kernel, 0);
	bytes_free(&text);
	return err;
}

static struct pvhload_error load_uki(void)
{
	struct bytes kernel;
	const struct uki_spec spec = a_uki(&kernel);
	struct load_fixture f;

	load_setup(&f, build_uki(&spec), 0);
	bytes_free(&kernel);
	return try_load(&f, NULL);
}

static const struct mistake mistakes[] = {
	{ "A program for Windows", pe_program, PVHLOAD_E_FORMAT,
	  "not a kernel image: a PE file without a Linux setup header",
	  "Take the kernel's own file: a bzImage is a PE file as well, but has a setup header, and a UKI "
	  "has a section .linux." },
	{ "An EFI boot loader", boot_loader, PVHLOAD_E_FORMAT,
	  "not a kernel image: an EFI program (shim, by its .sbat section) without a kernel (.linux), "
	  "which needs EFI firmware: give the kernel that it starts",
	  "Where a boot loader was given, its configuration names the kernel." },
	{ "An add-on for a UKI", add_on, PVHLOAD_E_FORMAT,
	  "not a kernel image: an add-on for a unified kernel image (it has .cmdline), and no kernel "
	  "(.linux): give the UKI that it is for",
	  "Add-ons are not joined here: append what its .cmdline has to the UKI's "
	  "(PVHLOAD_BOOT_UKI_APPEND)." },
	{ "A truncated UKI", truncated_uki, PVHLOAD_E_MALFORMED,
	  "a PE file: section 3, 0x200 bytes at offset 0xa00, passes the end of the file, 0xbff (is it "
	  "truncated?)",
	  "Copy the file again: its table of sections counts more bytes than there are." },
	{ "The first bytes of a PE file alone", truncated_pe, PVHLOAD_E_MALFORMED,
	  "a PE file: its header at offset 0x80 passes the end of the file, 0x90 (is it truncated?)",
	  "Copy the file again." },
	{ "The headers of a UKI alone", truncated_headers, PVHLOAD_E_MALFORMED,
	  "a PE file: the table of its sections, 4 at offset 0x188, passes the end of the file, 0x1d8 "
	  "(is it truncated?)",
	  "Copy the file again." },
	{ "A UKI whose signature is cut off", truncated_signature, PVHLOAD_E_MALFORMED,
	  "a PE file: its signature, 0x590 bytes at offset 0xc00, passes the end of the file, 0xda8 "
	  "(is it truncated?)",
	  "Copy the file again, or take the signature off (`sbattach --remove`): it is not verified, but "
	  "a file that has lost its end may have lost more." },
	{ "A PE file of too many sections", many_sections, PVHLOAD_E_LIMIT,
	  "a PE file of 97 sections, more than the limit of 96 (PVHLOAD_PE_SECTIONS_MAX)",
	  "The header is damaged, or the UKI has device trees for very many machines (.dtbauto): build "
	  "one with fewer." },
	{ "A UKI whose only kernel is a later profile's", kernel_elsewhere, PVHLOAD_E_MALFORMED,
	  "a UKI with a kernel (.linux) in profile 1, but none in profile 0",
	  "Build it with the kernel before the first .profile: that is the base, which all profiles "
	  "have." },
	{ "A UKI whose kernel is for another machine", kernel_of_another_machine,
	  PVHLOAD_E_MALFORMED, "the UKI is for arm64, and its kernel (.linux) for x86_64",
	  "Build it with a stub and a kernel for the same machine." },
	{ "A UKI that is compressed as a whole", uki_in_a_file, PVHLOAD_E_FORMAT,
	  "payload of the gzip file: a UKI, which is never in a compressed file",
	  "Decompress it first: firmware would not start it either." },
	{ "A UKI whose kernel is none", script_in_linux, PVHLOAD_E_FORMAT,
	  "section .linux: not a kernel image: neither an ELF file nor a bzImage, nor compressed by a "
	  "codec that is known",
	  "Look at what the UKI was built of: `pvhload extract --part linux` takes the section out." },
	{ "A profile that the UKI does not have", no_such_profile, PVHLOAD_E_NOT_FOUND,
	  "there is no profile 2: the UKI has 2, which count from 0",
	  "`pvhload info` lists the sections of each profile." },
	{ "A profile of a kernel that is no UKI", profile_of_an_elf, PVHLOAD_E_NOT_FOUND,
	  "there is no profile 1: the image is no UKI",
	  "Leave `uki_profile` 0, or give the UKI instead of the kernel in it." },
	{ "A profile without a kernel", profile_without_a_kernel, PVHLOAD_E_NOT_FOUND,
	  "profile 1 of the UKI has no kernel (.linux)",
	  "Build it with the kernel before the first .profile: here profile 0 alone has one." },
	{ "A UKI whose command line goes on after a NUL", nul_in_the_command_line,
	  PVHLOAD_E_MALFORMED,
	  "section .cmdline has a NUL at byte 5 of its 11, which would end it there",
	  "Build it with one text, or give a command line of your own, which is used in its place." },
	{ "A UKI with more of a command line than any kernel takes", long_command_line,
	  PVHLOAD_E_CMDLINE,
	  "section .cmdline has 70000 bytes, more than the limit of 65536 "
	  "(PVHLOAD_CMDLINE_CAPACITY_MAX)",
	  "The section is something else's, or was filled up: its virtual size is what counts." },
	{ "A UKI handed to pvhload_image_load()", load_uki, PVHLOAD_E_UNSUPPORTED,
	  "the image is a UKI: decode it and load its payload",
	  "Decode it (pvhload_image_decode()) and load pvhload_image_payload(); its initrd and command "
	  "line are parts (pvhload_image_find_part())." },
};

THEME(ukis_theme, "Unified kernel images", mistakes);
