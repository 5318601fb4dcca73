/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "shadow_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  4096u
#define LARGE (64u << 10) /* what is given back rather than cleared */
#define FAULT (-77)

static uint64_t end_of(struct pvhload_range r)
{
	return r.gpa + r.size;
}

static const struct shadow_bank *bank_of(const struct shadow *s, uint64_t gpa)
{
	for (size_t i = 0; i < s->bank_count; i++)
		if (gpa >= s->banks[i].range.gpa &&
		    gpa - s->banks[i].range.gpa < s->banks[i].range.size)
			return &s->banks[i];
	return NULL;
}

uint8_t *shadow_at(const struct shadow *s, uint64_t gpa, uint64_t size)
{
	const struct shadow_bank *bank = bank_of(s, gpa), *last = bank;

	if (!bank || size > UINT64_MAX - gpa)
		return NULL;
	while (end_of(last->range) < gpa + size) {
		if (last + 1 == s->banks + s->bank_count ||
		    last[1].range.gpa != end_of(last->range) || last[1].rom != bank->rom)
			return NULL;
		last++;
	}
	return s->block + bank->at + (gpa - bank->range.gpa);
}

static void mark(struct shadow *s, const uint8_t *at, uint64_t size)
{
	struct shadow_dirty *last = &s->dirty[s->dirty_count - (s->dirty_count > 0)];
	const size_t begin = (size_t)(at - s->block);

	if (s->dirty_count > s->primed && begin == last->at + last->size) {
		last->size += (size_t)size;
	} else if (s->dirty_count == SHADOW_DIRTY_MAX) {
		abort(); /* a scene has too many parts */
	} else {
		s->dirty[s->dirty_count++] = (struct shadow_dirty){ begin, (size_t)size };
	}
}

/* The bytes that a callback was given, which it may have. */
static uint8_t *judge(struct shadow *s, uint64_t gpa, uint64_t size)
{
	const struct shadow_bank *bank = bank_of(s, gpa);
	uint8_t *at = shadow_at(s, gpa, size);
	const bool firmware = s->region.kind == PVHLOAD_REGION_FIRMWARE ||
			      s->region.kind == PVHLOAD_REGION_FIRMWARE_ALIAS;

	MUST(size > 0 && at != NULL);
	MUST(!bank->rom || firmware || !s->ops.begin_region);
	if (s->region.size > 0)
		MUST(gpa >= s->region.gpa && gpa - s->region.gpa < s->region.size &&
		     size <= s->region.size - (gpa - s->region.gpa));
	return at;
}

static bool fails(struct shadow *s)
{
	if (++s->calls != s->faults.fail_at)
		return false;
	s->failed = true;
	return true;
}

static int write_bytes(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct shadow *s = user;
	uint8_t *at = judge(s, gpa, len);

	if (fails(s))
		return FAULT;
	mark(s, at, len);
	memcpy(at, src, len);
	return 0;
}

static int read_bytes(void *user, uint64_t gpa, void *dst, size_t len)
{
	struct shadow *s = user;
	uint8_t *at = judge(s, gpa, len);

	if (fails(s))
		return FAULT;
	if (++s->reads == s->faults.change_at) {
		mark(s, at, len);
		at[len / 2] ^= 0xff;
	}
	memcpy(dst, at, len);
	return 0;
}

/* Bytes of the block are 0; the pages of many are given back. */
static void clear(struct shadow *s, struct shadow_dirty d)
{
	const size_t first = (d.at + PAGE - 1) / PAGE * PAGE, end = d.at + d.size;
	const size_t last = end / PAGE * PAGE;

	if (d.size < LARGE) {
		memset(s->block + d.at, 0, d.size);
		return;
	}
	memset(s->block + d.at, 0, first - d.at);
	MUST(madvise(s->block + first, last - first, MADV_DONTNEED) == 0);
	memset(s->block + last, 0, end - last);
}

static int zero_bytes(void *user, uint64_t gpa, uint64_t len)
{
	struct shadow *s = user;
	uint8_t *at = judge(s, gpa, len);

	if (fails(s))
		return FAULT;
	mark(s, at, len);
	clear(s, (struct shadow_dirty){ (size_t)(at - s->block), (size_t)len });
	return 0;
}

