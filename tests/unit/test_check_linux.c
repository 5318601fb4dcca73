/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A zero page in guest memory, judged: each broken rule is one problem, and nothing is written. */
#include "images.h"
#include "judging.h"
#include "linux_read_fixture.h"

#define STRAY    0x500000u /* after RAM */
#define INITRD   0x300000u
#define KERNEL   0x200000u
#define FOUR_GIB 0x100000000u
#define NODE     PVHLOAD_SUBJECT_SETUP_DATA

struct judged {
	const char *name;
	struct change changes[7];
	uint32_t flags;
	struct problem problems[3];
};

#define SENTINEL \
	"the sentinel is 0xff, not 0: Linux takes the page for a copied file and wipes most of it"
#define HIGH SENTINEL "; addresses and sizes of 4 GiB or more lose their high halves"
#define SELF "a bzImage that decodes itself "
#define NO_SIZES \
	"kernel_alignment and init_size are 0: " SELF "takes that from here and dies without a word"
#define LOST "the kernel takes these to decode itself and run, and what was there is lost"
#define ONE  "it breaks one of the two"

/* Where the page says that the kernel is: loaded at KERNEL, 0x1000 bytes, to run in 0x10000 there. */
#define IN_PLACE                                                         \
	{ 0x214, KERNEL, 4 }, { 0x258, KERNEL, 8 }, { 0x1f4, 0x100, 4 }, \
	{                                                                \
		0x234, 1, 1                                              \
	}
/* Or to run elsewhere. */
#define APART                                                              \
	{ 0x214, KERNEL, 4 }, { 0x258, 0x280000, 8 }, { 0x1f4, 0x100, 4 }, \
	{                                                                  \
		0x234, 1, 1                                                \
	}

