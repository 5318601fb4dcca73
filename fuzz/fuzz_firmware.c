/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A boot of a raw firmware: any code at its end, any size, any ROM that is declared; it is written to that alone.
 *
 * Input: a byte of switches, pages of the firmware, pages of its variables, two ROMs of 8 bytes each (address, size), and
 * the last bytes of the firmware, up to a page.
 */
#include <stdbool.h>
#include <string.h>

#include <pvhload/pvhload.h>

#include "answers.h"
#include "fuzz.h"

#define PAGE      4096u
#define PAGES_MAX 256u
#define CODE_AT   19u

enum { ODD_SIZE = 1, ROM_UP_TO_4G = 2, ALIAS_IN_RAM = 4, VARS = 8 };

static uint8_t rom[PAGES_MAX * PAGE];

struct boot {
	struct pvhload_range roms[2];
	struct pvhload_memmap_entry entries[2];
	struct pvhload_memmap map;
	struct pvhload_source vars;
	uint64_t written;
};

static uint64_t number(const uint8_t *bytes)
{
	return bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
	       (uint64_t)bytes[3] << 24;
}

static bool inside(uint64_t gpa, uint64_t len, uint64_t start, uint64_t size)
{
	return gpa >= start && len <= size && gpa - start <= size - len;
}

/* Each write is in one ROM, or in RAM. */
static int check_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct boot *b = user;
	bool fine = false;

	(void)src;
	for (size_t i = 0; i < 2; i++) {
		fine |= inside(gpa, len, b->roms[i].gpa, b->roms[i].size);
		fine |= inside(gpa, len, b->entries[i].gpa, b->entries[i].size);
	}
	MUST(fine);
	b->written += len;
	return 0;
}

static void make(struct boot *b, const uint8_t *data)
{
	const bool alias_in_ram = (data[0] & ALIAS_IN_RAM) != 0;

	memset(b, 0, sizeof(*b));
	for (size_t i = 0; i < 2; i++)
		b->roms[i] = (struct pvhload_range){ number(data + 3 + 8 * i),
						     number(data + 7 + 8 * i) };
	if (data[0] & ROM_UP_TO_4G)
		b->roms[0] = (struct pvhload_range){ 0xff000000, 0x1000000 };
	b->entries[0] = (struct pvhload_memmap_entry){ 0, 0xa0000, PVHLOAD_MEMMAP_RAM, 0 };
	b->entries[1] = (struct pvhload_memmap_entry){ alias_in_ram ? 0xe0000 : 0x100000, 0x200000,
						       PVHLOAD_MEMMAP_RAM, 0 };
	b->map = (struct pvhload_memmap){ sizeof(b->map), b->entries, 2, 2, 0 };
	b->vars = pvhload_source_buffer(rom, (size_t)data[2] * PAGE);
}

static uint64_t check_plan(const struct pvhload_plan_info *info, const struct pvhload_image *image)
{
	const struct pvhload_image_firmware *f = pvhload_image_get_info(image)->firmware;
	uint64_t end = 0, size = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		MUST(info->regions[i]->gpa >= end && info->regions[i]->size > 0);
		end = info->regions[i]->gpa + info->regions[i]->size;
		size += info->regions[i]->size;
	}
	MUST(end == 0x100000000);
	MUST(inside(f->target, 1, f->window.gpa, f->window.size) ||
	     inside(f->target, 1, f->alias.gpa, f->alias.size));
	return size;
}

static void boot(struct boot *b, struct pvhload_image *image, bool vars)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err = answers_error();
	struct pvhload_plan *plan = ANSWERS_UNTOUCHED;
	enum pvhload_status status;

	config.image = image;
	config.memmap = &b->map;
	config.roms = b->roms;
	config.rom_count = 2;
	config.firmware_vars = vars ? &b->vars : NULL;
	status = pvhload_boot_plan(&config, &plan, &err);
	MUST(status != PVHLOAD_E_USAGE);
	answers_check_error(status, &err);
	plan = answers_filled(status, plan);
	if (!plan)
		return;
	ops.write = check_write;
	mem.ops = &ops;
	mem.user = b;
	MUST(pvhload_plan_commit(plan, &mem, &err) == PVHLOAD_OK);
	MUST(b->written == check_plan(pvhload_plan_get_info(plan), image));
	pvhload_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_error err = answers_error();
	struct pvhload_image *image = ANSWERS_UNTOUCHED;
	struct pvhload_source source;
	enum pvhload_status status;
	size_t code, rom_size;
	struct boot b;

	if (size < CODE_AT)
		return 0;
	rom_size = (size_t)data[1] * PAGE + (data[0] & ODD_SIZE);
	code = size - CODE_AT < rom_size ? size - CODE_AT : rom_size;
	memcpy(rom + rom_size - code, data + CODE_AT, code);
	make(&b, data);
	source = pvhload_source_buffer(rom, rom_size);
	options.format = PVHLOAD_FORMAT_FIRMWARE;
	status = pvhload_image_open(&source, &options, &image, &err);
	answers_check_error(status, &err);
	image = answers_filled(status, image);
	if (image)
		boot(&b, image, (data[0] & VARS) != 0);
	memset(rom + rom_size - code, 0, code);
	pvhload_image_close(image);
	return 0;
}
