/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Inputs to start from, one folder per target, made by the tests' builders. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "broken_trees.h"
#include "device_trees.h"
#include "seeds.h"
#include "linux_fixture.h"
#include "zero_page.h"

static const char *root;

void save(const char *target, const char *name, const struct bytes *bytes)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, target);
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		exit(EXIT_FAILURE);
	snprintf(path, sizeof(path), "%s/%s/%s", root, target, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes->data, 1, bytes->size, file) != bytes->size || fclose(file) != 0)
		exit(EXIT_FAILURE);
}

/* Two bytes of declared size before the stream. */
static void save_stream(const char *name, size_t declared, const struct bytes *stream)
{
	struct bytes seed = { malloc(stream->size + 2), stream->size + 2 };

	poke(&seed, 0, declared - 1, 2);
	memcpy(seed.data + 2, stream->data, stream->size);
	save("codec", name, &seed);
	bytes_free(&seed);
}

/* What the library does not take. */
static void lzops(const struct bytes *raw)
{
	static const struct lzop_spec specs[] = { { .method = 4 },
						  { .flags = 0x800, .filter = 1 },
						  { .flags = 0x40 } };

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct bytes lzop = build_lzop(raw, &specs[i]);
		char name[16];

		snprintf(name, sizeof(name), "lzop-%zu", i);
		save_stream(name, raw->size, &lzop);
		bytes_free(&lzop);
	}
}

/* An xz stream's header, of a checksum of kind @check, and a block with a filter of number @filter. */
static void save_xz(const char *name, uint8_t check, uint8_t filter)
{
	static const uint8_t head[] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0 };
	uint8_t xz[24] = { 0 };
	/* its size and flags, the filter, no properties, padding */
	const uint8_t block[] = { 2, 0, filter, 0, 0, 0, 0, 0 };
	struct bytes stream = { xz, sizeof(xz) };

	memcpy(xz, head, sizeof(head));
	xz[7] = check;
	poke(&stream, 8, crc32(0, xz + 6, 2), 4);
	memcpy(xz + 12, block, sizeof(block));
	poke(&stream, 20, crc32(0, block, sizeof(block)), 4);
	save_stream(name, 100, &stream);
}

static void streams(void)
{
	struct bytes raw = { calloc(1, 1000), 1000 }, one, two, lzop;

	for (size_t i = 0; i < raw.size; i++)
		raw.data[i] = (uint8_t)(i / 7);
	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (!codecs[codec].compress)
			continue;

		struct bytes stream = codecs[codec].compress(&raw);

		save_stream(codec == LZ4_FRAME ? "lz4-frame" : codecs[codec].name, raw.size,
			    &stream);
		bytes_free(&stream);
	}
	save_xz("xz-check", 2, 0x21);
	save_xz("xz-filter", 1, 0x05);
	one = codecs[GZIP].compress(&raw);
	two = bytes_join(&one, &one);
	save_stream("joined", 2 * raw.size, &two);
	lzops(&raw);
	lzop = build_lzop(&raw, &(const struct lzop_spec){ .flags = 0x1b03, .block_size = 300 });
	save_stream("lzo-checksums", raw.size, &lzop);
	bytes_free(&lzop);
	bytes_free(&two);
	bytes_free(&one);
	bytes_free(&raw);
}

static void start_info(void)
{
	struct bytes b = { calloc(1, 0x200), 0x200 };

	poke(&b, 0x40, 0x336ec578, 4);
	poke(&b, 0x44, 1, 4);
	poke(&b, 0x4c, 2, 4);     /* modules */
	poke(&b, 0x50, 0x80, 8);  /* their list */
	poke(&b, 0x58, 0x180, 8); /* command line */
	poke(&b, 0x68, 0x100, 8); /* map */
	poke(&b, 0x70, 2, 4);     /* its entries */
	poke(&b, 0x90, 0x190, 8); /* a module's command line */
	memcpy(b.data + 0x180, "console=ttyS0", 14);
	memcpy(b.data + 0x190, "module", 7);
	save("pvh_read", "whole", &b);
	save("guest", "start-info", &b);
	poke(&b, 0x4c, 20, 4); /* RAM ends in the list */
	poke(&b, 0x58, 0x1000, 8);
	poke(&b, 0x68, 0, 8);
	save("pvh_read", "broken", &b);
	save("guest", "start-info-broken", &b);
	bytes_free(&b);
}

