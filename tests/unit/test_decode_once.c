/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is done once: decoding, and finding out that it cannot be; and what is done again. */
#include "image/image.h"
#include "plan_fixture.h"
#include "streams.h"
#include "uki_images.h"

/* A source that counts what is read of it. */
struct counted {
	struct bytes bytes;
	size_t reads;
	bool fails;
	struct pvhload_image *image;
};

static int64_t read_counted(void *user, uint64_t offset, void *dst, size_t len)
{
	struct counted *c = user;

	c->reads++;
	if (c->fails)
		return -1;
	memcpy(dst, c->bytes.data + offset, len);
	return (int64_t)len;
}

static void open_counted(struct counted *c, struct bytes bytes, uint64_t decode_limit)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_source source;
	struct pvhload_error err;

	*c = (struct counted){ .bytes = bytes };
	source = pvhload_source_reader(read_counted, c, bytes.size);
	options.decode_limit = decode_limit;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &c->image, &err));
	c->reads = 0;
}

static void close_counted(struct counted *c)
{
	pvhload_image_close(c->image);
	bytes_free(&c->bytes);
}

/* Decode; the bytes must be read if @reads, and must not if not. */
static struct pvhload_error decode(struct counted *c, enum pvhload_status status, bool reads)
{
	struct pvhload_error err;

	c->reads = 0;
	ck_status(status, err, pvl_image_decode(c->image, NULL, &err));
	ck_assert(!c->reads == !reads);
	return err;
}

static struct bytes small_elf(void)
{
	const struct elf_spec spec = small_kernel();

	return build_elf(&spec);
}

/* The small kernel in a bzImage, its last bytes but the trailer spoilt. */
static struct bytes bad_bzimage(void)
{
	struct bytes elf = small_elf(), bytes = build_compressed(&elf, GZIP);

	for (size_t i = 12; i > 4; i--)
		bytes.data[bytes.size - i] ^= 0x55;
	bytes_free(&elf);
	return bytes;
}

START_TEST(a_bad_payload_costs_once)
{
	struct pvhload_error first, again;
	struct counted c;

	open_counted(&c, bad_bzimage(), 0);
	first = decode(&c, PVHLOAD_E_MALFORMED, true);
	again = decode(&c, PVHLOAD_E_MALFORMED, false);
	ck_assert_mem_eq(&first, &again, sizeof(first));
	/* nor has the caller to want to know why */
	ck_assert_int_eq(pvhload_image_decode(c.image, NULL), PVHLOAD_E_MALFORMED);
	ck_assert_ptr_null(pvhload_image_payload(c.image));
	close_counted(&c);
}
END_TEST

START_TEST(what_is_decoded_is_no_kernel)
{
	struct bytes text = bytes_copy("text, and not a kernel by any measure", 38);
	struct pvhload_error err;
	struct counted c;

	open_counted(&c, codecs[GZIP].compress(&text), 0);
	(void)decode(&c, PVHLOAD_E_FORMAT, true);
	err = decode(&c, PVHLOAD_E_FORMAT, false);
	ck_says(err, "payload of the gzip file: not a kernel image");
	ck_assert_uint_eq(err.offset, PVHLOAD_NOWHERE);
	close_counted(&c);
	bytes_free(&text);
}
END_TEST

/* A file that does not say how much it decodes to: that it is more than the limit is found out once. */
START_TEST(a_bomb_costs_once)
{
	struct bytes zeros = bytes_zero(1 << 20);
	struct pvhload_error err;
	struct counted c;

	open_counted(&c, codecs[GZIP].compress(&zeros), 1 << 16);
	for (int i = 0; i < 2; i++) {
		err = decode(&c, PVHLOAD_E_LIMIT, i == 0);
		ck_says(err, "more than decode_limit, 65536");
	}
	close_counted(&c);
	bytes_free(&zeros);
}
END_TEST

START_TEST(an_unreadable_source_may_get_better)
{
	struct bytes elf = small_elf();
	struct counted c;

	open_counted(&c, codecs[GZIP].compress(&elf), 0);
	c.fails = true;
	(void)decode(&c, PVHLOAD_E_SOURCE, true);
	c.fails = false;
	(void)decode(&c, PVHLOAD_OK, true);
	(void)decode(&c, PVHLOAD_OK, false);
	close_counted(&c);
	bytes_free(&elf);
}
END_TEST

/* What was dropped is decoded again; who holds a reference keeps the bytes. */
START_TEST(dropped)
{
	struct bytes elf = small_elf();
	uint8_t *back = malloc(elf.size);
	struct pvhload_image *kept;
	struct pvhload_error err;
	struct counted c;

	open_counted(&c, codecs[GZIP].compress(&elf), 0);
	pvhload_image_drop_payload(NULL);
	pvhload_image_drop_payload(c.image); /* nothing to drop */
	(void)decode(&c, PVHLOAD_OK, true);
	kept = pvl_image_ref(pvhload_image_payload(c.image));
	pvhload_image_drop_payload(c.image);
	ck_assert_ptr_null(pvhload_image_payload(c.image));
	(void)decode(&c, PVHLOAD_OK, true);
	ck_assert_ptr_nonnull(pvhload_image_payload(c.image));
	ck_assert_ptr_ne(pvhload_image_payload(c.image), kept);
	close_counted(&c);

	ck_status(PVHLOAD_OK, err, pvhload_image_read(kept, 0, back, elf.size, &err));
	ck_assert_mem_eq(back, elf.data, elf.size);
	pvl_image_unref(kept);
	free(back);
	bytes_free(&elf);
}
END_TEST

/* The kernel of a UKI that was decoded, which a plan of the UKI takes; of what the plan has no use for, nothing is read. */
START_TEST(kernel_of_a_uki)
{
	struct bytes elf = small_elf(), kernel = codecs[GZIP].compress(&elf);
	struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *payload;
	struct plan_fixture f;
	struct counted c;

	spec.section_count = 3; /* no initrd */
	open_counted(&c, build_uki(&spec), 0);
	for (payload = c.image; payload; payload = pvhload_image_payload(payload))
		ck_assert_int_eq(pvhload_image_decode(payload, NULL), PVHLOAD_OK);
	plan_setup(&f, 64 * MIB);
	f.config.image = c.image;
	f.config.cmdline = "not its own";
	c.reads = 0;
	ck_assert_uint_eq(plan(&f)->entry, SMALL_ENTRY);
	ck_assert_uint_eq(c.reads, 0);
	f.config.cmdline = NULL; /* its own: that is read */
	(void)plan(&f);
	ck_assert_uint_eq(c.reads, 1);
	f.config.image = f.image;
	plan_teardown(&f);
	close_counted(&c);
	bytes_free(&kernel);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decode_once");

	ADD_TESTS(suite, "decode_once", a_bad_payload_costs_once, what_is_decoded_is_no_kernel,
		  a_bomb_costs_once, an_unreadable_source_may_get_better, dropped, kernel_of_a_uki);
	return run_suite(suite);
}
