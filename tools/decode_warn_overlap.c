/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What the zero page leads to lies over other such things, or where the kernel is loaded or unpacks
 * itself.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst: code32_start, relocatable_kernel,
 * kernel_alignment, pref_address, init_size, payload_offset, payload_length; and
 * arch/x86/include/uapi/asm/setup_data.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "decode_warn.h"

#define PROTOCOL_210 0x20au
#define TOLD_MAX     64u /* a hostile list has each node over each other */
#define PARAGRAPH    16u /* bytes in which syssize counts */
#define TRAILER      4u  /* behind the payload, in its length: the size that it unpacks to */

struct piece {
	char name[64];
	uint64_t start;
	uint64_t end; /* one past the last byte */
	bool data;    /* of a setup_indirect: two may point to the same bytes */
};

struct pieces {
	struct piece *list;
	size_t count;
};

struct kernel {
	struct piece image;  /* as loaded; empty if nobody can tell */
	struct piece window; /* where it unpacks itself, likewise */
	struct piece all;    /* both, if they touch; else empty */
	uint64_t trailer;    /* where that would be, or 0 */
	bool seen;           /* is the image there? */
};

static uint64_t end_of(uint64_t start, uint64_t size)
{
	return size > UINT64_MAX - start ? UINT64_MAX : start + size;
}

static void add(struct pieces *p, uint64_t gpa, uint64_t size, const char *name)
{
	struct piece *piece = &p->list[p->count];

	if (size == 0)
		return;
	*piece = (struct piece){ .start = gpa, .end = end_of(gpa, size) };
	snprintf(piece->name, sizeof(piece->name), "%s", name);
	p->count++;
}

static void add_node(struct pieces *p, const struct pvhload_linux_node *node, size_t number)
{
	const char *known = pvhload_setup_data_name(node->type);
	const uint64_t own = node->indirect ? PVHLOAD_SETUP_INDIRECT_SIZE
			     : node->data   ? node->size
					    : 0; /* what cannot be read may be no length */
	char name[48], data[64];

	if (strcmp(known, "unknown") == 0)
		snprintf(name, sizeof(name), "setup_data %zu %" PRIu32, number, node->type);
	else
		snprintf(name, sizeof(name), "setup_data %zu %s", number, known);
	snprintf(data, sizeof(data), "%s data", name);
	add(p, node->gpa, PVHLOAD_SETUP_DATA_HEADER_SIZE + own, name);
	if (node->indirect && node->data) {
		add(p, node->data_gpa, node->size, data);
		p->list[p->count - 1].data = true;
	}
}

/* The page, command line and initrd, which the library compares with each other, and then the nodes. */
static size_t collect(const struct pvhload_linux_view *view, uint64_t gpa, struct pieces *p)
{
	size_t others;

	p->list = calloc(3 + 2 * view->setup_data_count, sizeof(*p->list));
	p->count = 0;
	if (!p->list)
		return 0;
	add(p, gpa, PVHLOAD_ZERO_PAGE_SIZE, "zero page");
	if (view->cmdline_gpa != 0)
		add(p, view->cmdline_gpa, strlen(view->cmdline) + 1, "cmdline");
	add(p, view->initrd_gpa, view->initrd_size, "initrd");
	others = p->count;
	for (size_t i = 0; i < view->setup_data_count; i++)
		add_node(p, view->setup_data[i], i);
	return others;
}

static uint64_t shared(const struct piece *a, const struct piece *b)
{
	const uint64_t start = a->start > b->start ? a->start : b->start;
	const uint64_t end = a->end < b->end ? a->end : b->end;

	return start < end ? end - start : 0;
}

static void tell(struct warnings *w, const struct piece *a, const struct piece *b,
		 const char *what_of_it)
{
	warn(w,
	     "%s [0x%" PRIx64 ", 0x%" PRIx64 ") overlaps %s [0x%" PRIx64 ", 0x%" PRIx64
	     ") by 0x%" PRIx64 " bytes: %s",
	     a->name, a->start, a->end, b->name, b->start, b->end, shared(a, b), what_of_it);
}

static void warn_of_nodes(const struct pieces *p, size_t others, struct warnings *w)
{
	size_t more = 0, told = 0;

	for (size_t i = others; i < p->count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct piece *a = &p->list[i], *b = &p->list[k];

			if (shared(a, b) == 0 ||
			    (a->data && b->data && a->start == b->start && a->end == b->end))
				continue;
			if (told++ < TOLD_MAX)
				tell(w, a, b, "it breaks one of the two");
			else
				more++;
		}
	if (more > 0)
		warn(w, "%zu more overlaps of setup_data", more);
}

