/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "info_record.h"

#include <stdio.h>

#include "methods.h"

const struct pvhload_image_part *info_payload(const struct pvhload_image_info *info)
{
	return info->part_count > 0 ? info->parts[0] : NULL;
}

/* What is 0 where the image does not say. */
static const uint64_t *said(const uint64_t *value)
{
	return *value != 0 ? value : NULL;
}

static void fill_needs(struct info_subject *s)
{
	const struct pvhload_image_info *needs = s->needs;

	s->alignment = said(&needs->alignment);
	s->preferred = needs->elf ? &needs->preferred_address : said(&needs->preferred_address);
	s->wanted = s->preferred || needs->relocatable ? s->preferred : &needs->entry;
	s->init_size = said(&needs->init_size);
	if (s->is_foreign)
		return;
	s->initrd_max = &needs->initrd_max;
	s->cmdline_max = &needs->cmdline_max;
}

static void fill_flat(struct info_subject *s)
{
	const struct pvhload_image_flat *flat = s->flat;
	const uint32_t format = s->kernel->format;

	s->entry = said(&s->kernel->entry);
	s->is_based = s->alignment != NULL;
	s->page_size = flat->page_size != 0 ? &flat->page_size : NULL;
	s->anywhere = format == PVHLOAD_FORMAT_ARM64_IMAGE ? &flat->anywhere : NULL;
	s->header_version = format == PVHLOAD_FORMAT_RISCV64_IMAGE ? &flat->header_version : NULL;
	s->version_major = flat->header_version >> 16;
	s->version_minor = flat->header_version & 0xffff;
}

static void fill_bzimage(struct info_subject *s)
{
	const struct pvhload_image_info *kernel = s->kernel;

	s->entry32 = kernel->has_entry32 ? &kernel->entry : NULL;
	s->entry64_gpa = kernel->entry + PVHLOAD_SETUP_ENTRY64;
	s->entry64 = kernel->has_entry64 ? &s->entry64_gpa : NULL;
	s->is_undecoded = s->payload != NULL;
	s->is_real_mode = !s->payload && !s->entry32 && !s->entry64;
}

static void fill_uki(struct info_subject *s)
{
	s->uki = s->uki_image ? s->uki_image->uki : NULL;
	s->signature = s->uki && s->uki->signature_size > 0 ? s->uki : NULL;
}

void info_subject_fill(struct info_subject *s)
{
	const struct pvhload_image_info *kernel = s->kernel;
	const bool is_zboot = s->image->format == PVHLOAD_FORMAT_EFI_ZBOOT;

	s->bzimage = s->image->bzimage;
	s->payload = info_payload(s->image);
	s->decoded = kernel != s->image ? kernel : NULL;
	s->machine = kernel->arch != 0 ? kernel : s->image->arch != 0 ? s->image : NULL;
	s->needs = is_zboot ? kernel : s->image;
	s->pvh = kernel->pvh;
	s->pvh_reloc = kernel->pvh ? kernel->pvh->reloc : NULL;
	s->elf = kernel->elf;
	s->flat = kernel->flat;
	s->firmware = kernel->firmware;
	s->is_foreign = s->flat || is_zboot || s->firmware;
	s->is_opaque = (is_zboot && !s->decoded) || s->firmware;
	s->entry = &kernel->entry;
	fill_uki(s);
	fill_needs(s);
	if (kernel->bzimage)
		fill_bzimage(s);
	else if (s->flat)
		fill_flat(s);
	else if (s->elf)
		s->elf_entry = &kernel->entry;
}

#define RELOC(member) AT_MEMBER(struct pvhload_image_pvh_reloc, member)

static const struct field pvh_reloc_fields[] = {
	{ "align", FIELD_HEX, RELOC(align) },
	{ "min", FIELD_HEX, RELOC(min) },
	{ "max", FIELD_HEX, RELOC(max) },
};
static const struct record pvh_reloc_record = { RECORD_FIELDS(pvh_reloc_fields) };

#define SEGMENT(member) AT_MEMBER(struct pvhload_image_segment, member)

