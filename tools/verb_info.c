/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload info: what an image is, what it loads, how it can be entered. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "options.h"
#include "verbs.h"
#include "ways.h"

#define VERSION_MAX 512u

/*
 * Both views of one file: the image, and the ELF file that is loaded (the same, or its payload).  If
 * the file is compressed as a whole, the image is what is inside.
 */
struct subject {
	const char *path;
	const char *wrapper; /* the codec of a file compressed as a whole, or NULL */
	struct pvhload_image *image;
	const struct pvhload_image *kernel; /* the payload, if there is one that could be decoded */
	const struct pvhload_image_info *outer;
	const struct pvhload_image_info *inner; /* of kernel; or outer */
	char version[VERSION_MAX];              /* "" for none */
	struct pvhload_image_relocations relocations;
	bool has_relocations;
	struct pvhload_image_explanation *explanation;
};

static struct json_object *json_segments(const struct pvhload_image_info *info)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; info->elf && i < info->elf->segment_count; i++) {
		const struct pvhload_image_segment *s = info->elf->segments[i];
		struct json_object *object = json_object_new_object();

		json_add_number(object, "offset", s->offset);
		json_add_number(object, "gpa", s->gpa);
		json_add_number(object, "file_size", s->file_size);
		json_add_number(object, "mem_size", s->mem_size);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *json_pvh_reloc(const struct pvhload_image_info *info)
{
	struct json_object *object;

	if (!info->pvh || !info->pvh->reloc)
		return NULL;
	object = json_object_new_object();
	json_add_number(object, "align", info->pvh->reloc->align);
	json_add_number(object, "min", info->pvh->reloc->min);
	json_add_number(object, "max", info->pvh->reloc->max);
	return object;
}

/* What pvhload_image_decode() decodes, or NULL. */
static const struct pvhload_image_part *payload_part(const struct pvhload_image_info *info)
{
	return info->part_count > 0 ? info->parts[0] : NULL;
}

static struct json_object *json_payload(const struct pvhload_image_part *part)
{
	struct json_object *object;

	if (!part)
		return NULL;
	object = json_object_new_object();
	json_add_text(object, "codec", pvhload_codec_name(part->codec));
	json_add_number(object, "offset", part->offset);
	json_add_number(object, "size", part->size);
	json_add_number(object, "uncompressed_size", part->decoded_size);
	return object;
}

static struct json_object *json_relocations(const struct subject *s)
{
	struct json_object *object;

