/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Edits of images: within their room, by one seed the same, and the format mostly stays. */
#include "device_trees.h"
#include "images.h"
#include "mutate.h"
#include "suite.h"

#define SEEDS 4000u
#define GROWS 64u /* room for more than there is */

static struct bytes elf64(void)
{
	const struct elf_spec spec = small_kernel();

	return build_elf(&spec);
}

static struct bytes elf32(void)
{
	struct elf_spec spec = small_kernel();

	spec.is32 = true;
	return build_elf(&spec);
}

static struct bytes bzimage(void)
{
	struct bytes elf = elf64(), bytes = build_compressed(&elf, GZIP);

	bytes_free(&elf);
	return bytes;
}

static const struct {
	const char *target;
	size_t skip, from; /* bytes before the image, and those of it that are left out */
	struct bytes (*build)(void);
	mutate_edit *edit;
} inputs[] = {
	{ "image", 0, 0, elf64, mutate_elf },        { "image", 0, 0, elf32, mutate_elf },
	{ "image", 0, 0, bzimage, mutate_bzimage },  { "elf", 1, 0, elf64, mutate_elf },
	{ "elf", 1, 0, elf32, mutate_elf },          { "bzimage", 2, 0x1f1, bzimage, NULL },
	{ "linux_write", 48, 0x1f1, bzimage, NULL }, { "fdt", 64, 0, machine_tree, mutate_fdt },
	{ "flat", 78, 0, machine_tree, mutate_fdt },
};

/* An input of the table: zeros, then the image. */
static struct bytes input(int i)
{
	struct bytes image = inputs[i].build();
	const size_t size = image.size - inputs[i].from;
	struct bytes bytes = bytes_zero(inputs[i].skip + size);

	memcpy(bytes.data + inputs[i].skip, image.data + inputs[i].from, size);
	bytes_free(&image);
	return bytes;
}

/* It with room, on the heap, so that a byte beyond is seen. */
static struct bytes with_room(const struct bytes *input)
{
	struct bytes bytes = bytes_zero(input->size + GROWS);

	memcpy(bytes.data, input->data, input->size);
	return bytes;
}

static bool still(int i, const struct bytes *bytes, size_t size)
{
	const size_t skip = inputs[i].skip;

	if (!inputs[i].edit)
		return peek(bytes->data + skip + 0x202 - 0x1f1, 4) == 0x53726448;
	return mutate_by_magic(bytes->data + skip, size - skip) == inputs[i].edit;
}

/* Nearly all change something, and stay what they were; what the target has before the image is the same. */
START_TEST(one_edit)
{
	struct bytes before = input(_i);
	unsigned int changed = 0, kept = 0;

	for (unsigned int seed = 0; seed < SEEDS; seed++) {
		struct bytes once = with_room(&before), again = with_room(&before);
		const size_t size =
			mutate_input(inputs[_i].target, once.data, before.size, once.size, seed);

		ck_assert_uint_gt(size, inputs[_i].skip);
		ck_assert_uint_le(size, once.size);
		ck_assert_mem_eq(once.data, before.data, inputs[_i].skip);
		ck_assert_uint_eq(mutate_input(inputs[_i].target, again.data, before.size,
					       again.size, seed),
				  size);
		ck_assert_mem_eq(once.data, again.data, once.size);
		changed += size != before.size || memcmp(once.data, before.data, size) != 0;
		kept += still(_i, &once, size);
		bytes_free(&again);
		bytes_free(&once);
	}
	ck_assert_uint_gt(changed, SEEDS / 10 * 7);
	ck_assert_uint_gt(kept, SEEDS / 100 * 98);
	bytes_free(&before);
}
END_TEST

/* What the library says of a file. */
static enum pvhload_status open_file(const struct bytes *bytes, size_t size)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, size);
	struct pvhload_image *image = NULL;
	const enum pvhload_status status = pvhload_image_open(&source, NULL, &image, NULL);

	pvhload_image_close(image);
	return status;
}

/* Some files are as good as before, many are not, and all but few are of a known format. */
START_TEST(verdicts)
{
	struct bytes before = input(_i);
	unsigned int good = 0, no_format = 0;

	for (unsigned int seed = 0; seed < SEEDS; seed++) {
		struct bytes bytes = with_room(&before);
		const size_t size =
			mutate_input("image", bytes.data, before.size, bytes.size, seed);
		const enum pvhload_status status = open_file(&bytes, size);

		good += status == PVHLOAD_OK;
		no_format += status == PVHLOAD_E_FORMAT;
		bytes_free(&bytes);
	}
	ck_assert_uint_gt(good, SEEDS / 10);
	ck_assert_uint_lt(good, SEEDS / 10 * 9);
	ck_assert_uint_lt(no_format, SEEDS / 50);
	bytes_free(&before);
}
END_TEST

