/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "errors.h"

struct pvhload_error failed(enum pvhload_status status, const struct pvhload_error *err)
{
	ck_assert_msg(status != PVHLOAD_OK, "it worked");
	ck_assert_int_eq(err->status, status);
	return *err;
}

struct pvhload_error try_open(struct bytes bytes)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err = fresh_error();
	const enum pvhload_status status = pvhload_image_open(&source, NULL, &image, &err);

	ck_assert_ptr_null(image);
	bytes_free(&bytes);
	return failed(status, &err);
}

struct pvhload_error try_decode(struct bytes bytes, uint64_t limit)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_error err;
	struct pvhload_image *image;
	enum pvhload_status status;

	options.decode_limit = limit;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	status = pvhload_image_decode(image, &err);
	pvhload_image_close(image);
	bytes_free(&bytes);
	return failed(status, &err);
}

struct pvhload_error try_plan(struct plan_fixture *f)
{
	struct pvhload_plan *made = NULL;
	struct pvhload_error err = fresh_error();
	const enum pvhload_status status = pvhload_boot_plan(&f->config, &made, &err);

	ck_assert_msg(!made, "there is a plan");
	plan_teardown(f);
	return failed(status, &err);
}

struct pvhload_error try_plan_bytes(struct bytes bytes)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, bytes);
	return try_plan(&f);
}

struct pvhload_error try_load(struct load_fixture *f, const struct pvhload_image_load_options *o)
{
	struct pvhload_error err = fresh_error();
	const enum pvhload_status status =
		pvhload_image_load(f->image, &f->fake.memory, o, &f->result, &err);

	ck_assert(fake_memory_untouched(&f->fake));
	load_teardown(f);
	return failed(status, &err);
}

struct bytes small_elf(void)
{
	const struct elf_spec spec = small_kernel();

	return build_elf(&spec);
}

struct bytes small_bzimage(void)
{
	struct bytes elf = small_elf(), out = build_compressed(&elf, GZIP);

	bytes_free(&elf);
	return out;
}
