/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_boot_load() that fails: what it says, and that the RAM it used is cleared and no other is touched. */
#include "boot/in_place.h"
#include "both_ways.h"
#include "told.h"

#define RAM_SIZE (4u << 20)
#define SMALL    0x60u
#define LARGE    0x80000u
#define DIRECT   (FAKE_ZERO | FAKE_HOST_PTR)

struct boot {
	struct both_ways both;
	struct plan_fixture f;
	struct bytes elf;
	struct pvhload_range range;
	struct pvhload_source source; /* of the fixture's bytes: each call opens them */
};

static void setup(struct boot *b, size_t unit, unsigned int callbacks)
{
	const struct elf_spec spec = moved_kernel(unit);

	plan_setup(&b->f, RAM_SIZE);
	b->elf = build_elf(&spec);
	b->range = moved_range(&spec);
	use_bytes(&b->f, build_compressed(&b->elf, GZIP));
	both_setup(&b->both, RAM_SIZE, callbacks);
}

static void teardown(struct boot *b)
{
	both_teardown(&b->both);
	plan_teardown(&b->f);
	bytes_free(&b->elf);
}

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

/* A payload, said to decode to what the kernel has: in memory, and, if it is read as it is decoded, read. */
static void boot_payload(struct boot *b, const struct bytes *payload, enum codec codec)
{
	const struct bzimage_spec spec = { .payload = payload->data,
					   .payload_size = payload->size,
					   .no_trailer = codec == GZIP,
					   .decoded_size = (uint32_t)b->elf.size };
	struct bytes bytes = build_bzimage(&spec);
	struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);

	b->f.config.image = NULL;
	b->f.config.kernel = &source;
	ends_the_same(&b->both, &b->f.config);
	source = pvhload_source_reader(read_bytes, &bytes, bytes.size);
	if (codec == LZ4 || codec == LZO)
		ends_the_same(&b->both, &b->f.config);
	bytes_free(&bytes);
}

/* What is cut off is not replaced: the trailer follows at once. */
START_TEST(cut_streams)
{
	struct boot b;

	setup(&b, SMALL, DIRECT);
	for (enum codec codec = 0; codec < CODECS; codec++) {
		struct bytes payload;

		if (skip_without(codec))
			continue;
		payload = codecs[codec].compress(&b.elf);
		for (size_t n = 16; n < payload.size; n++) {
			struct bytes cut = bytes_copy(payload.data, n);

			boot_payload(&b, &cut, codec);
			bytes_free(&cut);
		}
		bytes_free(&payload);
	}
	teardown(&b);
}
END_TEST

START_TEST(flipped_streams)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct boot b;

	setup(&b, SMALL, DIRECT);
	for (enum codec codec = 0; codec < CODECS; codec++) {
		struct bytes payload;

		if (skip_without(codec))
			continue;
		payload = codecs[codec].compress(&b.elf);
		for (size_t i = 0; i < 3 * payload.size; i++) {
			payload.data[i / 3] ^= flips[i % 3];
			boot_payload(&b, &payload, codec);
			payload.data[i / 3] ^= flips[i % 3];
		}
		bytes_free(&payload);
	}
	teardown(&b);
}
END_TEST

/* A damaged kernel in a stream that is sound. */
START_TEST(flipped_kernel)
{
	struct boot b;

	setup(&b, SMALL, DIRECT);
	for (size_t i = 0; i < elf_phdr_offset(&(struct elf_spec){ .entry = 0 }, 4) + 0x100; i++) {
		struct bytes payload;

		b.elf.data[i] ^= 0x7f;
		payload = codecs[GZIP].compress(&b.elf);
		boot_payload(&b, &payload, GZIP);
		bytes_free(&payload);
		b.elf.data[i] ^= 0x7f;
	}
	teardown(&b);
}
END_TEST

/* A payload that is known to be bad is not decoded again, so RAM is left alone; the answer is the same. */
START_TEST(known_to_be_bad)
{
	struct pvhload_error first, second;
	struct bytes payload;
	bool cleared;
	struct boot b;

	setup(&b, LARGE, DIRECT);
	payload = codecs[GZIP].compress(&b.elf);
	b.f.bytes.data[bzimage_payload_offset(&(struct bzimage_spec){ .version = 0 }) +
		       payload.size - 8] ^= 1; /* its CRC */
	bytes_free(&payload);
	first = load_fails(&b.f.config, &b.both.loaded.memory, PVHLOAD_E_MALFORMED, &cleared);
	ck_assert(cleared);
	fake_memory_take(&b.both.loaded, b.range.gpa, NULL, (size_t)b.range.size);
	ck_status(PVHLOAD_E_MALFORMED, second, pvhload_image_decode(b.f.image, &second));
	second = load_fails(&b.f.config, &b.both.loaded.memory, PVHLOAD_E_MALFORMED, &cleared);
	ck_assert(!cleared);
	ck_assert_str_eq(first.message, second.message);
	ck_assert(fake_memory_untouched(&b.both.loaded));
	teardown(&b);
}
END_TEST

