/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Of the targets that each take one format apart, and of those for tables. */
#include <stdio.h>
#include <string.h>

#include "images.h"
#include "seeds.h"

static void save_bytes(const char *target, const char *name, const void *data, size_t size)
{
	struct bytes bytes = bytes_copy(data, size);

	save(target, name, &bytes);
	bytes_free(&bytes);
}

/* A byte of switches, then the file. */
static void save_after(const char *target, const char *name, uint8_t switches,
		       const struct bytes *file)
{
	struct bytes before = bytes_copy(&switches, 1), seed = bytes_join(&before, file);

	save(target, name, &seed);
	bytes_free(&seed);
	bytes_free(&before);
}

static void elfs(void)
{
	for (int is32 = 0; is32 < 2; is32++) {
		struct elf_spec spec = small_kernel();
		struct bytes file;

		spec.is32 = is32;
		file = build_elf(&spec);
		save_after("elf", is32 ? "32" : "64", (uint8_t)is32, &file);
		save_after("elf", is32 ? "32-as-it-is" : "64-as-it-is", 2, &file);
		bytes_free(&file);
	}
}

/* The codec, what is kept, and the header of a bzImage of each version. */
static void bzimages(void)
{
	static const uint16_t versions[] = { 0x200, 0x204, 0x206, 0x208, 0x20a, 0x20c, 0x20f };

	for (uint8_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const struct bzimage_spec spec = { .version = versions[i] };
		struct bytes file = build_bzimage(&spec);
		struct bytes seed = bytes_zero(2 + 0x290 - 0x1f1);
		char name[32];

		seed.data[0] = i % CODECS;
		seed.data[1] = 5; /* payload and sectors as they are */
		memcpy(seed.data + 2, file.data + 0x1f1, seed.size - 2);
		snprintf(name, sizeof(name), "%x", versions[i]);
		save("bzimage", name, &seed);
		bytes_free(&seed);
		bytes_free(&file);
	}
}

/* Numbers of names in fuzz_uki.c, with sizes. */
static void pe_files(void)
{
	static const uint8_t plain[] = { 2, 11, 9, 1, 20, 0, 1, 2, 10 };
	static const uint8_t profiles[] = { 6, 0, 1, 3, 4, 1, 9, 3, 5, 1, 7, 0, 1, 2, 3, 16 };
	static const uint8_t damaged[] = { 0, 0, 1, 0, 0, 1, 0x98, 0x01, 2, 0xff, 0xff, 0, 0 };

	save_bytes("uki", "plain", plain, sizeof(plain));
	save_bytes("uki", "profiles", profiles, sizeof(profiles));
	save_bytes("uki", "damaged", damaged, sizeof(damaged));
	for (uint8_t codec = 0; codec < CODECS; codec++) {
		const uint8_t seed[] = { codec, codec % 2, 0 };

		save_bytes("zboot", codecs[codec].name, seed, sizeof(seed));
	}
}

static void multiboots(void)
{
	/* switches, flags, five addresses of 2 bytes */
	static const uint8_t flat1[] = { 1, 3, 0, 1, 0x80, 0, 0, 0, 0, 0x20, 0, 0x50, 0, 2 };
	/* and tags: type, optional, words */
	static const uint8_t flat2[] = { 2, 0, 0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0, 0, 2, 2,
					 0, 4, 0, 0, 0, 0, 0, 0x20, 0, 0x50, 3, 0, 1, 0, 2 };
	static const uint8_t both[] = { 7, 7 };

	save_bytes("multiboot", "flat-1", flat1, sizeof(flat1));
	save_bytes("multiboot", "flat-2", flat2, sizeof(flat2));
	save_bytes("multiboot", "elf-both", both, sizeof(both));
}

static void page_tables(void)
{
	/* levels, page size, mask, place, count; then shift, gpa, size, shift */
	static const uint8_t plain[] = { 0, 0, 0, 11, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 32 };
	static const uint8_t many[] = { 1, 2, 1, 0,    1, 0, 0, 0,    3, 20, 0, 0x10, 0, 0xff, 0xff,
					9, 5, 1, 0xff, 7, 1, 0, 0x1b, 0, 0,  0, 0,    0, 0 };

	save_bytes("page_tables", "4-gib", plain, sizeof(plain));
	save_bytes("page_tables", "many", many, sizeof(many));
}

/* switches, entries, the command line's length; then modules, or as many that are alike */
static void start_infos(void)
{
	static const uint8_t plain[] = { 0, 0, 20, 0, 2, 0, 0, 0x12, 0, 1, 1, 5, 0 };
	static const uint8_t placed[] = { 3 + 32, 1,    0,    0, 0x11, 0,    0x20, 0x11,
					  0,      0x30, 0x11, 0, 0x40, 0x11, 0,    0x50,
					  0x11,   9,    0,    0, 0,    0x0e, 0 };
	static const uint8_t modules[] = { 1 + 8, 0, 5, 0, 40 };
	static const uint8_t many[] = { 1 + 4 + 8, 200, 5, 0, 0xff };
	static const uint8_t entries[] = { 1 + 4, 0xff, 5, 0 };
	static const uint8_t longest[] = { 1 + 8 + 16, 0, 0xff, 0xff, 0, 17 };
	static const uint8_t too_long[] = { 1 + 16, 0, 5, 0, 0, 1, 0, 0, 0x12, 0, 1, 1, 0, 0, 1 };

	save_bytes("pvh_write", "plain", plain, sizeof(plain));
	save_bytes("pvh_write", "placed", placed, sizeof(placed));
	save_bytes("pvh_write", "modules", modules, sizeof(modules));
	save_bytes("pvh_write", "many", many, sizeof(many));
	save_bytes("pvh_write", "entries", entries, sizeof(entries));
	save_bytes("pvh_write", "longest", longest, sizeof(longest));
	save_bytes("pvh_write", "too-long", too_long, sizeof(too_long));
}

/* Words, or tables that are made: counts, then steps. */
static void relocations(void)
{
	static const uint8_t words[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 0, 0, 2, 0, 0, 0x81 };
	static const uint8_t made[] = { 2, 3, 1, 2, 3, 2, 9, 9 };
	static const uint8_t old[] = { 6, 1, 1, 1, 1, 1, 1 };
	static const uint8_t narrow[] = { 3, 4, 1, 2, 3, 4 };

	save_bytes("relocs", "words", words, sizeof(words));
	save_bytes("relocs", "made", made, sizeof(made));
	save_bytes("relocs", "old", old, sizeof(old));
	save_bytes("relocs", "narrow", narrow, sizeof(narrow));
}

static void raw_bytes(void)
{
	static const uint8_t pool[] = { 0xff, 0 };
	static const uint8_t damaged[] = { 0xff, 1, 0x00, 0x40, 0, 0, 0, 0, 0xff };

	save_bytes("recompress", "pool", pool, sizeof(pool));
	save_bytes("recompress", "pool-damaged", damaged, sizeof(damaged));
	for (uint8_t codec = 0; codec < FRAMINGS; codec++) {
		uint8_t seed[64] = { codec, (uint8_t)(codec + 4) };
		char name[32];

		for (size_t i = 2; i < sizeof(seed); i++)
			seed[i] = (uint8_t)(i * i / 5);
		snprintf(name, sizeof(name), "%u-%s", codec, codecs[codec].name);
		save_bytes("recompress", name, seed, sizeof(seed));
	}
}

void formats(void)
{
	elfs();
	bzimages();
	pe_files();
	multiboots();
	page_tables();
	start_infos();
	relocations();
	raw_bytes();
}
