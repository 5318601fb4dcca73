/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as guest memory, with a zero page in it. */
#include <stdbool.h>
#include <string.h>

#include "guest_input.h"

/* boot_flag, a jump over the header of protocol 2.15, and "HdrS". */
#define MAGIC UINT64_C(0x537264486aebaa55)

/* From e820_entries on, which the setup header and the map follow. */
const struct guest_least guest_least = { GUEST_AT + PVHLOAD_ZERO_PAGE_SIZE, GUEST_AT + 0x1e8,
					 GUEST_AT + PVHLOAD_SETUP_BOOT_FLAG, MAGIC };

/* All of what a node says it has is there, or, in an incomplete list, none of it. */
static uint64_t check_node(const struct pvhload_linux_node *node, size_t size, bool incomplete)
{
	uint64_t bytes = 0;

	MUST(node->gpa <= size && size - node->gpa >= PVHLOAD_SETUP_DATA_HEADER_SIZE);
	MUST(node->size > 0 ? node->data || incomplete : !node->data);
	if (node->data)
		MUST(node->data_gpa <= size && node->size <= size - node->data_gpa);
	for (uint64_t k = 0; node->data && k < node->size; k++)
		bytes += node->data[k];
	return bytes;
}

static void check_view(const struct pvhload_linux_view *view, size_t size)
{
	uint64_t bytes = 0;

	MUST(strlen(view->cmdline) <= PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	MUST(view->memmap->count <= PVHLOAD_LINUX_MEMMAP_MAX);
	if (view->e820_entries <= PVHLOAD_E820_TABLE_MAX)
		MUST(view->memmap->count >= view->e820_entries);
	else
		MUST((view->incomplete & PVHLOAD_PART_MEMMAP) != 0 &&
		     view->memmap->count >= PVHLOAD_E820_TABLE_MAX);
	MUST(view->setup_data_count <= PVHLOAD_LINUX_SETUP_DATA_MAX);
	for (size_t i = 0; i < view->setup_data_count; i++)
		bytes += check_node(view->setup_data[i], size,
				    (view->incomplete & PVHLOAD_PART_SETUP_DATA) != 0);
	for (size_t i = 0; i < view->memmap->count; i++)
		MUST(view->memmap->entries[i].reserved == 0);
	MUST(bytes <= (uint64_t)255 * PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
}

/* The first byte, which is before what is read, says by which entry the kernel is entered. */
static void judge(const struct guest *guest, const struct pvhload_linux_view *view)
{
	const uint8_t first = *(const uint8_t *)guest->slot.host;
	struct pvhload_check *check = ANSWERS_UNTOUCHED;
	const enum pvhload_status status =
		pvhload_linux_check(&guest->memory, GUEST_AT, first & 1 ? PVHLOAD_LINUX_ENTRY32 : 0,
				    &check, NULL);

	guest_judged(status, check, view->problem_count);
}

/* A field that is there is in the header; the second byte says which, as all of them take long. */
static void check_field(const struct guest *guest, const struct pvhload_linux_view *view)
{
	const uint8_t second = ((const uint8_t *)guest->slot.host)[1];
	const uint32_t at = PVHLOAD_SETUP_HEADER_OFFSET +
			    second % (PVHLOAD_SETUP_HEADER_END - PVHLOAD_SETUP_HEADER_OFFSET);
	uint64_t value = 0x5a5a;

	if (pvhload_linux_header_field(view, at, &value))
		MUST((value & 0xff) == view->zero_page[at]);
	else
		MUST(value == 0x5a5a);
}

struct reading guest_read(const struct guest *guest, uint32_t flags)
{
	struct reading r = { .err = answers_error() };
	struct pvhload_linux_view *view = ANSWERS_UNTOUCHED;

	r.status = pvhload_linux_read(&guest->memory, GUEST_AT, flags, &view, &r.err);
	answers_check_error(r.status, &r.err);
	r.view = view = answers_filled(r.status, view);
	if (!view)
		return r;
	r.problems = view->problems;
	r.problem_count = view->problem_count;
	r.incomplete = view->incomplete;
	check_view(view, (size_t)guest->slot.size);
	check_field(guest, view);
	if (guest->judged)
		judge(guest, view);
	return r;
}

void guest_view_free(void *view)
{
	pvhload_linux_view_free(view);
}