static const struct field segment_fields[] = {
	{ "offset", FIELD_HEX_COLUMN, SEGMENT(offset) },
	{ "gpa", FIELD_HEX_COLUMN, SEGMENT(gpa) },
	{ "file_size", FIELD_HEX_COLUMN, SEGMENT(file_size) },
	{ "mem_size", FIELD_HEX, SEGMENT(mem_size) },
};
static const struct field_line segment_lines[] = {
	{ .text = "                {offset} {gpa} {file_size} {mem_size}\n" },
};
static const struct record segment_record = { RECORD_FIELDS(segment_fields),
					      RECORD_LINES(segment_lines) };

static const void *segment(const void *record, size_t i)
{
	const struct pvhload_image_elf *elf = ((const struct info_subject *)record)->elf;

	return elf && i < elf->segment_count ? elf->segments[i] : NULL;
}

#define MULTIBOOT(member) AT_MEMBER(struct pvhload_image_multiboot, member)
#define ADDRESS(member)                                        \
	AT_MEMBER_VIA(struct pvhload_image_multiboot, address, \
		      struct pvhload_image_multiboot_address, member)
#define MOVED(member)                                                                              \
	AT_MEMBER_VIA(struct pvhload_image_multiboot, reloc, struct pvhload_image_multiboot_reloc, \
		      member)

static const struct field multiboot_fields[] = {
	{ "version", FIELD_DEC, MULTIBOOT(version) },
	{ "flags", FIELD_HEX, MULTIBOOT(flags) },
	{ "header_offset", FIELD_HEX, MULTIBOOT(header_offset) },
	{ "header_size", FIELD_DEC, MULTIBOOT(header_size) },
	{ "entry", FIELD_HEX, MULTIBOOT(entry) },
	{ "problem", FIELD_WORDS, MULTIBOOT(problem) },
	{ "header_addr", FIELD_HEX, ADDRESS(header_addr) },
	{ "load_addr", FIELD_HEX, ADDRESS(load_addr) },
	{ "load_end_addr", FIELD_HEX, ADDRESS(load_end_addr) },
	{ "bss_end_addr", FIELD_HEX, ADDRESS(bss_end_addr) },
	{ "entry_addr", FIELD_HEX, ADDRESS(entry_addr) },
	{ "align", FIELD_HEX, MOVED(align) },
	{ "min", FIELD_HEX, MOVED(min) },
	{ "max", FIELD_HEX, MOVED(max) },
	{ "preference", FIELD_DEC, MOVED(preference) },
};
static const struct field_line multiboot_lines[] = {
	{ .text = "  multiboot {version}   header at offset {header_offset}, {header_size} bytes, flags {flags}\n" },
	{ .when = "load_addr",
	  .text = "                loads {load_addr} to {load_end_addr}, .bss to {bss_end_addr}, header at {header_addr}\n" },
	{ .when = "min",
	  .text = "                may be moved by multiples of {align} within [{min}, {max}]\n" },
};
static const struct record multiboot_record = { RECORD_FIELDS(multiboot_fields),
						RECORD_LINES(multiboot_lines) };

/* Version 2 before 1, as they are tried. */
static const void *multiboot(const void *record, size_t i)
{
	const struct pvhload_image_info *kernel = ((const struct info_subject *)record)->kernel;
	const struct pvhload_image_multiboot *headers[3] = { kernel->multiboot2, kernel->multiboot1,
							     NULL };

	if (!headers[0])
		headers[0] = headers[1], headers[1] = NULL;
	return i < 3 ? headers[i] : NULL;
}

#define PART(member) AT_MEMBER(struct pvhload_image_part, member)

static const struct field payload_fields[] = {
	{ "codec", FIELD_NAME, PART(codec), .name = pvhload_codec_name },
	{ "offset", FIELD_HEX, PART(offset) },
	{ "size", FIELD_DEC, PART(size) },
	{ "uncompressed_size", FIELD_DEC, PART(decoded_size) },
};
static const struct record payload_record = { RECORD_FIELDS(payload_fields) };

static const void *section_profile(const void *record)
{
	const struct pvhload_image_part *part = record;

	return part->profile != PVHLOAD_UKI_BASE ? &part->profile : NULL;
}

