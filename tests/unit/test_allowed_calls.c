/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What docs/security.md says of system calls: all that can be done with an image, of every kind of source and by every
 * codec, does with those of its table; and each of the library's own is made by something.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "allowed_calls.h"
#include "descriptors.h"
#include "pages_kernel.h"

/* After the kernel in its file, so that what is decoded is given huge pages. */
#define REST_SIZE   (5u << 20)
#define RAM_SIZE    (32u << 20)
#define LOW_END     0x9fc00u
#define HIGH        0x100000u
#define RAM_ENTRIES 200u /* a map that is long enough for a sort to want memory */

enum from { FROM_BUFFER, FROM_READER, FROM_FILE, FROM_UNCHANGING, FROM_SEALED, FROMS };

struct scene {
	struct bytes bytes; /* the image's */
	struct pvhload_source source, initrd;
	uint8_t *ram;
	int file, ram_file; /* the image in a file, and RAM that is one */
	bool damaged;       /* what fails is to make no other calls */
};

static int64_t read_scene(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct scene *s = user;

	memcpy(dst, s->bytes.data + offset, len);
	return (int64_t)len;
}

/* A file with a name: what has none may be a memfd with seals. */
static int named_file(const struct bytes *bytes)
{
	char name[] = "/tmp/pvhload-calls-XXXXXX";
	const int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes->data, bytes->size), (ssize_t)bytes->size);
	ck_assert_int_eq(unlink(name), 0);
	return fd;
}

static struct pvhload_source source_of(struct scene *s, enum from from)
{
	struct pvhload_source source;

	if (from == FROM_BUFFER)
		return pvhload_source_buffer(s->bytes.data, s->bytes.size);
	if (from == FROM_READER)
		return pvhload_source_reader(read_scene, s, s->bytes.size);
	s->file = from == FROM_SEALED ? sealed_file_of(s->bytes.data, s->bytes.size,
						       F_SEAL_WRITE | F_SEAL_SHRINK)
				      : named_file(&s->bytes);
	source = pvhload_source_fd(s->file);
	source.flags = from == FROM_UNCHANGING ? PVHLOAD_SOURCE_UNCHANGING : 0;
	return source;
}

static void scene_setup(struct scene *s, const struct bytes *bytes, enum from from)
{
	*s = (struct scene){ .bytes = *bytes, .file = -1 };
	s->source = source_of(s, from);
	s->initrd = s->source;
	s->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(s->ram, MAP_FAILED);
	s->ram_file = memfd_create("ram", 0);
	ck_assert_int_eq(ftruncate(s->ram_file, RAM_SIZE), 0);
}

static void scene_teardown(struct scene *s)
{
	munmap(s->ram, RAM_SIZE);
	close(s->ram_file);
	if (s->file >= 0)
		close(s->file);
}

/* Of the last call. */
static struct pvhload_error err = PVHLOAD_ERROR_INIT;

/* In the child, where no test can fail. */
static void must(const struct scene *s, enum pvhload_status status, const char *what)
{
	if (status == PVHLOAD_OK || s->damaged)
		return;
	fprintf(stderr, "%s: %s: %s\n", what, pvhload_status_name(status), err.message);
	_exit(1);
}

static struct pvhload_image *opened(const struct scene *s)
{
	struct pvhload_image *image = NULL;

	must(s, pvhload_image_open(&s->source, NULL, &image, &err), "open");
	return image;
}

struct machine {
	struct pvhload_memmap_entry entries[RAM_ENTRIES];
	struct pvhload_memmap map;
	struct pvhload_boot_config config;
};