static const struct judged cases[] = {
	{ .name = "sound" },
	{ .name = "no initrd, no loader", .changes = { { 0x210, 0, 1 }, { 0x21c, 0, 4 } } },
	{ .name = "no command line", .changes = { { 0x228, 0, 4 } } },
	{ .name = "a kernel out of the way", .changes = { IN_PLACE } },
	/* the page */
	{ .name = "sentinel",
	  .changes = { { 0x1ef, 0xff, 1 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, SENTINEL } } },
	{ .name = "sentinel and RSDP",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0x70, 0xe0000, 8 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  SENTINEL "; the RSDP's address is lost" } } },
	{ .name = "sentinel and high halves",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0x70, 0xe0000, 8 }, { 0xc0, 1, 4 }, { 0x21c, 0, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  SENTINEL "; the RSDP's address is lost; addresses and sizes of 4 GiB or "
				   "more lose their high halves" } } },
	{ .name = "sentinel, and an initrd of 0 bytes: 1",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0x21c, 0, 4 }, { 0xc0, 1, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, HIGH } } },
	{ .name = "sentinel, and an initrd of 0 bytes: 0x80000000",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0x21c, 0, 4 }, { 0xc0, 0x80000000, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, HIGH } } },
	{ .name = "sentinel, and an initrd at 0: 1",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0x218, 0, 4 }, { 0xc4, 1, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, HIGH } } },
	{ .name = "sentinel, and an initrd at 0: 0x80000000",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0x218, 0, 4 }, { 0xc4, 0x80000000, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, HIGH } } },
	{ .name = "sentinel, and a command line above 4 GiB",
	  .changes = { { 0x1ef, 0xff, 1 }, { 0xc8, 1, 4 } },
	  .problems = { { PVHLOAD_E_RANGE, FOUR_GIB + CMDLINE, 0, 0,
			  "command line: 0x1 bytes at 0x100020000 are not all in the guest's RAM: "
			  "there is none at 0x100020000" },
			{ PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, HIGH } } },
	{ .name = "a framebuffer in RAM",
	  .changes = { { 0x0f, 0x23, 1 }, { 0x18, 0x200000, 4 }, { 0x1c, 1, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x200000, 0, 0,
			  "the framebuffer [0x200000, 0x210000) overlaps RAM [0x100000, 0x400000)" } } },
	{ .name = "a framebuffer above it, as EFI tells of one",
	  .changes = { { 0x0f, 0x70, 1 },
		       { 0x18, 0x200000, 4 },
		       { 0x1c, 0x1000, 4 },
		       { 0x36, 2, 4 },
		       { 0x3a, 1, 4 } } },
	{ .name = "text", .changes = { { 0x0f, 1, 1 }, { 0x18, 0x200000, 4 }, { 0x1c, 1, 4 } } },
	{ .name = "no loader",
	  .changes = { { 0x210, 0, 1 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  "type_of_loader is 0: Linux ignores the initrd" } } },
	{ .name = "no alignment",
	  .changes = { { 0x230, 0, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  "kernel_alignment is 0: " SELF "takes that from here and dies without a "
			  "word" } } },
	{ .name = "no sizes",
	  .changes = { { 0x230, 0, 4 }, { 0x260, 0, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, NO_SIZES } } },
	{ .name = "no size, and a payload",
	  .changes = { { 0x24c, 1, 4 }, { 0x260, 0, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  "init_size is 0: " SELF
			  "takes that from here and dies without a word" } } },
	{ .name = "sizes in their lowest bytes", .changes = { { 0x230, 1, 4 }, { 0x260, 1, 4 } } },
	{ .name = "sizes in their highest bytes",
	  .changes = { { 0x230, 0x80000000, 4 }, { 0x260, 0x80000000, 4 } } },
	{ .name = "room for no more than the payload", .changes = { { 0x24c, 0x10000, 4 } } },
	{ .name = "nothing of a kernel's",
	  .changes = { { 0x22c, 0, 4 }, { 0x230, 0, 4 }, { 0x238, 0, 4 }, { 0x260, 0, 4 } } },
	{ .name = "a limit on the initrd",
	  .changes = { { 0x21c, 0, 4 },
		       { 0x228, 0, 4 },
		       { 0x22c, 1, 4 },
		       { 0x230, 0, 4 },
		       { 0x238, 0, 4 },
		       { 0x260, 0, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, NO_SIZES } } },
	{ .name = "a limit on the command line",
	  .changes = { { 0x21c, 0, 4 },
		       { 0x228, 0, 4 },
		       { 0x22c, 0, 4 },
		       { 0x230, 0, 4 },
		       { 0x238, 1, 4 },
		       { 0x260, 0, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0, NO_SIZES } } },
	{ .name = "too small to decode in",
	  .changes = { { 0x24c, 0x10001, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  "init_size is 0x10000, 0x1 less than payload_length, 0x10001: " SELF
			  "there dies without a word" } } },
	/* the map */
	{ .name = "no entries",
	  .changes = { { 0x1e8, 0, 1 } },
	  .problems = { { PVHLOAD_E_MEMMAP, NOWHERE, 0, 0,
			  "there is no memory map: Linux makes one up, and panics" } } },
	{ .name = "one entry, which the initrd is not in",
	  .changes = { { 0x1e8, 1, 1 } },
	  .problems = { { PVHLOAD_E_MEMMAP, NOWHERE, 0, 0,
			  "the memory map has 1 entry; Linux up to 6.19 throws a map of fewer than 2 "
			  "away" },
			{ PVHLOAD_E_RANGE, INITRD, 0, 0,
			  "initrd [0x300000, 0x301000) leaves RAM: the memory map ends at 0x9fc00; "
			  "0x1000 of its bytes are not RAM" } } },
	{ .name = "entries overlap",
	  .changes = { { 0x2e4, 0, 8 } },
	  .problems = { { PVHLOAD_E_MEMMAP, 0, 0, 0,
			  "memory map entries overlap: RAM [0x0, 0x9fc00) and RAM [0x0, 0x300000)" } } },
	/* the command line */
	{ .name = "as long as it may be", .changes = { { 0x238, 5, 4 } } },
	{ .name = "too long",
	  .changes = { { 0x238, 4, 4 } },
	  .problems = { { PVHLOAD_E_CMDLINE, NOWHERE, 0, 0,
			  "the command line has 5 bytes, 1 more than the 4 the kernel takes" } } },
	{ .name = "where RAM ends",
	  .changes = { { 0x228, 0x9fbf0, 4 }, { 0x9fbf0 - PAGE, 0, 1 } },
	  .problems = { { PVHLOAD_E_RANGE, 0x9fc00, 0, 0,
			  "cmdline [0x9fbf0, 0xa03f0) leaves RAM: it runs into the hole "
			  "[0x9fc00, 0x100000); 0x7f0 of its bytes are not RAM" } } },
	/* the initrd */
	{ .name = "up to initrd_addr_max", .changes = { { 0x22c, 0x300fff, 4 } } },
	{ .name = "beyond initrd_addr_max, and no loader",
	  .changes = { { 0x22c, 0x300ffe, 4 }, { 0x210, 0, 1 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, 0, 0,
			  "type_of_loader is 0: Linux ignores the initrd" },
			{ PVHLOAD_E_RANGE, INITRD, 0, 0,
			  "initrd, 0x1000 bytes at 0x300000, does not end below initrd_addr_max, "
			  "0x300ffe: 0x1 bytes are beyond it" } } },
	{ .name = "over the command line",
	  .changes = { { 0x218, 0x1f800, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, CMDLINE, 0, 0,
			  "initrd [0x1f800, 0x20800) overlaps cmdline [0x20000, 0x20800) by 0x800 "
			  "bytes" } } },
	{ .name = "over the RSDP",
	  .changes = { { 0x70, INITRD + 0xfff, 8 } },
	  .problems = { { PVHLOAD_E_OVERLAP, INITRD + 0xfff, 0, 0,
			  "initrd [0x300000, 0x301000) overlaps the RSDP [0x300fff, 0x301023) by 0x1 "
			  "bytes" } } },
	{ .name = "above 4 GiB, by the 64-bit entry",
	  .changes = { { 0x1e8, 3, 1 },
		       { 0x2f8, FOUR_GIB, 8 },
		       { 0x300, 0x100000, 8 },
		       { 0x308, 1, 4 },
		       { 0x0c0, 1, 4 },
		       { 0x218, 0x1000, 4 },
		       { 0x236, 3, 2 } } },
	{ .name = "above 4 GiB, by the 32-bit entry",
	  .changes = { { 0x1e8, 3, 1 },
		       { 0x2f8, FOUR_GIB, 8 },
		       { 0x300, 0x100000, 8 },
		       { 0x308, 1, 4 },
		       { 0x0c0, 1, 4 },
		       { 0x218, 0x1000, 4 },
		       { 0x236, 3, 2 } },
	  .flags = PVHLOAD_LINUX_ENTRY32,
	  .problems = { { PVHLOAD_E_RANGE, FOUR_GIB + 0x1000, 0, 0,
			  "initrd, 0x1000 bytes at 0x100001000, does not end below initrd_addr_max, "
			  "0x7fffffff: 0x1000 bytes are beyond it" } } },
	/* the kernel */
	{ .name = "initrd where the kernel runs",
	  .changes = { IN_PLACE, { 0x218, 0x20f001, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x20f001, 0, 0,
			  "initrd [0x20f001, 0x210001) overlaps kernel [0x200000, 0x210000) by 0xfff "
			  "bytes: " LOST } } },
	{ .name = "initrd where a kernel runs that may be anywhere",
	  .changes = { IN_PLACE, { 0x218, 0x20f001, 4 }, { 0x230, 1, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x20f001, 0, 0,
			  "initrd [0x20f001, 0x210001) overlaps kernel [0x200000, 0x210000) by 0xfff "
			  "bytes: " LOST } } },
	{ .name = "initrd after the kernel", .changes = { IN_PLACE, { 0x218, 0x210000, 4 } } },
	{ .name = "initrd over the kernel's image",
	  .changes = { APART, { 0x218, 0x200fff, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x200fff, 0, 0,
			  "initrd [0x200fff, 0x201fff) overlaps kernel image [0x200000, 0x201000) by "
			  "0x1 bytes: " ONE } } },
	{ .name = "initrd over an image that ends where the kernel runs",
	  .changes = { APART, { 0x218, 0x200fff, 4 }, { 0x258, 0x201000, 8 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x200fff, 0, 0,
			  "initrd [0x200fff, 0x201fff) overlaps kernel [0x200000, 0x211000) by 0x1000 "
			  "bytes: " LOST } } },
	{ .name = "initrd over an image that begins where the kernel's run ends",
	  .changes = { { 0x214, KERNEL, 4 },
		       { 0x218, 0x200fff, 4 },
		       { 0x234, 0, 1 },
		       { 0x258, 0x1f0000, 8 },
		       { 0x1f4, 0x100, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x200fff, 0, 0,
			  "initrd [0x200fff, 0x201fff) overlaps kernel [0x1f0000, 0x201000) by 0x1 "
			  "bytes: " ONE } } },
	{ .name = "2.09 does not say where",
	  .changes = { IN_PLACE, { 0x218, KERNEL, 4 }, { 0x206, 0x209, 2 } } },
	/* setup_data */
	{ .name = "no device tree",
	  .changes = { { NODES + 8 - PAGE, 2, 4 } },
	  .problems = { { PVHLOAD_E_MALFORMED, NOWHERE, NODE, 0,
			  "setup_data 0 (dtb): not a device tree: its magic is 0x0 and its totalsize 0 "
			  "in a file of 4 bytes" } } },
	{ .name = "a seed by a setup_indirect",
	  .changes = { { 0x250, NODES + 0x1000, 8 } },
	  .problems = { { PVHLOAD_E_PROTOCOL, NODES + 0x1000, NODE, 0,
			  "setup_data 0 (rng_seed): given by a setup_indirect, Linux does not see "
			  "it" } } },
	{ .name = "a ROM by a setup_indirect", .changes = { { 0x250, NODES + 0x2000, 8 } } },
	{ .name = "before there was setup_indirect",
	  .changes = { { 0x250, NODES + 0x2000, 8 }, { 0x206, 0x20e, 2 } },
	  .problems = { { PVHLOAD_E_PROTOCOL, NOWHERE, 0, 0,
			  "the kernel's boot protocol 2.14 cannot take setup_data by "
			  "setup_indirect, which came with 2.15" } } },
	{ .name = "a node over the initrd",
	  .changes = { { 0x218, NODES + 0x13, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, NODES + 0x13, NODE, 0,
			  "setup_data 0 rng_seed [0x30000, 0x30014) overlaps initrd [0x30013, 0x31013) "
			  "by 0x1 bytes: " ONE } } },
	{ .name = "the second node over the initrd",
	  .changes = { { NODES - PAGE, NODES + 0x2000, 8 }, { 0x218, NODES + 0x2027, 4 } },
	  .problems = { { PVHLOAD_E_OVERLAP, NODES + 0x2027, NODE, 1,
			  "setup_data 1 pci [0x32000, 0x32028) overlaps initrd [0x32027, 0x33027) "
			  "by 0x1 bytes: " ONE } } },
	/* what cannot be read is not judged further */
	{ .name = "no command line, and a seed by a setup_indirect",
	  .changes = { { 0x228, STRAY, 4 }, { 0x250, NODES + 0x1000, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, STRAY, 0, 0,
			  "command line: 0x1 bytes at 0x500000 are not all in the guest's RAM: there is "
			  "none at 0x500000" },
			{ PVHLOAD_E_PROTOCOL, NODES + 0x1000, NODE, 0,
			  "setup_data 0 (rng_seed): given by a setup_indirect, Linux does not see "
			  "it" } } },
	{ .name = "no command line, and no entries",
	  .changes = { { 0x228, STRAY, 4 }, { 0x1e8, 0, 1 } },
	  .problems = { { PVHLOAD_E_RANGE, STRAY, 0, 0,
			  "command line: 0x1 bytes at 0x500000 are not all in the guest's RAM: there is "
			  "none at 0x500000" },
			{ PVHLOAD_E_MEMMAP, NOWHERE, 0, 0,
			  "there is no memory map: Linux makes one up, and panics" } } },
	{ .name = "no nodes, and a command line too long",
	  .changes = { { 0x250, STRAY, 8 }, { 0x238, 4, 4 } },
	  .problems = { { PVHLOAD_E_RANGE, STRAY, NODE, 0,
			  "setup_data 0 at 0x500000: 0x10 bytes at 0x500000 are not all in the guest's "
			  "RAM: there is none at 0x500000" },
			{ PVHLOAD_E_CMDLINE, NOWHERE, 0, 0,
			  "the command line has 5 bytes, 1 more than the 4 the kernel takes" } } },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static void put(struct linux_read *f, const struct change *change)
{
	poke(&(struct bytes){ f->fake.bytes + PAGE, 0 }, (size_t)change->at, change->value,
	     change->size);
}