	if (!s->has_relocations)
		return NULL;
	object = json_object_new_object();
	json_add_number(object, "r32", s->relocations.r32);
	json_add_number(object, "r32_inverse", s->relocations.r32_inverse);
	json_add_number(object, "r64", s->relocations.r64);
	return object;
}

static bool print_json(const struct subject *s)
{
	const struct pvhload_image_info *outer = s->outer, *inner = s->inner;
	const bool boot = outer->format == PVHLOAD_FORMAT_BZIMAGE;
	struct json_object *object = json_object_new_object();

	json_add_text(object, "format", pvhload_format_name(outer->format));
	json_add_text(object, "arch", pvhload_arch_name(inner->arch));
	json_add_number(object, "entry", inner->entry);
	json_add(object, "pvh_entry",
		 inner->pvh ? json_object_new_uint64(inner->pvh->entry) : NULL);
	json_add(object, "pvh_reloc", json_pvh_reloc(inner));
	json_add(object, "segments", json_segments(inner));
	json_add_text(object, "kernel_version", s->version[0] ? s->version : NULL);
	json_add(object, "boot_protocol",
		 boot ? json_object_new_uint64(outer->bzimage->boot_protocol) : NULL);
	json_add(object, "payload", json_payload(payload_part(outer)));
	json_add_bool(object, "relocatable", outer->relocatable);
	json_add_number(object, "alignment", outer->alignment);
	json_add_number(object, "preferred_address", outer->preferred_address);
	json_add_number(object, "init_size", outer->init_size);
	json_add_number(object, "cmdline_max", outer->cmdline_max);
	json_add_number(object, "initrd_max", outer->initrd_max);
	json_add(object, "relocations", json_relocations(s));
	json_add_text(object, "wrapper", s->wrapper);
	json_add(object, "protocols", ways_json(s->explanation));
	return json_print(object, stdout);
}

/* " (10.9 MiB)": what follows a number of bytes that is too long to be read. */
static const char *rounded(uint64_t bytes, char buffer[48])
{
	char size[32];

	buffer[0] = '\0';
	if (bytes >= 10000)
		snprintf(buffer, 48, " (%s)", tool_size_text(bytes, size));
	return buffer;
}

static void print_pvh(const struct pvhload_image_info *info)
{
	if (info->bzimage && payload_part(info)) {
		printf("  PVH entry     unknown: the payload is not decoded\n");
		return;
	}
	if (!info->pvh) {
		printf("  PVH entry     none\n");
		return;
	}
	printf("  PVH entry     0x%" PRIx32, info->pvh->entry);
	if (info->pvh->reloc)
		printf(", may be moved by multiples of 0x%" PRIx32 " within [0x%" PRIx32
		       ", 0x%" PRIx32 "]",
		       info->pvh->reloc->align, info->pvh->reloc->min, info->pvh->reloc->max);
	printf("\n");
}

static void print_bzimage(const struct pvhload_image_info *info)
{
	const struct pvhload_image_part *part = payload_part(info);
	char packed[48], decoded[48];

	printf("  boot protocol %" PRIu32 ".%02" PRIu32 ", loadflags 0x%" PRIx32
	       ", xloadflags 0x%" PRIx32 "\n",
	       info->bzimage->boot_protocol >> 8, info->bzimage->boot_protocol & 0xff,
	       info->bzimage->loadflags, info->bzimage->xloadflags);
	if (!part)
		printf("  payload       none\n");
	else
		printf("  payload       %s, %" PRIu64 " bytes%s at offset 0x%" PRIx64 ", %" PRIu64
		       "%s decoded\n",
		       pvhload_codec_name(part->codec), part->size, rounded(part->size, packed),
		       part->offset, part->decoded_size, rounded(part->decoded_size, decoded));
}

/* An ELF file's entry stands there, whatever it is good for; a bzImage's are said to be there. */
static void print_entries(const struct pvhload_image_info *info)
{
	if (info->format != PVHLOAD_FORMAT_BZIMAGE)
		printf("  entry         0x%" PRIx64 "\n", info->entry);
	else if (!info->has_entry32 && !info->has_entry64 && !payload_part(info))
		printf("  entry         16-bit only, which needs a BIOS\n");
	if (info->format == PVHLOAD_FORMAT_BZIMAGE && info->has_entry32)
		printf("  32-bit entry  0x%" PRIx64 "\n", info->entry);
	if (info->format == PVHLOAD_FORMAT_BZIMAGE && info->has_entry64)
		printf("  64-bit entry  0x%" PRIx64 "\n", info->entry + PVHLOAD_SETUP_ENTRY64);
}

/* Boot protocols before 2.10 have no init_size. */
static void print_wants(const struct pvhload_image_info *info)
{
	char size[48];

	printf("  wants         ");
	if (info->init_size != 0)
		printf("0x%" PRIx64 " bytes%s at 0x%" PRIx64, info->init_size,
		       rounded(info->init_size, size), info->preferred_address);
	else
		printf("to be at 0x%" PRIx64 ", and does not say how much memory it needs there",
		       info->preferred_address);
	printf("%s\n", info->relocatable ? ", or elsewhere" : "");
}

static void print_text(const struct subject *s)
{
	const struct pvhload_image_info *outer = s->outer, *inner = s->inner;
	char size[48];

	printf("%s: %s for %s, %" PRIu64 " bytes%s\n", s->path, pvhload_format_name(outer->format),
	       pvhload_arch_name(inner->arch), outer->size, rounded(outer->size, size));
	if (s->wrapper)
		printf("  wrapper       %s, unpacked\n", s->wrapper);
	if (s->version[0])
		printf("  version       %s\n", s->version);
	if (outer->format == PVHLOAD_FORMAT_BZIMAGE)
		print_bzimage(outer);
	if (inner != outer)
		printf("  inside        %s, %" PRIu64 " bytes%s\n",
		       pvhload_format_name(inner->format), inner->size, rounded(inner->size, size));
	print_entries(inner);
	print_pvh(inner);
	ways_print(s->explanation);
	print_wants(outer);
	printf("  takes         %" PRIu32 " bytes of command line, initrd up to 0x%" PRIx64 "\n",
	       outer->cmdline_max, outer->initrd_max);
	if (s->has_relocations)
		printf("  relocations   %" PRIu64 " 64-bit, %" PRIu64 " 32-bit, %" PRIu64
		       " inverse 32-bit\n",
		       s->relocations.r64, s->relocations.r32, s->relocations.r32_inverse);
	if (!inner->elf)
		return;
	printf("  segments      %-12s %-12s %-12s %s\n", "offset", "address", "file bytes",
	       "memory bytes");
	for (size_t i = 0; i < inner->elf->segment_count; i++)
		printf("                0x%-10" PRIx64 " 0x%-10" PRIx64 " 0x%-10" PRIx64
		       " 0x%" PRIx64 "\n",
		       inner->elf->segments[i]->offset, inner->elf->segments[i]->gpa,
		       inner->elf->segments[i]->file_size, inner->elf->segments[i]->mem_size);
}

/* Go to what a compressed file holds. */
static int unwrap(struct subject *s)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(s->image);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	if (info->format != PVHLOAD_FORMAT_COMPRESSED)
		return TOOL_DONE;
	if (pvhload_image_decode(s->image, &err) != PVHLOAD_OK)
		return tool_fail(s->path, "%s", err.message);
	s->wrapper = pvhload_codec_name(payload_part(info)->codec);
	s->image = pvhload_image_payload(s->image);
	return TOOL_DONE;
}

