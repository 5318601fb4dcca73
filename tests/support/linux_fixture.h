/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Guest memory, a map of it, a kernel's setup header, and zero page parameters that are fine. */
#ifndef SUPPORT_LINUX_FIXTURE_H
#define SUPPORT_LINUX_FIXTURE_H

#include "fake_memory.h"
#include "open_image.h"

#define RAM_SIZE (4u << 20)
#define GIB      (1ull << 30)

/*
 * The first 1 KiB of a kernel file: the setup header of Debian's 6.12 kernel, as far as @version has
 * the fields and @end lets them, and HEAD_CODE wherever there is no field, within the header as well.
 */
#define HEAD_SIZE 0x400u
#define HEAD_CODE 0xcc
struct bytes build_head(uint16_t version, uint32_t end);

struct linux_fixture {
	struct fake_memory fake;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map;
	struct pvhload_linux_params params;
	struct pvhload_linux_layout layout;
	struct bytes head;   /* of the kernel; all of it from the header on is in params */
	const uint8_t *page; /* at the usual place */
};

/* 4 MiB of RAM, the kernel above, and nothing else. */
void linux_setup(struct linux_fixture *f);
void linux_teardown(struct linux_fixture *f);

/* Another kernel; version 0 is an ELF file. */
void linux_use_head(struct linux_fixture *f, uint16_t version, uint32_t end);

/* Change a field of the kernel's header, by file offset. */
void linux_poke(struct linux_fixture *f, uint32_t offset, uint64_t value, size_t size);

enum pvhload_status linux_write(struct linux_fixture *f, struct pvhload_error *err);

/* Writing succeeds. */
void linux_written(struct linux_fixture *f);

/* Writing fails with @status and not a byte of the guest changes. */
struct pvhload_error linux_refused(struct linux_fixture *f, enum pvhload_status status);

/* No byte has been touched but @size bytes at @gpa of each of the @count ranges. */
struct written {
	uint64_t gpa;
	uint64_t size;
};
void ck_written_only(const struct fake_memory *fake, const struct written *ranges, size_t count);

/* A setup_data of these bytes; @source has to stay. */
struct pvhload_linux_setup_data setup_data(struct pvhload_source *source, uint32_t type,
					   const void *bytes, size_t size);

/* A device tree of @size bytes, which says that it has @totalsize. */
struct bytes build_dtb(size_t size, uint32_t totalsize);

#endif