static const struct field section_fields[] = {
	{ "name", FIELD_NAME, PART(kind), .name = pvhload_image_part_name },
	{ "profile", FIELD_DEC, .get = section_profile, .size = sizeof(uint32_t) },
	{ "offset", FIELD_HEX_COLUMN, PART(offset) },
	{ "size", FIELD_DEC, PART(size) },
};
static const struct field_line section_lines[] = {
	{ .text = "                {offset} .{name}, {size} bytes{size~}" },
	{ .when = "profile", .text = ", of profile {profile}" },
	{ .text = "\n" },
};
static const struct record section_record = { RECORD_FIELDS(section_fields),
					      RECORD_LINES(section_lines) };

#define SIGNATURE(member) AT_MEMBER(struct pvhload_image_uki, signature_##member)

static const struct field signature_fields[] = {
	{ "offset", FIELD_HEX, SIGNATURE(offset) },
	{ "size", FIELD_DEC, SIGNATURE(size) },
};
static const struct record signature_record = { RECORD_FIELDS(signature_fields) };

#define FIRMWARE(member) AT_MEMBER(struct pvhload_image_firmware, member)

static const struct field firmware_fields[] = {
	{ "gpa", FIELD_HEX, FIRMWARE(window.gpa) },
	{ "alias_gpa", FIELD_HEX, FIRMWARE(alias.gpa) },
	{ "alias_size", FIELD_DEC, FIRMWARE(alias.size) },
	{ "reset_target", FIELD_HEX, FIRMWARE(target) },
};
static const struct record firmware_record = { RECORD_FIELDS(firmware_fields) };

static const void *section(const void *record, size_t i)
{
	const struct pvhload_image_info *uki = ((const struct info_subject *)record)->uki_image;

	return uki && i < uki->part_count ? uki->parts[i] : NULL;
}

static void print_sections_head(const void *record)
{
	(void)record;
	printf("  sections      offset\n");
}

#define TABLES(member) AT_MEMBER(struct pvhload_image_relocations, member)

static const struct field relocations_fields[] = {
	{ "r32", FIELD_DEC, TABLES(r32) },
	{ "r32_inverse", FIELD_DEC, TABLES(r32_inverse) },
	{ "r64", FIELD_DEC, TABLES(r64) },
};
static const struct record relocations_record = { RECORD_FIELDS(relocations_fields) };

static const void *method(const void *record, size_t i)
{
	const struct pvhload_image_explanation *explanation =
		((const struct info_subject *)record)->explanation;

	return explanation && i < explanation->count ? explanation->methods[i] : NULL;
}

static void print_methods(const void *record)
{
	methods_print(((const struct info_subject *)record)->explanation);
}

static void print_segments_head(const void *record)
{
	(void)record;
	printf("  segments      %-12s %-12s %-12s %s\n", "offset", "address", "file bytes",
	       "memory bytes");
}