/* At 0x40, as the target has it; addresses are those of the bytes here. */
static void zero_page(void)
{
	static const struct zero_page_entry more[] = { { 1ull << 32, 1u << 20, 1 } };
	const struct zero_page_spec spec = {
		.type_of_loader = 0xff,
		.loadflags = 1,
		.xloadflags = 0x7f,
		.cmdline_gpa = 0x1050,
		.initrd_gpa = 0x123456789000,
		.initrd_size = 5,
		.rsdp_gpa = 0xe0000,
		.setup_data = 0x1070,
		.e820 = { { 0, 0x9fc00, 1 }, { 0x100000, 0x100000, 1 } },
		.e820_entries = 2,
	};
	struct bytes b = { calloc(1, 0x1100), 0x1100 };
	uint8_t table[20];

	put_zero_page(b.data + 0x40, &spec);
	memcpy(b.data + 0x1050, "console=ttyS0", 14);
	put_setup_data(b.data, 0x1070, 0x1090, 9, "random bytes", 12);
	put_setup_indirect(b.data, 0x1090, 0x10c0, 0x80000002, 0x1050, 13);
	put_setup_data(b.data, 0x10c0, 0, 1, table, (uint32_t)put_e820(table, more, 1));
	save("linux_read", "whole", &b);
	save("guest", "zero-page", &b);
	poke(&b, 0x40 + 0x1e8, 200, 1);
	poke(&b, 0x40 + 0x228, 0x2000, 4);
	poke(&b, 0x10c0, 0x1070, 8); /* a circle */
	poke(&b, 0x10cc, 19, 4);
	save("linux_read", "broken", &b);
	save("guest", "zero-page-broken", &b);
	bytes_free(&b);
}

/* Screens; lists that are too long, and end too early. */
static void more_zero_pages(void)
{
	const struct zero_page_spec spec = { .type_of_loader = 0xff,
					     .setup_data = 0x1050,
					     .cmdline_gpa = 0x1ffe,
					     .e820 = { { 0, 0x9fc00, 1 },
						       { 0x100000, 0x100000, 1 } },
					     .e820_entries = 2 };
	struct bytes b = bytes_zero(0x2000);

	put_zero_page(b.data + 0x40, &spec);
	put_setup_indirect(b.data, 0x1050, 0, 0x80000002, 0x1100, 13);
	poke(&b, 0x105c, 27, 4); /* of 28 */
	poke(&b, 0x1ffe, 0x7878, 2);
	poke(&b, 0x4f, 0x23, 1); /* a linear framebuffer */
	poke(&b, 0x5c, 0x40, 4);
	save("linux_read", "low-screen", &b);
	poke(&b, 0x4f, 0x70, 1); /* of EFI, above 4 GiB */
	poke(&b, 0x76, 2, 4);
	poke(&b, 0x7a, 1, 4);
	/* each over the next, of 64 entries */
	for (uint64_t i = 0; i < 66; i++)
		put_setup_data(b.data, 0x1050 + 16 * i, 0x1060 + 16 * i, 1, NULL, 64 * 20);
	save("linux_read", "many", &b);
	bytes_free(&b);
}

/* After what fuzz_fdt.c takes before it: 64 bytes. */
static void save_tree(const char *name, const uint8_t controls[64], struct tree *tree)
{
	struct bytes before = bytes_copy(controls, 64), bytes = tree_finish(tree);
	struct bytes seed = bytes_join(&before, &bytes);

	save("fdt", name, &seed);
	bytes_free(&seed);
	bytes_free(&bytes);
	bytes_free(&before);
}

/* A machine with all that is read. */
static void whole_tree(struct tree *t)
{
	static const uint64_t firmware[] = { MACHINE_RAM_GPA, 0x80000 };

	tree_reserve(t, 0x43000000, 0x3000);
	machine_begin(t);
	tree_node(t, "reserved-memory");
	tree_u32(t, "#address-cells", 2);
	tree_u32(t, "#size-cells", 2);
	tree_node(t, "fw@40000000");
	tree_reg(t, "reg", firmware, 2);
	tree_bytes(t, "no-map", NULL, 0);
	tree_end(t);
	tree_end(t);
	tree_node(t, "chosen");
	tree_text(t, "bootargs", "quiet");
	tree_u64(t, "linux,initrd-start", 0x48000000);
	tree_u64(t, "linux,initrd-end", 0x48100000);
	tree_u64(t, "kaslr-seed", 1);
	tree_u64(t, "rng-seed", 2);
	tree_end(t);
	tree_end(t);
	tree_token(t, TREE_DONE);
}

static void trees(void)
{
	static const uint8_t none[64];
	/* appended, all written, 64 bytes of room, an initrd of 1 MiB at 0x48000000 */
	static const uint8_t all[64] = {
		2, 3, 9, 4, [7] = 0x40, [16] = 'a', 'b', [35] = 0x48, [42] = 0x10
	};
	struct tree tree = { 0 };
	char name[32];

	whole_tree(&tree);
	save_tree("whole", none, &tree);
	whole_tree(&tree);
	save_tree("edited", all, &tree);
	tree_node(&tree, "");
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	save_tree("least", none, &tree);
	for (size_t i = 0; i < broken_tree_count; i++) {
		broken_trees[i].build(&tree);
		snprintf(name, sizeof(name), "broken-%zu", i);
		save_tree(name, all, &tree);
	}
}

