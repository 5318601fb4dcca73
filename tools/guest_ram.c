/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest_ram.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "huge_pages.h"

#define RAM_PAGE 4096u

static bool maps(const struct guest_ram *ram)
{
	return ram->load == LOAD_MAP || ram->load == LOAD_STEADY;
}

static int map_ram(struct guest_ram *ram, int flags)
{
	if (ram->size > INT64_MAX || ram->size > SIZE_MAX)
		errno = EFBIG;
	else if (ram->fd < 0 || ftruncate(ram->fd, (off_t)ram->size) == 0)
		ram->host = mmap(ram->own ? NULL : huge_pages_place((size_t)ram->size),
				 (size_t)ram->size, PROT_READ | PROT_WRITE, flags,
				 ram->own ? -1 : ram->fd, 0);
	if (ram->host == MAP_FAILED)
		return tool_fail("--memory", "cannot make the guest's RAM: %s", strerror(errno));
	return TOOL_DONE;
}

int guest_ram_make(struct guest_ram *ram, uint64_t size, uint32_t load)
{
	*ram = (struct guest_ram){
		.host = MAP_FAILED, .size = size, .fd = -1, .own = true, .load = load
	};
	/* As much as is touched counts, as with a file. */
	return map_ram(ram, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
}

int guest_ram_make_shared(struct guest_ram *ram, uint64_t size, uint32_t load)
{
	*ram = (struct guest_ram){ .host = MAP_FAILED, .size = size, .load = load };
	ram->fd = memfd_create("pvhload-ram", MFD_CLOEXEC);
	if (ram->fd < 0)
		return tool_fail("--memory", "cannot make the guest's RAM: %s", strerror(errno));
	ram->own = maps(ram);
	return map_ram(ram, ram->own ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED);
}

void guest_ram_free(struct guest_ram *ram)
{
	if (ram->host != MAP_FAILED)
		munmap(ram->host, (size_t)ram->size);
	if (ram->fd >= 0)
		close(ram->fd);
}

/* What is asked for in one piece is about to be filled: most of all a kernel, by its decoder. */
static void *host_ptr_huge(void *user, uint64_t gpa, uint64_t len)
{
	void *at = pvhload_ram_slots_ops()->host_ptr(user, gpa, len);

	if (at)
		huge_pages_ask(at, (size_t)len);
	return at;
}

void guest_ram_describe(const struct session *s, const struct guest_ram *ram,
			const struct pvhload_ram_slot *rom, bool zeroed, struct guest_memory *ret)
{
	struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX];

	ret->table = (struct pvhload_ram_slots)PVHLOAD_RAM_SLOTS_INIT;
	ret->table.slots = ret->slots;
	ret->table.count = session_ram_slots(s, slots);
	for (size_t i = 0; i < ret->table.count; i++)
		ret->slots[i] = (struct pvhload_ram_slot){
			.gpa = slots[i].gpa,
			.size = slots[i].size,
			.host = (char *)ram->host + slots[i].offset,
			.flags = maps(ram) ? PVHLOAD_RAM_SLOT_MAP : 0,
		};
	if (rom && rom->size > 0)
		ret->slots[ret->table.count++] = *rom;
	ret->mem = (struct pvhload_memory)PVHLOAD_MEMORY_INIT;
	ret->ops = *pvhload_ram_slots_ops();
	/* Private memory, into which files may be mapped, is left as it is. */
	if (!ram->own)
		ret->ops.host_ptr = host_ptr_huge;
	ret->mem.ops = &ret->ops;
	ret->mem.user = &ret->table;
	ret->mem.flags = (zeroed ? PVHLOAD_MEMORY_ZEROED : 0) |
			 (ram->load == LOAD_STEADY ? PVHLOAD_MEMORY_MAP_STEADY : 0);
}

int guest_ram_plan(struct session *s, const struct session_vmm *vmm, const struct guest_ram *ram,
		   struct progress *progress)
{
	struct guest_memory memory;

	if (maps(ram))
		TOOL_TRY(session_share(s));
	/* Only a plan says how large the ROM for a firmware is. */
	if (s->options->firmware || ram->load != LOAD_IN_PLACE)
		return session_load(s, vmm, NULL, progress);
	guest_ram_describe(s, ram, NULL, true, &memory);
	return session_load(s, vmm, &memory.mem, progress);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size, uint64_t offset)
{
	ssize_t n;

	for (; size > 0; bytes += n, offset += (uint64_t)n, size -= (size_t)n) {
		n = pwrite(fd, bytes, size, (off_t)offset);
		if (n <= 0)
			return false;
	}
	return true;
}

/* Each run of pages that are not zero by one call. */
static bool write_pages(const struct guest_ram *ram, int fd)
{
	const uint8_t *host = ram->host;
	uint64_t first = 0, page = 0, size;

	for (; page < ram->size; page += size) {
		size = ram->size - page < RAM_PAGE ? ram->size - page : RAM_PAGE;
		if (!is_zero(host + page, (size_t)size))
			continue;
		if (!write_all(fd, host + first, (size_t)(page - first), first))
			return false;
		first = page + size;
	}
	return write_all(fd, host + first, (size_t)(ram->size - first), first);
}

int guest_ram_write(const struct guest_ram *ram, int fd, const char *path)
{
	if (ftruncate(fd, 0) != 0 || ftruncate(fd, (off_t)ram->size) != 0)
		return tool_fail(path, "cannot make it as large as the guest's RAM: %s",
				 strerror(errno));
	if (!write_pages(ram, fd))
		return tool_fail(path, "cannot write: %s", strerror(errno));
	return TOOL_DONE;
}
