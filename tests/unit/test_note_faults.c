/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is said of a note that does not count, and where it is. */
#include "plan_fixture.h"

#define ENTRY 18
#define RELOC 19

/* A word of a note's header, or of what it holds, that is not as it should be. */
struct flaw {
	const char *name;
	uint32_t type;
	size_t desc_size;
	uint64_t desc;
	size_t at; /* what is changed in the note; 0 with size 0: nothing */
	uint32_t value;
	size_t size;
	const char *says; /* after the name of the note and its offset */
};

static const struct flaw flaws[] = {
	{ "two bytes", ENTRY, 2, 0x10, 0, 0, 0, "PHYS32_ENTRY note at offset 0x160 holds 2 bytes" },
	{ "a virtual address", ENTRY, 8, 0xffffffff81000010, 0, 0, 0,
	  "PHYS32_ENTRY note at offset 0x160 names 0xffffffff81000010, above 4 GiB" },
	{ "no NUL", ENTRY, 8, 0x100010, 0, 3, 4,
	  "PHYS32_ENTRY note at offset 0x160 has the owner \"Xen\" without a NUL (n_namesz 3)" },
	{ "no such size", ENTRY, 8, 0x100010, 4, 0xfffffff0, 4,
	  "it has no PHYS32_ENTRY note before offset 0x160, where a damaged note ends the search" },
	{ "no such name", ENTRY, 8, 0x100010, 0, 0xfffffff0, 4, "before offset 0x160, where" },
	{ "six bytes", RELOC, 6, 0x200000, 0, 0, 0,
	  "PHYS32_RELOC note at offset 0x160 holds 6 bytes, not 0, 4, 8 or 12" },
	{ "no power of two", RELOC, 4, 0x300000, 0, 0, 0,
	  "PHYS32_RELOC note at offset 0x160 has the alignment 0x300000, no power of two" },
	{ "no NUL", RELOC, 4, 0x200000, 0, 3, 4,
	  "PHYS32_RELOC note at offset 0x160 has the owner" },
	{ "no such size", RELOC, 4, 0x200000, 4, 0xfffffff0, 4,
	  "it has no PHYS32_RELOC note before offset 0x160" },
};

/* A kernel with the note after another one: an entry, or, before an entry, something else. */
static void flawed_setup(struct plan_fixture *f, const struct flaw *flaw)
{
	static const uint8_t entry[8] = { 0x10, 0, 0x10, 0 };
	struct elf_spec spec = small_kernel();
	static uint8_t notes[128];
	struct bytes b = { notes, 0 };
	uint8_t desc[8];
	size_t at, end;

	if (flaw->type == RELOC)
		at = put_note(notes, 0, "Xen", ENTRY, entry, 8, 4);
	else
		at = put_note(notes, 0, "GNU", 3, entry, 8, 4);
	poke(&(struct bytes){ desc, 0 }, 0, flaw->desc, sizeof(desc));
	end = put_note(notes, at, "Xen", flaw->type, desc, flaw->desc_size, 4);
	poke(&b, at + flaw->at, flaw->value, flaw->size);
	spec.segments[2] = (struct part){ PH_NOTE, 0, notes, end, end, 4 };
	plan_setup_spec(f, 64 * MIB, &spec);
}

/* The same is said of an image before it is planned. */
static void expect_explained(const struct plan_fixture *f, const struct flaw *flaw)
{
	struct pvhload_image_explanation *e = NULL;
	const struct pvhload_image_method *pvh;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_explain(f->image, &e, &err));
	pvh = e->methods[0];
	ck_assert_uint_eq(pvh->protocol, PVHLOAD_PROTOCOL_PVH);
	ck_assert_uint_eq(pvh->can, flaw->type == RELOC);
	ck_assert_msg(strstr(pvh->reason, flaw->says) != NULL, "%s", pvh->reason);
	if (flaw->type == RELOC)
		ck_assert_msg(strstr(pvh->reason, "says 0x100010; it cannot be moved: it") != NULL,
			      "%s", pvh->reason);
	pvhload_image_explanation_free(e);
}

/* What is said of a note that does not count. */
START_TEST(what_is_wrong)
{
	const struct flaw *flaw = &flaws[_i];
	struct pvhload_error err;
	struct plan_fixture f;

	flawed_setup(&f, flaw);
	expect_explained(&f, flaw);
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	if (flaw->type == RELOC)
		set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x400000);
	err = refused(&f, flaw->type == RELOC ? PVHLOAD_E_RANGE : PVHLOAD_E_PROTOCOL);
	ck_says(err, flaw->says);
	plan_teardown(&f);
}
END_TEST

/* More notes than are read. */
START_TEST(too_many)
{
	uint8_t *notes = calloc(1, PVHLOAD_ELF_NOTE_BYTES_MAX + 64);
	struct elf_spec spec = small_kernel();
	struct bytes b = { notes, 0 };
	struct plan_fixture f;
	size_t end;

	poke(&b, 4, PVHLOAD_ELF_NOTE_BYTES_MAX - 12, 4);
	end = put_note(notes, PVHLOAD_ELF_NOTE_BYTES_MAX, "Xen", ENTRY, "\x10\0\x10", 4, 4);
	spec.segments[2] = (struct part){ PH_NOTE, 0, notes, end, end, 4 };
	plan_setup_spec(&f, 64 * MIB, &spec);
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	ck_says(refused(&f, PVHLOAD_E_PROTOCOL),
		"no PHYS32_ENTRY note in what is read of its notes at offset 0x148, 65536 bytes");
	plan_teardown(&f);
	free(notes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("note_faults");
	TCase *table = tcase_create("what_is_wrong");

	tcase_add_loop_test(table, what_is_wrong, 0, (int)(sizeof(flaws) / sizeof(flaws[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "note_faults", too_many);
	return run_suite(suite);
}
