/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Overlaps in guest memory: of setup_data nodes with anything, and of anything with the kernel,
 * where the zero page says that it is loaded and decodes itself.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst: code32_start, relocatable_kernel,
 * kernel_alignment, pref_address, init_size, payload_offset, payload_length; and
 * arch/x86/include/uapi/asm/setup_data.h.
 */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "kernel/kernel.h"
#include "linux/linux_check.h"

#define TOLD_MAX 64u /* bounds the messages of a hostile list, whose nodes may all overlap */

/* A range and what is there. */
struct item {
	char name[PVL_NAME_SIZE];
	struct pvl_range range;
	uint32_t subject; /* PVHLOAD_SUBJECT_*, and which */
	size_t index;
	bool data; /* of a setup_indirect: two may point to the same bytes */
};

struct items {
	struct item *list;
	size_t count;
	size_t others; /* how many come before the nodes; the layout compares those with each
		          other */
};

struct loaded_kernel {
	struct pvl_kernel_place place; /* where it is loaded and decodes itself; empty if unknown */
	uint64_t trailer;              /* address of the size trailer of its payload, or 0 */
	bool seen;                     /* the trailer was found, so the image is there */
};

static void append_item(struct items *p, const char *name, uint64_t gpa, uint64_t size)
{
	struct item *item = &p->list[p->count];

	if (size == 0)
		return;
	*item = (struct item){ .range = { gpa, UINT64_MAX } };
	(void)pvl_add_u64(gpa, size, &item->range.end);
	snprintf(item->name, sizeof(item->name), "%s", name);
	p->count++;
}

static void append_node(struct items *p, const struct pvhload_linux_node *node, size_t number)
{
	const uint64_t own = node->indirect ? PVHLOAD_SETUP_INDIRECT_SIZE
			     : node->data   ? node->size
					    : 0; /* a length whose data cannot be read may be
						    wrong */
	const size_t first = p->count;
	char name[PVL_NAME_SIZE];

	pvl_linux_node_name(name, sizeof(name), number, node->type, "");
	append_item(p, name, node->gpa, PVHLOAD_SETUP_DATA_HEADER_SIZE + own);
	if (node->indirect && node->data) {
		pvl_linux_node_name(name, sizeof(name), number, node->type, " data");
		append_item(p, name, node->data_gpa, node->size);
		p->list[p->count - 1].data = true;
	}
	for (size_t i = first; i < p->count; i++) {
		p->list[i].subject = PVHLOAD_SUBJECT_SETUP_DATA;
		p->list[i].index = number;
	}
}

static enum pvhload_status collect(const struct pvhload_linux_view *view, uint64_t gpa,
				   struct items *p, struct pvhload_error *err)
{
	const size_t most = 3 + 2 * view->setup_data_count;

	*p = (struct items){ .list = calloc(most, sizeof(*p->list)) };
	if (!p->list)
		return pvl_fail_no_memory(err, most * sizeof(*p->list));
	append_item(p, "zero page", gpa, PVHLOAD_ZERO_PAGE_SIZE);
	if (view->cmdline_gpa != 0)
		append_item(p, "cmdline", view->cmdline_gpa, strlen(view->cmdline) + 1);
	append_item(p, "initrd", view->initrd_gpa, view->initrd_size);
	p->others = p->count;
	for (size_t i = 0; i < view->setup_data_count; i++)
		append_node(p, view->setup_data[i], i);
	return PVHLOAD_OK;
}

static void overlap(struct pvl_check *check, const struct item *a, const char *name,
		    struct pvl_range b, const char *what_of_it)
{
	const uint64_t start = pvl_max_u64(a->range.start, b.start);
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	(void)pvl_fail(&found, PVHLOAD_E_OVERLAP, PVL_GPA(start),
		       "%s " PVL_RANGE_FMT " overlaps %s " PVL_RANGE_FMT " by 0x%" PRIx64
		       " bytes: %s",
		       a->name, PVL_RANGE_ARG(a->range), name, PVL_RANGE_ARG(b),
		       pvl_min_u64(a->range.end, b.end) - start, what_of_it);
	(void)pvl_fail_about(&found, PVHLOAD_E_OVERLAP, a->subject, a->index);
	pvl_check_append(check, &found);
}

static bool may_share(const struct item *a, const struct item *b)
{
	return a->data && b->data && a->range.start == b->range.start &&
	       a->range.end == b->range.end;
}

static void check_nodes(struct pvl_check *check, const struct items *p)
{
	struct pvhload_error more = PVHLOAD_ERROR_INIT;
	size_t told = 0;

	for (size_t i = p->others; i < p->count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct item *a = &p->list[i], *b = &p->list[k];

			if (!pvl_range_overlap(a->range, b->range) || may_share(a, b))
				continue;
			if (told++ < TOLD_MAX)
				overlap(check, a, b->name, b->range, "it breaks one of the two");
		}
	if (told <= TOLD_MAX)
		return;
	(void)pvl_fail(&more, PVHLOAD_E_OVERLAP, PVL_ANYWHERE, "%zu more overlaps of setup_data",
		       told - TOLD_MAX);
	pvl_check_append(check, &more);
}

