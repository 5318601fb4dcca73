/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as guest memory, with start info in it. */
#include <string.h>

#include "guest_input.h"

/* start_info, and room for what it points to. */
const struct guest_least guest_least = { 0x200, GUEST_AT, 0, 0 };

static void check_view(const struct pvhload_pvh_view *view)
{
	uint64_t bytes = 0;

	MUST(strlen(view->cmdline) <= PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
	MUST(view->module_count <= PVHLOAD_PVH_MODULES_MAX);
	MUST(view->memmap_count <= PVHLOAD_PVH_MEMMAP_READ_MAX);
	for (size_t i = 0; i < view->memmap_count; i++)
		bytes += view->memmap[i].type; /* all of it is there */
	for (size_t i = 0; i < view->module_count; i++) {
		const size_t length =
			view->modules[i].cmdline ? strlen(view->modules[i].cmdline) + 1 : 0;

		MUST(length <= PVHLOAD_PVH_CMDLINE_LENGTH_MAX + 1);
		bytes += length;
	}
	MUST(bytes <=
	     (uint64_t)UINT32_MAX * PVHLOAD_PVH_MEMMAP_READ_MAX + PVHLOAD_PVH_CMDLINE_TOTAL_MAX);
}

/* The first byte, which is before what is read, says whether the guest is Linux. */
static void judge(const struct guest *guest, const struct pvhload_pvh_view *view)
{
	const uint8_t first = *(const uint8_t *)guest->slot.host;
	struct pvhload_check *check = ANSWERS_UNTOUCHED;
	const enum pvhload_status status =
		pvhload_pvh_check(&guest->memory, GUEST_AT, first & 1 ? PVHLOAD_PVH_NOT_LINUX : 0,
				  &check, NULL);

	guest_judged(status, check, view->problem_count);
}

struct reading guest_read(const struct guest *guest, uint32_t flags)
{
	struct reading r = { .err = answers_error() };
	struct pvhload_pvh_view *view = ANSWERS_UNTOUCHED;

	r.status = pvhload_pvh_read(&guest->memory, GUEST_AT, flags, &view, &r.err);
	answers_check_error(r.status, &r.err);
	r.view = view = answers_filled(r.status, view);
	if (!view)
		return r;
	r.problems = view->problems;
	r.problem_count = view->problem_count;
	r.incomplete = view->incomplete;
	check_view(view);
	if (guest->judged)
		judge(guest, view);
	return r;
}

void guest_view_free(void *view)
{
	pvhload_pvh_view_free(view);
}