/* Edit upon edit, of what is broken by then: within the room all the same. */
START_TEST(stacked)
{
	struct bytes before = input(_i), bytes = with_room(&before);
	size_t size = before.size;

	for (unsigned int seed = 0; seed < SEEDS; seed++) {
		const size_t made =
			mutate_input(inputs[_i].target, bytes.data, size, bytes.size, seed);

		ck_assert_uint_le(made, bytes.size);
		if (made > 0)
			size = made;
	}
	bytes_free(&bytes);
	bytes_free(&before);
}
END_TEST

/* Of every length that is too short for some field. */
START_TEST(short_input)
{
	struct bytes before = input(_i);

	for (size_t size = 0; size < 0x300 && size < before.size; size++)
		for (unsigned int seed = 0; seed < 20; seed++) {
			struct bytes bytes = bytes_copy(before.data, size);

			ck_assert_uint_le(mutate_input(inputs[_i].target, bytes.data, size, size,
						       seed),
					  size);
			bytes_free(&bytes);
		}
	bytes_free(&before);
}
END_TEST

/* Each byte of [@from, @to) is another one by some seed. */
static void all_reached(int i, size_t from, size_t to)
{
	struct bytes before = input(i);
	bool reached[0x400] = { false };

	for (unsigned int seed = 0; seed < SEEDS; seed++) {
		struct bytes bytes = with_room(&before);

		(void)mutate_input(inputs[i].target, bytes.data, before.size, bytes.size, seed);
		for (size_t at = from; at < to; at++)
			reached[at] = reached[at] || bytes.data[at] != before.data[at];
		bytes_free(&bytes);
	}
	for (size_t at = from; at < to; at++)
		ck_assert_msg(reached[at], "%s: no edit of byte 0x%zx", inputs[i].target, at);
	bytes_free(&before);
}

/* e_type to e_shoff, and the first program header; what is after the magic of a setup header; a tree's header. */
START_TEST(reach)
{
	all_reached(0, 16, 48);
	all_reached(0, 64, 64 + 56);
	all_reached(1, 16, 36);
	all_reached(1, 52, 52 + 32);
	all_reached(2, 0x210, 0x212);
	all_reached(2, 0x230, 0x23c);
	all_reached(2, 0x248, 0x26c);
	all_reached(7, 64 + 4, 64 + 28); /* the number of the booting processor is not read */
	all_reached(7, 64 + 32, 64 + 40);
}
END_TEST

/* Versions of the boot protocol are those that there were, and one before and after. */
START_TEST(versions)
{
	struct bytes before = input(2);
	bool seen[0x20] = { false };
	unsigned int count = 0;

	for (unsigned int seed = 0; seed < SEEDS; seed++) {
		struct bytes bytes = with_room(&before);
		uint64_t version;

		(void)mutate_input("image", bytes.data, before.size, bytes.size, seed);
		version = peek(bytes.data + 0x206, 2);
		ck_assert_uint_ge(version, 0x1ff);
		ck_assert_uint_le(version, 0x210);
		count += !seen[version - 0x1f0 - 1];
		seen[version - 0x1f0 - 1] = true;
		bytes_free(&bytes);
	}
	ck_assert_uint_eq(count, 0x210 - 0x1ff + 1);
	bytes_free(&before);
}
END_TEST

/* Nothing to edit, and nothing touched. */
START_TEST(no_image)
{
	uint8_t bytes[100] = { 1, 2, 3 }, same[100] = { 1, 2, 3 };

	ck_assert_uint_eq(mutate_input("cmdline", bytes, 100, 100, 1), 0);
	ck_assert_uint_eq(mutate_input("image", bytes, 100, 100, 1), 0);
	ck_assert_uint_eq(mutate_input("fdt", bytes, 64, 100, 1), 0);
	ck_assert_uint_eq(mutate_input("elf", bytes, 100, 99, 1), 0);
	ck_assert_mem_eq(bytes, same, sizeof(bytes));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mutate");
	TCase *table = tcase_create("inputs");
	const int count = (int)(sizeof(inputs) / sizeof(inputs[0]));

	tcase_set_timeout(table, 120);
	tcase_add_loop_test(table, one_edit, 0, count);
	tcase_add_loop_test(table, verdicts, 0, 3);
	tcase_add_loop_test(table, stacked, 0, count);
	tcase_add_loop_test(table, short_input, 0, count);
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "mutate", reach, versions, no_image);
	return run_suite(suite);
}
