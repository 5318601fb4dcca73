/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Protocols that the image cannot be entered by. */
#include "errors.h"

static struct pvhload_error elf_by(uint32_t protocol, const struct elf_spec *spec)
{
	struct plan_fixture f;

	plan_setup_spec(&f, 64 * MIB, spec);
	f.config.protocol = protocol;
	return try_plan(&f);
}

static struct pvhload_error no_note(void)
{
	struct elf_spec spec = small_kernel();

	spec.segment_count = 2;
	return elf_by(PVHLOAD_PROTOCOL_PVH, &spec);
}

/* By AUTO; with a part more, of a type that only a program has. */
static struct pvhload_error unsigned_elf(uint32_t part, uint64_t entry)
{
	static const uint8_t data[32] = { 1 };
	struct elf_spec spec = small_kernel();

	spec.segments[1].bytes = data;
	spec.segments[2] = (struct part){ part, 0x100000, data, sizeof(data), sizeof(data), 1 };
	spec.entry = entry;
	return elf_by(PVHLOAD_PROTOCOL_AUTO, &spec);
}

static struct pvhload_error no_sign(void)
{
	return unsigned_elf(PH_NOTE, 0x100000);
}

static struct pvhload_error program(void)
{
	return unsigned_elf(PH_INTERP, 0x100000);
}

static struct pvhload_error library(void)
{
	return unsigned_elf(PH_DYNAMIC, 0);
}

static struct pvhload_error multiboot(uint32_t protocol, uint32_t flags)
{
	uint8_t header[12] = { 0x02, 0xb0, 0xad, 0x1b };
	struct elf_spec spec = small_kernel();

	header[4] = (uint8_t)flags;
	for (unsigned int i = 0; i < 4; i++)
		header[8 + i] = (uint8_t)((0u - 0x1badb002u - flags) >> (8 * i));
	spec.is32 = true;
	spec.segments[1].bytes = header;
	spec.segments[1].file_size = sizeof(header);
	spec.segment_count = 2;
	return elf_by(protocol, &spec);
}

static struct pvhload_error multiboot_by_pvh(void)
{
	return multiboot(PVHLOAD_PROTOCOL_PVH, 3);
}

static struct pvhload_error multiboot_demand(void)
{
	return multiboot(PVHLOAD_PROTOCOL_AUTO, 0xb);
}

static struct pvhload_error multiboot_addresses(void)
{
	struct mb_spec spec = flat_spec(1);

	spec.address[1] = spec.address[0] + 1;
	return try_open(build_multiboot_flat(&spec));
}

/* A plan of a kernel that is no ELF file, with what @options says. */
static struct pvhload_error
by_multiboot(uint32_t protocol, const struct pvhload_boot_multiboot *options, uint64_t module_gpa)
{
	const struct mb_spec spec = flat_spec(protocol == PVHLOAD_PROTOCOL_MULTIBOOT1 ? 1 : 2);
	const struct pvhload_source source = pvhload_source_buffer("module", 6);
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_multiboot_flat(&spec));
	module.source = &source;
	f.config.protocol = protocol;
	f.config.multiboot = options;
	f.config.modules = &module;
	f.config.module_count = 1;
	set_place(&f, PVHLOAD_REGION_MODULE, 0, module_gpa);
	return try_plan(&f);
}

static struct pvhload_error multiboot_module(void)
{
	return by_multiboot(PVHLOAD_PROTOCOL_MULTIBOOT1, NULL, 0x80000);
}

static struct pvhload_error multiboot_name(void)
{
	struct pvhload_boot_multiboot options = PVHLOAD_BOOT_MULTIBOOT_INIT;

	options.kernel_name = "a kernel";
	return by_multiboot(PVHLOAD_PROTOCOL_MULTIBOOT2, &options, 0);
}

static struct pvhload_error multiboot_rsdp(void)
{
	struct pvhload_boot_multiboot options = PVHLOAD_BOOT_MULTIBOOT_INIT;

	options.rsdp = "RSD PTR \0BOCHS \0....";
	options.rsdp_size = 20;
	return by_multiboot(PVHLOAD_PROTOCOL_MULTIBOOT2, &options, 0);
}

