/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Watched guest memory with a zero page in it, to be read back. */
#ifndef SUPPORT_LINUX_READ_FIXTURE_H
#define SUPPORT_LINUX_READ_FIXTURE_H

#include "fake_memory.h"
#include "open_image.h"
#include "zero_page.h"

#define RAM_SIZE (4u << 20)
#define PAGE     0x7000u
#define CMDLINE  0x20000u
#define NODES    0x30000u

struct linux_read {
	struct fake_memory fake;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map;
	struct zero_page_spec spec; /* written to PAGE before each read */
	struct pvhload_linux_view *view;
};

void linux_read_setup(struct linux_read *f);
void linux_read_teardown(struct linux_read *f);

/* Read into f->view; it must work. */
const struct pvhload_linux_view *page_read(struct linux_read *f);

/* Reading fails with @status and gives nothing; page_refused_at() takes memory as it is. */
struct pvhload_error page_refused(struct linux_read *f, enum pvhload_status status);
struct pvhload_error page_refused_at(struct linux_read *f, uint64_t gpa,
				     enum pvhload_status status);

#endif
