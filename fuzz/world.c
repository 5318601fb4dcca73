/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define FAULT       (-78)
#define VECTORS_MAX 8

ssize_t __real_pread(int fd, void *dst, size_t size, off_t offset);
ssize_t __real_pread64(int fd, void *dst, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *dst, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *dst, size_t size, off_t offset);
ssize_t __real_preadv(int fd, const struct iovec *to, int count, off_t offset);
ssize_t __real_preadv64(int fd, const struct iovec *to, int count, off_t offset);
ssize_t __wrap_preadv(int fd, const struct iovec *to, int count, off_t offset);
ssize_t __wrap_preadv64(int fd, const struct iovec *to, int count, off_t offset);

/* The one whose preads these are. */
static struct world *current;

static void invert(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] ^= 0xff;
}

/* What a file with a descriptor has: as it was made, or changed.  Without malloc(), which may be meant to fail. */
static void fill_file(const struct world_file *file, bool changed)
{
	uint8_t part[4096];
	size_t n;

	if (file->kind == WORLD_SEALED_FD)
		return;
	MUST(ftruncate(file->fd, (off_t)file->bytes.size) == 0);
	for (size_t at = 0; at < file->bytes.size; at += n) {
		n = file->bytes.size - at < sizeof(part) ? file->bytes.size - at : sizeof(part);
		memcpy(part, file->bytes.data + at, n);
		if (changed)
			invert(part, n);
		MUST(pwrite(file->fd, part, n, (off_t)at) == (ssize_t)n);
	}
}

static void happen_to(const struct world_file *file, enum world_event event)
{
	const off_t size = (off_t)file->bytes.size;

	if (file->kind == WORLD_SEALED_FD)
		return;
	if (event == WORLD_CHANGES)
		fill_file(file, true);
	if (event == WORLD_SHRINKS || event == WORLD_GROWS)
		MUST(ftruncate(file->fd, event == WORLD_GROWS ? size + 4096 : size / 2) == 0);
}

/* Count a read; true if what is to happen has. */
static bool has_happened(struct world *w)
{
	if (++w->reads == w->event_at) {
		w->happened = true;
		for (size_t i = 0; i < w->file_count; i++)
			happen_to(w->files[i], w->event);
	}
	return w->happened;
}

static size_t piece(const struct world *w, size_t size)
{
	return w->piece > 0 && size > w->piece ? w->piece : size;
}

static int64_t read_file(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct world_file *file = user;
	struct world *w = file->world;
	size_t size = file->bytes.size;

	MUST(len > 0 && offset <= size && len <= size - offset);
	len = piece(w, len);
	if (!has_happened(w)) {
		memcpy(dst, file->bytes.data + offset, len);
		return (int64_t)len;
	}
	if (w->event == WORLD_EIO)
		return FAULT;
	if (w->event == WORLD_SHRINKS)
		size /= 2;
	if (offset >= size)
		return 0;
	len = len > size - offset ? size - (size_t)offset : len;
	memcpy(dst, file->bytes.data + offset, len);
	if (w->event == WORLD_CHANGES)
		invert(dst, len);
	return (int64_t)len;
}

/* Does a system call that reads fail? */
static bool is_refused(struct world *w)
{
	if (w->eintr >> (w->preads++ % 64) & 1) {
		errno = EINTR;
		return true;
	}
	if (has_happened(w) && w->event == WORLD_EIO) {
		errno = EIO;
		return true;
	}
	return false;
}

static ssize_t read_descriptor(int fd, void *dst, size_t size, off_t offset)
{
	struct world *w = current;

	if (!w)
		return __real_pread(fd, dst, size, offset);
	return is_refused(w) ? -1 : __real_pread(fd, dst, piece(w, size), offset);
}

static ssize_t read_vectors(int fd, const struct iovec *to, int count, off_t offset)
{
	struct world *w = current;
	struct iovec cut[VECTORS_MAX];
	size_t left;

	if (!w)
		return __real_preadv(fd, to, count, offset);
	if (is_refused(w))
		return -1;
	MUST(count <= VECTORS_MAX);
	left = piece(w, SIZE_MAX);
	for (int i = 0; i < count; i++) {
		cut[i] = to[i];
		cut[i].iov_len = to[i].iov_len < left ? to[i].iov_len : left;
		left -= cut[i].iov_len;
	}
	return __real_preadv(fd, cut, count, offset);
}