static struct pvhload_error noted(const void *desc, size_t size)
{
	struct elf_spec spec = small_kernel();
	static uint8_t notes[64];

	spec.segments[2].bytes = notes;
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, desc, size, 4);
	return elf_by(PVHLOAD_PROTOCOL_PVH, &spec);
}

static struct pvhload_error note_of_two_bytes(void)
{
	return noted("\x10\x00", 2);
}

static struct pvhload_error note_above_4g(void)
{
	return noted("\x10\x00\x10\x81\xff\xff\xff\xff", 8);
}

static struct pvhload_error note_outside(void)
{
	return noted("\x00\x00\x00\x03", 4);
}

static struct pvhload_error elf64_by_32(void)
{
	const struct elf_spec spec = small_kernel();

	return elf_by(PVHLOAD_PROTOCOL_X86_LINUX32, &spec);
}

static struct pvhload_error elf32_by_64(void)
{
	struct elf_spec spec = small_kernel();

	spec.is32 = true;
	return elf_by(PVHLOAD_PROTOCOL_X86_LINUX64, &spec);
}

static struct pvhload_error entry_outside(void)
{
	struct elf_spec spec = small_kernel();

	spec.entry = 0xffffffff81000000;
	return elf_by(PVHLOAD_PROTOCOL_X86_LINUX64, &spec);
}

static struct pvhload_error no_kernel_64(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x236, 0, 2);
	return try_plan(&f);
}

/* A bzImage without a payload, as memtest86+ is. */
static void bare_setup(struct plan_fixture *f, uint32_t protocol)
{
	const struct bzimage_spec spec = { .version = 0x20c };

	plan_setup(f, 256 * MIB);
	use_bytes(f, build_bzimage(&spec));
	f->config.protocol = protocol;
}

static struct pvhload_error pvh_of_nothing(void)
{
	struct plan_fixture f;

	bare_setup(&f, PVHLOAD_PROTOCOL_PVH);
	return try_plan(&f);
}

static struct pvhload_error real_mode_only(void)
{
	struct plan_fixture f;

	bare_setup(&f, PVHLOAD_PROTOCOL_AUTO);
	set_field(&f, 0x236, 0, 2);
	set_field(&f, 0x214, 0, 4);
	return try_plan(&f);
}

static struct pvhload_error load_real_mode_only(void)
{
	const struct bzimage_spec spec = { .version = 0x20c };
	struct bytes bytes = build_bzimage(&spec);
	struct load_fixture f;

	poke(&bytes, 0x236, 0, 2);
	poke(&bytes, 0x214, 0, 4);
	load_setup(&f, bytes, 0);
	return try_load(&f, NULL);
}

static struct pvhload_error too_little_init_size(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x260, 0x100, 4);
	return try_plan(&f);
}

static struct pvhload_error load_too_little_init_size(void)
{
	const struct bzimage_spec spec = undecoded_bzimage();
	struct bytes bytes = build_bzimage(&spec);
	struct load_fixture f;

	poke(&bytes, 0x260, 0x100, 4);
	load_setup(&f, bytes, 0);
	return try_load(&f, NULL);
}

static struct pvhload_error nothing_to_decode(void)
{
	struct plan_fixture f;

	bare_setup(&f, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	return try_plan(&f);
}

static struct pvhload_error pvh_by_guest(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_PVH);
	f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	return try_plan(&f);
}

