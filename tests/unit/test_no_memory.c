/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The n-th allocation fails, for every n: the call says so, and leaves nothing behind.  The linker
 * puts these functions in the place of libc's, in the library's objects as well.
 */
#include <errno.h>
#include <stdio.h>

#include "failing_memory.h"
#include "fake_memory.h"
#include "open_image.h"
#include "zero_page.h"

/* What a round of everything works on. */
struct fixture {
	struct bytes bytes;
	struct fake_memory fake;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map;
	bool half_written; /* Check allocates, too: it is asked later */
};

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

static enum pvhload_status read_zero_page(struct fixture *f, struct pvhload_error *err)
{
	const struct zero_page_spec spec = { .cmdline_gpa = 0x20000,
					     .setup_data = 0x30000,
					     .e820 = { { 0, 0x9fc00, 1 } },
					     .e820_entries = 1 };
	struct pvhload_linux_view *view = NULL;
	enum pvhload_status status;

	put_zero_page(f->fake.bytes + 0x7000, &spec);
	memcpy(f->fake.bytes + 0x20000, "text", 5);
	put_setup_data(f->fake.bytes, 0x30000, 0x30100, 9, "seed", 4);
	put_setup_indirect(f->fake.bytes, 0x30100, 0, 0x80000009, 0x20000, 4);
	status = pvhload_linux_read(&f->fake.memory, 0x7000, 0, &view, err);
	pvhload_linux_view_free(view);
	return status;
}

/* Start info and a zero page with problems to keep: the command lines are not there. */
static enum pvhload_status read_parts(struct fixture *f, struct pvhload_error *err)
{
	struct bytes start_info = { f->fake.bytes + 0x6000, 56 };
	struct bytes page = { f->fake.bytes + 0x7000, 4096 };
	struct pvhload_linux_view *page_view = NULL;
	struct pvhload_pvh_view *view = NULL;
	enum pvhload_status status;

	poke(&start_info, 24, f->fake.size, 8);
	poke(&page, 0x228, f->fake.size, 4);
	status = pvhload_pvh_read(&f->fake.memory, 0x6000, PVHLOAD_READ_PARTIAL, &view, err);
	if (status == PVHLOAD_OK)
		status = pvhload_linux_read(&f->fake.memory, 0x7000, PVHLOAD_READ_PARTIAL,
					    &page_view, err);
	pvhload_pvh_view_free(view);
	pvhload_linux_view_free(page_view);
	return status;
}

/* The same, judged. */
static enum pvhload_status check_parts(struct fixture *f, struct pvhload_error *err)
{
	struct pvhload_check *check = NULL, *page_check = NULL;
	enum pvhload_status status;

	status = pvhload_pvh_check(&f->fake.memory, 0x6000, 0, &check, err);
	if (status == PVHLOAD_OK)
		status = pvhload_linux_check(&f->fake.memory, 0x7000, 0, &page_check, err);
	pvhload_check_free(check);
	pvhload_check_free(page_check);
	return status;
}

/* By the 64-bit entry of the payload, as PVH has no place for setup_data, with everything that can be handed over. */
static enum pvhload_status boot_linux(struct fixture *f, struct pvhload_image *image,
				      struct pvhload_error *err)
{
	const struct pvhload_source source = pvhload_source_buffer("seed", 4);
	const struct pvhload_linux_setup_data data[2] = {
		{ sizeof(data[0]), &source, PVHLOAD_SETUP_RNG_SEED, 0 },
		{ sizeof(data[0]), &source, 1000, PVHLOAD_SETUP_DATA_INDIRECT },
	};
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_boot_x86 x86 = PVHLOAD_BOOT_X86_INIT;
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status;