ssize_t __wrap_preadv(int fd, const struct iovec *to, int count, off_t offset)
{
	return read_vectors(fd, to, count, offset);
}

ssize_t __wrap_preadv64(int fd, const struct iovec *to, int count, off_t offset)
{
	return read_vectors(fd, to, count, offset);
}

ssize_t __wrap_pread(int fd, void *dst, size_t size, off_t offset)
{
	return read_descriptor(fd, dst, size, offset);
}

ssize_t __wrap_pread64(int fd, void *dst, size_t size, off_t offset)
{
	return read_descriptor(fd, dst, size, offset);
}

static void make_faults(struct world *w, struct input *in)
{
	const uint8_t which = input_byte(in);

	w->event = (enum world_event)input_below(in, WORLD_EVENTS);
	w->event_at = which & 1 ? 1 + input_below(in, 64) : 0;
	w->cancel_at = which & 2 ? 1 + input_below(in, 32) : 0;
	w->touch_at = which & 4 ? 1 + input_below(in, 16) : 0;
	w->no_memory_at = which & 8 ? 1 + (size_t)input_below(in, 200) : 0;
	w->memory.fail_at = which & 16 ? 1 + input_below(in, 200) : 0;
	w->memory.change_at = which & 32 ? 1 + input_below(in, 64) : 0;
}

void world_make(struct world *w, struct input *in)
{
	static const size_t pieces[] = { 0, 1000, 4096, 65536 };
	const uint8_t which = input_byte(in);

	*w = (struct world){ .changes = (which & 0x80) != 0 };
	w->piece = pieces[which % 4];
	w->eintr = which & 4 ? UINT64_C(0x1111111111111111) : 0;
	w->memory.no_ptr = which & 8 ? input_number(in, 4) * UINT64_C(0x100000001) : 0;
	w->memory.declines = (which & 16) != 0;
	if (w->changes)
		make_faults(w, in);
	current = w;
}

void world_heal(struct world *w)
{
	w->event_at = w->cancel_at = w->touch_at = 0;
	w->no_memory_at = 0;
	w->memory = (struct shadow_faults){ .fail_at = 0 };
}

void world_rewind(struct world *w)
{
	if (w->happened)
		for (size_t i = 0; i < w->file_count; i++)
			fill_file(w->files[i], false);
	w->reads = w->preads = w->reports = 0;
	w->happened = false;
}

static int make_descriptor(const struct world_file *file)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	MUST(fd >= 0);
	MUST(pwrite(fd, file->bytes.data, file->bytes.size, 0) == (ssize_t)file->bytes.size);
	if (file->kind == WORLD_SEALED_FD)
		MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0);
	return fd;
}

struct pvhload_source world_open(struct world *w, struct world_file *file,
				 const struct bytes *bytes, enum world_kind kind)
{
	*file = (struct world_file){ w, *bytes, -1, kind };
	if (kind == WORLD_BUFFER)
		return pvhload_source_buffer(bytes->data, bytes->size);
	if (kind == WORLD_READER)
		return pvhload_source_reader(read_file, file, bytes->size);
	file->fd = make_descriptor(file);
	MUST(w->file_count < WORLD_FILES_MAX);
	w->files[w->file_count++] = file;
	return pvhload_source_fd(file->fd);
}

void world_close(struct world_file *file)
{
	if (file->world && file->fd >= 0)
		close(file->fd);
}

/* The first bytes of what is being decoded in guest memory are others now. */
static void touch(struct world *w)
{
	const struct pvhload_range window =
		w->touched ? w->touched->window : (struct pvhload_range){ 0, 0 };

	for (uint64_t i = 0; i < window.size && i < 4096; i += 61)
		*shadow_at(w->touched, window.gpa + i, 1) ^= 0xff;
}

int world_report(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct world *w = user;

	MUST(phase != 0 && (total == 0 || done <= total));
	w->reports++;
	if (w->reports == w->touch_at)
		touch(w);
	return w->reports == w->cancel_at ? FAULT : 0;
}
