/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What an image can be booted by, and why not by the rest; and that the planner agrees. */
#include "flat_plan.h"
#include "plan_fixture.h"

struct expected {
	uint32_t protocol;
	uint32_t decompress;
	uint32_t can;
	const char *says;
};

enum {
	PVH = PVHLOAD_PROTOCOL_PVH,
	L64 = PVHLOAD_PROTOCOL_X86_LINUX64,
	L32 = PVHLOAD_PROTOCOL_X86_LINUX32
};
enum { HOST = PVHLOAD_DECOMPRESS_HOST, GUEST = PVHLOAD_DECOMPRESS_GUEST };

static void expect(struct plan_fixture *f, const struct expected *expected, size_t count)
{
	struct pvhload_image_explanation *e = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_explain(f->image, &e, &err));
	ck_assert_uint_eq(e->count, count);
	for (size_t i = 0; i < count; i++) {
		const struct pvhload_image_method *method = e->methods[i];
		struct pvhload_plan *made = NULL;

		ck_assert_uint_eq(method->protocol, expected[i].protocol);
		ck_assert_uint_eq(method->decompress, expected[i].decompress);
		ck_assert_msg(method->can == expected[i].can, "%zu: %s", i, method->reason);
		ck_assert_msg(strstr(method->reason, expected[i].says) != NULL, "%zu: %s", i,
			      method->reason);
		/* there is room for all of them here: the plan is made exactly where the entry is */
		f->config.protocol = method->protocol;
		f->config.decompress = method->decompress;
		ck_assert_int_eq(pvhload_boot_plan(&f->config, &made, &err) == PVHLOAD_OK,
				 method->can);
		pvhload_plan_free(made);
	}
	pvhload_image_explanation_free(e);
}
#define EXPECT(f, ...)                                        \
	expect((f), (const struct expected[]){ __VA_ARGS__ }, \
	       sizeof((const struct expected[]){ __VA_ARGS__ }) / sizeof(struct expected))

START_TEST(elf_files)
{
	struct elf_spec spec = small_kernel();
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	EXPECT(&f, { PVH, 0, 1, "PHYS32_ENTRY note says 0x100010" },
	       { L64, 0, 1, "ELF entry is 0x100000, and it is Linux: Linux's version text" },
	       { L32, 0, 0, "it is an ELF64 file" });
	plan_teardown(&f);

	spec.segment_count = 2;
	spec.is32 = true;
	plan_setup_spec(&f, 64 * MIB, &spec);
	EXPECT(&f, { PVH, 0, 0, "no Xen PHYS32_ENTRY note, so it was built without" },
	       { L64, 0, 0, "it is an ELF32 file" }, { L32, 0, 1, "it is Linux: " });
	plan_teardown(&f);

	spec = small_kernel();
	spec.entry = 0x900000;
	spec.segments[0].paddr = 0x400000; /* the note still says 0x100010 */
	plan_setup_spec(&f, 64 * MIB, &spec);
	EXPECT(&f, { PVH, 0, 0, "PVH entry 0x100010 is in no segment's bytes" },
	       { L64, 0, 0, "ELF entry 0x900000 is in no segment's bytes" },
	       { L32, 0, 0, "ELF64" });
	plan_teardown(&f);
}
END_TEST

START_TEST(bzimages)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	EXPECT(&f, { PVH, HOST, 1, "PHYS32_ENTRY" },
	       { L64, GUEST, 1, "xloadflags, 0x7f, have XLF_KERNEL_64" },
	       { L32, GUEST, 1, "boot protocol is 2.15" }, { L64, HOST, 1, "it is Linux: " },
	       { L32, HOST, 0, "ELF64" });
	set_field(&f, 0x236, 0, 2);
	EXPECT(&f, { PVH, HOST, 1, "PHYS32_ENTRY" },
	       { L64, GUEST, 0, "xloadflags, 0x0, do not have XLF_KERNEL_64" },
	       { L32, GUEST, 1, "2.15" }, { L64, HOST, 1, "it is Linux: " },
	       { L32, HOST, 0, "ELF64" });
	plan_teardown(&f);
	bytes_free(&elf);
}
END_TEST

