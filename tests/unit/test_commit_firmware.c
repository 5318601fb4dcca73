/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A firmware on its way to ROM: nowhere else, nothing else, and by the stock memory as a VMM has it. */
#include <sys/mman.h>

#include "fake_memory.h"
#include "made_firmware.h"
#include "plan_fixture.h"

#define RAM_SIZE  (8u << 20)
#define ROM_SIZE  0x40000u
#define ROM_GPA   0xfffc0000ull
#define ALIAS_GPA 0xe0000u
#define ALIAS     0x20000u

static const struct pvhload_range roms[] = { { ALIAS_GPA, ALIAS }, { ROM_GPA, ROM_SIZE } };

/* A plan, RAM for all of the first 8 MiB, and the ROM. */
struct machine {
	struct plan_fixture f;
	uint8_t *ram, *rom;
	struct pvhload_ram_slot slots[2];
	struct pvhload_ram_slots table;
	struct pvhload_memory mem;
};

static uint8_t *map(size_t size)
{
	void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(bytes, MAP_FAILED);
	return bytes;
}

static void setup(struct machine *m, uint32_t rom_flags)
{
	memset(m, 0, sizeof(*m));
	plan_setup(&m->f, RAM_SIZE);
	pvhload_image_close(m->f.image);
	bytes_free(&m->f.bytes);
	m->f.bytes = build_bios(ROM_SIZE);
	m->f.image = m->f.config.image = open_firmware(&m->f.bytes);
	m->f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	m->f.config.roms = roms;
	m->f.config.rom_count = 2;
	(void)plan(&m->f);
	m->ram = map(RAM_SIZE);
	m->rom = map(ROM_SIZE);
	m->slots[0] = (struct pvhload_ram_slot){ .size = RAM_SIZE, .host = m->ram };
	m->slots[1] = (struct pvhload_ram_slot){
		.gpa = ROM_GPA, .size = ROM_SIZE, .host = m->rom, .flags = rom_flags
	};
	m->table = (struct pvhload_ram_slots){ sizeof(m->table), m->slots, 2 };
	m->mem = (struct pvhload_memory)PVHLOAD_MEMORY_INIT;
	m->mem.ops = pvhload_ram_slots_ops();
	m->mem.user = &m->table;
}

static void teardown(struct machine *m)
{
	munmap(m->ram, RAM_SIZE);
	munmap(m->rom, ROM_SIZE);
	plan_teardown(&m->f);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static bool untouched(const struct machine *m)
{
	return is_zero(m->ram, RAM_SIZE) && is_zero(m->rom, ROM_SIZE);
}

static struct pvhload_error commit(struct machine *m, enum pvhload_status status)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	ck_status(status, err, pvhload_plan_commit(m->f.plan, &m->mem, &err));
	return err;
}

/* To a slot that the guest cannot write, and to RAM below 1 MiB; not a byte anywhere else. */
START_TEST(to_slots)
{
	struct machine m;

	setup(&m, PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_FIRMWARE);
	(void)commit(&m, PVHLOAD_OK);
	ck_assert_mem_eq(m.rom, m.f.bytes.data, ROM_SIZE);
	ck_assert_mem_eq(m.ram + ALIAS_GPA, m.f.bytes.data + ROM_SIZE - ALIAS, ALIAS);
	ck_assert(is_zero(m.ram, ALIAS_GPA));
	ck_assert(is_zero(m.ram + ALIAS_GPA + ALIAS, RAM_SIZE - ALIAS_GPA - ALIAS));
	teardown(&m);
}
END_TEST

/* That RAM is fresh says nothing of ROM: there, pages of zeros are written as well. */
START_TEST(zeros_in_rom)
{
	struct machine m;

	setup(&m, 0);
	memset(m.f.bytes.data + 0x4000, 0, 0x8000);
	memset(m.f.bytes.data + ROM_SIZE - ALIAS + 0x4000, 0, 0x8000);
	memset(m.rom, 0xff, ROM_SIZE);
	memset(m.ram + ALIAS_GPA, 0xff, ALIAS);
	m.mem.flags = PVHLOAD_MEMORY_ZEROED;
	(void)commit(&m, PVHLOAD_OK);
	ck_assert_mem_eq(m.rom, m.f.bytes.data, ROM_SIZE);
	ck_assert_mem_eq(m.ram + ALIAS_GPA, m.f.bytes.data + ROM_SIZE - ALIAS, ALIAS);
	teardown(&m);
}
END_TEST

START_TEST(to_a_slot_that_is_not_for_it)
{
	struct pvhload_error err;
	struct machine m;

	setup(&m, PVHLOAD_RAM_SLOT_ROM);
	err = commit(&m, PVHLOAD_E_CALLBACK);
	ck_assert_int_eq(err.cause, PVHLOAD_MEMORY_ROM);
	ck_says(err, "firmware: the write callback returned -4097");
	ck_assert(is_zero(m.rom, ROM_SIZE));
	teardown(&m);
}
END_TEST