/* Write over the magic of what has been decoded, as another process that has the memory could. */
static int write_over(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct boot *b = user;

	if (phase == PVHLOAD_PROGRESS_DECODE && done == total)
		memset(b->both.loaded.bytes + b->range.gpa, 0, 4);
	return 0;
}

/* What others write to one guest's memory is not the image's fault: the next guest boots. */
START_TEST(written_over)
{
	struct pvhload_progress progress = { sizeof(progress), write_over, NULL };
	struct pvhload_plan *plan;
	struct pvhload_error err;
	bool cleared;
	struct boot b;

	setup(&b, LARGE, DIRECT);
	progress.user = &b;
	b.f.config.progress = &progress;
	err = load_fails(&b.f.config, &b.both.loaded.memory, PVHLOAD_E_FORMAT, &cleared);
	ck_assert(cleared);
	b.f.config.progress = NULL;
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	pvhload_plan_free(plan);
	teardown(&b);
}
END_TEST

/* The limit on what is decoded holds for RAM as well. */
START_TEST(above_the_limit)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_source source;
	struct pvhload_error err;
	struct boot b;

	setup(&b, SMALL, DIRECT);
	pvhload_image_close(b.f.image);
	source = pvhload_source_buffer(b.f.bytes.data, b.f.bytes.size);
	options.decode_limit = b.elf.size - 1;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &b.f.image, &err));
	b.f.config.image = b.f.image;
	err = fails_the_same(&b.both, &b.f.config, nowhere, PVHLOAD_E_LIMIT);
	ck_says(err, "decode_limit");
	teardown(&b);
}
END_TEST

/* What the config and the header tell is found before anything is decoded. */
START_TEST(config_first)
{
	struct pvhload_source empty = pvhload_source_buffer("", 0), none = { .struct_size = 0 };
	const struct pvhload_boot_module module = { sizeof(module), &empty, NULL };
	const struct pvhload_boot_keep_free wraps = KEEP_FREE(0x1000, UINT64_MAX, "all");
	char line[3000];
	struct boot b;

	setup(&b, SMALL, DIRECT);
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	b.f.config.cmdline = line;
	fails_the_same(&b.both, &b.f.config, nowhere, PVHLOAD_E_CMDLINE);
	b.f.config.cmdline = NULL;
	b.f.config.modules = &module;
	b.f.config.module_count = 1;
	fails_the_same(&b.both, &b.f.config, nowhere, PVHLOAD_E_MALFORMED);
	b.f.config.module_count = 0;
	b.f.config.initrds = &none;
	b.f.config.initrd_count = 1;
	fails_the_same(&b.both, &b.f.config, nowhere, PVHLOAD_E_USAGE);
	b.f.config.initrd_count = 0;
	b.f.config.keep_free = &wraps;
	b.f.config.keep_free_count = 1;
	fails_the_same(&b.both, &b.f.config, nowhere, PVHLOAD_E_RANGE);
	b.f.config.keep_free_count = 0;

	/* what only the kernel's size tells is not */
	b.f.config.initrds = &(struct pvhload_source){ 0 };
	{
		struct pvhload_source large = never_read(RAM_SIZE - MIB);

		b.f.config.initrds = &large;
		b.f.config.initrd_count = 1;
		fails_the_same(&b.both, &b.f.config, b.range, PVHLOAD_E_NO_ROOM);
	}
	teardown(&b);
}
END_TEST