/* A page with a kernel's header, and what it points to; two more nodes that it does not. */
static void sound(struct linux_read *f)
{
	static const struct change header[] = { { 0x22c, 0x7fffffff, 4 },
						{ 0x230, 0x1000, 4 },
						{ 0x238, 2047, 4 },
						{ 0x260, 0x10000, 4 } };

	linux_read_setup(f);
	f->spec = (struct zero_page_spec){
		.type_of_loader = 0xff,
		.cmdline_gpa = CMDLINE,
		.initrd_gpa = INITRD,
		.initrd_size = 0x1000,
		.setup_data = NODES,
		.e820 = { { 0, 0x9fc00, 1 }, { 0x100000, 0x300000, 1 } },
		.e820_entries = 2,
	};
	put_zero_page(f->fake.bytes + PAGE, &f->spec);
	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		put(f, &header[i]);
	memcpy(f->fake.bytes + CMDLINE, "quiet", 6);
	put_setup_data(f->fake.bytes, NODES, 0, 9, "\0\0\0", 4);
	put_setup_indirect(f->fake.bytes, NODES + 0x1000, 0, 0x80000009, NODES + 0x1800, 4);
	put_setup_indirect(f->fake.bytes, NODES + 0x2000, 0, 0x80000003, NODES + 0x1800, 4);
}