/* Bytes as loaded.  A size that is more than the kernel needs to run is none: only the payload is sure. */
static uint64_t image_size(const struct pvhload_linux_view *view, uint64_t payload_end)
{
	const uint64_t size = PARAGRAPH * decode_field(view, PVHLOAD_SETUP_SYSSIZE, 4);

	return size > payload_end && size <= decode_field(view, PVHLOAD_SETUP_INIT_SIZE, 4)
		       ? size
		       : payload_end;
}

/*
 * A kernel that the host has unpacked has the header of its bzImage, but nothing where that would be.
 * What is known to be in an image is the size behind its payload.
 */
static bool is_loaded(const struct pvhload_linux_view *view, const struct pvhload_memory *mem,
		      uint64_t trailer)
{
	uint8_t b[TRAILER];
	uint64_t size;

	if (pvhload_memory_read(mem, trailer, b, sizeof(b), NULL) != PVHLOAD_OK)
		return false;
	size = b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24;
	return size > 0 && size <= decode_field(view, PVHLOAD_SETUP_INIT_SIZE, 4);
}

static bool align_up(uint64_t value, uint64_t alignment, uint64_t *ret)
{
	if (alignment == 0 || (alignment & (alignment - 1)) != 0 ||
	    value > UINT64_MAX - (alignment - 1))
		return false;
	*ret = (value + alignment - 1) & ~(alignment - 1);
	return true;
}

static void place_window(const struct pvhload_linux_view *view, uint64_t load, struct kernel *ret)
{
	const uint64_t size = decode_field(view, PVHLOAD_SETUP_INIT_SIZE, 4);
	uint64_t start = decode_field(view, PVHLOAD_SETUP_PREF_ADDRESS, 8);

	if (decode_field(view, PVHLOAD_SETUP_RELOCATABLE, 1) != 0 &&
	    !align_up(load > start ? load : start, decode_field(view, PVHLOAD_SETUP_ALIGNMENT, 4),
		      &start))
		return;
	ret->window = (struct piece){ "kernel", start, end_of(start, size), false };
	if (ret->image.end < start || ret->window.end < load)
		return;
	ret->all = ret->window;
	ret->all.start = load < start ? load : start;
	if (ret->image.end > ret->all.end)
		ret->all.end = ret->image.end;
}

/* False if the header does not say where the kernel is: an old one, an ELF file's, or above 4 GiB. */
static bool find_kernel(const struct pvhload_linux_view *view, const struct pvhload_memory *mem,
			struct kernel *ret)
{
	const uint64_t load = decode_field(view, PVHLOAD_SETUP_CODE32_START, 4);
	const uint64_t length = decode_field(view, PVHLOAD_SETUP_PAYLOAD_LENGTH, 4);
	const uint64_t payload_end = decode_field(view, PVHLOAD_SETUP_PAYLOAD_OFFSET, 4) + length;

	memset(ret, 0, sizeof(*ret));
	if (view->boot_protocol < PROTOCOL_210 || load == 0 ||
	    decode_field(view, PVHLOAD_SETUP_INIT_SIZE, 4) == 0)
		return false;
	if (length > TRAILER)
		ret->trailer = load + payload_end - TRAILER;
	ret->seen = ret->trailer == 0 || is_loaded(view, mem, ret->trailer);
	ret->image = (struct piece){ "kernel image", load,
				     end_of(load, image_size(view, payload_end)), false };
	place_window(view, load, ret);
	return true;
}

static void warn_of_kernel(const struct kernel *k, const struct piece *p, struct warnings *w)
{
	const bool apart = k->all.end == 0;

	if (!k->seen) {
		/* The image may have been what was there; or it never was. */
		if (p->start <= k->trailer && p->end >= k->trailer + TRAILER)
			tell(w, p, &k->image,
			     "one was loaded over the other, unless the host unpacked the kernel");
		return;
	}
	if (shared(p, &k->image) > 0 && (apart || shared(p, &k->window) == 0))
		tell(w, p, apart ? &k->image : &k->all, "it breaks one of the two");
	if (shared(p, &k->window) > 0)
		tell(w, p, apart ? &k->window : &k->all,
		     "the kernel takes these to unpack itself and run, and what was there is lost");
}

void warn_of_overlaps(const struct pvhload_linux_view *view, const struct pvhload_memory *mem,
		      uint64_t gpa, struct warnings *w)
{
	struct pieces p;
	const size_t others = collect(view, gpa, &p);
	struct kernel kernel;

	if (find_kernel(view, mem, &kernel))
		for (size_t i = 0; i < p.count; i++)
			warn_of_kernel(&kernel, &p.list[i], w);
	warn_of_nodes(&p, others, w);
	free(p.list);
}