/* The library asks before the first region for where it decodes; afterwards within one. */
static void *host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	struct shadow *s = user;
	const uint64_t bit = UINT64_C(1) << (s->host_ptrs++ % 64);
	uint8_t *at = judge(s, gpa, len);

	if (s->faults.no_ptr & bit)
		return NULL;
	if (s->region.size == 0 && s->window.size == 0 && s->ops.begin_region)
		s->window = (struct pvhload_range){ gpa, len };
	mark(s, at, len);
	return at;
}

/* All of it, in however many pieces. */
static bool read_all(int fd, uint8_t *dst, size_t size, off_t offset)
{
	for (size_t done = 0; done < size;) {
		const ssize_t n = pread(fd, dst + done, size - done, offset + (off_t)done);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static int map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	struct shadow *s = user;
	uint8_t *at = judge(s, gpa, len);

	MUST(gpa % PAGE == 0 && offset % PAGE == 0 && len % PAGE == 0);
	if (fails(s))
		return FAULT;
	if (s->faults.declines)
		return 1;
	mark(s, at, len);
	return read_all(fd, at, (size_t)len, (off_t)offset) ? 0 : FAULT;
}

static int begin_region(void *user, const struct pvhload_plan_region *region)
{
	struct shadow *s = user;

	MUST(region->size > 0 && shadow_at(s, region->gpa, region->size) != NULL);
	s->region = *region;
	return fails(s) ? FAULT : 0;
}

void shadow_settle(struct shadow *s)
{
	s->region.size = 0;
}

void shadow_make_zeroing(struct shadow *s)
{
	s->ops.zero = zero_bytes;
}

static void forget(struct shadow *s)
{
	if (!s->block) {
		s->block = mmap(NULL, SHADOW_SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		MUST(s->block != MAP_FAILED);
	}
	for (size_t i = 0; i < s->dirty_count; i++)
		clear(s, s->dirty[i]);
	*s = (struct shadow){ .block = s->block };
}

/* Keep the banks in the order of their addresses; false if they have too many bytes. */
static bool add_bank(struct shadow *s, struct pvhload_range range, bool rom)
{
	size_t i = s->bank_count++, at = 0;

	MUST(s->bank_count <= SHADOW_BANKS_MAX);
	for (; i > 0 && s->banks[i - 1].range.gpa > range.gpa; i--)
		s->banks[i] = s->banks[i - 1];
	s->banks[i] = (struct shadow_bank){ range, 0, rom };
	for (i = 0; i < s->bank_count; i++) {
		s->banks[i].at = at;
		if (s->banks[i].range.size > SHADOW_SIZE - at)
			return false;
		at += (size_t)s->banks[i].range.size;
	}
	return true;
}

static bool add_banks(struct shadow *s, const struct pvhload_memmap *map,
		      const struct pvhload_range *roms, size_t rom_count)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		if (e->type == PVHLOAD_MEMMAP_RAM &&
		    !add_bank(s, (struct pvhload_range){ e->gpa, e->size }, false))
			return false;
	}
	for (size_t i = 0; i < rom_count; i++)
		if (!add_bank(s, roms[i], true))
			return false;
	return true;
}

bool shadow_use(struct shadow *s, const struct pvhload_memmap *map,
		const struct pvhload_range *roms, size_t rom_count, unsigned int callbacks)
{
	forget(s);
	s->ops = (struct pvhload_memory_ops)PVHLOAD_MEMORY_OPS_INIT;
	s->ops.write = write_bytes;
	s->ops.read = read_bytes;
	s->ops.zero = callbacks & SHADOW_ZERO ? zero_bytes : NULL;
	s->ops.host_ptr = callbacks & SHADOW_HOST_PTR ? host_ptr : NULL;
	s->ops.map_file = callbacks & SHADOW_MAP_FILE ? map_file : NULL;
	s->ops.begin_region = callbacks & SHADOW_BEGIN ? begin_region : NULL;
	s->memory = (struct pvhload_memory)PVHLOAD_MEMORY_INIT;
	s->memory.ops = &s->ops;
	s->memory.user = s;
	return add_banks(s, map, roms, rom_count);
}