	config.image = image;
	config.memmap = &f->map;
	config.x86 = &x86;
	config.cmdline = "memmap=exactmap memmap=639K@0 memmap=3M@1M"; /* all of its RAM */
	config.protocol = PVHLOAD_PROTOCOL_AUTO;
	config.decompress = PVHLOAD_DECOMPRESS_HOST;
	x86.setup_data = data;
	x86.setup_data_count = 2;
	status = pvhload_boot_plan(&config, &plan, err);
	if (status == PVHLOAD_OK)
		status = pvhload_plan_get_info(plan)->attempt_count == 2 ? PVHLOAD_OK
									 : PVHLOAD_E_USAGE;
	if (status == PVHLOAD_OK)
		status = pvhload_plan_commit(plan, &f->fake.memory, err);
	pvhload_plan_free(plan);
	return status;
}

/* A plan that is only there in another order than the usual one: what fails on the way is told. */
static enum pvhload_status plan_by_size(struct fixture *f, struct pvhload_image *image,
					struct pvhload_error *err)
{
	const struct pvhload_boot_keep_free split = {
		sizeof(split), 0x280000, 0x80000, "between two ranges", 0, 0, "kept", 4
	};
	struct pvhload_source small = pvhload_source_buffer("s", 1);
	struct pvhload_source large = pvhload_source_buffer("l", 1);
	const struct pvhload_boot_module modules[2] = {
		{ sizeof(modules[0]), &small, NULL },
		{ sizeof(modules[0]), &large, NULL },
	};
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status;

	small.size = 0x60000; /* never read by a plan */
	large.size = 0xf0000;
	config.image = image;
	config.memmap = &f->map;
	config.protocol = PVHLOAD_PROTOCOL_PVH;
	config.modules = modules;
	config.module_count = 2;
	config.keep_free = &split;
	config.keep_free_count = 1;
	status = pvhload_boot_plan(&config, &plan, err);
	pvhload_plan_free(plan);
	return status;
}

/* A zero page with all that hangs on it; nothing is written unless all of it is. */
static enum pvhload_status write_linux(struct fixture *f, struct pvhload_error *err)
{
	struct pvhload_memmap_entry entries[130] = { f->entries[0], f->entries[1] };
	struct pvhload_memmap map = { sizeof(map), entries, 130, 130, 0 };
	struct pvhload_source seed = pvhload_source_buffer("seed", 4);
	struct pvhload_linux_setup_data data = PVHLOAD_LINUX_SETUP_DATA_INIT;
	struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;
	const uint64_t calls = f->fake.calls;
	enum pvhload_status status;

	for (size_t i = 2; i < 130; i++)
		entries[i] = (struct pvhload_memmap_entry){ (1u << 30) + i, 1, 2, 0 };
	data.source = &seed;
	data.type = PVHLOAD_SETUP_RNG_SEED;
	params.memmap = &map;
	params.initrd_gpa = 0x300000;
	params.initrd_size = 1;
	params.rsdp_gpa = 0xe0000;
	params.setup_data = &data;
	params.setup_data_count = 1;
	status = pvhload_linux_write(&f->fake.memory, NULL, &params, err);
	f->half_written = f->fake.calls - calls != (status == PVHLOAD_OK ? 6 : 0);
	return status;
}

/* Made, copied, and in guest memory. */
static enum pvhload_status write_cmdline(struct fixture *f, struct pvhload_error *err)
{
	struct pvhload_cmdline *line = NULL, *copy = NULL;
	enum pvhload_status status = pvhload_cmdline_new(64, &line, err);

	if (status == PVHLOAD_OK)
		status = pvhload_cmdline_copy(line, 0, &copy, err);
	if (status == PVHLOAD_OK)
		status = pvhload_cmdline_write(copy, &f->fake.memory, 0x20000, err);
	pvhload_cmdline_free(copy);
	pvhload_cmdline_free(line);
	return status;
}

/* Everything that allocates, one after the other; the first status that is not OK. */
static enum pvhload_status everything(struct fixture *f, struct pvhload_error *err)
{
	struct pvhload_source source = pvhload_source_reader(read_bytes, &f->bytes, f->bytes.size);
	struct pvhload_source initrd = pvhload_source_buffer("initrd", 6);
	const struct pvhload_source module_source = pvhload_source_buffer("m", 1);
	struct pvhload_boot_module module = { sizeof(module), &module_source, "t" };
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	struct pvhload_image_load_result loaded = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	char long_text[2048] = ""; /* more than pvhload_pvh_write() has on the stack */
	const struct pvhload_pvh_module written = { 0x300000, 1, long_text };
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_image *image = NULL, *inner, *kernel = NULL;
	struct pvhload_image_explanation *explanation = NULL;
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status;
	char text[64];

