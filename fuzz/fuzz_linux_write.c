/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as a kernel's setup header, with places, a map and a command line: what is written is
 * within its places, and the zero page says what was asked for and what the header does.  Now and then it is asked for
 * what a caller may not ask for.
 */
#include <stdbool.h>
#include <string.h>

#include <pvhload/pvhload.h>

#include "answers.h"
#include "fuzz.h"

#define GUEST    0x180000u
#define CONTROLS 48u /* bytes before the header; make_seeds.c has the same */
#define ROOM     (0x290u - 0x1f1u)
#define ENTRIES  200u
#define PAGE     4096u

struct range {
	uint64_t gpa, size;
};

enum { ZERO_PAGE, CMDLINE, PLACES };

/* Only what has been written counts; the rest is of earlier runs. */
struct guest {
	uint8_t bytes[GUEST];
	struct range writes[PLACES + 1]; /* what has been written of each, and of all of the list */
	uint64_t sizes[PLACES];          /* what that comes to */
	struct range kept[2];            /* the initrd and the RSDP: between nodes they may be */
};

/* The list comes node by node, in order, each at a multiple of 8. */
static void extend_list(struct range *list, uint64_t gpa, size_t len)
{
	MUST(gpa >= list->gpa + list->size && gpa - list->gpa - list->size < 8);
	list->size = gpa + len - list->gpa;
}

static int overlap(struct range a, struct range b)
{
	return a.size > 0 && b.size > 0 && a.gpa < b.gpa + b.size && b.gpa < a.gpa + a.size;
}

/* By their addresses: each place in one write or more. */
static int write_guest(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct guest *guest = user;
	struct range *list = &guest->writes[PLACES];

	MUST(len > 0 && gpa <= GUEST && len <= GUEST - gpa);
	for (size_t i = 0; i < 2; i++)
		MUST(!overlap((struct range){ gpa, len }, guest->kept[i]));
	memcpy(guest->bytes + gpa, src, len);
	for (size_t i = 0; i < PLACES; i++) {
		struct range *w = &guest->writes[i];

		if (gpa == w->gpa + w->size && w->size < guest->sizes[i]) {
			w->size += len;
			return 0;
		}
	}
	if (list->size == 0)
		*list = (struct range){ gpa, len };
	else
		extend_list(list, gpa, len);
	return 0;
}

