/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The payload of a bzImage that does not say where it is: found by what decodes, or not. */
#include <stdio.h>

#include "open_image.h"

#define OLD      0x204 /* a boot protocol without payload_offset */
#define RAW_SIZE 600u  /* bytes of the payload when it is decoded */
#define GUARD    0xa5

/* The code of a kernel, put together piece by piece; streams of a payload of RAW_SIZE bytes. */
struct code {
	struct bytes raw, stream;
	uint8_t bytes[4096];
	size_t size;
	uint16_t version;  /* of the boot protocol */
	struct bytes file; /* the bzImage of it that is open */
	struct pvhload_image *image;
};

static void code_init(struct code *code)
{
	memset(code, 0, sizeof(*code));
	code->version = OLD;
	code->raw = bytes_zero(RAW_SIZE);
	for (size_t i = 0; i < RAW_SIZE; i++)
		code->raw.data[i] = (uint8_t)(i * 7 + i / 256);
	code->stream = codecs[GZIP].compress(&code->raw);
}

static void close_code(struct code *code)
{
	pvhload_image_close(code->image);
	bytes_free(&code->file);
	code->image = NULL;
}

static void code_free(struct code *code)
{
	close_code(code);
	bytes_free(&code->raw);
	bytes_free(&code->stream);
}

static void put(struct code *code, const void *bytes, size_t size)
{
	ck_assert_uint_le(size, sizeof(code->bytes) - code->size);
	memcpy(code->bytes + code->size, bytes, size);
	code->size += size;
}

/* A stream of the payload, but for one byte so far from its end. */
static void put_changed(struct code *code, size_t from_end)
{
	put(code, code->stream.data, code->stream.size);
	code->bytes[code->size - from_end] ^= 1;
}

/* What comes before a stream, and looks like one. */
enum before {
	NOTHING,
	RESERVED_FLAGS, /* not even a header */
	NO_DEFLATE,
	BAD_CRC,
	BAD_SIZE,
	EMPTY, /* whole, and of nothing */
	CUT,   /* goes on where the next header is */
	BEFORES
};

static const unsigned int candidates[BEFORES] = { 0, 0, 1, 1, 1, 1, 1 };

static void put_before(struct code *code, enum before before)
{
	static const struct bytes none = { NULL, 0 };
	struct bytes empty;

	if (before == RESERVED_FLAGS)
		put(code, "\x1f\x8b\x08\x20", 4);
	if (before == NO_DEFLATE)
		put(code, "\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff", 12);
	if (before == BAD_CRC)
		put_changed(code, 8);
	if (before == BAD_SIZE)
		put_changed(code, 4);
	if (before == CUT)
		put(code, code->stream.data, code->stream.size / 2);
	if (before == EMPTY) {
		empty = codecs[GZIP].compress(&none);
		put(code, empty.data, empty.size);
		bytes_free(&empty);
	}
}

static struct bzimage_spec spec_of(const struct code *code)
{
	return (struct bzimage_spec){ .version = code->version,
				      .payload = code->bytes,
				      .payload_size = code->size,
				      .no_trailer = true };
}

static void open_source(struct code *code, const struct pvhload_source *source,
			const struct pvhload_image_options *options)
{
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(source, options, &code->image, &err));
}

/* Open a bzImage of this code. */
static void open_code(struct code *code, uint64_t decode_limit)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	const struct bzimage_spec spec = spec_of(code);
	struct pvhload_source source;

	options.decode_limit = decode_limit;
	code->file = build_bzimage(&spec);
	source = pvhload_source_buffer(code->file.data, code->file.size);
	open_source(code, &source, &options);
}

/* The search fails with @status, and touches nothing. */
static struct pvhload_error refuse_image(const struct pvhload_image *image, size_t capacity,
					 enum pvhload_status status)
{
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT, before;
	uint8_t decoded[RAW_SIZE];
	struct pvhload_error err;

	memset(&place, GUARD, sizeof(place));
	place.struct_size = sizeof(place);
	before = place;
	memset(decoded, GUARD, sizeof(decoded));
	ck_status(status, err,
		  pvhload_image_search_payload(image, &place, decoded, capacity, &err));
	ck_assert_mem_eq(&place, &before, sizeof(place));
	for (size_t i = 0; i < sizeof(decoded); i++)
		ck_assert_uint_eq(decoded[i], GUARD);
	return err;
}

/* The same of an image of this code. */
static struct pvhload_error refuse_code(struct code *code, uint64_t decode_limit,
					enum pvhload_status status)
{
	struct pvhload_error err;

	open_code(code, decode_limit);
	err = refuse_image(code->image, RAW_SIZE, status);
	close_code(code);
	return err;
}

