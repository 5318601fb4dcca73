/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* decode --fdt: what a guest was told by its device tree. */
#include "decode.h"
#include "records.h"

#define RANGE(member)    AT_MEMBER(struct pvhload_range, member)
#define RESERVED(member) AT_MEMBER(struct pvhload_fdt_reservation, member)
#define VIEW(member)     AT_MEMBER(struct pvhload_fdt_view, member)

static const struct field bank_fields[] = {
	{ "gpa", FIELD_HEX10, RANGE(gpa) },
	{ "size", FIELD_HEX10, RANGE(size) },
};
static const struct field_line bank_lines[] = { { .text = "  {gpa} {size} bytes\n" } };
static const struct record bank_record = { RECORD_FIELDS(bank_fields), RECORD_LINES(bank_lines) };

/* What /memreserve/ is called in a tree's source is no name of a node's. */
static const char *kind_name(uint32_t kind)
{
	return kind == PVHLOAD_FDT_RESERVED_NODE ? "node" : "memreserve";
}

static const struct field reservation_fields[] = {
	{ "gpa", FIELD_HEX10, RESERVED(gpa) },
	{ "size", FIELD_HEX10, RESERVED(size) },
	{ "kind", FIELD_NAME, RESERVED(kind), .name = kind_name },
	{ "name", FIELD_TEXT, RESERVED(name) },
	{ "no_map", FIELD_BOOL, RESERVED(no_map) },
};
static const struct field_line reservation_lines[] = {
	{ .text = "  {gpa} {size} bytes, {name}" },
	{ .when = "+no_map", .text = ", no-map" },
	{ .text = "\n" },
};
static const struct record reservation_record = { RECORD_FIELDS(reservation_fields),
						  RECORD_LINES(reservation_lines) };

static const struct field initrd_fields[] = {
	{ "gpa", FIELD_HEX, RANGE(gpa) },
	{ "size", FIELD_DEC, RANGE(size) },
};
static const struct record initrd_record = { RECORD_FIELDS(initrd_fields) };

static const void *bank(const void *record, size_t i)
{
	const struct pvhload_fdt_view *view = record;

	return i < view->memory_count ? &view->memory[i] : NULL;
}

static const void *reservation(const void *record, size_t i)
{
	const struct pvhload_fdt_view *view = record;

	return i < view->reservation_count ? view->reservations[i] : NULL;
}

static const void *cmdline(const void *record)
{
	const struct pvhload_fdt_view *view = record;

	return view->has_bootargs ? view->bootargs : NULL;
}

static const void *initrd(const void *record)
{
	const struct pvhload_fdt_view *view = record;

	return view->has_initrd ? &view->initrd : NULL;
}

static const void *kaslr_seed(const void *record)
{
	const struct pvhload_fdt_view *view = record;

	return view->has_kaslr_seed ? &view->kaslr_seed_size : NULL;
}

static const void *rng_seed(const void *record)
{
	const struct pvhload_fdt_view *view = record;

	return view->has_rng_seed ? &view->rng_seed_size : NULL;
}

/* Text's alone: the part is not all there, or what is after a broken place would be. */
#define CUT(key, part)                                                 \
	{                                                              \
		key, FIELD_FLAG, true, VIEW(incomplete),               \
			.bits = PVHLOAD_PART_##part | PVHLOAD_PART_FDT \
	}

static const struct field fdt_fields[] = {
	{ "version", FIELD_DEC, VIEW(version) },
	{ "total_size", FIELD_DEC, VIEW(total_size) },
	{ "packed_size", FIELD_DEC, VIEW(packed_size) },
	{ "cmdline", FIELD_TEXT, .get = cmdline },
	{ "initrd", FIELD_OBJECT, .get = initrd, .of = &initrd_record },
	{ "kaslr_seed_size", FIELD_DEC, .get = kaslr_seed, .size = sizeof(uint64_t) },
	{ "rng_seed_size", FIELD_DEC, .get = rng_seed, .size = sizeof(uint64_t) },
	{ "memory", FIELD_LIST, .item = bank, .of = &bank_record },
	{ "reservations", FIELD_LIST, .item = reservation, .of = &reservation_record },

	CUT("cmdline_cut", CMDLINE),
	CUT("initrd_cut", INITRD),
	CUT("seeds_cut", FDT),
	{ "memory_count", FIELD_DEC, true, VIEW(memory_count) },
	CUT("memory_cut", MEMMAP),
	{ "reservation_count", FIELD_DEC, true, VIEW(reservation_count) },
	CUT("reservations_cut", RESERVATIONS),
};

/* Seeds are secrets: how long they are is all that is told. */
static const struct field_line fdt_lines[] = {
	{ .text = "device tree: version {version}, {total_size} bytes, {packed_size} without free "
		  "ones\n" },
	{ .when = "cmdline", .text = "command line: {cmdline}\n" },
	{ .when = "!cmdline !cmdline_cut", .text = "command line: none\n" },
	{ .when = "!cmdline cmdline_cut", .text = "command line: cannot be read\n" },
	{ .when = "initrd", .text = "initrd at {initrd.gpa}, {initrd.size} bytes\n" },
	{ .when = "!initrd !initrd_cut", .text = "initrd: none\n" },
	{ .when = "!initrd initrd_cut", .text = "initrd: cannot be read\n" },
	{ .when = "kaslr_seed_size", .text = "kaslr-seed: {kaslr_seed_size} bytes\n" },
	{ .when = "!kaslr_seed_size !seeds_cut", .text = "kaslr-seed: none\n" },
	{ .when = "!kaslr_seed_size seeds_cut", .text = "kaslr-seed: cannot be read\n" },
	{ .when = "rng_seed_size", .text = "rng-seed: {rng_seed_size} bytes\n" },
	{ .when = "!rng_seed_size !seeds_cut", .text = "rng-seed: none\n" },
	{ .when = "!rng_seed_size seeds_cut", .text = "rng-seed: cannot be read\n" },
	{ .text = "{memory_count} banks of memory" },
	{ .when = "memory_cut", .text = " that can be read" },
	{ .text = "\n" },
	{ .list = "memory" },
	{ .text = "{reservation_count} reservations" },
	{ .when = "reservations_cut", .text = " that can be read" },
	{ .text = "\n" },
	{ .list = "reservations" },
};

static const struct record fdt_record = { RECORD_FIELDS(fdt_fields), RECORD_LINES(fdt_lines) };

int decode_fdt(const struct pvhload_memory *mem, const struct options *options)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct json_object *object = NULL;
	struct pvhload_check *check;
	struct pvhload_fdt_view *view;

	if (pvhload_fdt_check(mem, options->gpa, &check, &err) != PVHLOAD_OK)
		return tool_fail(options->operand, "%s", err.message);
	if (pvhload_fdt_read(mem, options->gpa, PVHLOAD_READ_PARTIAL, &view, &err) != PVHLOAD_OK) {
		pvhload_check_free(check);
		return tool_fail(options->operand, "%s", err.message);
	}
	if (options->json)
		object = record_json(&fdt_record, view);
	else
		record_print(&fdt_record, view);
	pvhload_fdt_view_free(view);
	return decode_finish(object, check, PVHLOAD_GUEST_LINUX);
}