static uint64_t le(const uint8_t *at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

/* The guest's RAM with the PC's hole, then entries of a page each, some of them RAM. */
static void make_map(const uint8_t *controls, struct pvhload_memmap *map)
{
	map->count = controls[0] % (ENTRIES + 1);
	for (size_t i = 0; i < map->count; i++)
		map->entries[i] =
			(struct pvhload_memmap_entry){ 0x100000000u + 0x1000 * i, 0x1000,
						       1 + (uint32_t)i % (1u + controls[1] % 4),
						       0 };
	if (map->count > 0)
		map->entries[0] = (struct pvhload_memmap_entry){ 0, 0xa0000, 1, 0 };
	if (map->count > 1)
		map->entries[1] = (struct pvhload_memmap_entry){ 0x100000, GUEST - 0x100000, 1, 0 };
}

/* The words of the header that are a loader's, by protocol version. */
static int is_loaders(size_t at, unsigned int version)
{
	return at == 0x210 || at == 0x211 || (at >= 0x218 && at < 0x220) ||
	       (version >= 0x202 && at >= 0x228 && at < 0x22c) ||
	       (version >= 0x209 && at >= 0x250 && at < 0x258);
}

static void check_page(const struct pvhload_linux_params *params, const uint8_t *page)
{
	const size_t in_table = params->memmap->count < 128 ? params->memmap->count : 128;
	const uint8_t *header = params->setup_header;
	size_t end = 0x1f1;
	unsigned int version = 0x20f;

	if (header) {
		MUST(header[0x200 - 0x1f1] == 0xeb && header[0x201 - 0x1f1] < 0x80);
		end = 0x202u + header[0x201 - 0x1f1];
		version = (unsigned int)le(header + 0x206 - 0x1f1, 2);
		MUST(end - 0x1f1 <= params->setup_header_size);
	}
	MUST(page[0x1ef] == 0);
	MUST(page[0x1e8] == in_table);
	for (size_t at = 0x1f1; at < end; at++)
		MUST(is_loaders(at, version) || page[at] == header[at - 0x1f1]);
	for (size_t at = end; header && at < 0x2d0; at++)
		MUST(is_loaders(at, version) || page[at] == 0);
	for (size_t at = 0x2d0 + 20 * in_table; at < 4096; at++)
		MUST(page[at] == 0);
	MUST(page[0x210] == (params->type_of_loader ? params->type_of_loader : 0xff));
	MUST((page[0x211] & 0xc2) == (params->loadflags & 0xc2));
	MUST((le(page + 0x218, 4) | le(page + 0x0c0, 4) << 32) ==
	     (params->initrd_size ? params->initrd_gpa : 0));
	MUST((le(page + 0x21c, 4) | le(page + 0x0c4, 4) << 32) == params->initrd_size);
	MUST(le(page + 0x070, 8) == params->rsdp_gpa);
}

static void check_screen(const struct pvhload_framebuffer *fb, const uint8_t *screen)
{
	const uint64_t gpa = le(screen + PVHLOAD_SCREEN_LFB_BASE, 4) |
			     le(screen + PVHLOAD_SCREEN_EXT_LFB_BASE, 4) << 32;

	if (!fb) {
		for (size_t i = 0; i < PVHLOAD_SCREEN_INFO_SIZE; i++)
			MUST(screen[i] == 0);
		return;
	}
	MUST((screen[PVHLOAD_SCREEN_TYPE] == PVHLOAD_SCREEN_TYPE_VGA) ==
	     (fb->type == PVHLOAD_FRAMEBUFFER_VGA_TEXT));
	MUST(gpa == fb->gpa);
	MUST(le(screen + PVHLOAD_SCREEN_LFB_WIDTH, 2) == fb->width);
	MUST(le(screen + PVHLOAD_SCREEN_LFB_HEIGHT, 2) == fb->height);
	MUST(le(screen + PVHLOAD_SCREEN_LFB_DEPTH, 2) == fb->bits_per_pixel);
}

/* The list reaches all our nodes, each within its place. */
static void check_list(const struct guest *guest, size_t count, const uint8_t *page)
{
	const struct range list = guest->writes[PLACES];
	uint64_t next = le(page + 0x250, 8);

	MUST(next == list.gpa);
	for (size_t i = 0; i < count; i++) {
		MUST(next % 8 == 0 && next >= list.gpa && next - list.gpa <= list.size - 16);
		MUST(le(guest->bytes + next + 12, 4) <= list.size - 16 - (next - list.gpa));
		next = le(guest->bytes + next, 8);
	}
}

/* Bytes at the command line's address: as many as the kernel may copy, by its header's cmdline_size. */
static uint64_t cmdline_room(const struct pvhload_linux_params *params)
{
	const uint8_t *header = params->setup_header;
	uint64_t most = 0;

	if (header && params->setup_header_size >= 0x23c - 0x1f1 &&
	    le(header + 0x206 - 0x1f1, 2) >= 0x206 && header[0x201 - 0x1f1] >= 0x3a)
		most = le(header + 0x238 - 0x1f1, 4);
	if (most > PVHLOAD_LINUX_CMDLINE_LENGTH_MAX)
		most = PVHLOAD_LINUX_CMDLINE_LENGTH_MAX;
	return most < 2048 ? 2048 : most + 1;
}

/* Nothing is written yet. */
static void guest_init(struct guest *guest, const struct pvhload_linux_params *params,
		       const struct pvhload_linux_layout *layout)
{
	guest->writes[ZERO_PAGE] =
		(struct range){ layout->zero_page_gpa ? layout->zero_page_gpa : 0x7000, 0 };
	guest->writes[CMDLINE] =
		(struct range){ layout->cmdline_gpa ? layout->cmdline_gpa : 0x20000, 0 };
	guest->writes[PLACES] = (struct range){ 0, 0 };
	guest->kept[0] = (struct range){ params->initrd_gpa, params->initrd_size };
	guest->kept[1] = (struct range){ params->rsdp_gpa, params->rsdp_gpa ? 36 : 0 };
	guest->sizes[ZERO_PAGE] = PAGE;
	guest->sizes[CMDLINE] = cmdline_room(params);
}

static void check(const struct pvhload_linux_params *params, const struct guest *guest)
{
	const size_t nodes = params->setup_data_count + (params->memmap->count > 128);
	const struct range *w = guest->writes;
	const uint8_t *page = guest->bytes + w[ZERO_PAGE].gpa;

	for (size_t i = 0; i < PLACES; i++)
		MUST(w[i].size == guest->sizes[i]);
	MUST((w[PLACES].size > 0) == (nodes > 0));
	for (size_t i = 0; i <= PLACES; i++)
		for (size_t k = 0; k < i; k++)
			MUST(!overlap(w[i], w[k]));
	check_page(params, page);
	check_screen(params->framebuffer, page + PVHLOAD_ZERO_SCREEN_INFO);
	if (params->efi_info)
		MUST(memcmp(page + PVHLOAD_ZERO_EFI_INFO, params->efi_info,
			    PVHLOAD_EFI_INFO_SIZE) == 0);
	MUST(strcmp((const char *)guest->bytes + w[CMDLINE].gpa, params->cmdline) == 0);
	if (nodes > 0)
		check_list(guest, nodes, page);
}

enum { ODD = 1, EFI = 2, SCREEN = 4, TEXT = 8, DEFAULT_COLORS = 16, ELSEWHERE = 32 };

/* What a call is made of; its parts point to each other. */
struct call {
	struct pvhload_memmap_entry entries[ENTRIES];
	struct pvhload_memmap map;
	struct pvhload_linux_layout layout;
	struct pvhload_linux_params params;
	struct pvhload_linux_setup_data nodes[3];
	struct pvhload_framebuffer framebuffer;
	struct pvhload_source source;
	char cmdline[4096];
};

static int64_t read_zeros(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user, (void)offset;
	memset(dst, 0, len);
	return (int64_t)len;
}

/* Of any size that may be, or of the input's bytes. */
static void make_nodes(struct call *c, const uint8_t *data)
{
	static const uint64_t sizes[] = { 0, PVHLOAD_LINUX_EARLY_DATA_MAX + 1,
					  PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX,
					  PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX + 1 };
	const bool odd = (data[32] & ODD) != 0;

	c->source = pvhload_source_buffer(data, 1 + data[26] % CONTROLS);
	if (odd && data[47] % 8 < 4)
		c->source = pvhload_source_reader(read_zeros, NULL, sizes[data[47] % 8]);
	c->params.setup_data = c->nodes;
	c->params.setup_data_count = data[27] % 4u;
	for (size_t i = 0; i < c->params.setup_data_count; i++) {
		c->nodes[i] = (struct pvhload_linux_setup_data)PVHLOAD_LINUX_SETUP_DATA_INIT;
		c->nodes[i].source = &c->source;
		c->nodes[i].type = odd ? data[28 + i] % 20u : 2 + data[28 + i] % 16u;
		c->nodes[i].flags = odd ? data[47] / 8 % 4 : 0;
	}
	if (odd && data[47] / 32 == 7)
		c->params.setup_data_count = PVHLOAD_LINUX_SETUP_DATA_MAX + 1;
}

static void make_screen(struct call *c, const uint8_t *data)
{
	static const uint32_t depths[] = { 32, 24, 16, 15, 8 };
	struct pvhload_framebuffer *fb = &c->framebuffer;

	*fb = (struct pvhload_framebuffer)PVHLOAD_FRAMEBUFFER_INIT;
	c->params.framebuffer = data[32] & SCREEN ? fb : NULL;
	if (data[32] & TEXT) {
		fb->type = PVHLOAD_FRAMEBUFFER_VGA_TEXT;
		return;
	}
	/* Above all RAM, or anywhere; in a hole or not. */
	fb->gpa = data[32] & ELSEWHERE ? 1 + le(data + 33, 5) : 0xd0000000;
	fb->bits_per_pixel = data[32] & ODD ? data[38] : depths[data[38] % 5];
	fb->width = 1 + (uint32_t)le(data + 39, 2) / 8;
	fb->height = 1 + (uint32_t)le(data + 41, 2) / 8;
	fb->stride = data[32] & ODD ? (uint32_t)le(data + 43, 2) : 0;
	if (fb->bits_per_pixel == 32 && data[32] & DEFAULT_COLORS)
		return;
	fb->blue = (struct pvhload_framebuffer_color){ 0, 2 };
	fb->green = (struct pvhload_framebuffer_color){ 2, data[32] & ODD ? data[45] : 3 };
	fb->red = (struct pvhload_framebuffer_color){ data[32] & ODD ? data[46] : 5, 2 };
}

static void make(struct call *c, const uint8_t *data, size_t size)
{
	static const uint8_t efi_info[PVHLOAD_EFI_INFO_SIZE] = "EL64";
	struct pvhload_linux_params *p = &c->params;
	const bool odd = (data[32] & ODD) != 0;

	c->map = (struct pvhload_memmap){ sizeof(c->map), c->entries, ENTRIES, 0, 0 };
	make_map(data, &c->map);
	c->layout = (struct pvhload_linux_layout)PVHLOAD_LINUX_LAYOUT_INIT;
	c->layout.zero_page_gpa = le(data + 4, 3);
	c->layout.cmdline_gpa = le(data + 7, 3);
	c->layout.setup_data_gpa = le(data + 10, 3);
	*p = (struct pvhload_linux_params)PVHLOAD_LINUX_PARAMS_INIT;
	p->setup_header_size = size - CONTROLS < ROOM ? size - CONTROLS : ROOM;
	p->setup_header = data[2] & 1 ? NULL : data + CONTROLS;
	p->flags = data[2] >> 1 & PVHLOAD_LINUX_ENTRY32;
	p->loadflags = odd ? data[2] >> 2 : data[2] & 0x30 ? PVHLOAD_LOADFLAG_KASLR : 0;
	p->type_of_loader = odd ? data[3] * 2u : data[3];
	p->initrd_gpa = le(data + 13, 5);
	p->initrd_size = le(data + 18, 3);
	p->rsdp_gpa = le(data + 21, 3);
	memset(c->cmdline, 0, sizeof(c->cmdline));
	memset(c->cmdline, 'x', (data[24] + 256u * data[25]) % sizeof(c->cmdline));
	p->cmdline = c->cmdline;
	p->memmap = &c->map;
	p->efi_info = data[32] & EFI ? efi_info : NULL;
	make_nodes(c, data);
	make_screen(c, data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest guest;
	static struct call call;
	static const struct pvhload_memory_ops ops = { .struct_size = sizeof(ops),
						       .write = write_guest };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err = answers_error();
	enum pvhload_status status;

	if (size < CONTROLS)
		return 0;
	make(&call, data, size);
	guest_init(&guest, &call.params, &call.layout);
	mem.ops = &ops;
	mem.user = &guest;
	status = pvhload_linux_write(&mem, &call.layout, &call.params, &err);
	answers_check_error(status, &err);
	MUST(status != PVHLOAD_E_CALLBACK && status != PVHLOAD_E_SOURCE);
	MUST(data[32] & ODD || (status != PVHLOAD_E_USAGE && status != PVHLOAD_E_LIMIT));
	if (status == PVHLOAD_OK)
		check(&call.params, &guest);
	else
		for (size_t i = 0; i <= PLACES; i++)
			MUST(guest.writes[i].size == 0);
	return 0;
}