static const struct mistake mistakes[] = {
	{ "PVH for a kernel without CONFIG_PVH", no_note, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it has no Xen PHYS32_ENTRY note, so it was built "
	  "without CONFIG_PVH; it could boot by the 64-bit Linux entry at 0x100000",
	  "Build the kernel with CONFIG_PVH=y, or ask for PVHLOAD_PROTOCOL_AUTO, which "
	  "takes what else there is." },
	{ "No sign of what an ELF file is", no_sign, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it has no Xen PHYS32_ENTRY note; its ELF entry 0x100000 is taken only if "
	  "asked for: no sign of Linux: no note of owner Linux, no version text",
	  "If it is Linux, say so (PVHLOAD_BOOT_LINUX), or ask for the protocol. If not, it needs "
	  "a PVH entry: an ELF entry alone says nothing of the state a processor should be in." },
	{ "An ordinary program", program, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it is a dynamically linked program (PT_INTERP), no kernel; it has no other "
	  "entry",
	  "Give a kernel: a program needs an operating system to run in." },
	{ "A shared library", library, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it is a shared library (PT_DYNAMIC, no entry), no kernel; it has no other "
	  "entry",
	  "Give a kernel." },
	{ "A Multiboot kernel asked to start by PVH", multiboot_by_pvh, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it has no Xen PHYS32_ENTRY note; it could boot by Multiboot 1",
	  "Ask for PVHLOAD_PROTOCOL_AUTO or _MULTIBOOT1, or build it with a PVH entry as well." },
	{ "A Multiboot kernel that wants what is not there", multiboot_demand, PVHLOAD_E_PROTOCOL,
	  "not by PVH: no PVH entry: it has no Xen PHYS32_ENTRY note; it has no other entry; not by Multiboot 1: "
	  "no Multiboot 1 entry: of its Multiboot 1 header at offset 0xb4: its flags demand what is not known: 0x8 of "
	  "0xb; it has no other entry",
	  "Of the flags' bits 0 to 15, a loader that does not know one has to refuse: correct the header." },
	{ "A Multiboot kernel that is no ELF file, with wrong addresses", multiboot_addresses,
	  PVHLOAD_E_MALFORMED,
	  "a Multiboot kernel whose Multiboot 1 header at offset 0x100 cannot be used: its header_addr 0x100080 and "
	  "load_addr 0x100081 put what is loaded before the start of the file",
	  "Correct the header's address fields: load_addr is not above header_addr, and not further below it than the "
	  "header is in the file." },
	{ "A module below a Multiboot kernel", multiboot_module, PVHLOAD_E_RANGE,
	  "module 0 at 0x80000 is not above the kernel, which ends at 0x105000, as Multiboot kernels "
	  "take for granted",
	  "Give the module another place, or none." },
	{ "A kernel's name that is no word", multiboot_name, PVHLOAD_E_CMDLINE,
	  "the kernel's name is empty or has a blank: Multiboot kernels skip the first word of the command line, which "
	  "it is to be",
	  "Give the name without blanks (pvhload_boot_multiboot::kernel_name), or none." },
	{ "A damaged RSDP for a Multiboot kernel", multiboot_rsdp, PVHLOAD_E_MALFORMED,
	  "the RSDP has a wrong checksum",
	  "Give the bytes as the tables have them (pvhload_boot_multiboot::rsdp), all that its length says." },
	{ "A PVH note of a wrong size", note_of_two_bytes, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: its PHYS32_ENTRY note at offset 0x148 holds 2 bytes, neither 4 nor 8; it could boot "
	  "by the 64-bit Linux entry at 0x100000",
	  "Correct the note: PHYS32_ENTRY holds one address, of 4 or 8 bytes (`.long` or "
	  "`.quad`)." },
	{ "A PVH note with a virtual address", note_above_4g, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: its PHYS32_ENTRY note at offset 0x148 names 0xffffffff81100010, above 4 GiB; it could boot "
	  "by the 64-bit Linux entry at 0x100000",
	  "Correct the note: PHYS32_ENTRY is a physical address (in Linux, `pvh_start_xen - "
	  "__START_KERNEL_map`)." },
	{ "A PVH note that points to nothing", note_outside, PVHLOAD_E_MALFORMED,
	  "the PVH entry 0x3000000 is in no segment's bytes; the image loads [0x100000, "
	  "0x203000)",
	  "Correct the note or the linker script: the processor would start in memory that "
	  "nobody has written." },
	{ "The 32-bit entry of a 64-bit ELF file", elf64_by_32, PVHLOAD_E_PROTOCOL,
	  "no 32-bit Linux entry: it is an ELF64 file; it could boot by PVH, at 0x100010, "
	  "or the 64-bit Linux entry at 0x100000",
	  "Ask for PVH or the 64-bit entry, or give the bzImage, which has a 32-bit entry "
	  "of its own." },
	{ "The 64-bit entry of a 32-bit ELF file", elf32_by_64, PVHLOAD_E_PROTOCOL,
	  "no 64-bit Linux entry: it is an ELF32 file; it could boot by PVH, at 0x100010, "
	  "or the 32-bit Linux entry at 0x100000, if asked for",
	  "Ask for PVH, or for PVHLOAD_PROTOCOL_X86_LINUX32 if its entry is Linux's: "
	  "an ELF32 file says nothing of 64-bit code to enter, even where there "
	  "is some." },
	{ "A virtual address as an ELF entry", entry_outside, PVHLOAD_E_PROTOCOL,
	  "no 64-bit Linux entry: its ELF entry 0xffffffff81000000 is in no segment's "
	  "bytes; it could boot by PVH, at 0x100010",
	  "Give the vmlinux as the kernel build makes it, whose entry is physical, or "
	  "correct the linker script's ENTRY()." },
	{ "The 64-bit entry of a 32-bit kernel", no_kernel_64, PVHLOAD_E_PROTOCOL,
	  "no 64-bit Linux entry: its xloadflags, 0x0, do not have XLF_KERNEL_64; it could "
	  "boot by the Linux boot protocol, by its 32-bit entry",
	  "Ask for PVHLOAD_PROTOCOL_X86_LINUX32 or AUTO. Entered at 0x200, this kernel would "
	  "run whatever is there." },
	{ "PVH for a bzImage without a payload", pvh_of_nothing, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: the image has no payload to take an ELF file from; it could boot "
	  "by the Linux boot protocol, by its 64-bit or 32-bit entry",
	  "Ask for a Linux protocol or AUTO: PVH's entry is in an ELF file, and this image "
	  "has none." },
	{ "A bzImage that says it needs less than it decodes to", too_little_init_size,
	  PVHLOAD_E_PROTOCOL,
	  "no 64-bit Linux entry: its init_size, 256, is 581 bytes less than its payload "
	  "decodes to, 837; its payload, which was not decoded, may have a PVH entry",
	  "The file is damaged, or made by a tool that writes no init_size: correct it, or have the "
	  "host decode it (PVHLOAD_DECOMPRESS_HOST). Entered, it would die without a word." },
	{ "pvhload_image_load() of such a bzImage", load_too_little_init_size, PVHLOAD_E_PROTOCOL,
	  "the image's init_size, 256, is 581 bytes less than its payload decodes to, "
	  "837: it would die without a word",
	  "Correct the file's init_size, or load the payload: pvhload_image_payload() of the image." },
	{ "An image that needs a BIOS", real_mode_only, PVHLOAD_E_PROTOCOL,
	  "its only entry is the 16-bit entry, which needs a BIOS (boot protocol 2.12, "
	  "code32_start 0x0, xloadflags 0x0, no payload)",
	  "Boot it by a firmware (SeaBIOS): iPXE and memdisk are made so. No protocol of "
	  "this library starts in real mode." },
	{ "pvhload_image_load() of an image that needs a BIOS", load_real_mode_only,
	  PVHLOAD_E_PROTOCOL,
	  "the image announces no entry but the 16-bit one (boot protocol 2.12, "
	  "code32_start 0x0): it has to be started in real mode",
	  "Boot it by a firmware: there is no entry to start the processor at." },
	{ "Decoding an image that has no payload", nothing_to_decode, PVHLOAD_E_PROTOCOL,
	  "the host cannot decode the image: it has no payload",
	  "Leave PVHLOAD_DECOMPRESS_AUTO: the image has only its own code, which runs as it "
	  "is." },
	{ "PVH with a kernel that decodes itself", pvh_by_guest, PVHLOAD_E_PROTOCOL,
	  "PVH does not go with decoding by the guest: its entry is in the payload",
	  "Leave PVHLOAD_DECOMPRESS_AUTO, or ask for a Linux protocol: a bzImage's own code "
	  "knows nothing of PVH." },
};

THEME(entries_theme, "Protocols and entries", mistakes);
