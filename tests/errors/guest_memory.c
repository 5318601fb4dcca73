/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Guest memory that is not as it was said to be, and callbacks that fail. */
#include "errors.h"

/* Commit a fine plan to memory that @change has made worse. */
static struct pvhload_error commit(void (*change)(struct fake_memory *fake))
{
	struct pvhload_error err;
	struct fake_memory fake;
	struct plan_fixture f;
	enum pvhload_status status;

	plan_setup(&f, 4 * MIB);
	(void)plan(&f);
	fake_memory_init(&fake, 4 * MIB, 0);
	change(&fake);
	err = fresh_error();
	status = pvhload_plan_commit(f.plan, &fake.memory, &err);
	fake_memory_free(&fake);
	plan_teardown(&f);
	return failed(status, &err);
}

static void without_write(struct fake_memory *fake)
{
	fake->ops.write = NULL;
}

static struct pvhload_error no_write(void)
{
	return commit(without_write);
}

static void without_ops(struct fake_memory *fake)
{
	fake->memory.ops = NULL;
}

static struct pvhload_error no_ops(void)
{
	return commit(without_ops);
}

static void with_flag(struct fake_memory *fake)
{
	fake->memory.flags = 0x80;
}

static struct pvhload_error memory_flag(void)
{
	return commit(with_flag);
}

static void failing(struct fake_memory *fake)
{
	fake->fail_at = 1;
	fake->fail_with = -14;
}

static struct pvhload_error write_fails(void)
{
	return commit(failing);
}

/* A slot of the stock backend, in place of the fake's callbacks, that ends before the first structure, or is ROM. */
static void with_slot(struct fake_memory *fake, uint32_t flags)
{
	static struct pvhload_ram_slot slot;

	slot = (struct pvhload_ram_slot){ .size = flags ? 4 * MIB : 0x500,
					  .host = fake->bytes,
					  .flags = flags };
	fake->memory.ops = pvhload_ram_flat_ops();
	fake->memory.user = &slot;
}

static void with_short_slot(struct fake_memory *fake)
{
	with_slot(fake, 0);
}

static struct pvhload_error no_slot(void)
{
	return commit(with_short_slot);
}

static void with_rom(struct fake_memory *fake)
{
	with_slot(fake, PVHLOAD_RAM_SLOT_ROM);
}

static struct pvhload_error rom(void)
{
	return commit(with_rom);
}

static void with_less_ram(struct fake_memory *fake)
{
	static struct pvhload_memmap_entry entries[3];
	static struct pvhload_memmap map;

	map = ram_map(entries, 2 * MIB);
	fake->memory.memmap = &map;
}

static struct pvhload_error less_ram(void)
{
	return commit(with_less_ram);
}

static struct pvhload_error writing(uint64_t gpa, size_t len, bool mapped)
{
	static const uint8_t bytes[8192];
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, 4 * MIB);
	struct pvhload_error err = fresh_error();
	struct fake_memory fake;
	enum pvhload_status status;

	fake_memory_init(&fake, 4 * MIB, 0);
	fake.memory.memmap = mapped ? &map : NULL;
	status = pvhload_memory_write(&fake.memory, gpa, bytes, len, &err);
	ck_assert(fake_memory_untouched(&fake));
	fake_memory_free(&fake);
	return failed(status, &err);
}

static struct pvhload_error write_outside(void)
{
	return writing(0x9f000, 8192, true);
}

static struct pvhload_error write_without_map(void)
{
	return writing(0x7000, 8, false);
}

static struct pvhload_error loading(struct bytes bytes, uint64_t ram, uint32_t flags, uint64_t gpa)
{
	const struct pvhload_image_load_options options = { sizeof(options), gpa, flags, 0 };
	struct load_fixture f;

	load_setup_ram(&f, bytes, 0, ram);
	return try_load(&f, &options);
}

static struct pvhload_error load_outside(void)
{
	return loading(small_elf(), 2 * MIB, 0, 0);
}

static struct pvhload_error load_between(void)
{
	return loading(small_elf(), 4 * MIB, PVHLOAD_IMAGE_LOAD_AT, 0x100800);
}

static struct pvhload_error load_without_flag(void)
{
	return loading(small_elf(), 4 * MIB, 0, 0x200000);
}

static struct pvhload_error load_bzimage(void)
{
	return loading(small_bzimage(), 32 * MIB, 0, 0);
}

static struct pvhload_error load_without_map(void)
{
	struct load_fixture f;

	load_setup(&f, small_elf(), 0);
	f.fake.memory.memmap = NULL;
	return try_load(&f, NULL);
}

/* A zero page by itself, with a fixed place. */
static struct pvhload_error zero_page_alone(uint64_t zero_page, uint64_t cmdline)
{
	struct pvhload_error err = fresh_error();
	enum pvhload_status status;
	struct linux_fixture f;

	linux_setup(&f);
	f.layout.zero_page_gpa = zero_page;
	f.layout.cmdline_gpa = cmdline;
	status = linux_write(&f, &err);
	ck_assert(fake_memory_untouched(&f.fake));
	linux_teardown(&f);
	return failed(status, &err);
}

static struct pvhload_error zero_page_outside(void)
{
	return zero_page_alone(0x9f800, 0);
}

static struct pvhload_error cmdline_on_zero_page(void)
{
	return zero_page_alone(0x10000, 0x10800);
}