static struct scene scene_of(struct linux_read *f)
{
	return (struct scene){ pvhload_linux_check, &f->fake, PAGE };
}

START_TEST(judges)
{
	const struct judged *c = &cases[_i];
	struct linux_read f;
	const struct scene scene = scene_of(&f);

	sound(&f);
	for (size_t i = 0; i < 7 && c->changes[i].size > 0; i++)
		put(&f, &c->changes[i]);
	judges_as(&scene, c->name, c->flags, c->problems, 3);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(refusals)
{
	struct linux_read f;
	const struct scene scene = scene_of(&f);

	sound(&f);
	cannot_judge(&scene, &f.entries[1], STRAY);
	linux_read_teardown(&f);
}
END_TEST

/* That memory fails where the size after the payload would be is the end, as it is anywhere else. */
START_TEST(image_cannot_be_read)
{
	static const struct change kernel[] = { IN_PLACE, { 0x24c, 0x800, 4 } };
	struct pvhload_check *check = NULL;
	struct pvhload_error err;
	struct linux_read f;
	const struct scene scene = scene_of(&f);

	sound(&f);
	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++)
		put(&f, &kernel[i]);
	ck_status(PVHLOAD_OK, err, pvhload_linux_check(&f.fake.memory, PAGE, 0, &check, &err));
	ck_assert_uint_eq(check->count, 0);
	pvhload_check_free(check);
	f.fake.fail_at = 2 * f.fake.calls; /* the last call of the same once more */
	f.fake.fail_with = 7;
	judging_refused(&scene, PAGE, 0, PVHLOAD_E_CALLBACK);
	linux_read_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("check_linux");
	TCase *table = tcase_create("rules");

	tcase_add_loop_test(table, judges, 0, (int)CASES);
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "others", refusals, image_cannot_be_read);
	return run_suite(suite);
}