#define SUBJECT(member)   AT_MEMBER(struct info_subject, member)
#define POINTER(member)   .via = offsetof(struct info_subject, member), .size = sizeof(uint64_t)
#define POINTER32(member) .via = offsetof(struct info_subject, member), .size = sizeof(uint32_t)
#define VIA(pointer, type, member) \
	AT_MEMBER_VIA(struct info_subject, pointer, struct pvhload_image_##type, member)

static const struct field info_fields[] = {
	{ "format", FIELD_NAME, VIA(image, info, format), .name = pvhload_format_name },
	{ "arch", FIELD_NAME, VIA(machine, info, arch), .name = pvhload_arch_name },
	{ "entry", FIELD_HEX, POINTER(entry) },
	{ "pvh_entry", FIELD_HEX, VIA(pvh, pvh, entry) },
	{ "pvh_reloc", FIELD_OBJECT, POINTER(pvh_reloc), .of = &pvh_reloc_record },
	{ "segments", FIELD_LIST, .item = segment, .of = &segment_record },
	{ "kernel_version", FIELD_WORDS, SUBJECT(version) },
	{ "boot_protocol", FIELD_VERSION, VIA(bzimage, bzimage, boot_protocol) },
	{ "payload", FIELD_OBJECT, POINTER(payload), .of = &payload_record },
	{ "relocatable", FIELD_BOOL, VIA(needs, info, relocatable) },
	{ "alignment", FIELD_HEX, POINTER(alignment) },
	{ "preferred_address", FIELD_HEX, POINTER(preferred) },
	{ "init_size", FIELD_HEX, POINTER(init_size) },
	{ "cmdline_max", FIELD_DEC, POINTER32(cmdline_max) },
	{ "initrd_max", FIELD_HEX, POINTER(initrd_max) },
	{ "relocations", FIELD_OBJECT, POINTER(relocations), .of = &relocations_record },
	{ "wrapper", FIELD_WORDS, SUBJECT(wrapper) },
	{ "guest", FIELD_NAME, VIA(image, info, guest), .name = guest_name },
	{ "guest_reason", FIELD_WORDS, VIA(image, info, guest_reason) },
	{ "protocols", FIELD_LIST, .item = method, .of = &method_record },
	{ "text_offset", FIELD_HEX, VIA(flat, flat, text_offset) },
	{ "image_size", FIELD_HEX, VIA(flat, flat, image_size) },
	{ "image_flags", FIELD_HEX, VIA(flat, flat, flags) },
	{ "page_size", FIELD_DEC, POINTER32(page_size) },
	{ "big_endian", FIELD_BOOL, VIA(flat, flat, big_endian) },
	{ "anywhere", FIELD_BOOL, POINTER32(anywhere) },
	{ "header_version", FIELD_HEX, POINTER32(header_version) },
	{ "profiles", FIELD_DEC, VIA(uki, uki, profile_count) },
	{ "signature", FIELD_OBJECT, POINTER(signature), .of = &signature_record },
	{ "sections", FIELD_LIST, .item = section, .of = &section_record },
	{ "multiboot", FIELD_LIST, .item = multiboot, .of = &multiboot_record },
	{ "firmware", FIELD_OBJECT, POINTER(firmware), .of = &firmware_record },

	{ "path", FIELD_WORDS, true, SUBJECT(path) },
	{ "size", FIELD_DEC, true, VIA(image, info, size) },
	{ "loadflags", FIELD_HEX, true, VIA(bzimage, bzimage, loadflags) },
	{ "xloadflags", FIELD_HEX, true, VIA(bzimage, bzimage, xloadflags) },
	{ "decoded_format", FIELD_NAME, true, VIA(decoded, info, format),
	  .name = pvhload_format_name },
	{ "decoded_size", FIELD_DEC, true, VIA(decoded, info, size) },
	{ "wanted", FIELD_HEX, true, POINTER(wanted) },
	{ "elf_entry", FIELD_HEX, true, POINTER(elf_entry) },
	{ "entry32", FIELD_HEX, true, POINTER(entry32) },
	{ "entry64", FIELD_HEX, true, POINTER(entry64) },
	{ "undecoded", FIELD_FLAG, true, SUBJECT(is_undecoded), .bits = 1 },
	{ "real_mode", FIELD_FLAG, true, SUBJECT(is_real_mode), .bits = 1 },
	{ "not_booted", FIELD_WORDS, true, SUBJECT(not_booted) },
	{ "version_major", FIELD_DEC, true, SUBJECT(version_major) },
	{ "version_minor", FIELD_DEC, true, SUBJECT(version_minor) },
	{ "foreign", FIELD_FLAG, true, SUBJECT(is_foreign), .bits = 1 },
	{ "opaque", FIELD_FLAG, true, SUBJECT(is_opaque), .bits = 1 },
	{ "based", FIELD_FLAG, true, SUBJECT(is_based), .bits = 1 },
};

static const struct field_line info_lines[] = {
	{ .when = "arch", .text = "{path}: {format} for {arch}, {size} bytes{size~}\n" },
	{ .when = "!arch foreign", .text = "{path}: {format}, {size} bytes{size~}\n" },
	{ .when = "!arch !foreign",
	  .text = "{path}: {format}, {size} bytes{size~}\n"
		  "  for           i386 or x86_64: a boot protocol before 2.12 does not say\n" },
	{ .when = "profiles", .text = "  in a UKI      profiles: {profiles}\n" },
	{ .when = "signature",
	  .text = "  signature     {signature.size} bytes{signature.size~} at offset "
		  "{signature.offset}, not verified\n" },
	{ .when = "profiles !signature", .text = "  signature     none\n" },
	{ .when = "sections", .print = print_sections_head },
	{ .list = "sections" },
	{ .when = "wrapper", .text = "  wrapper       {wrapper}, decoded\n" },
	{ .when = "kernel_version", .text = "  version       {kernel_version}\n" },
	{ .text = "  guest         {guest}: {guest_reason}\n" },
	{ .when = "firmware",
	  .text = "  ROM           from {firmware.gpa} to 4 GiB; its last {firmware.alias_size} bytes also from "
		  "{firmware.alias_gpa} to 1 MiB\n"
		  "  reset code    jumps to {firmware.reset_target}\n" },
	{ .when = "boot_protocol",
	  .text = "  boot protocol {boot_protocol}, loadflags {loadflags}, "
		  "xloadflags {xloadflags}\n" },
	{ .when = "boot_protocol !payload", .text = "  payload       none\n" },
	{ .when = "payload",
	  .text = "  compressed    {payload.codec}, {payload.size} bytes{payload.size~} at offset "
		  "{payload.offset}, {payload.uncompressed_size}{payload.uncompressed_size~} decoded\n" },
	{ .when = "decoded_size",
	  .text = "  payload       {decoded_format}, {decoded_size} bytes{decoded_size~}\n" },
	{ .when = "text_offset",
	  .text = "  header        text_offset {text_offset}, image_size {image_size}, flags {image_flags}" },
	{ .when = "header_version", .text = ", version {version_major}.{version_minor}" },
	{ .when = "text_offset", .text = "\n" },
	{ .when = "text_offset -big_endian", .text = "  byte order    little-endian\n" },
	{ .when = "+big_endian", .text = "  byte order    big-endian\n" },
	{ .when = "page_size", .text = "  page size     {page_size}\n" },
	{ .when = "text_offset entry", .text = "  entry         {entry}\n" },
	{ .when = "text_offset !entry", .text = "  entry         its first byte\n" },
	{ .when = "elf_entry", .text = "  entry         {elf_entry}\n" },
	{ .when = "real_mode", .text = "  entry         16-bit only, which needs a BIOS\n" },
	{ .when = "entry32", .text = "  32-bit entry  {entry32}\n" },
	{ .when = "entry64", .text = "  64-bit entry  {entry64}\n" },
	{ .when = "undecoded", .text = "  PVH entry     unknown: the payload is not decoded\n" },
	{ .when = "!undecoded !pvh_entry !foreign", .text = "  PVH entry     none\n" },
	{ .when = "pvh_entry !pvh_reloc", .text = "  PVH entry     {pvh_entry}\n" },
	{ .when = "pvh_reloc",
	  .text = "  PVH entry     {pvh_entry}, may be moved by multiples of {pvh_reloc.align} "
		  "within [{pvh_reloc.min}, {pvh_reloc.max}]\n" },
	{ .list = "multiboot" },
	{ .when = "protocols", .print = print_methods },
	{ .when = "not_booted", .text = "  boots by      nothing: {not_booted}\n" },
	/* Boot protocols before 2.10 have no init_size, nor has an arm64 Image before Linux 3.17. */
	{ .when = "init_size", .text = "  wants         {init_size} bytes{init_size~}" },
	{ .when = "!init_size !opaque", .text = "  wants         to be" },
	{ .when = "based", .text = " at a multiple of {alignment} plus {text_offset}" },
	{ .when = "wanted !opaque", .text = " at {wanted}" },
	{ .when = "!wanted !based", .text = " where it is loaded, as it prefers no address" },
	{ .when = "!init_size !opaque",
	  .text = ", and does not say how much memory it needs there" },
	{ .when = "+relocatable wanted", .text = ", or elsewhere" },
	{ .when = "anywhere -anywhere", .text = ", as low as can be: what is below is lost" },
	{ .when = "!opaque", .text = "\n" },
	{ .when = "cmdline_max",
	  .text = "  takes         {cmdline_max} bytes of command line, initrd up to {initrd_max}\n" },
	{ .when = "relocations",
	  .text = "  relocations   {relocations.r64} 64-bit, {relocations.r32} 32-bit, "
		  "{relocations.r32_inverse} inverse 32-bit\n" },
	{ .when = "segments", .print = print_segments_head },
	{ .list = "segments" },
};

const struct record info_record = { RECORD_FIELDS(info_fields), RECORD_LINES(info_lines) };
