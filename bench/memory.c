/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Guest RAM of each kind. */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALL_PAGE 4096u
#define LARGE_PAGE (2 * MIB)

static void *map_memfd(size_t size)
{
	const int fd = memfd_create("bench", MFD_CLOEXEC);
	void *p = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	return p;
}

static void *map_anonymous(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
}

static void touch(uint8_t *host, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += SMALL_PAGE)
		((volatile uint8_t *)host)[at] = 1;
}

/* Huge pages are asked for, or declined: where the system's setting is "always", fresh memory would be huge. */
static int map_ram(struct ram *ram)
{
	ram->mapped = RAM_SIZE + LARGE_PAGE;
	ram->mapping = ram->kind == RAM_MEMFD ? map_memfd(ram->mapped) : map_anonymous(ram->mapped);
	if (ram->mapping == MAP_FAILED) {
		perror("bench: guest RAM");
		return -1;
	}
	ram->host = ram->mapping;
	ram->host += -(uintptr_t)ram->mapping % LARGE_PAGE;
	if (ram->kind != RAM_MEMFD)
		(void)madvise(ram->host, RAM_SIZE,
			      ram->kind == RAM_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return 0;
}

void ram_drop(struct ram *ram)
{
	if (ram->host)
		munmap(ram->mapping, ram->mapped);
	ram->host = NULL;
}

/*
 * In a virtual machine with free page reporting, memory that was free for a while is gone on the host, and the next touch
 * costs a fault there as well.  Pages that were just freed are the next to be handed out.
 */
static int recycle(const struct ram *like)
{
	struct ram ram = { .kind = like->kind };

	if (map_ram(&ram))
		return -1;
	touch(ram.host, like->used);
	ram_drop(&ram);
	return 0;
}

int ram_prepare(struct ram *ram)
{
	if (ram->kind == RAM_WARM && ram->host)
		return 0;
	ram_drop(ram);
	if (ram->kind != RAM_WARM && recycle(ram))
		return -1;
	if (map_ram(ram))
		return -1;
	if (ram->kind == RAM_WARM)
		touch(ram->host, ram->used);
	return 0;
}

uint64_t ram_bytes(const struct ram *ram, const char *what)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	uint64_t start, end, kib, sum = 0;
	bool inside = false;
	char line[512];

	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &start, &end) == 2)
			inside = start >= (uintptr_t)ram->mapping &&
				 end <= (uintptr_t)ram->mapping + ram->mapped;
		else if (inside && strncmp(line, what, strlen(what)) == 0 &&
			 sscanf(line + strlen(what), ": %" SCNu64 " kB", &kib) == 1)
			sum += kib << 10;
	}
	if (smaps)
		fclose(smaps);
	return sum;
}
