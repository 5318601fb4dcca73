/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "info_record.h"

#include <stdio.h>

#include "methods.h"

const struct pvhload_image_part *info_payload(const struct pvhload_image_info *info)
{
	return info->part_count > 0 ? info->parts[0] : NULL;
}

void info_subject_fill(struct info_subject *s)
{
	const struct pvhload_image_info *kernel = s->kernel;

	s->bzimage = s->image->bzimage;
	s->payload = info_payload(s->image);
	s->decoded = kernel != s->image ? kernel : NULL;
	s->machine = kernel->arch != 0 ? kernel : s->image->arch != 0 ? s->image : NULL;
	s->alignment = s->image->alignment != 0 ? &s->image->alignment : NULL;
	s->preferred = s->image->preferred_address != 0 || !s->bzimage
			       ? &s->image->preferred_address
			       : NULL;
	s->wanted = s->preferred || s->image->relocatable ? s->preferred : &s->image->entry;
	s->init_size = s->image->init_size != 0 ? &s->image->init_size : NULL;
	s->pvh = kernel->pvh;
	s->pvh_reloc = kernel->pvh ? kernel->pvh->reloc : NULL;
	s->elf = kernel->elf;
	if (!kernel->bzimage) {
		s->elf_entry = &kernel->entry;
		return;
	}
	s->entry32 = kernel->has_entry32 ? &kernel->entry : NULL;
	s->entry64_gpa = kernel->entry + PVHLOAD_SETUP_ENTRY64;
	s->entry64 = kernel->has_entry64 ? &s->entry64_gpa : NULL;
	s->is_undecoded = s->payload != NULL;
	s->is_real_mode = !s->payload && !s->entry32 && !s->entry64;
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

#define PART(member) AT_MEMBER(struct pvhload_image_part, member)

static const struct field payload_fields[] = {
	{ "codec", FIELD_NAME, PART(codec), .name = pvhload_codec_name },
	{ "offset", FIELD_HEX, PART(offset) },
	{ "size", FIELD_DEC, PART(size) },
	{ "uncompressed_size", FIELD_DEC, PART(decoded_size) },
};
static const struct record payload_record = { RECORD_FIELDS(payload_fields) };

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

	return i < explanation->count ? explanation->methods[i] : NULL;
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

#define SUBJECT(member) AT_MEMBER(struct info_subject, member)
#define POINTER(member) .via = offsetof(struct info_subject, member), .size = sizeof(uint64_t)
#define VIA(pointer, type, member) \
	AT_MEMBER_VIA(struct info_subject, pointer, struct pvhload_image_##type, member)

static const struct field info_fields[] = {
	{ "format", FIELD_NAME, VIA(image, info, format), .name = pvhload_format_name },
	{ "arch", FIELD_NAME, VIA(machine, info, arch), .name = pvhload_arch_name },
	{ "entry", FIELD_HEX, VIA(kernel, info, entry) },
	{ "pvh_entry", FIELD_HEX, VIA(pvh, pvh, entry) },
	{ "pvh_reloc", FIELD_OBJECT, POINTER(pvh_reloc), .of = &pvh_reloc_record },
	{ "segments", FIELD_LIST, .item = segment, .of = &segment_record },
	{ "kernel_version", FIELD_WORDS, SUBJECT(version) },
	{ "boot_protocol", FIELD_VERSION, VIA(bzimage, bzimage, boot_protocol) },
	{ "payload", FIELD_OBJECT, POINTER(payload), .of = &payload_record },
	{ "relocatable", FIELD_BOOL, VIA(image, info, relocatable) },
	{ "alignment", FIELD_HEX, POINTER(alignment) },
	{ "preferred_address", FIELD_HEX, POINTER(preferred) },
	{ "init_size", FIELD_HEX, POINTER(init_size) },
	{ "cmdline_max", FIELD_DEC, VIA(image, info, cmdline_max) },
	{ "initrd_max", FIELD_HEX, VIA(image, info, initrd_max) },
	{ "relocations", FIELD_OBJECT, POINTER(relocations), .of = &relocations_record },
	{ "wrapper", FIELD_WORDS, SUBJECT(wrapper) },
	{ "guest", FIELD_NAME, VIA(image, info, guest), .name = guest_name },
	{ "guest_reason", FIELD_WORDS, VIA(image, info, guest_reason) },
	{ "protocols", FIELD_LIST, .item = method, .of = &method_record },

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
};

static const struct field_line info_lines[] = {
	{ .when = "arch", .text = "{path}: {format} for {arch}, {size} bytes{size~}\n" },
	{ .when = "!arch",
	  .text = "{path}: {format}, {size} bytes{size~}\n"
		  "  for           i386 or x86_64: a boot protocol before 2.12 does not say\n" },
	{ .when = "wrapper", .text = "  wrapper       {wrapper}, decoded\n" },
	{ .when = "kernel_version", .text = "  version       {kernel_version}\n" },
	{ .text = "  guest         {guest}: {guest_reason}\n" },
	{ .when = "boot_protocol",
	  .text = "  boot protocol {boot_protocol}, loadflags {loadflags}, "
		  "xloadflags {xloadflags}\n" },
	{ .when = "boot_protocol !payload", .text = "  payload       none\n" },
	{ .when = "boot_protocol payload",
	  .text = "  compressed    {payload.codec}, {payload.size} bytes{payload.size~} at offset "
		  "{payload.offset}, {payload.uncompressed_size}{payload.uncompressed_size~} decoded\n" },
	{ .when = "decoded_size",
	  .text = "  payload       {decoded_format}, {decoded_size} bytes{decoded_size~}\n" },
	{ .when = "elf_entry", .text = "  entry         {elf_entry}\n" },
	{ .when = "real_mode", .text = "  entry         16-bit only, which needs a BIOS\n" },
	{ .when = "entry32", .text = "  32-bit entry  {entry32}\n" },
	{ .when = "entry64", .text = "  64-bit entry  {entry64}\n" },
	{ .when = "undecoded", .text = "  PVH entry     unknown: the payload is not decoded\n" },
	{ .when = "!undecoded !pvh_entry", .text = "  PVH entry     none\n" },
	{ .when = "pvh_entry !pvh_reloc", .text = "  PVH entry     {pvh_entry}\n" },
	{ .when = "pvh_reloc",
	  .text = "  PVH entry     {pvh_entry}, may be moved by multiples of {pvh_reloc.align} "
		  "within [{pvh_reloc.min}, {pvh_reloc.max}]\n" },
	{ .print = print_methods },
	/* Boot protocols before 2.10 have no init_size. */
	{ .when = "init_size", .text = "  wants         {init_size} bytes{init_size~}" },
	{ .when = "!init_size", .text = "  wants         to be" },
	{ .when = "wanted", .text = " at {wanted}" },
	{ .when = "!wanted", .text = " where it is loaded, as it prefers no address" },
	{ .when = "!init_size", .text = ", and does not say how much memory it needs there" },
	{ .when = "+relocatable wanted", .text = ", or elsewhere" },
	{ .text = "\n" },
	{ .text = "  takes         {cmdline_max} bytes of command line, initrd up to {initrd_max}\n" },
	{ .when = "relocations",
	  .text = "  relocations   {relocations.r64} 64-bit, {relocations.r32} 32-bit, "
		  "{relocations.r32_inverse} inverse 32-bit\n" },
	{ .when = "segments", .print = print_segments_head },
	{ .list = "segments" },
};

const struct record info_record = { RECORD_FIELDS(info_fields), RECORD_LINES(info_lines) };