/* RAM in no order, in pieces. */
static void make_machine(const struct scene *s, struct pvhload_image *image, struct machine *m)
{
	const uint64_t high = RAM_SIZE / 2, piece = 0x1000;

	*m = (struct machine){ .config = PVHLOAD_BOOT_CONFIG_INIT };
	m->entries[0] = (struct pvhload_memmap_entry){ HIGH, high - HIGH, PVHLOAD_MEMMAP_RAM, 0 };
	m->entries[1] = (struct pvhload_memmap_entry){ 0, LOW_END, PVHLOAD_MEMMAP_RAM, 0 };
	for (size_t i = 2; i < 100; i++)
		m->entries[i] = (struct pvhload_memmap_entry){ RAM_SIZE - 2 * i * piece, piece,
							       PVHLOAD_MEMMAP_RAM, 0 };
	m->map = (struct pvhload_memmap){ sizeof(m->map), m->entries, RAM_ENTRIES, 100, 0 };
	m->config.image = image;
	m->config.memmap = &m->map;
	m->config.initrds = &s->initrd;
	m->config.initrd_count = 1;
	m->config.cmdline = "console=ttyS0";
}

static struct pvhload_memory slot_memory(struct pvhload_ram_slot *slot, const struct scene *s,
					 uint32_t flags)
{
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;

	*slot = (struct pvhload_ram_slot){ .size = RAM_SIZE, .host = s->ram, .flags = flags };
	mem.ops = pvhload_ram_flat_ops();
	mem.user = slot;
	return mem;
}

static void boot_load(const struct scene *s)
{
	struct pvhload_ram_slot slot;
	const struct pvhload_memory mem = slot_memory(&slot, s, 0);
	struct pvhload_image *image = opened(s);
	struct pvhload_plan *plan = NULL;
	struct machine m;

	make_machine(s, image, &m);
	must(s, pvhload_boot_load(&m.config, &mem, &plan, &err), "boot_load");
	pvhload_plan_free(plan);
	pvhload_image_close(image);
}

/* All that the image can be asked; it has neither version nor tables. */
static void ask(const struct scene *s, const struct pvhload_image *image)
{
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	char text[64];
	enum pvhload_status status = pvhload_image_kernel_version(image, text, sizeof(text), &err);

	if (status != PVHLOAD_E_NOT_FOUND)
		must(s, status, "version");
	status = pvhload_image_count_relocations(image, &relocations, &err);
	if (status != PVHLOAD_E_NOT_FOUND)
		must(s, status, "relocations");
}

/* Decoded on the host. */
static void plan_and_commit(const struct scene *s)
{
	struct pvhload_ram_slot slot;
	const struct pvhload_memory mem = slot_memory(&slot, s, 0);
	struct pvhload_image *image = opened(s);
	struct pvhload_plan *plan = NULL;
	struct machine m;

	make_machine(s, image, &m);
	must(s, pvhload_image_decode(image, &err), "decode");
	ask(s, image);
	must(s, pvhload_boot_plan(&m.config, &plan, &err), "plan");
	if (plan)
		must(s, pvhload_plan_commit(plan, &mem, &err), "commit");
	pvhload_plan_free(plan);
	pvhload_image_close(image);
}

/* Into memory that maps, and into a file. */
static void share_and_commit(const struct scene *s)
{
	const struct pvhload_ram_file_slot file_slot = { .size = RAM_SIZE };
	struct pvhload_ram_file file = PVHLOAD_RAM_FILE_INIT;
	struct pvhload_ram_slot slot;
	struct pvhload_memory mem = slot_memory(&slot, s, PVHLOAD_RAM_SLOT_MAP);
	struct pvhload_image *image = opened(s);
	struct pvhload_plan *plan = NULL;
	struct machine m;

	make_machine(s, image, &m);
	must(s, pvhload_image_share(image, &err), "share");
	must(s, pvhload_boot_plan(&m.config, &plan, &err), "plan");
	if (plan)
		must(s, pvhload_plan_commit(plan, &mem, &err), "commit");
	file.slots = &file_slot;
	file.count = 1;
	file.fd = s->ram_file;
	mem.ops = pvhload_ram_file_ops();
	mem.user = &file;
	if (plan)
		must(s, pvhload_plan_commit(plan, &mem, &err), "commit to a file");
	pvhload_plan_free(plan);
	pvhload_image_close(image);
}

