/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Calls that are a bug in the caller. */
#include "errors.h"

static struct pvhload_error no_image(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.image = NULL;
	return try_plan(&f);
}

static struct pvhload_error no_place_for_plan(void)
{
	struct pvhload_error err = fresh_error();
	enum pvhload_status status;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	status = pvhload_boot_plan(&f.config, NULL, &err);
	plan_teardown(&f);
	return failed(status, &err);
}

static struct pvhload_error no_size_of_places(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x20000);
	f.places[0].struct_size = 0;
	return try_plan(&f);
}

static struct pvhload_error unknown_protocol(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.protocol = 9;
	return try_plan(&f);
}

static struct pvhload_error count_alone(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.module_count = 1;
	return try_plan(&f);
}

static struct pvhload_error no_size_of_module(void)
{
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	const struct pvhload_boot_module module = { .source = &source };
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.modules = &module;
	f.config.module_count = 1;
	return try_plan(&f);
}

static struct pvhload_error bad_map(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.map.count = f.map.capacity + 1;
	return try_plan(&f);
}

static struct pvhload_error commit_nothing(void)
{
	struct pvhload_error err = fresh_error();
	struct fake_memory fake;
	enum pvhload_status status;

	fake_memory_init(&fake, MIB, 0);
	status = pvhload_plan_commit(NULL, &fake.memory, &err);
	fake_memory_free(&fake);
	return failed(status, &err);
}

static struct pvhload_error opening(struct pvhload_source source)
{
	struct pvhload_error err = fresh_error();
	struct pvhload_image *image;

	return failed(pvhload_image_open(&source, NULL, &image, &err), &err);
}

static struct pvhload_error bad_descriptor(void)
{
	return opening(pvhload_source_fd(-1));
}

static struct pvhload_error no_buffer(void)
{
	return opening(pvhload_source_buffer(NULL, 100));
}

static struct pvhload_error no_kind(void)
{
	struct pvhload_source source = pvhload_source_buffer("x", 1);

	source.kind = 0;
	return opening(source);
}

static struct pvhload_error far_window(void)
{
	return opening(pvhload_source_fd_range(0, UINT64_MAX - 10, 20));
}

static struct pvhload_error read_after(void)
{
	struct bytes bytes = small_elf();
	struct pvhload_image *image = open_bytes(&bytes);
	struct pvhload_error err = fresh_error();
	enum pvhload_status status;
	uint8_t four[4];

	status = pvhload_image_read(image, 0x100000, four, sizeof(four), &err);
	pvhload_image_close(image);
	bytes_free(&bytes);
	return failed(status, &err);
}

static struct pvhload_error elf_header(void)
{
	struct bytes bytes = small_elf();
	struct pvhload_image *image = open_bytes(&bytes);
	struct pvhload_error err = fresh_error();
	enum pvhload_status status;
	uint8_t header[256];
	size_t size;

	status = pvhload_image_setup_header(image, header, sizeof(header), &size, &err);
	pvhload_image_close(image);
	bytes_free(&bytes);
	return failed(status, &err);
}

static const struct mistake mistakes[] = {
	{ "A plan without an image", no_image, PVHLOAD_E_USAGE, "the boot config has no image",
	  "Set pvhload_boot_config::image, from pvhload_image_open()." },
	{ "A plan with no place to go", no_place_for_plan, PVHLOAD_E_USAGE,
	  "there is no place for the plan", "Give the address of a `struct pvhload_plan *`." },
	{ "A struct whose size is not set", no_size_of_places, PVHLOAD_E_USAGE,
	  "place 0 has a wrong size",
	  "Begin each struct with its initialiser (PVHLOAD_BOOT_PLACE_INIT here), or set "
	  "`struct_size` to its sizeof." },
	{ "A protocol that does not exist", unknown_protocol, PVHLOAD_E_USAGE,
	  "the boot config asks for an unknown protocol (9)",
	  "Take one of PVHLOAD_PROTOCOL_*. If it is one, the program was built "
	  "against a later version of the library than it runs with: update that." },
	{ "A count without an array", count_alone, PVHLOAD_E_USAGE,
	  "the boot config counts 1 modules, but their array is NULL",
	  "Set the array as well, or the count to 0." },
	{ "An element whose size is not set", no_size_of_module, PVHLOAD_E_USAGE,
	  "module 0 has a wrong size",
	  "Begin each element with its initialiser (PVHLOAD_BOOT_MODULE_INIT here): all "
	  "elements of an array have the size of the first." },
	{ "A map that counts more than it holds", bad_map, PVHLOAD_E_USAGE,
	  "the memory map counts 161 entries, but its array holds 160",
	  "Set `capacity` to the array's length; `count` is the library's to change." },
	{ "Committing no plan", commit_nothing, PVHLOAD_E_USAGE, "the plan is NULL",
	  "Look at what pvhload_boot_plan() returned: if it failed, there is no plan." },
	{ "A descriptor that is none", bad_descriptor, PVHLOAD_E_USAGE,
	  "the source's descriptor (-1) or offset is not one",
	  "Check what open() returned before making a source of it." },
	{ "A buffer that is NULL", no_buffer, PVHLOAD_E_USAGE,
	  "the source's buffer is NULL or has no length",
	  "Check that the file was read or mapped: there is a length, but no bytes." },
	{ "A source that nobody made", no_kind, PVHLOAD_E_USAGE,
	  "the source is of no known kind (0)",
	  "Make sources by the functions of source.h: this one's members are 0." },
	{ "A window that no file can have", far_window, PVHLOAD_E_USAGE,
	  "the source's window, 20 bytes at offset 0xfffffffffffffff5, passes 2^63",
	  "Check offset and length; an unsigned number may have gone below 0." },
	{ "Reading after the end of an image", read_after, PVHLOAD_E_USAGE,
	  "4 bytes at offset 0x100000 are not inside the image, which has 352",
	  "Read within the image's bytes: pvhload_image_info::size has their "
	  "number." },
	{ "The setup header of an ELF file", elf_header, PVHLOAD_E_NOT_FOUND,
	  "the image has no setup_header: it is not a bzImage",
	  "Only a bzImage has one: pvhload_linux_write() makes one if it is given none." },
};

THEME(usage_theme, "Calls", mistakes);
