/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "fake_memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static bool outside_region(const struct fake_memory *fake, uint64_t gpa, uint64_t len)
{
	return fake->ops.begin_region && (fake->regions == 0 || gpa < fake->region.gpa ||
					  gpa - fake->region.gpa > fake->region.size ||
					  len > fake->region.size - (gpa - fake->region.gpa));
}

/* Count a call; false if it is the one that has to fail, or strays. */
static bool enter(struct fake_memory *fake, uint64_t gpa, uint64_t len)
{
	if (len == 0 || gpa > fake->size || len > fake->size - gpa ||
	    outside_region(fake, gpa, len)) {
		fake->strayed = true;
		return false;
	}
	return ++fake->calls != fake->fail_at;
}

static int fake_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct fake_memory *fake = user;

	if (!enter(fake, gpa, len))
		return fake->fail_with;
	memcpy(fake->bytes + gpa, src, len);
	return 0;
}

static int fake_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	struct fake_memory *fake = user;

	if (!enter(fake, gpa, len))
		return fake->fail_with;
	memcpy(dst, fake->bytes + gpa, len);
	return 0;
}

static int fake_zero(void *user, uint64_t gpa, uint64_t len)
{
	struct fake_memory *fake = user;

	if (!enter(fake, gpa, len))
		return fake->fail_with;
	memset(fake->bytes + gpa, 0, (size_t)len);
	return 0;
}

static void *fake_host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	struct fake_memory *fake = user;

	if (gpa > fake->size || len > fake->size - gpa || outside_region(fake, gpa, len)) {
		fake->strayed = true;
		return NULL;
	}
	fake->host_ptrs++;
	return fake->bytes + gpa;
}

static int fake_map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	struct fake_memory *fake = user;

	if (!enter(fake, gpa, len))
		return fake->fail_with;
	if (gpa % PVHLOAD_MAP_FILE_ALIGN || offset % PVHLOAD_MAP_FILE_ALIGN ||
	    len % PVHLOAD_MAP_FILE_ALIGN)
		fake->strayed = true;
	if (fake->declines)
		return 1;
	fake->mapped += len;
	return pread(fd, fake->bytes + gpa, (size_t)len, (off_t)offset) == (ssize_t)len ? 0 : -1;
}

static int fake_begin_region(void *user, const struct pvhload_plan_region *region)
{
	struct fake_memory *fake = user;

	fake->region = *region;
	fake->regions++;
	return ++fake->calls != fake->fail_at ? 0 : fake->fail_with;
}

/*
 * The block that was freed last, for the next memory of its size: with the address sanitizer a new
 * block of some MiB costs more than filling it.
 */
static struct {
	uint8_t *bytes;
	uint64_t size;
} spare;

static uint8_t *take_block(uint64_t size)
{
	uint8_t *bytes = spare.bytes;

	if (!bytes || spare.size != size)
		return malloc((size_t)size);
	spare.bytes = NULL;
	return bytes;
}

void fake_memory_init(struct fake_memory *fake, uint64_t size, unsigned int callbacks)
{
	memset(fake, 0, sizeof(*fake));
	fake->bytes = take_block(size);
	memset(fake->bytes, FAKE_PATTERN, (size_t)size);
	fake->size = size;
	fake->fail_with = -77;
	fake->ops.struct_size = sizeof(fake->ops);
	fake->ops.write = fake_write;
	fake->ops.read = callbacks & FAKE_READ ? fake_read : NULL;
	fake->ops.zero = callbacks & FAKE_ZERO ? fake_zero : NULL;
	fake->ops.host_ptr = callbacks & FAKE_HOST_PTR ? fake_host_ptr : NULL;
	fake->ops.map_file = callbacks & FAKE_MAP_FILE ? fake_map_file : NULL;
	fake->ops.begin_region = callbacks & FAKE_BEGIN_REGION ? fake_begin_region : NULL;
	fake->memory.struct_size = sizeof(fake->memory);
	fake->memory.ops = &fake->ops;
	fake->memory.user = fake;
}

void fake_memory_free(struct fake_memory *fake)
{
	free(spare.bytes);
	spare.bytes = fake->bytes;
	spare.size = fake->size;
}

bool fake_memory_untouched(const struct fake_memory *fake)
{
	/* the first is the pattern, and each is what the one before it is */
	return !fake->strayed && fake->bytes[0] == FAKE_PATTERN &&
	       memcmp(fake->bytes, fake->bytes + 1, (size_t)fake->size - 1) == 0;
}

void fake_memory_take(struct fake_memory *fake, uint64_t gpa, const void *bytes, size_t size)
{
	uint8_t *zeros = calloc(1, size + 1);

	ck_assert_mem_eq(fake->bytes + gpa, bytes ? bytes : zeros, size);
	memset(fake->bytes + gpa, FAKE_PATTERN, size);
	free(zeros);
}