/*
 * Is the bzImage in memory?  If the host decoded the payload, the header is the bzImage's, but the
 * image itself was not loaded.  The size trailer after the payload tells: of the image, only that
 * is known.
 */
static enum pvhload_status look_for_image(const struct pvhload_memory *mem, uint64_t init_size,
					  struct loaded_kernel *k, struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;
	uint8_t bytes[PVL_PAYLOAD_TRAILER_SIZE];
	enum pvhload_status status;
	uint32_t size = 0;

	k->seen = k->trailer == 0;
	if (k->seen)
		return PVHLOAD_OK;
	status = pvhload_memory_read(mem, k->trailer, bytes, sizeof(bytes), &found);
	if (status == PVHLOAD_E_RANGE)
		return PVHLOAD_OK;
	PVL_TRY(pvl_fail_as(err, status, &found));
	(void)pvl_span_le32((struct pvl_span){ bytes, sizeof(bytes) }, 0, &size);
	k->seen = size > 0 && size <= init_size;
	return PVHLOAD_OK;
}

/* A syssize above init_size is not credible: use the end of the payload instead. */
static uint64_t image_size(uint64_t syssize, uint64_t payload_end, uint64_t init_size)
{
	const uint64_t size = PVL_SETUP_PARAGRAPH * syssize;

	return size > payload_end && size <= init_size ? size : payload_end;
}

/*
 * Leaves @k empty if the header does not say where the kernel is: it is old, made for an ELF file,
 * or the kernel is above 4 GiB.
 */
static enum pvhload_status place_kernel(const struct pvhload_linux_view *view,
					const struct pvhload_memory *mem, struct loaded_kernel *k,
					struct pvhload_error *err)
{
	const struct pvl_setup_header h = pvl_linux_page_header(view);
	const uint64_t load = pvl_setup_field(&h, PVHLOAD_SETUP_CODE32_START);
	const uint64_t size = pvl_setup_field(&h, PVHLOAD_SETUP_INIT_SIZE);
	const uint64_t length = pvl_setup_field_of_any(&h, PVHLOAD_SETUP_PAYLOAD_LENGTH);
	const uint64_t end = pvl_setup_field_of_any(&h, PVHLOAD_SETUP_PAYLOAD_OFFSET) + length;
	const struct pvl_bzimage_terms terms = {
		.relocatable = pvl_setup_field_of_any(&h, PVHLOAD_SETUP_RELOCATABLE) != 0,
		.preferred = pvl_setup_field_of_any(&h, PVHLOAD_SETUP_PREF_ADDRESS),
		.alignment = pvl_setup_field_of_any(&h, PVHLOAD_SETUP_ALIGNMENT),
		.image_size =
			image_size(pvl_setup_field_of_any(&h, PVHLOAD_SETUP_SYSSIZE), end, size),
		.run_size = size
	};

	memset(k, 0, sizeof(*k));
	if (load == 0 || size == 0)
		return PVHLOAD_OK;
	(void)pvl_bzimage_ranges(&terms, load, &k->place);
	k->trailer = length > PVL_PAYLOAD_TRAILER_SIZE ? load + end - PVL_PAYLOAD_TRAILER_SIZE : 0;
	return look_for_image(mem, size, k, err);
}

static void check_kernel(struct pvl_check *check, const struct loaded_kernel *k,
			 const struct item *p)
{
	const struct pvl_kernel_place *place = &k->place;
	const bool elsewhere = pvl_bzimage_runs_elsewhere(place);
	const struct pvl_range both = pvl_bzimage_range(place);
	const bool in_run = pvl_range_overlap(p->range, place->run);

	if (k->seen && pvl_range_overlap(p->range, place->image) && (elsewhere || !in_run))
		overlap(check, p, elsewhere ? "kernel image" : "kernel",
			elsewhere ? place->image : both, "it breaks one of the two");
	if (k->seen && in_run)
		overlap(check, p, "kernel", both,
			"the kernel takes these to decode itself and run, and what was there is lost");
	/* The image may have been what was there; or it never was. */
	if (!k->seen && k->trailer != 0 && p->range.start <= k->trailer &&
	    p->range.end >= k->trailer + PVL_PAYLOAD_TRAILER_SIZE)
		overlap(check, p, "kernel image", place->image,
			"one was loaded over the other, unless the host decoded the kernel");
}

static enum pvhload_status check_items(struct pvl_check *check,
				       const struct pvhload_linux_view *view,
				       const struct pvhload_memory *mem, const struct items *p,
				       struct pvhload_error *err)
{
	struct loaded_kernel kernel;

	PVL_TRY(place_kernel(view, mem, &kernel, err));
	for (size_t i = 0; i < p->count; i++)
		check_kernel(check, &kernel, &p->list[i]);
	check_nodes(check, p);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_linux_check_overlaps(struct pvl_check *check,
					     const struct pvhload_linux_view *view,
					     const struct pvhload_memory *mem, uint64_t gpa,
					     struct pvhload_error *err)
{
	enum pvhload_status status;
	struct items p;

	PVL_TRY(collect(view, gpa, &p, err));
	status = check_items(check, view, mem, &p, err);
	free(p.list);
	return status;
}
