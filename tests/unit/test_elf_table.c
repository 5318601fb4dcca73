/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ELF structures: what libelf and our own loads make of the same bytes is the same.  The library has one
 * of them, by the option -Delf; our own is compiled here once more, under other names.
 */
#include <assert.h>
#include <elf.h>
#include <stddef.h>

#include "abi/elf_layout.h"
#include "image/elf_table.h"
#include "suite.h"

size_t own_header_size(bool is64);
size_t own_phdr_size(bool is64);
size_t own_shdr_size(bool is64);
bool own_read_header(struct pvl_span bytes, bool is64, struct pvl_elf_header *ret);
bool own_read_phdrs(struct pvl_span bytes, bool is64, struct pvl_elf_phdr *ret, size_t count);
bool own_read_shdrs(struct pvl_span bytes, bool is64, struct pvl_elf_shdr *ret, size_t count);

static const struct table {
	const char *name;
	size_t (*header_size)(bool is64);
	size_t (*phdr_size)(bool is64);
	size_t (*shdr_size)(bool is64);
	bool (*read_header)(struct pvl_span bytes, bool is64, struct pvl_elf_header *ret);
	bool (*read_phdrs)(struct pvl_span bytes, bool is64, struct pvl_elf_phdr *ret,
			   size_t count);
	bool (*read_shdrs)(struct pvl_span bytes, bool is64, struct pvl_elf_shdr *ret,
			   size_t count);
} tables[] = {
	{ "the library's", pvl_elf_header_size, pvl_elf_phdr_size, pvl_elf_shdr_size,
	  pvl_elf_read_header, pvl_elf_read_phdrs, pvl_elf_read_shdrs },
	{ "our own", own_header_size, own_phdr_size, own_shdr_size, own_read_header, own_read_phdrs,
	  own_read_shdrs },
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

#define pvl_elf_header_size own_header_size
#define pvl_elf_phdr_size   own_phdr_size
#define pvl_elf_shdr_size   own_shdr_size
#define pvl_elf_read_header own_read_header
#define pvl_elf_read_phdrs  own_read_phdrs
#define pvl_elf_read_shdrs  own_read_shdrs
#include "image/elf_table_own.c"

/* Our numbers are those of elf.h. */
#define SAME(name) static_assert(PVL_##name == (name), #name)
#define SAME_AT(struct_name, name, member)                                               \
	static_assert(PVL_ELF32_##name == offsetof(Elf32_##struct_name, member), #name); \
	static_assert(PVL_ELF64_##name == offsetof(Elf64_##struct_name, member), #name)
#define SAME_SIZE(struct_name, name)                                           \
	static_assert(PVL_ELF32_##name == sizeof(Elf32_##struct_name), #name); \
	static_assert(PVL_ELF64_##name == sizeof(Elf64_##struct_name), #name)
#define SAME_IN_BOTH(struct_name, name, member)                                        \
	static_assert(PVL_ELF_##name == offsetof(Elf32_##struct_name, member), #name); \
	static_assert(PVL_ELF_##name == offsetof(Elf64_##struct_name, member), #name)

SAME(SELFMAG);
SAME(EI_CLASS);
SAME(EI_DATA);
SAME(EI_VERSION);
SAME(EI_NIDENT);
SAME(ELFCLASS32);
SAME(ELFCLASS64);
SAME(ELFDATA2LSB);
SAME(ELFDATA2MSB);
SAME(EV_CURRENT);
SAME(ET_REL);
SAME(ET_EXEC);
SAME(ET_DYN);
SAME(ET_CORE);
SAME(EM_SPARC);
SAME(EM_386);
SAME(EM_68K);
SAME(EM_MIPS);
SAME(EM_PARISC);
SAME(EM_PPC);
SAME(EM_PPC64);
SAME(EM_S390);
SAME(EM_ARM);
SAME(EM_SH);
SAME(EM_SPARCV9);
SAME(EM_IA_64);
SAME(EM_X86_64);
SAME(EM_AARCH64);
SAME(EM_RISCV);
SAME(EM_LOONGARCH);
SAME(EM_ALPHA);
SAME(PN_XNUM);
SAME(PT_LOAD);
SAME(PT_NOTE);
SAME(SHT_NOTE);
SAME_IN_BOTH(Ehdr, E_TYPE, e_type);
SAME_IN_BOTH(Ehdr, E_MACHINE, e_machine);
SAME_IN_BOTH(Ehdr, E_VERSION, e_version);
SAME_AT(Ehdr, E_ENTRY, e_entry);
SAME_AT(Ehdr, E_PHOFF, e_phoff);
SAME_AT(Ehdr, E_SHOFF, e_shoff);
SAME_AT(Ehdr, E_PHENTSIZE, e_phentsize);
SAME_AT(Ehdr, E_PHNUM, e_phnum);
SAME_AT(Ehdr, E_SHENTSIZE, e_shentsize);
SAME_AT(Ehdr, E_SHNUM, e_shnum);
SAME_SIZE(Ehdr, EHDR_SIZE);
SAME_IN_BOTH(Phdr, P_TYPE, p_type);
SAME_AT(Phdr, P_FLAGS, p_flags);
SAME_AT(Phdr, P_OFFSET, p_offset);
SAME_AT(Phdr, P_VADDR, p_vaddr);
SAME_AT(Phdr, P_PADDR, p_paddr);
SAME_AT(Phdr, P_FILESZ, p_filesz);
SAME_AT(Phdr, P_MEMSZ, p_memsz);
SAME_AT(Phdr, P_ALIGN, p_align);
SAME_SIZE(Phdr, PHDR_SIZE);
SAME_IN_BOTH(Shdr, SH_TYPE, sh_type);
SAME_AT(Shdr, SH_OFFSET, sh_offset);
SAME_AT(Shdr, SH_SIZE, sh_size);
SAME_AT(Shdr, SH_ADDRALIGN, sh_addralign);
SAME_SIZE(Shdr, SHDR_SIZE);
static_assert(sizeof(PVL_ELFMAG) == sizeof(ELFMAG), "ELFMAG");

static void same_header(const struct pvl_elf_header *a, const struct pvl_elf_header *b)
{
	ck_assert_int_eq(a->is64, b->is64);
	ck_assert_uint_eq(a->type, b->type);
	ck_assert_uint_eq(a->machine, b->machine);
	ck_assert_uint_eq(a->version, b->version);
	ck_assert_uint_eq(a->entry, b->entry);
	ck_assert_uint_eq(a->phoff, b->phoff);
	ck_assert_uint_eq(a->shoff, b->shoff);
	ck_assert_uint_eq(a->phentsize, b->phentsize);
	ck_assert_uint_eq(a->phnum, b->phnum);
	ck_assert_uint_eq(a->shentsize, b->shentsize);
	ck_assert_uint_eq(a->shnum, b->shnum);
}

static void same_phdr(const struct pvl_elf_phdr *a, const struct pvl_elf_phdr *b)
{
	ck_assert_uint_eq(a->type, b->type);
	ck_assert_uint_eq(a->flags, b->flags);
	ck_assert_uint_eq(a->offset, b->offset);
	ck_assert_uint_eq(a->vaddr, b->vaddr);
	ck_assert_uint_eq(a->paddr, b->paddr);
	ck_assert_uint_eq(a->filesz, b->filesz);
	ck_assert_uint_eq(a->memsz, b->memsz);
	ck_assert_uint_eq(a->align, b->align);
}

static void same_shdr(const struct pvl_elf_shdr *a, const struct pvl_elf_shdr *b)
{
	ck_assert_uint_eq(a->type, b->type);
	ck_assert_uint_eq(a->offset, b->offset);
	ck_assert_uint_eq(a->size, b->size);
	ck_assert_uint_eq(a->align, b->align);
}

#define ENTRIES     3u
#define LARGEST     64u /* of the structures */
#define BYTES_COUNT (ENTRIES * LARGEST)

/* Byte n, counted from 1, has the value n. */
static struct pvl_span numbered(uint8_t bytes[static BYTES_COUNT], size_t size)
{
	for (size_t i = 0; i < BYTES_COUNT; i++)
		bytes[i] = (uint8_t)(i + 1);
	return (struct pvl_span){ bytes, size };
}

START_TEST(file_header)
{
	static const struct pvl_elf_header expected[2] = {
		{ .is64 = false,
		  .type = 0x1211,
		  .machine = 0x1413,
		  .version = 0x18171615,
		  .entry = 0x1c1b1a19,
		  .phoff = 0x201f1e1d,
		  .shoff = 0x24232221,
		  .phentsize = 0x2c2b,
		  .phnum = 0x2e2d,
		  .shentsize = 0x302f,
		  .shnum = 0x3231 },
		{ .is64 = true,
		  .type = 0x1211,
		  .machine = 0x1413,
		  .version = 0x18171615,
		  .entry = 0x201f1e1d1c1b1a19,
		  .phoff = 0x2827262524232221,
		  .shoff = 0x302f2e2d2c2b2a29,
		  .phentsize = 0x3837,
		  .phnum = 0x3a39,
		  .shentsize = 0x3c3b,
		  .shnum = 0x3e3d },
	};
	uint8_t bytes[BYTES_COUNT];
	struct pvl_elf_header got;

	for (size_t t = 0; t < TABLES; t++)
		for (int is64 = 0; is64 < 2; is64++) {
			const size_t size = tables[t].header_size(is64);

			ck_assert_uint_eq(size, is64 ? 64 : 52);
			ck_assert(tables[t].read_header(numbered(bytes, size), is64, &got));
			same_header(&got, &expected[is64]);
		}
}
END_TEST

START_TEST(program_headers)
{
	static const struct pvl_elf_phdr expected[2][2] = {
		{ { 0x04030201, 0x1c1b1a19, 0x08070605, 0x0c0b0a09, 0x100f0e0d, 0x14131211,
		    0x18171615, 0x201f1e1d },
		  { 0x24232221, 0x3c3b3a39, 0x28272625, 0x2c2b2a29, 0x302f2e2d, 0x34333231,
		    0x38373635, 0x403f3e3d } },
		{ { 0x04030201, 0x08070605, 0x100f0e0d0c0b0a09, 0x1817161514131211,
		    0x201f1e1d1c1b1a19, 0x2827262524232221, 0x302f2e2d2c2b2a29,
		    0x3837363534333231 },
		  { 0x3c3b3a39, 0x403f3e3d, 0x4847464544434241, 0x504f4e4d4c4b4a49,
		    0x5857565554535251, 0x605f5e5d5c5b5a59, 0x6867666564636261,
		    0x706f6e6d6c6b6a69 } },
	};
	uint8_t bytes[BYTES_COUNT];
	struct pvl_elf_phdr got[2];

	for (size_t t = 0; t < TABLES; t++)
		for (int is64 = 0; is64 < 2; is64++) {
			const size_t size = tables[t].phdr_size(is64);

			ck_assert_uint_eq(size, is64 ? 56 : 32);
			ck_assert(tables[t].read_phdrs(numbered(bytes, 2 * size), is64, got, 2));
			same_phdr(&got[0], &expected[is64][0]);
			same_phdr(&got[1], &expected[is64][1]);
		}
}
END_TEST

START_TEST(section_headers)
{
	static const struct pvl_elf_shdr expected[2][2] = {
		{ { 0x08070605, 0x14131211, 0x18171615, 0x24232221 },
		  { 0x302f2e2d, 0x3c3b3a39, 0x403f3e3d, 0x4c4b4a49 } },
		{ { 0x08070605, 0x201f1e1d1c1b1a19, 0x2827262524232221, 0x3837363534333231 },
		  { 0x48474645, 0x605f5e5d5c5b5a59, 0x6867666564636261, 0x7877767574737271 } },
	};
	uint8_t bytes[BYTES_COUNT];
	struct pvl_elf_shdr got[2];

	for (size_t t = 0; t < TABLES; t++)
		for (int is64 = 0; is64 < 2; is64++) {
			const size_t size = tables[t].shdr_size(is64);

			ck_assert_uint_eq(size, is64 ? 64 : 40);
			ck_assert(tables[t].read_shdrs(numbered(bytes, 2 * size), is64, got, 2));
			same_shdr(&got[0], &expected[is64][0]);
			same_shdr(&got[1], &expected[is64][1]);
		}
}
END_TEST

/* Fewer bytes than the structures have, and none where none are asked for. */
START_TEST(too_short)
{
	uint8_t bytes[BYTES_COUNT];
	struct pvl_elf_header header;
	struct pvl_elf_phdr phdrs[2];
	struct pvl_elf_shdr shdrs[2];

	for (size_t t = 0; t < TABLES; t++)
		for (int is64 = 0; is64 < 2; is64++) {
			const struct table *table = &tables[t];
			const size_t size = table->header_size(is64);
			const size_t phdrs_size = 2 * table->phdr_size(is64);
			const size_t shdrs_size = 2 * table->shdr_size(is64);

			ck_assert(!table->read_header(numbered(bytes, 0), is64, &header));
			ck_assert(!table->read_header(numbered(bytes, size - 1), is64, &header));
			ck_assert(!table->read_phdrs(numbered(bytes, phdrs_size - 1), is64, phdrs,
						     2));
			ck_assert(!table->read_shdrs(numbered(bytes, shdrs_size - 1), is64, shdrs,
						     2));
			ck_assert(table->read_phdrs(numbered(bytes, 0), is64, NULL, 0));
			ck_assert(table->read_shdrs(numbered(bytes, 0), is64, NULL, 0));
		}
}
END_TEST

static void fill(uint8_t *bytes, size_t size, uint64_t *state)
{
	for (size_t i = 0; i < size; i++) {
		*state = *state * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(*state >> 56);
	}
}

static void compare(const uint8_t *bytes, bool is64)
{
	const struct table *a = &tables[0], *b = &tables[1];
	struct pvl_elf_header headers[2];
	struct pvl_elf_phdr phdrs[2][ENTRIES];
	struct pvl_elf_shdr shdrs[2][ENTRIES];
	struct pvl_span s = { bytes, a->header_size(is64) };

	ck_assert(a->read_header(s, is64, &headers[0]) && b->read_header(s, is64, &headers[1]));
	same_header(&headers[0], &headers[1]);
	s.size = ENTRIES * a->phdr_size(is64);
	ck_assert(a->read_phdrs(s, is64, phdrs[0], ENTRIES) &&
		  b->read_phdrs(s, is64, phdrs[1], ENTRIES));
	s.size = ENTRIES * a->shdr_size(is64);
	ck_assert(a->read_shdrs(s, is64, shdrs[0], ENTRIES) &&
		  b->read_shdrs(s, is64, shdrs[1], ENTRIES));
	for (size_t i = 0; i < ENTRIES; i++) {
		same_phdr(&phdrs[0][i], &phdrs[1][i]);
		same_shdr(&shdrs[0][i], &shdrs[1][i]);
	}
}

/* At every alignment. */
START_TEST(random_bytes)
{
	uint8_t bytes[7 + BYTES_COUNT];
	uint64_t state = 1;

	for (size_t i = 0; i < 10000; i++) {
		fill(bytes, sizeof(bytes), &state);
		compare(bytes + i % 8, i % 16 < 8);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf_table");

	ADD_TESTS(suite, "fields", file_header, program_headers, section_headers, too_short);
	ADD_TESTS(suite, "random", random_bytes);
	return run_suite(suite);
}
