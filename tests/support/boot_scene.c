/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot_scene.h"

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot_guests.h"
#include "descriptors.h"

#define PAGE 4096u
/* What a heap that cannot grow in its place may keep of what it has instead. */
#define HEAP_GROWTH (2u << 20)

static int64_t read_scene(void *user, uint64_t offset, void *dst, size_t len)
{
	struct boot_scene *s = user;

	if (boot_guest_call_fails(s, PVHLOAD_E_SOURCE))
		return BOOT_GUEST_FAILURE;
	memcpy(dst, s->bytes.data + offset, len);
	return (int64_t)len;
}

static int named_file(const struct bytes *bytes)
{
	char name[] = "/tmp/pvhload-scene-XXXXXX";
	const int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes->data, bytes->size), (ssize_t)bytes->size);
	ck_assert_int_eq(unlink(name), 0);
	return fd;
}

static struct pvhload_source make_source(struct boot_scene *s)
{
	struct pvhload_source source;

	if (s->kind.from == SCENE_BUFFER)
		return pvhload_source_buffer(s->bytes.data, s->bytes.size);
	if (s->kind.from == SCENE_READER)
		return pvhload_source_reader(read_scene, s, s->bytes.size);
	s->file = s->kind.from == SCENE_SEALED ? sealed_file_of(s->bytes.data, s->bytes.size,
								F_SEAL_WRITE | F_SEAL_SHRINK)
					       : named_file(&s->bytes);
	source = pvhload_source_fd(s->file);
	if (s->kind.from == SCENE_UNCHANGING)
		source.flags = PVHLOAD_SOURCE_UNCHANGING;
	if (s->kind.from == SCENE_KEPT_OPEN)
		source.flags = PVHLOAD_SOURCE_KEPT_OPEN;
	return source;
}

