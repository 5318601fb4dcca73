/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Start info for any guest: places, a map, modules and command lines of any length.  What is written is in RAM, and read
 * back it is what was asked for; what fails writes nothing.
 *
 * Input: switches, the map's entries, places, the command line's length, then modules of 8 bytes each; those that the input
 * does not have are all alike.
 */
#include <stdbool.h>
#include <string.h>

#include <pvhload/pvhload.h>

#include "answers.h"
#include "fuzz.h"
#include "fuzz_input.h"

#define GUEST       0x180000u
#define LOW_END     0xa0000u
#define HIGH        0x100000u
#define ENTRIES_MAX (PVHLOAD_PVH_MEMMAP_READ_MAX + 1)
#define MODULES_MAX (PVHLOAD_PVH_MODULES_MAX + 1)
#define TEXT_MAX    70000u
#define WRITES_MAX  16u
#define CHOSEN      8u /* one input in so many may have many of what takes long */

enum { NOT_LINUX = 1, PLACED = 2, MANY_ENTRIES = 4, MANY_MODULES = 8, LONG_TEXTS = 16, RSDP = 32 };

/* Zeros, but for what is written. */
struct guest {
	uint8_t bytes[GUEST];
	struct pvhload_range writes[WRITES_MAX];
	size_t count;
};

struct call {
	struct pvhload_memmap_entry entries[ENTRIES_MAX];
	struct pvhload_memmap map;
	struct pvhload_pvh_module modules[MODULES_MAX];
	struct pvhload_pvh_layout layout;
	struct pvhload_pvh_params params;
	bool chosen;
};

static bool is_ram(uint64_t gpa, uint64_t len)
{
	return (gpa < LOW_END && len <= LOW_END - gpa) ||
	       (gpa >= HIGH && gpa < GUEST && len <= GUEST - gpa);
}

static int write_guest(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct guest *guest = user;

	MUST(len > 0 && is_ram(gpa, len) && guest->count < WRITES_MAX);
	memcpy(guest->bytes + gpa, src, len);
	guest->writes[guest->count++] = (struct pvhload_range){ gpa, len };
	return 0;
}

static int read_guest(void *user, uint64_t gpa, void *dst, size_t len)
{
	const struct guest *guest = user;

	MUST(is_ram(gpa, len));
	memcpy(dst, guest->bytes + gpa, len);
	return 0;
}

/* So many characters and a NUL. */
static const char *text(uint64_t length)
{
	static char longest[TEXT_MAX + 1];

	if (longest[0] == '\0')
		memset(longest, 'x', TEXT_MAX);
	return longest + TEXT_MAX - length;
}

static uint64_t length_of(struct input *in, uint8_t switches)
{
	return switches & LONG_TEXTS ? input_number(in, 3) % (TEXT_MAX + 1)
				     : input_number(in, 2) % 2100;
}

/* Fewer than @usual, as they take long; or too many.  For most inputs a few. */
static size_t many(struct input *in, bool chosen, size_t usual, size_t too_many)
{
	const uint8_t byte = input_byte(in);

	if (!chosen)
		return byte % 8;
	return byte == 255 ? too_many : byte % usual;
}

/* A PC's RAM, then reserved pages above 4 GiB. */
static void make_map(struct call *c, struct input *in, uint8_t switches)
{
	c->map = (struct pvhload_memmap){ sizeof(c->map), c->entries, ENTRIES_MAX, 0, 0 };
	c->map.count = switches & MANY_ENTRIES ? many(in, c->chosen, 255, ENTRIES_MAX)
					       : 2 + (size_t)input_below(in, 4);
	for (size_t i = 0; i < c->map.count; i++)
		c->entries[i] = (struct pvhload_memmap_entry){ (UINT64_C(1) << 32) + 0x1000 * i,
							       0x1000, PVHLOAD_MEMMAP_RESERVED, 0 };
	c->entries[0] = (struct pvhload_memmap_entry){ 0, LOW_END, PVHLOAD_MEMMAP_RAM, 0 };
	c->entries[1] = (struct pvhload_memmap_entry){ HIGH, GUEST - HIGH, PVHLOAD_MEMMAP_RAM, 0 };
}