/* It is found, @at bytes after the start of the code. */
static void found_at(const struct code *code, size_t at)
{
	const struct bzimage_spec spec = spec_of(code);
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT, again = place;
	uint8_t decoded[RAW_SIZE + 1];
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_image_search_payload(code->image, &place, NULL, 0, &err));
	ck_assert_uint_eq(place.offset, bzimage_payload_offset(&spec) + at);
	ck_assert_uint_eq(place.size, code->stream.size);
	ck_assert_uint_eq(place.decoded_size, RAW_SIZE);
	ck_assert_uint_eq(place.codec, PVHLOAD_CODEC_GZIP);
	memset(decoded, GUARD, sizeof(decoded));
	ck_status(PVHLOAD_OK, err,
		  pvhload_image_search_payload(code->image, &again, decoded, sizeof(decoded),
					       &err));
	ck_assert_uint_eq(again.offset, place.offset);
	ck_assert_mem_eq(decoded, code->raw.data, RAW_SIZE);
	ck_assert_uint_eq(decoded[RAW_SIZE], GUARD);
	/* The image is as it was. */
	ck_assert_uint_eq(pvhload_image_get_info(code->image)->part_count, 0);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(code->image, &err));
	ck_assert_ptr_null(pvhload_image_payload(code->image));
}

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	if (!bytes->data)
		return -1;
	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

START_TEST(found)
{
	struct pvhload_source reader;
	struct code code;
	size_t at;

	code_init(&code);
	code.version =
		_i % 2 == 0 ? 0x207 : OLD; /* the last one that does not say where, and others */
	put_before(&code, (enum before)_i);
	at = code.size;
	put(&code, code.stream.data, code.stream.size);
	put(&code, "code that is loaded after it", 28);
	open_code(&code, 0);
	found_at(&code, at);
	pvhload_image_close(code.image);

	reader = pvhload_source_reader(read_bytes, &code.file, code.file.size);
	open_source(&code, &reader, NULL);
	found_at(&code, at);
	code_free(&code);
}
END_TEST

START_TEST(nothing_decodes)
{
	const enum before before = (enum before)_i;
	struct pvhload_error err;
	struct code code;
	char places[32];

	code_init(&code);
	put(&code, "code", 4); /* a decoder's, as memdisk is */
	put_before(&code, before);
	err = refuse_code(&code, 0, PVHLOAD_E_NOT_FOUND);
	snprintf(places, sizeof(places), "begin like one: %u)", candidates[before]);
	ck_says(err, "boot protocol 2.04 does not say where the payload is", places);
	code_free(&code);
}
END_TEST

/* A header that the end of the code cuts, byte by byte, and then the stream. */
START_TEST(cut_by_the_end)
{
	struct code code;

	code_init(&code);
	for (size_t n = 1; n < code.stream.size; n++) {
		struct pvhload_error err;

		code.size = 0;
		put(&code, code.stream.data, n);
		err = refuse_code(&code, 0, PVHLOAD_E_NOT_FOUND);
		ck_says(err, n < 4 ? "like one: 0)" : "like one: 1)");
	}
	code_free(&code);
}
END_TEST

START_TEST(nothing_to_search)
{
	const struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec);
	struct pvhload_image *image = open_bytes(&elf);
	struct pvhload_error err = refuse_image(image, RAW_SIZE, PVHLOAD_E_NOT_FOUND);
	struct code code;

	ck_says(err, "not a bzImage");
	pvhload_image_close(image);
	code_init(&code);
	put(&code, code.stream.data, code.stream.size);
	code.version = 0x208;
	err = refuse_code(&code, 0, PVHLOAD_E_NOT_FOUND);
	ck_says(err, "boot protocol 2.08 says");
	code_free(&code);
	bytes_free(&elf);
}
END_TEST

START_TEST(room)
{
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;
	const struct pvhload_image *image;
	struct pvhload_error err;
	uint8_t decoded[RAW_SIZE];
	struct code code;

	code_init(&code);
	put(&code, code.stream.data, code.stream.size);
	open_code(&code, 0);
	image = code.image;
	err = refuse_image(image, 0, PVHLOAD_E_CAPACITY);
	ck_says(err, "600 bytes", "room for 0");
	err = refuse_image(image, RAW_SIZE - 1, PVHLOAD_E_CAPACITY);
	ck_says(err, "600 bytes", "room for 599");
	ck_status(PVHLOAD_OK, err,
		  pvhload_image_search_payload(image, &place, decoded, RAW_SIZE, &err));

	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_search_payload(NULL, &place, NULL, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_search_payload(image, NULL, NULL, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_search_payload(image, &place, NULL, 1, &err));
	place.struct_size--;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_search_payload(image, &place, NULL, 0, &err));
	code_free(&code);
}
END_TEST

/* All candidates together: what they decode to. */
START_TEST(decoded_bytes_are_limited)
{
	struct pvhload_error err;
	struct code code;

	code_init(&code);
	put(&code, code.stream.data, code.stream.size);
	err = refuse_code(&code, RAW_SIZE - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "more bytes than 599 (decode_limit", "gzip stream: 1)");

	code.size = 0;
	put_changed(&code, 8);
	put(&code, code.stream.data, code.stream.size);
	err = refuse_code(&code, 2 * RAW_SIZE - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "more bytes than 1199 (decode_limit", "gzip stream: 2)");
	open_code(&code, (uint64_t)2 * RAW_SIZE);
	found_at(&code, code.stream.size);
	code_free(&code);
}
END_TEST