static uint8_t *make_ram(void)
{
	uint8_t *at =
		mmap(NULL, SCENE_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	(void)madvise(at, SCENE_RAM, MADV_HUGEPAGE); /* it is quicker to compare */
	return at;
}

/* A sanitizer keeps what is freed for a while, and finds by itself what is not. */
#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||       \
	HAS_FEATURE(address_sanitizer) || HAS_FEATURE(memory_sanitizer) || \
	HAS_FEATURE(thread_sanitizer)
#define KEEPS_WHAT_IS_FREED 1
#else
#define KEEPS_WHAT_IS_FREED 0
#endif

/* Bytes that this process has mapped. */
static size_t mapped_bytes(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, size = 0;
	char line[512];

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			size += end - start;
	fclose(maps);
	return size;
}

void boot_scene_again(struct boot_scene *s)
{
	if (s->ram)
		munmap(s->ram, SCENE_RAM);
	s->ram = make_ram();
	ck_assert_int_eq(ftruncate(s->ram_file, 0), 0);
	ck_assert_int_eq(ftruncate(s->ram_file, SCENE_RAM), 0);
	s->committing = s->touched = false;
	s->retried = false;
	s->wrong = NULL;
	s->expects = PVHLOAD_OK;
	s->callbacks = s->pools = s->fail_callback = s->failed_after = 0;
	s->descriptors = open_descriptors();
	s->mapped = mapped_bytes();
}

/* The guest's bytes, to be given back. */
static uint8_t *guest_bytes(const struct boot_scene *s)
{
	uint8_t *at = s->ram;

	if (s->kind.way == SCENE_RAM_FILE)
		at = mmap(NULL, SCENE_RAM, PROT_READ, MAP_SHARED, s->ram_file, 0);
	return at;
}

static void give_back(const struct boot_scene *s, uint8_t *at)
{
	if (at != s->ram)
		munmap(at, SCENE_RAM);
}

bool boot_scene_setup(struct boot_scene *s, const struct boot_kind *kind)
{
	uint8_t *bytes;

	if (!boot_guest_is_there(kind))
		return false;
#ifdef __GLIBC__
	/* As in a new process: what is freed of large blocks makes malloc() take larger ones from the heap. */
	(void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
	*s = (struct boot_scene){ .kind = *kind, .file = -1 };
	s->bytes = boot_guest_image(kind);
	s->tree = boot_guest_tree(kind);
	s->source = make_source(s);
	s->ram_file = memfd_create("ram", 0);
	ck_assert_int_ge(s->ram_file, 0);
	boot_scene_again(s);
	boot_scene_run(s);
	ck_assert_msg(s->status == PVHLOAD_OK, "%s", s->err.message);
	s->expected = make_ram();
	bytes = guest_bytes(s);
	memcpy(s->expected, bytes, SCENE_RAM);
	give_back(s, bytes);
	boot_scene_again(s);
	return true;
}

/* True if it went well; a call that failed leaves @output as it was, @before. */
static bool ok(struct boot_scene *s, enum pvhload_status status, const void *output,
	       const void *before)
{
	s->status = status;
	if (status != PVHLOAD_OK && output != before)
		s->touched = true;
	return status == PVHLOAD_OK;
}

static void boot(struct boot_scene *s, const struct boot_guest *g)
{
	struct pvhload_plan *const before = (struct pvhload_plan *)(void *)s, *plan = before;
	struct pvhload_image *image = g->config.image;

	if (s->kind.way == SCENE_LOAD) {
		s->committing = true;
		if (ok(s, pvhload_boot_load(&g->config, &g->memory, &plan, &s->err), plan, before))
			pvhload_plan_free(plan);
		return;
	}
	if (s->kind.way == SCENE_SHARE && !ok(s, pvhload_image_share(image, &s->err), plan, before))
		return;
	if (!ok(s, pvhload_boot_plan(&g->config, &plan, &s->err), plan, before))
		return;
	s->committing = true;
	(void)ok(s, pvhload_plan_commit(plan, &g->memory, &s->err), plan, plan);
	pvhload_plan_free(plan);
}

/* Each byte is what it is in a boot, or, if that @failed, untouched. */
static bool is_boots(const uint8_t *got, const uint8_t *boots, bool failed)
{
	for (size_t i = 0; i < SCENE_RAM; i += PAGE) {
		if (memcmp(got + i, boots + i, PAGE) == 0)
			continue;
		if (!failed)
			return false;
		for (size_t k = i; k < i + PAGE; k++)
			if (got[k] != 0 && got[k] != boots[k])
				return false;
	}
	return true;
}

static bool is_zero(const uint8_t *got)
{
	return got[0] == 0 && memcmp(got, got + 1, SCENE_RAM - 1) == 0;
}

static const char *wrong_memory(const struct boot_scene *s)
{
	const bool failed = s->status != PVHLOAD_OK && !s->retried;
	uint8_t *got = guest_bytes(s);
	const char *wrong = NULL;

	if (!is_boots(got, s->expected, failed))
		wrong = failed ? "memory has other bytes than the boot's"
			       : "success, and other bytes";
	else if (failed && !s->committing && !is_zero(got))
		wrong = "memory is written before the commit";
	give_back(s, got);
	return wrong;
}

/* As it was told of the first time. */
static void retry(struct boot_scene *s, const struct boot_guest *g)
{
	const enum pvhload_status status = s->status;
	const struct pvhload_error err = s->err;

	s->wrong = wrong_memory(s);
	s->failed_after = s->callbacks;
	boot(s, g);
	if (!s->wrong && s->status != PVHLOAD_OK)
		s->wrong = "the same call fails once more";
	s->retried = true;
	s->status = status;
	s->err = err;
}

void boot_scene_run(void *user)
{
	struct boot_scene *s = user;
	struct pvhload_image *const before = (struct pvhload_image *)(void *)s, *image = before;
	struct boot_guest g;

	boot_guest_make(&g, s);
	s->err = (struct pvhload_error)PVHLOAD_ERROR_INIT;
	if (!ok(s, pvhload_image_open(&s->source, &g.options, &image, &s->err), image, before))
		return;
	g.config.image = image;
	boot(s, &g);
	if (s->status != PVHLOAD_OK && s->expected)
		retry(s, &g);
	pvhload_image_close(image);
}

const char *boot_scene_wrong(struct boot_scene *s)
{
	if (open_descriptors() != s->descriptors)
		return "a descriptor is left, or gone";
	if (!KEEPS_WHAT_IS_FREED && mapped_bytes() > s->mapped + HEAP_GROWTH)
		return "a mapping is left";
	if (s->touched)
		return "an output is touched";
	if (s->status != PVHLOAD_OK && s->err.message[0] == '\0')
		return "no message";
	if (s->status == PVHLOAD_E_USAGE)
		return "it is no fault of the caller's";
	return s->wrong ? s->wrong : wrong_memory(s);
}

void boot_scene_teardown(struct boot_scene *s)
{
	munmap(s->ram, SCENE_RAM);
	munmap(s->expected, SCENE_RAM);
	close(s->ram_file);
	if (s->file >= 0)
		close(s->file);
	bytes_free(&s->bytes);
	bytes_free(&s->tree);
}
