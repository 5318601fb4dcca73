/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Which setup_data are taken: types, sizes, device trees, sources that cannot be read. */
#include <stdio.h>

#include "linux_fixture.h"

#define MIB (1u << 20)

static struct pvhload_error refused(const struct pvhload_linux_setup_data *data, size_t count,
				    enum pvhload_status status)
{
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	f.params.setup_data = data;
	f.params.setup_data_count = count;
	err = linux_refused(&f, status);
	linux_teardown(&f);
	return err;
}

static void taken(const struct pvhload_linux_setup_data *data)
{
	struct linux_fixture f;

	linux_setup(&f);
	f.params.setup_data = data;
	f.params.setup_data_count = 1;
	linux_written(&f);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x20808, 4), data->type);
	linux_teardown(&f);
}

START_TEST(types)
{
	static const uint32_t bad[] = { 0, 1, 0x80000000, 0x80000001, 0x80000009, 0xffffffff };
	static const uint32_t good[] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x12345678, 0x7fffffff };
	struct pvhload_source source;
	struct pvhload_linux_setup_data data = setup_data(&source, 9, "seed", 4);
	struct pvhload_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		data.type = bad[i];
		err = refused(&data, 1, PVHLOAD_E_USAGE);
		ck_says(err, "setup_data 0", "not the caller's to give");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		data.type = good[i];
		taken(&data);
	}
}
END_TEST

START_TEST(usage)
{
	struct pvhload_source sources[2];
	struct pvhload_linux_setup_data data[2] = { setup_data(&sources[0], 9, "seed", 4),
						    setup_data(&sources[1], 9, "seed", 4) };
	struct pvhload_error err;

	data[1].flags = PVHLOAD_SETUP_DATA_INDIRECT; /* there is no place for it */
	err = refused(data, 2, PVHLOAD_E_USAGE);
	ck_says(err, "setup_data 1", "setup_indirect");
	data[1].flags = 2;
	err = refused(data, 2, PVHLOAD_E_USAGE);
	ck_says(err, "setup_data 1", "flags 0x2");
	data[1].flags = 0;
	data[1].struct_size--;
	(void)refused(data, 2, PVHLOAD_E_USAGE);
	data[0].struct_size--;
	(void)refused(data, 1, PVHLOAD_E_USAGE);
	data[0].struct_size++;
	data[1].struct_size++;
	data[1].source = NULL;
	err = refused(data, 2, PVHLOAD_E_USAGE);
	ck_says(err, "setup_data 1 (rng_seed)", "NULL");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_SETUP_DATA);
	ck_assert_uint_eq(err.index, 1);
	data[1].source = &sources[1];
	sources[1].kind = 77;
	(void)refused(data, 2, PVHLOAD_E_USAGE);
}
END_TEST

static int64_t nothing(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user, (void)offset, (void)dst, (void)len;
	ck_abort_msg("read before it was known to fit");
	return -1;
}

START_TEST(sizes)
{
	struct pvhload_source sources[3] = {
		pvhload_source_reader(nothing, NULL, 32 * MIB),
		pvhload_source_reader(nothing, NULL, 32 * MIB),
		pvhload_source_reader(nothing, NULL, 1),
	};
	struct pvhload_linux_setup_data data[3];
	struct pvhload_error err;

	for (size_t i = 0; i < 3; i++) {
		data[i] = (struct pvhload_linux_setup_data)PVHLOAD_LINUX_SETUP_DATA_INIT;
		data[i].source = &sources[i];
		data[i].type = 1000;
	}
	err = refused(data, 3, PVHLOAD_E_LIMIT);
	ck_says(err, "67108865 bytes", "67108864");
	err = refused(data, 2, PVHLOAD_E_RANGE); /* the next rule: there is not so much RAM */
	ck_says(err, "setup_data", "leaves RAM");
	sources[1].size = 64 * MIB + 1;
	err = refused(data, 2, PVHLOAD_E_LIMIT);
	ck_says(err, "setup_data 1 (unknown)", "67108865 bytes", "67108864");
	ck_assert_uint_eq(err.index, 1);
	sources[1].size = INT64_MAX;
	(void)refused(data, 2, PVHLOAD_E_LIMIT);
	sources[1].size = 0;
	err = refused(data, 2, PVHLOAD_E_MALFORMED);
	ck_says(err, "setup_data 1 (unknown)", "empty");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_SETUP_DATA);
	ck_assert_uint_eq(err.index, 1);
	/* what Linux maps at once */
	for (uint32_t type = PVHLOAD_SETUP_DTB; type <= PVHLOAD_SETUP_RNG_SEED; type += 7) {
		data[0].type = type;
		sources[0].size = 258033;
		err = refused(data, 1, PVHLOAD_E_LIMIT);
		ck_says(err, "258033 bytes; Linux maps no more than 258032");
	}
}
END_TEST