	memset(long_text, 't', sizeof(long_text) - 1);
	config.memmap = &f->map;
	config.initrds = &initrd;
	config.initrd_count = 1;
	config.modules = &module;
	config.module_count = 1;
	params.memmap = &f->map;
	params.modules = &written;
	params.module_count = 1;
	f->fake.memory.memmap = &f->map;

	status = pvhload_image_open(&source, NULL, &image, err);
	for (inner = image; status == PVHLOAD_OK && inner;
	     kernel = inner, inner = pvhload_image_payload(inner))
		status = pvhload_image_decode(inner, err);
	if (status == PVHLOAD_OK)
		status = pvhload_image_kernel_version(kernel, text, sizeof(text), err);
	if (status == PVHLOAD_OK)
		status = pvhload_image_count_relocations(kernel, &relocations, err);
	config.image = image;
	if (status == PVHLOAD_OK)
		status = pvhload_boot_plan(&config, &plan, err);
	if (status == PVHLOAD_OK)
		status = pvhload_plan_commit(plan, &f->fake.memory, err);
	if (status == PVHLOAD_OK)
		status = pvhload_plan_clear_unused(plan, &f->fake.memory, err);
	if (status == PVHLOAD_OK)
		status = boot_linux(f, image, err);
	if (status == PVHLOAD_OK)
		status = plan_by_size(f, image, err);
	if (status == PVHLOAD_OK)
		status = pvhload_image_explain(image, &explanation, err);
	pvhload_image_explanation_free(explanation);
	if (status == PVHLOAD_OK)
		status = pvhload_image_load(kernel, &f->fake.memory, NULL, &loaded, err);
	if (status == PVHLOAD_OK)
		status = pvhload_memory_write(&f->fake.memory, 0x400000 - 4, text, 4, err);
	if (status == PVHLOAD_OK)
		status = pvhload_memory_read(&f->fake.memory, 0x400000 - 4, text, 4, err);
	if (status == PVHLOAD_OK)
		status = pvhload_pvh_write(&f->fake.memory, NULL, &params, err);
	if (status == PVHLOAD_OK)
		status = pvhload_pvh_read(&f->fake.memory, 0x6000, 0, &view, err);
	if (status == PVHLOAD_OK)
		status = read_zero_page(f, err);
	if (status == PVHLOAD_OK)
		status = read_parts(f, err);
	if (status == PVHLOAD_OK)
		status = check_parts(f, err);
	if (status == PVHLOAD_OK)
		status = write_linux(f, err);
	if (status == PVHLOAD_OK)
		status = write_cmdline(f, err);
	pvhload_pvh_view_free(view);
	pvhload_plan_free(plan);
	pvhload_image_close(image);
	return status;
}

static enum pvhload_status open_source(struct fixture *f, struct pvhload_image **image,
				       struct pvhload_error *err)
{
	struct pvhload_source source = pvhload_source_reader(read_bytes, &f->bytes, f->bytes.size);

	return pvhload_image_open(&source, NULL, image, err);
}

static enum pvhload_status open_elf(struct fixture *f, struct pvhload_error *err)
{
	struct pvhload_image *image = NULL;
	const enum pvhload_status status = open_source(f, &image, err);

	pvhload_image_close(image);
	return status;
}

/* The payload of a bzImage that does not say where it is; the code is copied, as it is read. */
static enum pvhload_status search(struct fixture *f, struct pvhload_error *err)
{
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;
	struct pvhload_image *image = NULL;
	enum pvhload_status status = open_source(f, &image, err);

	if (status == PVHLOAD_OK)
		status = pvhload_image_search_payload(image, &place, NULL, 0, err);
	pvhload_image_close(image);
	return status;
}