static void make_modules(struct call *c, struct input *in, uint8_t switches)
{
	const size_t count = switches & MANY_MODULES ? many(in, c->chosen, 48, MODULES_MAX)
						     : (size_t)input_below(in, 5);

	for (size_t i = 0; i < count; i++) {
		struct pvhload_pvh_module *m = &c->modules[i];
		const bool in_input = in->at < in->size;

		m->gpa = in_input ? input_number(in, 3) : HIGH + 0x10000 + 8 * i;
		m->size = in_input ? input_number(in, 2) : 8;
		m->cmdline = in_input && input_one_in(in, 2) ? text(length_of(in, switches)) : NULL;
		if (!in_input && switches & LONG_TEXTS)
			m->cmdline = text(PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
	}
	c->params.modules = c->modules;
	c->params.module_count = count;
}

static void make(struct call *c, struct input *in)
{
	const uint8_t switches = input_byte(in);

	c->layout = (struct pvhload_pvh_layout)PVHLOAD_PVH_LAYOUT_INIT;
	c->params = (struct pvhload_pvh_params)PVHLOAD_PVH_PARAMS_INIT;
	make_map(c, in, switches);
	if (switches & PLACED) {
		c->layout.start_info_gpa = input_number(in, 3);
		c->layout.modlist_gpa = input_number(in, 3);
		c->layout.memmap_gpa = input_number(in, 3);
		c->layout.cmdline_gpa = input_number(in, 3);
		c->layout.module_cmdlines_gpa = input_number(in, 3);
	}
	c->params.cmdline = text(length_of(in, switches));
	c->params.memmap = &c->map;
	c->params.rsdp_gpa = switches & RSDP ? input_number(in, 3) : 0;
	c->params.flags = switches & NOT_LINUX ? PVHLOAD_PVH_NOT_LINUX : 0;
	c->params.start_info_flags = switches;
	make_modules(c, in, switches);
}

static void check(const struct call *c, const struct pvhload_memory *memory)
{
	const uint64_t at =
		c->layout.start_info_gpa ? c->layout.start_info_gpa : PVHLOAD_PVH_START_INFO_GPA;
	struct pvhload_pvh_view *view = NULL;

	MUST(pvhload_pvh_read(memory, at, 0, &view, NULL) == PVHLOAD_OK);
	MUST(strcmp(view->cmdline, c->params.cmdline) == 0);
	MUST(view->rsdp_gpa == c->params.rsdp_gpa && view->flags == c->params.start_info_flags);
	MUST(view->memmap_count == c->map.count);
	MUST(memcmp(view->memmap, c->entries, c->map.count * sizeof(c->entries[0])) == 0);
	MUST(view->module_count == c->params.module_count);
	for (size_t i = 0; i < view->module_count; i++) {
		const struct pvhload_pvh_module *a = &view->modules[i], *b = &c->modules[i];

		MUST(a->gpa == b->gpa && a->size == b->size && !a->cmdline == !b->cmdline);
		MUST(!a->cmdline || strcmp(a->cmdline, b->cmdline) == 0);
	}
	pvhload_pvh_view_free(view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest guest;
	static struct call call;
	static const struct pvhload_memory_ops ops = { .struct_size = sizeof(ops),
						       .write = write_guest,
						       .read = read_guest };
	struct input in = { data, size, 0 };
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err = answers_error();
	enum pvhload_status status;

	call.chosen = input_is_chosen(data, size, CHOSEN);
	make(&call, &in);
	memory.ops = &ops;
	memory.user = &guest;
	memory.memmap = &call.map;
	status = pvhload_pvh_write(&memory, &call.layout, &call.params, &err);
	answers_check_error(status, &err);
	MUST(status != PVHLOAD_E_USAGE && status != PVHLOAD_E_CALLBACK);
	MUST((status == PVHLOAD_OK) == (guest.count > 0));
	if (status == PVHLOAD_OK)
		check(&call, &memory);
	for (size_t i = 0; i < guest.count; i++)
		memset(guest.bytes + guest.writes[i].gpa, 0, (size_t)guest.writes[i].size);
	guest.count = 0;
	return 0;
}