/* Of the memory: nothing is planned. */
START_TEST(memory_first)
{
	struct pvhload_memory *mem;
	struct pvhload_plan *plan = NULL;
	struct pvhload_memmap map = { .struct_size = sizeof(map) };
	struct pvhload_error err;
	bool cleared;
	struct boot b;

	setup(&b, SMALL, DIRECT);
	mem = &b.both.loaded.memory;
	mem->flags = 0x80;
	(void)load_fails(&b.f.config, mem, PVHLOAD_E_USAGE, &cleared);
	ck_assert(!cleared);
	mem->flags = 0;
	(void)load_fails(&b.f.config, NULL, PVHLOAD_E_USAGE, &cleared);
	ck_assert(!cleared);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_boot_load(&b.f.config, mem, NULL, &err));
	err.struct_size = 3;
	ck_assert_int_eq(pvhload_boot_load(&b.f.config, mem, &plan, &err), PVHLOAD_E_USAGE);
	/* its map has less than the plan takes, of the range or of the regions */
	map = b.f.map;
	map.entries = calloc(map.count, sizeof(*map.entries));
	memcpy(map.entries, b.f.map.entries, map.count * sizeof(*map.entries));
	mem->memmap = &map;
	map.entries[map.count - 1].size = MOVED_GPA + 1 - map.entries[map.count - 1].gpa;
	err = load_fails(&b.f.config, mem, PVHLOAD_E_RANGE, &cleared);
	ck_assert(!cleared);
	ck_says(err, "kernel");
	map.entries[map.count - 1].size = UINT64_MAX;
	(void)load_fails(&b.f.config, mem, PVHLOAD_E_MEMMAP, &cleared);
	ck_assert(!cleared);
	ck_assert(fake_memory_untouched(&b.both.loaded));
	ck_assert_ptr_null(plan);
	free(map.entries);
	teardown(&b);
}
END_TEST

/* All of the RAM that was decoded to is zeros. */
static void check_cleared(struct boot *b)
{
	fake_memory_take(&b->both.loaded, b->range.gpa, NULL, (size_t)b->range.size);
}

/* The n-th callback fails, for every n. */
START_TEST(failing_callbacks)
{
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	uint64_t count;
	struct boot b;

	setup(&b, LARGE, DIRECT);
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	pvhload_plan_free(plan);
	count = b.both.loaded.calls;
	ck_assert_uint_gt(count, 1);
	for (uint64_t n = 1; n <= count; n++) {
		bool cleared;

		b.both.loaded.calls = 0;
		b.both.loaded.fail_at = n;
		err = load_fails(&b.f.config, &b.both.loaded.memory, PVHLOAD_E_CALLBACK, &cleared);
		ck_assert_int_eq(err.cause, -77);
		ck_assert(cleared);
		check_cleared(&b);
	}
	teardown(&b);
}
END_TEST

/* Whoever is told may end it, at every step. */
START_TEST(cancelled)
{
	static struct told told;
	struct pvhload_progress progress = told_progress(&told);
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	size_t count, decoded = 0;
	struct boot b;

	setup(&b, LARGE, DIRECT);
	b.f.config.progress = &progress;
	told_again(&told, 0);
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	pvhload_plan_free(plan);
	count = told.count;
	ck_assert_uint_eq(told.calls[count - 1].phase, PVHLOAD_PROGRESS_COMMIT);
	ck_assert_uint_eq(told.calls[count - 1].done, told.calls[count - 1].total);
	while (told.calls[decoded].phase != PVHLOAD_PROGRESS_DECODE)
		decoded++;
	for (size_t n = 1; n <= count; n++) {
		bool cleared;

		memset(b.both.loaded.bytes, FAKE_PATTERN, RAM_SIZE);
		told_again(&told, n);
		err = load_fails(&b.f.config, &b.both.loaded.memory, PVHLOAD_E_CANCELLED, &cleared);
		told_check_error(&err);
		ck_assert_int_eq(cleared, n > decoded);
		if (cleared)
			check_cleared(&b);
	}
	teardown(&b);
}
END_TEST

/* A message as long as can be is cut, and what has become of the RAM is there. */
START_TEST(long_message)
{
	static const char words[] = "...; the RAM that the payload was decoded to, "
				    "[0x1000, 0x1010), has been cleared";
	uint8_t bytes[0x10];
	struct pvl_in_place in_place = { .used = { { 0x1000, 0x1010 }, bytes } };
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	for (size_t length = sizeof(err.message) - 100; length < sizeof(err.message); length++) {
		const bool cut = length + sizeof(words) - 3 > sizeof(err.message);

		memset(bytes, 0xaa, sizeof(bytes));
		memset(err.message, 'x', length);
		err.message[length] = '\0';
		ck_assert_int_eq(pvl_in_place_end(&in_place, PVHLOAD_E_RANGE, &err),
				 PVHLOAD_E_RANGE);
		ck_assert_ptr_nonnull(strstr(err.message, cut ? words : words + 3));
		ck_assert_uint_eq(strlen(err.message),
				  cut ? sizeof(err.message) - 1 : length + sizeof(words) - 4);
		for (size_t i = 0; i < sizeof(bytes); i++)
			ck_assert_uint_eq(bytes[i], 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("boot_load_faults");

	ADD_TESTS(suite, "faults", cut_streams, flipped_streams, flipped_kernel, known_to_be_bad,
		  written_over, above_the_limit, config_first, memory_first, failing_callbacks,
		  cancelled, long_message);
	return run_suite(suite);
}
