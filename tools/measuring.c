/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "measuring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)256 << 10)
#define INITRD_PAD 4u /* as pvhload_boot_config::initrds are joined */

/* What is being measured. */
struct measuring {
	struct digester digester;
	uint64_t size;
	uint8_t *block; /* BLOCK_SIZE bytes */
};

static int start(struct measuring *m, const char *subject)
{
	if (digest_why_not())
		return tool_fail(subject, "%s", digest_why_not());
	m->size = 0;
	m->block = malloc(BLOCK_SIZE);
	if (!m->block)
		return tool_fail(subject, "no memory");
	digester_start(&m->digester);
	return TOOL_DONE;
}

static void add_bytes(struct measuring *m, const void *bytes, size_t size)
{
	digester_add(&m->digester, bytes, size);
	m->size += size;
}

/* @result is what has come of it so far. */
static int finish(struct measuring *m, const char *subject, int result, struct measured *ret)
{
	const bool good = digester_finish(&m->digester, &ret->digests);

	ret->size = m->size;
	free(m->block);
	return result == TOOL_DONE && !good ? tool_fail(subject, "no memory for digests") : result;
}

static int add_file(struct measuring *m, int fd, const char *path)
{
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, m->block, BLOCK_SIZE, at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tool_fail(path, "cannot read: %s", strerror(errno));
		add_bytes(m, m->block, (size_t)got);
		at += got;
	}
	return TOOL_DONE;
}

int measure_kernel(const struct session *s, struct measured *ret)
{
	const char *path = s->options->kernel;
	struct measuring m;

	TOOL_TRY(start(&m, path));
	return finish(&m, path, add_file(&m, s->fds[0], path), ret);
}

int measure_initrd(const struct session *s, struct measured *ret)
{
	static const uint8_t zeros[INITRD_PAD];
	const struct options *o = s->options;
	int result = TOOL_DONE;
	struct measuring m;

	TOOL_TRY(start(&m, o->kernel));
	for (size_t i = 0; result == TOOL_DONE && i < o->initrd_count; i++) {
		add_bytes(&m, zeros, (INITRD_PAD - m.size % INITRD_PAD) % INITRD_PAD);
		result = add_file(&m, s->fds[1 + i], o->initrds[i]);
	}
	return finish(&m, o->kernel, result, ret);
}

int measure_cmdline(const struct session *s, struct measured *ret)
{
	const char *text = s->options->append;
	struct measuring m;

	TOOL_TRY(start(&m, s->options->kernel));
	add_bytes(&m, text, strlen(text) + 1);
	return finish(&m, s->options->kernel, TOOL_DONE, ret);
}

static int add_region(struct measuring *m, const struct session *s, size_t index)
{
	const uint64_t size = pvhload_plan_get_info(s->plan)->regions[index]->size;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	while (m->size < size) {
		const uint64_t left = size - m->size;
		const size_t step = left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE;

		if (pvhload_plan_read_region(s->plan, index, m->size, m->block, step, &err) !=
		    PVHLOAD_OK)
			return tool_fail_with(s->options->kernel, &err);
		add_bytes(m, m->block, step);
	}
	return TOOL_DONE;
}

int measure_region(const struct session *s, size_t index, struct measured *ret)
{
	const char *path = s->options->kernel;
	struct measuring m;

	TOOL_TRY(start(&m, path));
	return finish(&m, path, add_region(&m, s, index), ret);
}

int measure_hashes(const struct session *s, uint8_t table[PVHLOAD_KERNEL_HASHES_SIZE])
{
	struct pvhload_kernel_hashes hashes = PVHLOAD_KERNEL_HASHES_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct measured kernel, initrd, cmdline;

	TOOL_TRY(measure_kernel(s, &kernel));
	TOOL_TRY(measure_initrd(s, &initrd));
	TOOL_TRY(measure_cmdline(s, &cmdline));
	memcpy(hashes.kernel, kernel.digests.sha256, PVHLOAD_SHA256_SIZE);
	memcpy(hashes.initrd, initrd.digests.sha256, PVHLOAD_SHA256_SIZE);
	memcpy(hashes.cmdline, cmdline.digests.sha256, PVHLOAD_SHA256_SIZE);
	if (pvhload_kernel_hashes_table(&hashes, table, PVHLOAD_KERNEL_HASHES_SIZE, &err) !=
	    PVHLOAD_OK)
		return tool_fail_with(s->options->kernel, &err);
	return TOOL_DONE;
}
