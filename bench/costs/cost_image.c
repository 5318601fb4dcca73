/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files in formats whose limits are small enough for a file that is made here; limits.py makes the large ones. */
#include "costs.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PE_AT         0x80u
#define SECTIONS_AT   (PE_AT + 24u)
#define SECTION_SIZE  40u
#define KERNEL_AT     0x2000u
#define CMDLINE_AT    0x8000u
#define UKI_SIZE      (CMDLINE_AT + PVHLOAD_CMDLINE_CAPACITY_MAX)
#define FIRST_4GIB    (UINT64_C(1) << 32)
#define RAM_SIZE      ((size_t)128 << 20)
#define FIRMWARE_SIZE ((size_t)PVHLOAD_FIRMWARE_SIZE_MAX)
#define HEADERS_SIZE  32768u /* Multiboot's are in so many bytes */

static struct pvhload_source source;
static struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
static struct pvhload_image *image;

/* As reading one costs more than a buffer: the bytes are a file. */
static void use_file(const void *bytes, size_t size)
{
	const int fd = memfd_create("image", MFD_CLOEXEC);

	must_hold(fd >= 0 && write(fd, bytes, size) == (ssize_t)size, "no file");
	source = pvhload_source_fd(fd);
}

static void put_section(uint8_t *uki, size_t i, const char *name, uint32_t at, uint32_t size)
{
	uint8_t *header = uki + SECTIONS_AT + i * SECTION_SIZE;

	memcpy(header, name, strlen(name));
	cost_put(header + 8, size, 4);
	cost_put(header + 16, size, 4);
	cost_put(header + 20, at, 4);
}

/* A kernel, a command line, and profiles of nothing. */
static void prepare_uki(void)
{
	const struct pvhload_source kernel = stage_kernel();
	uint8_t *uki = cost_zeros(UKI_SIZE);

	memcpy(uki, "MZ", 2);
	cost_put(uki + 0x3c, PE_AT, 4);
	memcpy(uki + PE_AT, "PE", 2);
	cost_put(uki + PE_AT + 4, 0x8664, 2);
	cost_put(uki + PE_AT + 6, PVHLOAD_PE_SECTIONS_MAX, 2);
	put_section(uki, 0, ".linux", KERNEL_AT, (uint32_t)kernel.size);
	put_section(uki, 1, ".cmdline", CMDLINE_AT, PVHLOAD_CMDLINE_CAPACITY_MAX - 1);
	for (size_t i = 2; i < PVHLOAD_PE_SECTIONS_MAX; i++)
		put_section(uki, i, ".profile", 0, 0);
	memcpy(uki + KERNEL_AT, kernel.data, kernel.size);
	memset(uki + CMDLINE_AT, 'a', PVHLOAD_CMDLINE_CAPACITY_MAX - 1);
	use_file(uki, UKI_SIZE);
}

static void open_it(void)
{
	must(pvhload_image_open(&source, &options, &image, &stage_error));
}

static void close_it(void)
{
	pvhload_image_close(image);
}

static void prepare_uki_plan(void)
{
	prepare_uki();
	cost_prepare_plan(2);
	cost_config.kernel = &source;
	cost_config.flags = PVHLOAD_BOOT_NOT_LINUX;
}

/* The first word of a header at each place where one may be, and nothing else of it. */
static void prepare_headers(void)
{
	uint8_t *bytes = cost_zeros(HEADERS_SIZE);

	for (size_t i = 0; i < HEADERS_SIZE; i += 4)
		cost_put(bytes + i, i < 8192 ? 0x1badb002 : 0xe85250d6, 4);
	use_file(bytes, HEADERS_SIZE);
}

static void open_nothing(void)
{
	must_be(pvhload_image_open(&source, NULL, &image, &stage_error), PVHLOAD_E_FORMAT);
}

/* The last bytes are code that jumps. */
static void open_firmware(void)
{
	uint8_t *firmware = cost_zeros(FIRMWARE_SIZE);

	memset(firmware, 0x90, FIRMWARE_SIZE);
	memcpy(firmware + FIRMWARE_SIZE - 16, "\xea\x5b\xe0\x00\xf0", 5);
	use_file(firmware, FIRMWARE_SIZE);
	options.format = PVHLOAD_FORMAT_FIRMWARE;
	open_it();
}

/* RAM, which takes the copy below 1 MiB, and the first of the ROMs. */
static struct pvhload_memory *guest_memory(void)
{
	static struct pvhload_ram_slot slots[2];
	static struct pvhload_ram_slots table = { sizeof(table), slots, 2 };
	struct pvhload_memory *memory = cost_memory(RAM_SIZE);

	slots[0] = (struct pvhload_ram_slot){ .size = RAM_SIZE, .host = cost_ram };
	slots[1] = (struct pvhload_ram_slot){ .gpa = FIRST_4GIB - FIRMWARE_SIZE,
					      .size = FIRMWARE_SIZE,
					      .host = cost_zeros(FIRMWARE_SIZE),
					      .flags = PVHLOAD_RAM_SLOT_ROM |
						       PVHLOAD_RAM_SLOT_FIRMWARE };
	memory->ops = pvhload_ram_slots_ops();
	memory->user = &table;
	return memory;
}

/* ROM that ends at 4 GiB, and 15 more, each below the one before. */
static void prepare_firmware(void)
{
	static struct pvhload_range roms[PVHLOAD_BOOT_ROMS_MAX];
	struct pvhload_memory *memory = guest_memory();

	for (size_t i = 0; i < PVHLOAD_BOOT_ROMS_MAX; i++)
		roms[i] = (struct pvhload_range){ FIRST_4GIB - (i + 1) * FIRMWARE_SIZE,
						  FIRMWARE_SIZE };
	open_firmware();
	cost_prepare_plan(2);
	cost_config.kernel = NULL;
	cost_config.image = image;
	cost_config.memmap = memory->memmap;
	memory->roms = cost_config.roms = roms;
	memory->rom_count = cost_config.rom_count = PVHLOAD_BOOT_ROMS_MAX;
}

const struct cost_case image_costs[] = {
	{ "PVHLOAD_PE_SECTIONS_MAX", "open: a UKI of 96, in a file", prepare_uki, open_it,
	  close_it },
	{ "PVHLOAD_CMDLINE_CAPACITY_MAX", "plan: a UKI's 65535 bytes", prepare_uki_plan,
	  cost_make_plan, cost_drop_plan },
	{ "Multiboot header", "open: 8192 words that begin like one", prepare_headers, open_nothing,
	  NULL },
	{ "PVHLOAD_FIRMWARE_SIZE_MAX", "load: 16 MiB, in a file", prepare_firmware, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_BOOT_ROMS_MAX", "plan: 16", prepare_firmware, cost_make_plan, cost_drop_plan },
	{ 0 },
};