static const struct mistake mistakes[] = {
	{ "Guest memory that cannot be written", no_write, PVHLOAD_E_USAGE,
	  "the guest memory has no write callback",
	  "Set pvhload_memory_ops::write, or use a stock backend of guest_memory.h." },
	{ "Guest memory without callbacks", no_ops, PVHLOAD_E_USAGE,
	  "the guest memory's callbacks are NULL or have a wrong size",
	  "Set pvhload_memory::ops, and begin the struct with PVHLOAD_MEMORY_OPS_INIT." },
	{ "An unknown flag of guest memory", memory_flag, PVHLOAD_E_USAGE,
	  "the guest memory has an unknown flag (0x80), or its reserved member is not 0",
	  "Clear the bit, or run with a version of the library that knows it: the program may "
	  "have been built against a later one." },
	{ "A write callback that fails", write_fails, PVHLOAD_E_CALLBACK,
	  "gdt: the write callback returned -14 for 0x20 bytes at 0x500",
	  "The failure is in your own callback; what it returned is also in "
	  "pvhload_error::cause. Part of the plan may have been written." },
	{ "RAM of the map without a slot", no_slot, PVHLOAD_E_CALLBACK,
	  "gdt: the write callback returned -4096 for 0x20 bytes at 0x500: not all of that is in "
	  "a usable slot (PVHLOAD_MEMORY_NO_SLOT)",
	  "The memory map has RAM that the slots have not; or a slot has no host address or an "
	  "unknown flag; or pvhload_memory::user points to something else than this stock backend "
	  "takes." },
	{ "RAM of the map in a slot of ROM", rom, PVHLOAD_E_CALLBACK,
	  "gdt: the write callback returned -4097 for 0x20 bytes at 0x500: some of that is in a "
	  "slot of ROM (PVHLOAD_MEMORY_ROM)",
	  "Take PVHLOAD_RAM_SLOT_ROM from the slot, or the range out of the map's RAM." },
	{ "Less RAM than the plan was made for", less_ram, PVHLOAD_E_RANGE,
	  "kernel: 0x103000 bytes at 0x100000 are not all in the guest's RAM: there is none "
	  "at 0x200000",
	  "Use one map for both: the plan's map has RAM where the map of the memory has none." },
	{ "Writing outside of RAM", write_outside, PVHLOAD_E_RANGE,
	  "0x2000 bytes at 0x9f000 are not all in the guest's RAM: there is none at 0x9fc00",
	  "Check address and length against the map; the message has the first address that "
	  "is not RAM. Nothing has been written." },
	{ "Writing without a map", write_without_map, PVHLOAD_E_USAGE,
	  "the guest memory has no map, or the bytes are NULL",
	  "Set pvhload_memory::memmap, which says what is RAM." },
	{ "Loading an image that RAM is too small for", load_outside, PVHLOAD_E_RANGE,
	  "kernel segment 1 [0x200000, 0x203000) leaves RAM: the memory map ends at 0x200000; "
	  "0x3000 of its bytes are not RAM",
	  "Give the guest more RAM, or load the image elsewhere (PVHLOAD_IMAGE_LOAD_AT) if "
	  "it can be moved." },
	{ "Loading an ELF file at an odd distance", load_between, PVHLOAD_E_RANGE,
	  "0x100800 is not 0x100000, where the image is linked to, moved by a multiple of 0x1000; the kernel cannot be moved from 0x100000 to 0x100800: it has no PHYS32_RELOC note",
	  "Move it by a multiple of the alignment that the message names, or not at all." },
	{ "An address without the flag that asks for it", load_without_flag, PVHLOAD_E_USAGE,
	  "the load options name 0x200000, but not the flag that asks for it "
	  "(PVHLOAD_IMAGE_LOAD_AT)",
	  "Set PVHLOAD_IMAGE_LOAD_AT in the options, or leave the address 0: as 0"
	  " is an address too, the flag decides." },
	{ "Loading a bzImage without room to decode itself", load_bzimage, PVHLOAD_E_RANGE,
	  "kernel [0x1000000, 0x4000000) leaves RAM: the memory map ends at 0x2000000; 0x2000000 of its bytes are not RAM",
	  "Give the guest RAM for init_size from the preferred address on: the file is "
	  "small, what it decodes to is not." },
	{ "Loading without a map", load_without_map, PVHLOAD_E_USAGE, "the guest memory has no map",
	  "Set pvhload_memory::memmap, by which each segment is checked." },
	{ "A zero page that ends outside of RAM", zero_page_outside, PVHLOAD_E_RANGE,
	  "zero page [0x9f800, 0xa0800) leaves RAM: it runs into the hole [0x9fc00, 0x100000); 0xc00 of its bytes are not RAM",
	  "Give a place where all 4096 bytes are RAM: the kernel would read what is missing "
	  "as something else." },
	{ "A command line on the zero page", cmdline_on_zero_page, PVHLOAD_E_OVERLAP,
	  "cmdline [0x10800, 0x11000) overlaps zero page [0x10000, 0x11000) by 0x800 bytes",
	  "Give two places that do not overlap: the zero page has 4096 bytes, the command "
	  "line's place what the kernel takes and a NUL." },
};

THEME(guest_memory_theme, "Guest memory", mistakes);
