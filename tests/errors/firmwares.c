/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Raw firmware: files that are none, and machines without a place for it. */
#include "errors.h"
#include "made_firmware.h"

#define KIB 1024u

static const struct pvhload_range roms[] = { { 0xe0000, 0x20000 }, { 0xfffc0000, 0x40000 } };

static struct pvhload_error open_as_firmware(struct bytes bytes)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	const struct pvhload_image_options options = firmware_options();
	struct pvhload_image *image = NULL;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const enum pvhload_status status = pvhload_image_open(&source, &options, &image, &err);

	bytes_free(&bytes);
	return failed(status, &err);
}

static struct pvhload_error not_said(void)
{
	return try_open(build_bios(64 * KIB));
}

static struct pvhload_error pvh_as_raw(void)
{
	return open_as_firmware(small_elf());
}

static struct pvhload_error no_jump(void)
{
	static const uint8_t zeros[RESET_CODE_SIZE];

	return open_as_firmware(build_firmware(64 * KIB, zeros));
}

static struct pvhload_error jump_to_ram(void)
{
	static const uint8_t to_ram[RESET_CODE_SIZE] = { 0xea, 0x00, 0x7c, 0x00, 0x00 };

	return open_as_firmware(build_firmware(64 * KIB, to_ram));
}

static struct pvhload_error odd_size(void)
{
	return open_as_firmware(build_bios(1000));
}

static struct pvhload_error too_large(void)
{
	return open_as_firmware(build_bios((16u << 20) + 4 * KIB));
}

static struct pvhload_error tiny(void)
{
	return open_as_firmware(bytes_zero(8));
}

static void firmware_setup(struct plan_fixture *f)
{
	plan_setup(f, 64 * MIB);
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
	f->bytes = build_bios(256 * KIB);
	f->image = f->config.image = open_firmware(&f->bytes);
	f->config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f->config.roms = roms;
	f->config.rom_count = 2;
}

static struct pvhload_error no_rom(void)
{
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.rom_count = 0;
	return try_plan(&f);
}

static struct pvhload_error no_alias(void)
{
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.roms = &roms[1];
	f.config.rom_count = 1;
	return try_plan(&f);
}

static struct pvhload_error rom_over_ram(void)
{
	static const struct pvhload_range low = { 0x100000, 0x100000 };
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.roms = &low;
	f.config.rom_count = 1;
	return try_plan(&f);
}

static struct pvhload_error empty_rom(void)
{
	static const struct pvhload_range none = { 0xfffc0000, 0 };
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.roms = &none;
	f.config.rom_count = 1;
	return try_plan(&f);
}

static struct pvhload_error with_cmdline(void)
{
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.cmdline = "quiet";
	return try_plan(&f);
}

static struct pvhload_error by_pvh(void)
{
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	return try_plan(&f);
}

static struct pvhload_error kernel_by_reset(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_RESET;
	return try_plan(&f);
}

static struct pvhload_error elsewhere(void)
{
	struct plan_fixture f;

	firmware_setup(&f);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0xff000000);
	return try_plan(&f);
}

/* With variables of so many bytes. */
static struct pvhload_error with_vars(uint64_t size, bool kernel)
{
	const struct pvhload_source vars = never_read(size);
	struct plan_fixture f;

	if (kernel)
		plan_setup(&f, 64 * MIB);
	else
		firmware_setup(&f);
	f.config.firmware_vars = &vars;
	return try_plan(&f);
}

static struct pvhload_error odd_vars(void)
{
	return with_vars(1000, false);
}

static struct pvhload_error large_vars(void)
{
	return with_vars(16u << 20, false);
}

static struct pvhload_error vars_of_a_kernel(void)
{
	return with_vars(4096, true);
}

static struct pvhload_error loaded_alone(void)
{
	struct load_fixture f;

	load_setup(&f, small_elf(), 0);
	pvhload_image_close(f.image);
	bytes_free(&f.bytes);
	f.bytes = build_bios(64 * KIB);
	f.image = open_firmware(&f.bytes);
	return try_load(&f, NULL);
}

static struct pvhload_error other_format(void)
{
	struct bytes bytes = small_elf();
	const struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	struct pvhload_image_options options = firmware_options();
	struct pvhload_image *image = NULL;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;

	options.format = PVHLOAD_FORMAT_ELF64;
	status = pvhload_image_open(&source, &options, &image, &err);
	bytes_free(&bytes);
	return failed(status, &err);
}