/* As it is told. */
static const char *totalsize_of(uint32_t totalsize)
{
	static char text[40];

	snprintf(text, sizeof(text), " its totalsize %" PRIu32 " in", totalsize);
	return text;
}

START_TEST(device_trees)
{
	static const struct {
		size_t size;
		uint32_t totalsize;
		bool good;
	} trees[] = {
		{ 40, 40, true },  { 41, 40, true },           { 100, 100, true },
		{ 39, 39, false }, { 39, 40, false },          { 40, 39, false },
		{ 40, 41, false }, { 100, UINT32_MAX, false }, { 40, 0, false },
		{ 1, 1, false },   { 100, 0x01000028, false },
	};

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		struct bytes dtb =
			build_dtb(trees[i].size < 8 ? 8 : trees[i].size, trees[i].totalsize);
		struct bytes exact = bytes_copy(dtb.data, trees[i].size);
		struct pvhload_source source;
		struct pvhload_linux_setup_data data =
			setup_data(&source, 2, exact.data, exact.size);

		if (trees[i].good) {
			taken(&data);
		} else {
			struct pvhload_error err = refused(&data, 1, PVHLOAD_E_MALFORMED);

			ck_says(err, "setup_data 0 (dtb)", "not a device tree");
			if (trees[i].size >= 40)
				ck_says(err, totalsize_of(trees[i].totalsize));
		}
		for (size_t k = 0; k < 4 && trees[i].good; k++) {
			struct pvhload_error err;

			exact.data[k] ^= 1;
			err = refused(&data, 1, PVHLOAD_E_MALFORMED);
			ck_says(err, "magic");
			exact.data[k] ^= 1;
		}
		bytes_free(&exact);
		bytes_free(&dtb);
	}
}
END_TEST

/* A reader of @bytes whose @calls-th call, counted from 0, fails or finds the end. */
struct reader {
	struct bytes bytes;
	int calls;
	int64_t answer;
};

static int64_t read_some(void *user, uint64_t offset, void *dst, size_t len)
{
	struct reader *reader = user;

	if (reader->calls-- == 0)
		return reader->answer;
	memcpy(dst, reader->bytes.data + offset, len);
	return (int64_t)len;
}

START_TEST(sources_that_fail)
{
	static const struct {
		int calls;
		int64_t answer;
		const char *says;
	} cases[] = {
		{ 0, -5, "setup_data 1 (dtb)" }, /* while it is checked */
		{ 0, 0, "the data ends" },
		{ 1, -5, "setup_data 1 dtb" }, /* while it is read, before anything is written */
		{ 1, 0, "the data ends" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reader reader = { build_dtb(64, 64), cases[i].calls, cases[i].answer };
		struct pvhload_source sources[2];
		struct pvhload_linux_setup_data data[2] = { setup_data(&sources[0], 9, "seed", 4),
							    setup_data(&sources[1], 2, "", 0) };
		struct pvhload_error err;

		sources[1] = pvhload_source_reader(read_some, &reader, 64);
		err = refused(data, 2, PVHLOAD_E_SOURCE);
		ck_says(err, cases[i].says);
		ck_assert_int_eq(err.cause, cases[i].answer);
		ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_SETUP_DATA);
		ck_assert_uint_eq(err.index, 1);
		bytes_free(&reader.bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_data");

	ADD_TESTS(suite, "linux_data", types, usage, sizes, device_trees, sources_that_fail);
	return run_suite(suite);
}
