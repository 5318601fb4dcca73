/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Kernels: where they are read from, and what they are once decoded. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE_PAGE ((size_t)2 << 20)

static int read_all(int fd, uint8_t *dst, size_t size)
{
	for (size_t done = 0; done < size;) {
		const ssize_t got = pread(fd, dst + done, size - done, (off_t)done);

		if (got <= 0)
			return -1;
		done += (size_t)got;
	}
	return 0;
}

/* Where huge pages of a file can be mapped to; NULL, which is anywhere, without an address for it. */
static void *huge_place(size_t size)
{
	void *at = mmap(NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED || munmap(at, size + HUGE_PAGE))
		return NULL;
	return (void *)(((uintptr_t)at + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
}

/* A sealed copy of the file, which its descriptor becomes. */
static uint8_t *map_sealed(struct input *in, bool huge)
{
	const int fd = memfd_create("kernel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint8_t *p = MAP_FAILED;

	if (fd < 0 || ftruncate(fd, (off_t)in->size))
		return MAP_FAILED;
	p = mmap(huge ? huge_place(in->size) : NULL, in->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		 fd, 0);
	if (p == MAP_FAILED || read_all(in->fd, p, in->size))
		return MAP_FAILED;
	/* A memfd has them only where they are asked for; the end, of less than one, stays as it is. */
	if (huge && madvise(p, in->size & ~(HUGE_PAGE - 1), MADV_COLLAPSE))
		return MAP_FAILED;
	if (munmap(p, in->size))
		return MAP_FAILED;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		return MAP_FAILED;
	close(in->fd);
	in->fd = fd;
	return mmap(NULL, in->size, PROT_READ, MAP_SHARED, fd, 0);
}

static uint8_t *copy_of(const struct input *in)
{
	uint8_t *p =
		mmap(NULL, in->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED || read_all(in->fd, p, in->size) ? MAP_FAILED : p;
}

/* Whatever the library reads, the bytes are in memory for the limit; of a memfd they are what is mapped. */
int input_open(struct input *in, const char *path, enum input_kind kind)
{
	struct stat st;
	uint8_t *bytes;

	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 || fstat(in->fd, &st)) {
		perror(path);
		return -1;
	}
	in->size = (size_t)st.st_size;
	bytes = kind == INPUT_MEMFD || kind == INPUT_MEMFD_HUGE
			? map_sealed(in, kind == INPUT_MEMFD_HUGE)
			: copy_of(in);
	if (bytes == MAP_FAILED) {
		perror(path);
		return -1;
	}
	in->bytes = bytes;
	return 0;
}

static int say(const char *path, const struct pvhload_error *err)
{
	fprintf(stderr, "%s: %s\n", path, err->message);
	return -1;
}

int reference_open(struct reference *ref, const char *path)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_source source;

	if (input_open(&ref->file, path, INPUT_BUFFER))
		return -1;
	source = pvhload_source_buffer(ref->file.bytes, ref->file.size);
	if (pvhload_image_open(&source, NULL, &ref->image, &err))
		return say(path, &err);
	ref->elf = pvhload_image_get_info(ref->image)->elf;
	return 0;
}

int reference_check(const struct reference *ref, const uint8_t *ram)
{
	for (size_t i = 0; i < ref->elf->segment_count; i++) {
		const struct pvhload_image_segment *s = ref->elf->segments[i];

		if (memcmp(ram + s->gpa, ref->file.bytes + s->offset, s->file_size)) {
			fprintf(stderr, "bench: segment %zu is not what the kernel has\n", i);
			return -1;
		}
	}
	return 0;
}

int input_find_payload(struct bench *b, const char *path)
{
	const struct pvhload_source source = pvhload_source_buffer(b->input.bytes, b->input.size);
	const struct pvhload_image_info *info;

	/* Open until the process ends: the payload's place belongs to it. */
	if (pvhload_image_open(&source, NULL, &b->kept, &b->err))
		return say(path, &b->err);
	info = pvhload_image_get_info(b->kept);
	b->payload = info->part_count > 0 ? info->parts[0] : NULL;
	return 0;
}