/* What fuzz_linux_write.c takes before the header: 48 bytes. */
static void save_header(const char *name, const uint8_t controls[48], uint16_t version,
			uint32_t end)
{
	struct bytes before = bytes_copy(controls, 48), head = build_head(version, end);
	struct bytes header = bytes_copy(head.data + 0x1f1, 0x290 - 0x1f1);
	struct bytes seed = bytes_join(&before, &header);

	save("linux_write", name, &seed);
	bytes_free(&seed);
	bytes_free(&header);
	bytes_free(&head);
	bytes_free(&before);
}

static void setup_headers(void)
{
	static const uint8_t plain[48] = { 3 };
	/* two seeds and 150 entries; an initrd of 1 page at 0x140000 */
	static const uint8_t full[48] = {
		[0] = 150,   [1] = 2,    [2] = 0x10, [3] = 0xb0, [15] = 0x14, [19] = 16,
		[23] = 0x0e, [24] = 100, [26] = 3,   [27] = 2,   [28] = 7,    [29] = 7
	};
	/* everything placed, an ELF file, the 32-bit entry */
	static const uint8_t placed[48] = { [0] = 3,     [2] = 3,     [6] = 0x11, [9] = 0x12,
					    [12] = 0x13, [15] = 0x14, [18] = 1,   [27] = 1 };

	/* all bits that a scene may have: a screen at 0xd0000000 or above 4 GiB, or of text */
	static const uint8_t efi[48] = { [0] = 3, [32] = 2 + 4 + 16, [39] = 0, 0x10, 0, 0x10 };
	static const uint8_t text[48] = { [0] = 3, [32] = 4 + 8 };

	save_header("plain", plain, 0x20f, 0x26c);
	save_header("full", full, 0x20f, 0x26c);
	save_header("placed", placed, 0x20f, 0x26c);
	save_header("memdisk", plain, 0x203, 0x240);
	save_header("ipxe", plain, 0x207, 0x267);
	save_header("longest", full, 0x20f, 0x281);
	save_header("efi", efi, 0x20f, 0x26c);
	save_header("text", text, 0x20f, 0x26c);
	for (uint8_t i = 0; i < 8; i++) {
		/* what may not be asked for: sizes and flags of setup_data, and of a screen */
		uint8_t odd[48] = {
			[0] = 3, [27] = 1, [28] = i, [32] = 1, [47] = (uint8_t)(i * 37)
		};
		char name[16];

		snprintf(name, sizeof(name), "odd-%u", i);
		save_header(name, odd, 0x20f, 0x26c);
	}
}

static void memmap(void)
{
	static const uint8_t calls[] = {
		0, 1, 0,    0, 0,    2, /* add RAM */
		1, 2, 0x40, 0, 4,    0, /* reserve in the middle */
		1, 3, 0xfc, 1, 8,    0, /* reserve across the end */
		2, 0, 0,    0, 0,    0, /* normalize */
		0, 1, 0xc0, 3, 0x40, 0, /* add up to the end */
	};
	struct bytes b = bytes_copy(calls, sizeof(calls));

	save("memmap", "calls", &b);
	bytes_free(&b);
}

/* Each is a text; and calls, if the model takes it for those. */
static void cmdlines(void)
{
	static const char *const texts[] = {
		"console=ttyS0,115200n8 quiet root=/dev/vda1",
		"-- first \"--\" ignored",
		"a=\"b -- c\" d -- e \"f g\"",
		"\ta\t--\n\tb\n",
		"\"key with=space\" =x =a=b \"\" \"a=b\" a=\" b",
		"a-b=1 a_b=2 --=3 x--y \"--",
	};
	uint8_t calls[256];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct bytes b = bytes_copy(texts[i], strlen(texts[i]));
		char name[32];

		snprintf(name, sizeof(name), "text-%zu", i);
		save("cmdline", name, &b);
		bytes_free(&b);
	}
	for (size_t i = 0; i < sizeof(calls); i++)
		calls[i] = (uint8_t)(i * i * 7 + i / 3);
	struct bytes b = bytes_copy(calls, sizeof(calls));
	save("cmdline", "calls", &b);
	bytes_free(&b);
}

int main(int argc, char **argv)
{
	if (argc != 2 || (mkdir(argv[1], 0777) != 0 && errno != EEXIST))
		return EXIT_FAILURE;
	root = argv[1];
	images();
	streams();
	start_info();
	zero_page();
	more_zero_pages();
	trees();
	setup_headers();
	memmap();
	firmwares();
	flat_boots();
	cmdlines();
	loaded_boots();
	formats();
	flows();
	return EXIT_SUCCESS;
}