/* ... and what they take: each a header with a name, which is all that follows. */
START_TEST(taken_bytes_are_limited)
{
	const uint64_t all = 800 + 600 + 400 + 200;
	struct pvhload_error err;
	struct code code;

	code_init(&code);
	for (int i = 0; i < 4; i++) {
		put(&code, "\x1f\x8b\x08\x08\1\1\1\1\1\1", 10);
		memset(code.bytes + code.size, 'n', 190);
		code.size += 190;
	}
	err = refuse_code(&code, all - 200, PVHLOAD_E_LIMIT);
	ck_says(err, "(decode_limit", "gzip stream: 3)");
	err = refuse_code(&code, all + 1, PVHLOAD_E_NOT_FOUND);
	ck_says(err, "like one: 4)");
	code_free(&code);
}
END_TEST

START_TEST(places_are_limited)
{
	struct pvhload_error err;
	struct code code;
	size_t at;

	code_init(&code);
	for (unsigned int i = 0; i < PVHLOAD_PAYLOAD_CANDIDATES_MAX - 1; i++)
		put_before(&code, NO_DEFLATE);
	at = code.size;
	put(&code, code.stream.data, code.stream.size);
	open_code(&code, 0);
	found_at(&code, at);
	close_code(&code);

	code.size = at;
	put_before(&code, NO_DEFLATE);
	put(&code, code.stream.data, code.stream.size);
	err = refuse_code(&code, 0, PVHLOAD_E_LIMIT);
	ck_says(err, "more places than 64 (PVHLOAD_PAYLOAD_CANDIDATES_MAX", "gzip stream: 64)");
	code_free(&code);
}
END_TEST

/* A stream whose last byte is the last that is searched, and one that ends after it. */
START_TEST(the_code_is_limited)
{
	for (size_t past = 0; past < 2; past++) {
		struct bzimage_spec spec = { .version = OLD,
					     .tail_size = PVHLOAD_PAYLOAD_SEARCH_MAX + 64 };
		const struct pvhload_image_bzimage *bzimage;
		struct pvhload_error err;
		struct code code;
		size_t at;

		code_init(&code);
		code.file = build_bzimage(&spec);
		poke(&code.file, 0x1f4, 0, 4); /* syssize: the code is the rest of the file */
		code.image = open_bytes(&code.file);
		bzimage = pvhload_image_get_info(code.image)->bzimage;
		ck_assert_uint_gt(bzimage->code_size, PVHLOAD_PAYLOAD_SEARCH_MAX);
		at = (size_t)bzimage->code_offset + PVHLOAD_PAYLOAD_SEARCH_MAX + past -
		     code.stream.size;
		memcpy(code.file.data + at, code.stream.data, code.stream.size);
		if (past == 0) {
			found_at(&code, at - bzimage_payload_offset(&spec));
		} else {
			err = refuse_image(code.image, RAW_SIZE, PVHLOAD_E_LIMIT);
			ck_says(err, "more bytes than 67108864 (PVHLOAD_PAYLOAD_SEARCH_MAX");
		}
		code_free(&code);
	}
}
END_TEST

static int cancel(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	(void)user;
	ck_assert_uint_eq(phase, PVHLOAD_PROGRESS_DECODE);
	ck_assert_uint_eq(total, 0);
	return done > 0;
}

START_TEST(cancelled_or_unreadable)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;
	struct pvhload_source source;
	struct pvhload_error err;
	struct bytes gone;
	struct code code;

	code_init(&code);
	put(&code, code.stream.data, code.stream.size);
	open_code(&code, 0);
	pvhload_image_close(code.image);
	progress.callback = cancel;
	options.progress = &progress;
	source = pvhload_source_buffer(code.file.data, code.file.size);
	open_source(&code, &source, &options);
	err = refuse_image(code.image, RAW_SIZE, PVHLOAD_E_CANCELLED);
	ck_assert_int_eq(err.cause, 1);
	pvhload_image_close(code.image);

	gone = code.file;
	source = pvhload_source_reader(read_bytes, &gone, gone.size);
	open_source(&code, &source, NULL);
	gone.data = NULL;
	refuse_image(code.image, RAW_SIZE, PVHLOAD_E_SOURCE);
	code_free(&code);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("payload_search");
	TCase *streams = tcase_create("streams");

	tcase_add_loop_test(streams, found, 0, BEFORES);
	tcase_add_loop_test(streams, nothing_decodes, 0, BEFORES);
	tcase_set_timeout(streams, 120);
	suite_add_tcase(suite, streams);
	ADD_TESTS(suite, "search", cut_by_the_end, nothing_to_search, room,
		  decoded_bytes_are_limited, taken_bytes_are_limited, places_are_limited,
		  the_code_is_limited, cancelled_or_unreadable);
	return run_suite(suite);
}
