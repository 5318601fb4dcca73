/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest_input.h"

#include <string.h>

#include "fuzz_input.h"

#define CHOSEN 4u
#define FAULT  (-76)
#define SHORT  7u /* the third byte modulo 8, of an input that is not made larger */
#define FIRST  4u /* bytes that choose */

/* As struct guest_least says. */
static struct bytes make_ram(const uint8_t *data, size_t size)
{
	const bool fits = size >= guest_least.ram || (size > 2 && data[2] % 8 == SHORT);
	struct bytes ram = bytes_zero(fits ? size : guest_least.ram);
	const size_t first = fits || size < FIRST ? size : FIRST;
	const size_t room = ram.size - guest_least.at;

	memcpy(ram.data, data, first);
	if (size > first)
		memcpy(ram.data + guest_least.at, data + first,
		       size - first < room ? size - first : room);
	if (!fits && guest_least.magic != 0)
		poke(&ram, guest_least.magic_at, guest_least.magic, sizeof(guest_least.magic));
	return ram;
}

/* Not to be copied: its parts point to each other. */
static void guest_init(struct guest *guest, const uint8_t *data, size_t size)
{
	*guest = (struct guest){ .ram = make_ram(data, size) };
	guest->slot = (struct pvhload_ram_slot){ .size = guest->ram.size, .host = guest->ram.data };
	guest->entry = (struct pvhload_memmap_entry){ 0, guest->ram.size, PVHLOAD_MEMMAP_RAM, 0 };
	guest->map = (struct pvhload_memmap){ sizeof(guest->map), &guest->entry, 1, 1, 0 };
	guest->memory = (struct pvhload_memory)PVHLOAD_MEMORY_INIT;
	guest->memory.ops = pvhload_ram_flat_ops();
	guest->memory.user = &guest->slot;
	guest->memory.memmap = &guest->map;
	guest->judged = input_is_chosen(data, size, CHOSEN);
}

/* As that of flat RAM, but for one read. */
static int read_changing(void *user, uint64_t gpa, void *dst, size_t len)
{
	struct guest *guest = user;
	const bool now = ++guest->reads == guest->change_at;

	if (now && guest->fails)
		return FAULT;
	MUST(len > 0 && gpa <= guest->slot.size && len <= guest->slot.size - gpa);
	memcpy(dst, (const uint8_t *)guest->slot.host + gpa, len);
	if (now)
		((uint8_t *)dst)[len / 2] ^= 0xff;
	return 0;
}

/* The fourth byte, which is before what is read, says which read is another; whatever is found, it is sound by itself. */
static void read_while_it_changes(struct guest *guest)
{
	static const struct pvhload_memory_ops ops = { .struct_size = sizeof(ops),
						       .read = read_changing };
	const uint8_t fourth = guest->slot.size > 3 ? ((const uint8_t *)guest->slot.host)[3] : 0;
	struct reading r;

	guest->memory.ops = &ops;
	guest->memory.user = guest;
	guest->judged = false;
	guest->fails = (fourth & 1) != 0;
	for (int partial = 0; partial < 2; partial++) {
		guest->reads = 0;
		guest->change_at = 1 + fourth / 2;
		r = guest_read(guest, partial ? PVHLOAD_READ_PARTIAL : 0);
		MUST(r.status != PVHLOAD_E_USAGE);
		MUST(r.status != PVHLOAD_E_CALLBACK || (guest->fails && !r.view));
		MUST((r.status == PVHLOAD_OK) == (r.view != NULL));
		guest_view_free(r.view);
	}
}

static void check_reading(const struct reading *r)
{
	MUST(r->status != PVHLOAD_E_USAGE && r->status != PVHLOAD_E_CALLBACK);
	MUST((r->status == PVHLOAD_OK) == (r->view != NULL));
	MUST((r->incomplete != 0) == (r->problem_count != 0));
	MUST(r->problem_count <= PVHLOAD_READ_PROBLEMS_MAX);
	for (size_t i = 0; i < r->problem_count; i++) {
		const int32_t status = r->problems[i]->status;

		MUST(status == PVHLOAD_E_RANGE || status == PVHLOAD_E_MALFORMED ||
		     status == PVHLOAD_E_LIMIT);
		MUST(r->problems[i]->message[0] != '\0');
	}
}

void guest_judged(enum pvhload_status status, struct pvhload_check *check, size_t least)
{
	MUST(status == PVHLOAD_OK && check->count >= least);
	MUST(check->count <= PVHLOAD_CHECK_PROBLEMS_MAX);
	for (size_t i = 0; i < check->count; i++)
		MUST(check->problems[i]->status != 0 && check->problems[i]->message[0] != '\0');
	pvhload_check_free(check);
}

/* What must hold of two readings of the same bytes, the second one with PVHLOAD_READ_PARTIAL. */
static void guest_check(const struct reading *strict, const struct reading *partial)
{
	check_reading(partial);
	MUST(strict->problem_count == 0);
	if (strict->status == PVHLOAD_OK || partial->status != PVHLOAD_OK) {
		/* nothing is broken, or there is nothing to look at */
		MUST(partial->status == strict->status && partial->problem_count == 0);
		return;
	}
	/* what the one ends with is the first that the other tells */
	MUST(partial->problem_count > 0);
	MUST(partial->problems[0]->status == (int32_t)strict->status);
	MUST(partial->problems[0]->gpa == strict->err.gpa);
	MUST(strcmp(partial->problems[0]->message, strict->err.message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading strict, partial;
	struct guest guest;

	if (size == 0)
		return 0;
	guest_init(&guest, data, size);
	strict = guest_read(&guest, 0);
	check_reading(&strict);
	if (guest.judged) {
		partial = guest_read(&guest, PVHLOAD_READ_PARTIAL);
		guest_check(&strict, &partial);
		guest_view_free(partial.view);
		read_while_it_changes(&guest);
	}
	guest_view_free(strict.view);
	bytes_free(&guest.ram);
	return 0;
}