/* Sections instead of segments for the notes, a banner, and tables: nothing is left out. */
static struct bytes kernel(void)
{
	static const uint8_t tables[] = { 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };
	static uint8_t notes[32];
	struct elf_spec spec = small_kernel();

	spec.segments[1].bytes = "Linux version 6.0 (x)\n           ";
	spec.segment_count = 2;
	spec.sections[0] = (struct part){ SH_NOTE, 0, notes, 0, 0, 4 };
	spec.sections[0].file_size = put_note(notes, 0, "Xen", 18, "\x10\x00\x10\x00", 4, 4);
	spec.section_count = 1;
	spec.tail = tables;
	spec.tail_size = sizeof(tables);
	return build_elf(&spec);
}

/*
 * The message has as many bytes as were asked for, if @all, or those of them that have a use already.  Of a codec's
 * library it is what the decoder takes in all, and the codec is named first; or 64 KiB, if the decoder is not there yet.
 */
static void expect_size(const char *message, bool all)
{
	const size_t asked = failing_memory_asked(), decoder = 64u << 10;
	const char *at = strstr(message, "no host memory for ");
	size_t told = 0;

	ck_assert_msg(at && sscanf(at, "no host memory for %zu bytes", &told) == 1, "%s", message);
	ck_assert_msg(all ? told == asked : told <= asked || told == decoder || at > message,
		      "%zu: %s", asked, message);
}

/* @bytes are freed. */
static void exhaust(struct bytes bytes,
		    enum pvhload_status (*calls)(struct fixture *f, struct pvhload_error *err),
		    size_t least)
{
	struct fixture f = { .bytes = bytes };
	size_t n, allocations;

	f.map = ram_map(f.entries, 4u << 20);
	for (n = 1;; n++) {
		struct pvhload_error err = PVHLOAD_ERROR_INIT;
		enum pvhload_status status;

		fake_memory_init(&f.fake, 4u << 20, FAKE_READ);
		failing_memory_begin(n);
		status = calls(&f, &err);
		allocations = failing_memory_end();
		ck_assert(!f.half_written);
		fake_memory_free(&f.fake);
		if (status == PVHLOAD_OK && allocations < n)
			break;
		if (status == PVHLOAD_OK)
			continue; /* the failure was made up for: a string that was not shortened */
		ck_assert_msg(status == PVHLOAD_E_NO_MEMORY, "allocation %zu: %s", n, err.message);
		expect_size(err.message, calls == open_elf);
	}
	ck_assert_uint_gt(n, least);
	bytes_free(&f.bytes);
}

START_TEST(payloads)
{
	struct bytes elf;

	if (skip_without((enum codec)_i))
		return;
	elf = kernel();
	exhaust(build_compressed(&elf, (enum codec)_i), everything, 25);
	bytes_free(&elf);
}
END_TEST

/* A bzImage, all of it compressed once more. */
START_TEST(files)
{
	struct bytes elf, raw;

	if (skip_without((enum codec)_i))
		return;
	elf = kernel();
	raw = build_compressed(&elf, GZIP);
	exhaust(codecs[_i].compress(&raw), everything, 25);
	bytes_free(&raw);
	bytes_free(&elf);
}
END_TEST

/* The image, its tables, and what is made of them. */
START_TEST(opening)
{
	exhaust(kernel(), open_elf, 3);
}
END_TEST

/* The image, its code, the decoder and its state, and the output. */
START_TEST(a_search)
{
	struct bytes raw = bytes_zero(1000), stream = codecs[GZIP].compress(&raw);
	const struct bzimage_spec spec = { .version = 0x204,
					   .payload = stream.data,
					   .payload_size = stream.size,
					   .no_trailer = true };

	exhaust(build_bzimage(&spec), search, 4);
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("no_memory");
	TCase *all = tcase_create("no_memory");

	tcase_add_loop_test(all, payloads, 0, CODECS);
	tcase_add_loop_test(all, files, 0, FRAMINGS);
	tcase_add_test(all, opening);
	tcase_add_test(all, a_search);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