static const struct mistake mistakes[] = {
	{ "A raw firmware that was not said to be one", not_said, PVHLOAD_E_FORMAT,
	  "not a kernel image: by its last bytes it may be a raw x86 firmware, and is opened as one only if that is asked for",
	  "Open it with pvhload_image_options::format set to PVHLOAD_FORMAT_FIRMWARE, or by --firmware: nothing in "
	  "such a file says what it is." },
	{ "Firmware that is an ELF file, opened as a raw one", pvh_as_raw, PVHLOAD_E_FORMAT,
	  "not a raw firmware but an ELF file: one that is entered by PVH is booted as a kernel is",
	  "Open it as a kernel: rust-hypervisor-firmware and CLOUDHV.fd are entered by PVH." },
	{ "A firmware without a jump at its end", no_jump, PVHLOAD_E_FORMAT,
	  "not a firmware: its last 16 bytes, where the processor begins, are 00 00 00 00 00 ..., which is no jump that is known",
	  "Give the firmware's code: OVMF's variables (OVMF_VARS.fd) and the BIOS of a graphics card have none." },
	{ "A firmware that jumps to where it is not", jump_to_ram, PVHLOAD_E_MALFORMED,
	  "the firmware's first instruction jumps to 0x7c00, where there is none of it: it is from 0xffff0000 to 4 GiB, and from 0xf0000 to 1 MiB",
	  "Is the file cut, or padded at its end? Its last byte has to be the firmware's." },
	{ "A firmware of no whole pages", odd_size, PVHLOAD_E_MALFORMED,
	  "the firmware has 1000 bytes, which is no multiple of 4096: of a ROM of whole pages, with its end at 4 GiB, it would not begin at one",
	  "Give the whole file, as the firmware's build made it." },
	{ "A firmware that is too large", too_large, PVHLOAD_E_LIMIT,
	  "the firmware has 16781312 bytes, 4096 more than the limit, 16777216",
	  "More than 16 MiB below 4 GiB would be over the local APIC, which is at 0xfee00000." },
	{ "A firmware of a few bytes", tiny, PVHLOAD_E_FORMAT,
	  "not a firmware: it has 8 bytes, and the processor begins 16 before the end",
	  "Give the whole file." },
	{ "Another format asked for by its number", other_format, PVHLOAD_E_USAGE,
	  "the options ask for format 1, which is recognised by its content, or their reserved member is not 0",
	  "Leave pvhload_image_options::format 0: all but firmware is recognised." },
	{ "A machine without ROM for it", no_rom, PVHLOAD_E_RANGE,
	  "firmware [0xfffc0000, 0x100000000) is in none of the ROMs that are declared",
	  "Declare it in pvhload_boot_config::roms, from 4 GiB less the size of the firmware on." },
	{ "A machine without the copy below 1 MiB", no_alias, PVHLOAD_E_RANGE,
	  "firmware alias [0xe0000, 0x100000) leaves RAM: it runs into the hole [0x9fc00, 0x100000); 0x20000 of its bytes are not RAM; nor is it in one of the ROMs that are declared",
	  "Declare [0xe0000, 0x100000) as well, or have RAM there: firmware jumps there at once, and dies without it." },
	{ "ROM over RAM", rom_over_ram, PVHLOAD_E_MEMMAP,
	  "ROM 0, [0x100000, 0x200000), overlaps RAM of the memory map: it is one or the other",
	  "Take the range out of the map, by pvhload_memmap_reserve(), or do not declare it." },
	{ "ROM without bytes", empty_rom, PVHLOAD_E_MEMMAP,
	  "ROM 0, 0x0 bytes at 0xfffc0000, is empty or passes the end of the address space",
	  "Give its size." },
	{ "A command line for a firmware", with_cmdline, PVHLOAD_E_PROTOCOL,
	  "a firmware finds out by itself what there is: nothing tells it of a command line",
	  "Give it through what the firmware reads: fw_cfg, or the disk that it boots." },
	{ "A firmware by PVH", by_pvh, PVHLOAD_E_PROTOCOL,
	  "the image is a firmware, which starts from reset, and by no boot protocol",
	  "Ask for PVHLOAD_PROTOCOL_AUTO, or PVHLOAD_PROTOCOL_X86_RESET." },
	{ "A kernel by reset", kernel_by_reset, PVHLOAD_E_PROTOCOL,
	  "the image was not opened as a firmware, and nothing else starts from reset",
	  "Ask for PVHLOAD_PROTOCOL_AUTO; reset is for firmware alone." },
	{ "Another place for a firmware", elsewhere, PVHLOAD_E_RANGE,
	  "the firmware cannot be at 0xff000000: it ends at 4 GiB, so it is at 0xfffc0000",
	  "Give it none: the processor begins 16 bytes below 4 GiB." },
	{ "Variables of no whole pages", odd_vars, PVHLOAD_E_MALFORMED,
	  "firmware variables: 1000 bytes, which is no multiple of 4096",
	  "Give the whole file (OVMF_VARS.fd), as the firmware's build made it." },
	{ "Variables that are too large", large_vars, PVHLOAD_E_LIMIT,
	  "firmware variables: with 16777216 bytes, and the firmware's 262144, there are 262144 more than the limit, 16777216",
	  "Give the variables that were built with the firmware." },
	{ "Variables for a kernel", vars_of_a_kernel, PVHLOAD_E_USAGE,
	  "the boot config has firmware variables, and an image that was not opened as a firmware",
	  "Open the image as a firmware, or give no variables." },
	{ "A firmware loaded as a kernel is", loaded_alone, PVHLOAD_E_UNSUPPORTED,
	  "the image is a firmware, which goes to ROM: a plan writes it",
	  "Use pvhload_boot_plan(), which knows of ROM." },
};

THEME(firmware_theme, "Firmware", mistakes);