/* What is not known is not promised. */
START_TEST(a_payload_that_does_not_decode)
{
	struct plan_fixture f;

	if (skip_without(ZSTD))
		return;
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_AUTO);
	EXPECT(&f, { PVH, HOST, 0, "zstd payload: truncated" }, { L64, GUEST, 1, "XLF_KERNEL_64" },
	       { L32, GUEST, 1, "2.15" }, { L64, HOST, 0, "zstd payload: truncated" },
	       { L32, HOST, 0, "zstd payload: truncated" });
	plan_teardown(&f);
}
END_TEST

START_TEST(no_payload)
{
	const struct bzimage_spec spec = { .version = 0x20c };
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, build_bzimage(&spec));
	EXPECT(&f, { PVH, 0, 0, "no payload to take an ELF file from" },
	       { L64, 0, 1, "XLF_KERNEL_64" }, { L32, 0, 1, "2.12" });
	poke(&f.bytes, 0x236, 0, 2);
	set_field(&f, 0x214, 0, 4);
	EXPECT(&f, { PVH, 0, 0, "no payload" }, { L64, 0, 0, "do not have XLF_KERNEL_64" },
	       { L32, 0, 0, "code32_start is 0: the 16-bit entry, which needs a BIOS" });
	poke(&f.bytes, 0x206, 0x203, 2);
	set_field(&f, 0x214, 0x100000, 4);
	EXPECT(&f, { PVH, 0, 0, "no payload" }, { L64, 0, 0, "do not have XLF_KERNEL_64" },
	       { L32, 0, 0, "boot protocol, 2.03, is older than 2.05" });
	plan_teardown(&f);
}
END_TEST

static int64_t broken(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user;
	(void)offset;
	(void)dst;
	(void)len;
	return -5;
}

static int64_t (*now)(void *user, uint64_t offset, void *dst, size_t len);

static int64_t from_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	if (now)
		return now(user, offset, dst, len);
	memcpy(dst, ((const struct bytes *)user)->data + offset, len);
	return (int64_t)len;
}

static void fails(struct bytes bytes, enum pvhload_status status, uint64_t limit)
{
	struct pvhload_image_explanation *const untouched =
		(struct pvhload_image_explanation *)(uintptr_t)0x5a5a;
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	struct pvhload_image_explanation *e = untouched;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	options.decode_limit = limit;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	ck_status(status, err, pvhload_image_explain(image, &e, &err));
	ck_assert_ptr_eq(e, untouched);
	pvhload_image_close(image);
	bytes_free(&bytes);
}

START_TEST(failures)
{
	const struct elf_spec spec = small_kernel();
	struct elf_spec foreign = small_kernel();
	struct bytes elf = build_elf(&spec), text = bytes_copy("neither", 7), cut;
	struct pvhload_image_explanation *e = NULL;
	struct pvhload_source source;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	struct bytes bytes;

	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_explain(NULL, &e, &err));
	fails(codecs[GZIP].compress(&text), PVHLOAD_E_FORMAT, 0);
	fails(codecs[GZIP].compress(&elf), PVHLOAD_E_LIMIT, 64);
	cut = codecs[GZIP].compress(&elf);
	cut.size -= 9;
	fails(cut, PVHLOAD_E_MALFORMED, 0);
	foreign.machine = MACHINE_AARCH64;
	bytes = build_elf(&foreign);
	fails(codecs[GZIP].compress(&bytes), PVHLOAD_E_UNSUPPORTED, 0);
	bytes_free(&bytes);

	bytes = build_compressed(&elf, GZIP);
	source = pvhload_source_reader(from_bytes, &bytes, bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	now = broken;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_explain(image, &e, &err));
	now = NULL;
	ck_status(PVHLOAD_OK, err, pvhload_image_explain(image, &e, &err));
	pvhload_image_explanation_free(e);
	pvhload_image_explanation_free(NULL);
	pvhload_image_close(image);
	bytes_free(&bytes);
	bytes_free(&elf);
	bytes_free(&text);
}
END_TEST

START_TEST(flat_images)
{
	struct flat_fixture t;

	if (skip_without_fdt())
		return;
	flat_setup(&t, build_flat(ARM64, true));
	EXPECT(&t.f, { PVHLOAD_PROTOCOL_ARM64_LINUX, 0, 1, "entered at its first byte" });
	flat_teardown(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");

	ADD_TESTS(suite, "explain", elf_files, bzimages, a_payload_that_does_not_decode, no_payload,
		  flat_images, failures);
	return run_suite(suite);
}