/* A memory with a map of its own has ROMs of its own, or none. */
START_TEST(by_the_memory)
{
	static const struct pvhload_range halves[] = { { ALIAS_GPA, ALIAS },
						       { ROM_GPA, ROM_SIZE / 2 },
						       { ROM_GPA + ROM_SIZE / 2, ROM_SIZE / 2 } };
	static const struct pvhload_range large[] = { { 0xff000000, 0x1000000 },
						      { 0xa0000, 0x60000 } };
	static const struct pvhload_range in_ram = { 0x9f000, 0x61000 }, empty = { ROM_GPA, 0 };
	struct machine m;

	setup(&m, PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_FIRMWARE);
	m.mem.memmap = &m.f.map;
	ck_says(commit(&m, PVHLOAD_E_RANGE),
		"firmware alias: 0x20000 bytes at 0xe0000 are not all in the guest's RAM");
	m.mem.roms = roms;
	m.mem.rom_count = 1;
	ck_says(commit(&m, PVHLOAD_E_RANGE), "firmware: 0x40000 bytes at 0xfffc0000");
	m.mem.roms = halves;
	m.mem.rom_count = 3;
	ck_says(commit(&m, PVHLOAD_E_RANGE), "firmware: 0x40000 bytes at 0xfffc0000");
	m.mem.roms = &in_ram;
	m.mem.rom_count = 1;
	ck_says(commit(&m, PVHLOAD_E_MEMMAP), "ROM 0, [0x9f000, 0x100000), overlaps RAM");
	m.mem.roms = &empty;
	ck_says(commit(&m, PVHLOAD_E_MEMMAP), "ROM 0, 0x0 bytes at 0xfffc0000, is empty");
	m.mem.roms = NULL;
	ck_says(commit(&m, PVHLOAD_E_USAGE), "the guest memory counts 1 ROMs");
	ck_assert(untouched(&m));
	m.mem.roms = large;
	m.mem.rom_count = 2;
	(void)commit(&m, PVHLOAD_OK);
	ck_assert_mem_eq(m.rom, m.f.bytes.data, ROM_SIZE);
	teardown(&m);
}
END_TEST

/* ROM is never zeroed, nor is the alias; other RAM is. */
START_TEST(cleared)
{
	struct pvhload_error err;
	struct machine m;

	setup(&m, PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_FIRMWARE);
	memset(m.ram, 0x33, RAM_SIZE);
	memset(m.rom, 0x44, ROM_SIZE);
	ck_status(PVHLOAD_OK, err, pvhload_plan_clear_unused(m.f.plan, &m.mem, &err));
	ck_assert_uint_eq(m.rom[0], 0x44);
	ck_assert_uint_eq(m.rom[ROM_SIZE - 1], 0x44);
	ck_assert_uint_eq(m.ram[ALIAS_GPA], 0x33);
	ck_assert(is_zero(m.ram, 0x9fc00));
	ck_assert(is_zero(m.ram + 0x100000, RAM_SIZE - 0x100000));
	teardown(&m);
}
END_TEST

/* A slot for a firmware takes no kernel, though the map says that RAM is there. */
START_TEST(no_kernel_in_its_slot)
{
	static uint8_t ram[RAM_SIZE];
	const struct pvhload_ram_slot slot = { .size = RAM_SIZE,
					       .host = ram,
					       .flags = PVHLOAD_RAM_SLOT_ROM |
							PVHLOAD_RAM_SLOT_FIRMWARE };
	struct pvhload_ram_slots table = { sizeof(table), &slot, 1 };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	(void)plan(&f);
	mem.ops = pvhload_ram_slots_ops();
	mem.user = &table;
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_int_eq(err.cause, PVHLOAD_MEMORY_ROM);
	ck_says(err, "the begin_region callback returned -4097", "PVHLOAD_MEMORY_ROM");
	ck_assert(is_zero(ram, RAM_SIZE));
	plan_teardown(&f);
}
END_TEST

/* No callback gets a range outside of what is declared, and each region is announced as what it is. */
static int watch_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	size_t *written = user;

	(void)src;
	ck_assert((gpa >= ALIAS_GPA && gpa + len <= ALIAS_GPA + ALIAS) ||
		  (gpa >= ROM_GPA && gpa + len <= ROM_GPA + ROM_SIZE));
	*written += len;
	return 0;
}

static int watch_region(void *user, const struct pvhload_plan_region *region)
{
	(void)user;
	ck_assert(region->kind == PVHLOAD_REGION_FIRMWARE ||
		  region->kind == PVHLOAD_REGION_FIRMWARE_ALIAS);
	return 0;
}

START_TEST(by_callbacks)
{
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	size_t written = 0;
	struct machine m;

	setup(&m, 0);
	ops.write = watch_write;
	ops.begin_region = watch_region;
	m.mem.ops = &ops;
	m.mem.user = &written;
	(void)commit(&m, PVHLOAD_OK);
	ck_assert_uint_eq(written, ALIAS + ROM_SIZE);
	teardown(&m);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("commit_firmware");

	ADD_TESTS(suite, "commit_firmware", to_slots, zeros_in_rom, to_a_slot_that_is_not_for_it,
		  by_the_memory, cleared, no_kernel_in_its_slot, by_callbacks);
	return run_suite(suite);
}