static void all_of(void *user)
{
	const struct scene *s = user;

	boot_load(s);
	plan_and_commit(s);
	share_and_commit(s);
}

/* The kernel itself, in a bzImage by each codec, and in a file by each framing. */
#define IMAGES (1 + CODECS + FRAMINGS)

static bool is_left_out(size_t image)
{
	return image > 0 && !codecs[image <= CODECS ? image - 1 : image - 1 - CODECS].compress;
}

static struct bytes image_of(size_t image)
{
	struct bytes kernel = pages_kernel(), rest = bytes_zero(REST_SIZE), all, made;

	for (size_t i = 0; i < rest.size; i += 1000)
		rest.data[i] = (uint8_t)(i / 1000 + 1);
	all = bytes_join(&kernel, &rest);
	if (image == 0)
		made = bytes_copy(all.data, all.size);
	else
		made = image <= CODECS ? build_compressed(&all, (enum codec)(image - 1))
				       : codecs[image - 1 - CODECS].compress(&all);
	bytes_free(&all);
	bytes_free(&rest);
	bytes_free(&kernel);
	return made;
}

/* The call that was denied to what is done with an image from there, -1 for none; false if nothing can be filtered here. */
static bool denied_to(const struct bytes *bytes, enum from from, bool damaged, const char *without,
		      long *ret)
{
	enum filtered filtered;
	struct scene s;

	scene_setup(&s, bytes, from);
	s.damaged = damaged;
	filtered = run_filtered(all_of, &s, without, ret);
	scene_teardown(&s);
	if (filtered == FILTERED_NONE) {
		puts("# SKIP: no filter for system calls here");
		return false;
	}
	if (filtered == FILTERED_DONE)
		*ret = -1;
	return true;
}

START_TEST(no_others)
{
	const size_t image = (size_t)_i;
	struct bytes bytes;
	long denied = -1;

	if (is_left_out(image))
		return;
	bytes = image_of(image);
	for (enum from from = 0; from < FROMS; from++) {
		if (!denied_to(&bytes, from, false, NULL, &denied))
			break;
		ck_assert_msg(denied < 0, "image %zu from %d: system call %ld", image, from,
			      denied);
	}
	bytes_free(&bytes);
}
END_TEST

START_TEST(no_others_on_failure)
{
	const size_t image = (size_t)_i;
	struct bytes bytes;
	long denied = -1;

	if (is_left_out(image))
		return;
	bytes = image_of(image);
	memset(bytes.data + bytes.size / 2, 0xff, bytes.size / 4);
	if (denied_to(&bytes, FROM_FILE, true, NULL, &denied))
		ck_assert_msg(denied < 0, "image %zu, damaged: system call %ld", image, denied);
	bytes_free(&bytes);
}
END_TEST

/* Without one of the library's own, something is denied. */
START_TEST(each_is_made)
{
	const struct allowed_call *call = &allowed_calls[_i];
	bool filtered = true;
	long denied = -1;

	if (!call->name || call->may_be_unused)
		return;
	for (size_t image = 0; image <= 1 && denied < 0 && filtered; image++) {
		struct bytes bytes = image_of(image);

		for (enum from from = 0; from < FROMS && denied < 0 && filtered; from++)
			filtered = denied_to(&bytes, from, false, call->name, &denied);
		bytes_free(&bytes);
	}
	if (filtered)
		ck_assert_msg(denied == call->number, "%s is not made, but %ld", call->name,
			      denied);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("allowed_calls");
	TCase *all = tcase_create("allowed_calls");

	tcase_add_loop_test(all, no_others, 0, IMAGES);
	tcase_add_loop_test(all, no_others_on_failure, 0, IMAGES);
	tcase_add_loop_test(all, each_is_made, 0, (int)allowed_call_count);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