/* Look into the image as far as it goes; a payload that cannot be decoded is told at the end. */
static int look(struct subject *s, bool json)
{
	struct pvhload_error decode_err = PVHLOAD_ERROR_INIT, err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;
	bool decoded;
	int result;

	if (unwrap(s) != TOOL_DONE)
		return TOOL_FAILED;
	decoded = pvhload_image_decode(s->image, &decode_err) == PVHLOAD_OK;
	s->outer = s->inner = pvhload_image_get_info(s->image);
	s->kernel = pvhload_image_payload(s->image);
	if (s->kernel)
		s->inner = pvhload_image_get_info(s->kernel);
	status = pvhload_image_kernel_version(s->image, s->version, sizeof(s->version), &err);
	if (status != PVHLOAD_OK && status != PVHLOAD_E_NOT_FOUND)
		return tool_fail(s->path, "%s", err.message);
	s->relocations = (struct pvhload_image_relocations)PVHLOAD_IMAGE_RELOCATIONS_INIT;
	status = pvhload_image_count_relocations(s->kernel ? s->kernel : s->image, &s->relocations,
						 &err);
	if (status != PVHLOAD_OK && status != PVHLOAD_E_NOT_FOUND)
		return tool_fail(s->path, "%s", err.message);
	s->has_relocations = status == PVHLOAD_OK;
	if (pvhload_image_explain(s->image, &s->explanation, &err) != PVHLOAD_OK)
		return tool_fail(s->path, "%s", err.message);

	/* A script is not given half of it; a person may want what the header says. */
	if (json && decoded)
		(void)print_json(s);
	else if (!json)
		print_text(s);
	result = tool_finish_output();
	return decoded ? result : tool_fail(s->path, "%s", decode_err.message);
}

int verb_info(const struct options *options)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct subject subject = { .path = options->operand };
	struct pvhload_image *image = NULL;
	struct pvhload_source source;
	int fd, result;

	fd = tool_open(subject.path);
	if (fd < 0)
		return TOOL_FAILED;
	source = pvhload_source_fd(fd);
	if (pvhload_image_open(&source, NULL, &image, &err) == PVHLOAD_OK) {
		subject.image = image;
		result = look(&subject, options->json);
	} else {
		result = tool_fail(subject.path, "%s", err.message);
	}
	pvhload_image_explanation_free(subject.explanation);
	pvhload_image_close(image);
	close(fd);
	return result;
}
