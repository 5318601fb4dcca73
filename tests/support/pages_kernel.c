/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "pages_kernel.h"

#include <sys/mman.h>

#define PAGE 0x1000u
enum { PH_X = 1, PH_W = 2, PH_R = 4 };
#define FILLER 0x60000000u /* a segment that is not loaded */

const uint8_t *pages_text(void)
{
	static uint8_t text[PAGES_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + (i >> 8) + 1);
	return text;
}

const uint8_t *pages_data(void)
{
	static uint8_t data[PAGES_DATA_SIZE];

	for (size_t i = 0; i < sizeof(data); i++)
		if (i < PAGES_ZEROS - PAGES_DATA || i >= PAGES_ZEROS_END - PAGES_DATA)
			data[i] = (uint8_t)(i * 5 + (i >> 8) + 2);
	return data;
}

struct bytes pages_kernel(void)
{
	static const uint8_t entry[8] = { 0x10, 0x00, 0x10, 0x00 }, filler[PAGE];
	uint8_t notes[64];
	const size_t notes_size = put_note(notes, 0, "Xen", 18, entry, sizeof(entry), 4);
	struct elf_spec spec = {
		.entry = PAGES_TEXT,
		.segments = {
			{ PH_NOTE, 0, notes, notes_size, notes_size, 4 },
			{ FILLER, 0, filler, 0, 0, 1 },
			{ PH_LOAD, PAGES_TEXT, pages_text(), PAGES_TEXT_SIZE, PAGES_TEXT_SIZE, PAGE },
			{ PH_LOAD, PAGES_DATA, pages_data(), PAGES_DATA_SIZE, PAGES_END - PAGES_DATA, PAGE },
		},
		.segment_count = 4,
	};
	struct bytes bytes;

	spec.segments[1].file_size = PAGE - elf_segment_offset(&spec, 2);
	bytes = build_elf(&spec);
	poke(&bytes, elf_phdr_offset(&spec, 2) + 4, PH_R | PH_X, 4);
	poke(&bytes, elf_phdr_offset(&spec, 3) + 4, PH_R | PH_W, 4);
	return bytes;
}

struct pvhload_plan *pages_plan(struct pvhload_image *image)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, PAGES_RAM);
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;

	config.image = image;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	config.flags = PVHLOAD_BOOT_NOT_LINUX;
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&config, &plan, &err));
	return plan;
}

uint8_t *pages_memory(void)
{
	uint8_t *at =
		mmap(NULL, PAGES_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	/* In larger ones, which some hosts give unasked, a page's neighbours come with it. */
	(void)madvise(at, PAGES_RAM, MADV_NOHUGEPAGE);
	return at;
}
