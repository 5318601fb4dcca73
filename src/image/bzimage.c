/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening a bzImage: the setup header, as long as it says it is, and the place of the payload.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst.
 */
#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image.h"
#include "x86/limits.h"
#include "x86/setup_header.h"

#define SECTOR 512u

bool pvl_bzimage_probe(struct pvl_span head)
{
	uint32_t magic;

	return pvl_span_le32(head, PVHLOAD_SETUP_MAGIC, &magic) &&
	       magic == PVHLOAD_SETUP_MAGIC_VALUE;
}

static enum pvhload_status read_header(struct pvl_span head, struct pvl_setup_header *ret,
				       struct pvhload_error *err)
{
	uint16_t boot_flag, version;
	uint8_t opcode, displacement, loadflags;
	uint32_t end;

	if (!pvl_span_le16(head, PVHLOAD_SETUP_BOOT_FLAG, &boot_flag) ||
	    !pvl_span_u8(head, PVHLOAD_SETUP_JUMP, &opcode) ||
	    !pvl_span_u8(head, PVHLOAD_SETUP_JUMP + 1, &displacement) ||
	    !pvl_span_le16(head, PVHLOAD_SETUP_VERSION, &version) ||
	    !pvl_span_u8(head, PVHLOAD_SETUP_LOADFLAGS, &loadflags))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(head.size),
				"the file ends within the setup header");
	if (boot_flag != PVHLOAD_SETUP_BOOT_FLAG_VALUE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVHLOAD_SETUP_BOOT_FLAG),
				"a setup header whose boot_flag is 0x%x, not 0xaa55", boot_flag);
	if (version < PVL_PROTOCOL_2_00 || !(loadflags & PVHLOAD_LOADFLAG_LOADED_HIGH))
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVHLOAD_SETUP_VERSION),
				"a zImage, or a boot protocol older than 2.00 (version 0x%x, "
				"loadflags 0x%x): it boots from real mode only",
				version, loadflags);

	end = pvl_setup_end(&(struct pvl_setup_header){ head, 0, 0 });
	if (end == 0)
		return pvl_fail(
			err, PVHLOAD_E_MALFORMED, PVL_AT(PVHLOAD_SETUP_JUMP),
			"the setup header's jump (0x%02x 0x%02x) does not say where it ends",
			opcode, displacement);
	if (!pvl_span_sub(head, 0, end, &ret->bytes))
		return pvl_fail(
			err, PVHLOAD_E_MALFORMED, PVL_AT(head.size),
			"the file ends within the setup header, which reaches to 0x%" PRIx32, end);
	ret->version = version;
	return PVHLOAD_OK;
}

/* Where the protected-mode code starts. */
static uint64_t code_at(const struct pvl_setup_header *h)
{
	const uint64_t sects = pvl_setup_field_of_any(h, PVHLOAD_SETUP_SECTS);

	return ((sects ? sects : 4) + 1) * SECTOR;
}

bool pvl_bzimage_payload_at(struct pvl_span head, uint64_t *ret)
{
	struct pvl_setup_header h = { { NULL, 0 }, 0, 0 };

	if (read_header(head, &h, NULL) != PVHLOAD_OK)
		return false;
	*ret = code_at(&h) + pvl_setup_field(&h, PVHLOAD_SETUP_PAYLOAD_OFFSET);
	return true;
}

/* The rest of the payload's description: its codec, and the size after its last byte. */
static enum pvhload_status read_payload(struct pvhload_image *image, const struct pvl_head *head,
					struct pvhload_error *err)
{
	struct pvhload_image_part *part = &image->part;
	uint8_t magic[PVL_CODEC_MAGIC_MAX], trailer[PVL_PAYLOAD_TRAILER_SIZE];
	const struct pvl_codec *codec;
	uint32_t decoded = 0;

	PVL_TRY(pvl_image_fetch(image, head, part->offset, magic, sizeof(magic), err));
	image->trailer_offset = part->offset + part->size - PVL_PAYLOAD_TRAILER_SIZE;
	PVL_TRY(pvl_image_fetch(image, head, image->trailer_offset, trailer, sizeof(trailer), err));

	codec = pvl_codec_find((struct pvl_span){ magic, sizeof(magic) });
	if (codec)
		part->codec = codec->id;
	else if (pvl_elf_probe((struct pvl_span){ magic, sizeof(magic) }))
		part->codec = PVHLOAD_CODEC_NONE;
	else
		part->codec = PVHLOAD_CODEC_UNKNOWN;

	/* The payload may be an ELF file that is not compressed. */
	(void)pvl_span_le32((struct pvl_span){ trailer, sizeof(trailer) }, 0, &decoded);
	part->decoded_size = part->codec == PVHLOAD_CODEC_NONE ? part->size : decoded;
	return PVHLOAD_OK;
}

static enum pvhload_status find_payload(struct pvhload_image *image, const struct pvl_head *head,
					const struct pvl_setup_header *h, uint64_t pm_offset,
					struct pvhload_error *err)
{
	const uint64_t file_size = image->source.length;
	const uint64_t offset = pvl_setup_field(h, PVHLOAD_SETUP_PAYLOAD_OFFSET);
	const uint64_t length = pvl_setup_field(h, PVHLOAD_SETUP_PAYLOAD_LENGTH);

	if (offset == 0 || length == 0)
		return PVHLOAD_OK;
	/* Three values of at most 32 bits: the sums cannot wrap. */
	if (pm_offset + offset + length > file_size)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(pm_offset + offset),
				"the payload, 0x%" PRIx64 " bytes at offset 0x%" PRIx64
				", passes the end of the file, 0x%" PRIx64 " (is it truncated?)",
				length, pm_offset + offset, file_size);
	if (length < PVL_CODEC_MAGIC_MAX + PVL_PAYLOAD_TRAILER_SIZE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(pm_offset + offset),
				"a payload of %" PRIu64 " bytes holds no kernel", length);
	image->part.offset = pm_offset + offset;
	image->part.size = length;
	pvl_image_set_part(image);
	return read_payload(image, head, err);
}

static void describe(struct pvhload_image *image, const struct pvl_setup_header *h)
{
	struct pvhload_image_info *info = &image->info;
	const uint64_t version_at = pvl_setup_field(h, PVHLOAD_SETUP_KERNEL_VERSION);

	info->bzimage = &image->bzimage;
	image->bzimage.boot_protocol = h->version;
	image->bzimage.loadflags = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_LOADFLAGS);
	image->bzimage.xloadflags = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_XLOADFLAGS);
	/* Before xloadflags, kernels for both have the same header. */
	if (h->version >= PVL_PROTOCOL_2_12)
		info->arch = image->bzimage.xloadflags & PVHLOAD_XLF_KERNEL_64 ? PVHLOAD_ARCH_X86_64
									       : PVHLOAD_ARCH_I386;
	info->entry = pvl_setup_field(h, PVHLOAD_SETUP_CODE32_START);
	info->relocatable = pvl_setup_field(h, PVHLOAD_SETUP_RELOCATABLE) != 0;
	info->cmdline_max = pvl_setup_cmdline_max(h);
	info->initrd_max = pvl_setup_initrd_max(h);
	info->preferred_address =
		h->version >= PVL_PROTOCOL_2_10
			? pvl_setup_field(h, PVHLOAD_SETUP_PREF_ADDRESS)
			: PVL_X86_HIGH_RAM_GPA; /* for protocols without pref_address */
	info->init_size = pvl_setup_field(h, PVHLOAD_SETUP_INIT_SIZE);
	info->has_entry32 = h->version >= PVL_PROTOCOL_2_05 && info->entry != 0;
	info->has_entry64 = (image->bzimage.xloadflags & PVHLOAD_XLF_KERNEL_64) != 0;
	image->version_offset = version_at ? version_at + PVHLOAD_SETUP_KERNEL_VERSION_BASE : 0;
	image->setup_header_size = h->bytes.size - PVHLOAD_SETUP_HEADER_OFFSET;
	memcpy(image->setup_header, h->bytes.data + PVHLOAD_SETUP_HEADER_OFFSET,
	       image->setup_header_size);
}

static bool is_power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* The preferred alignment of the load address, and the least. */
static enum pvhload_status describe_alignment(struct pvhload_image *image,
					      const struct pvl_setup_header *h,
					      struct pvhload_error *err)
{
	struct pvhload_image_info *info = &image->info;
	const uint64_t shift = pvl_setup_field(h, PVHLOAD_SETUP_MIN_ALIGNMENT);

	info->alignment = pvl_setup_field(h, PVHLOAD_SETUP_ALIGNMENT);
	if (info->relocatable && !is_power_of_two(info->alignment))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVHLOAD_SETUP_ALIGNMENT),
				"the kernel is relocatable, but its kernel_alignment, 0x%" PRIx64
				", is no power of two",
				info->alignment);
	image->bzimage.min_alignment = (uint32_t)info->alignment;
	if (shift >= PVL_X86_PAGE_SHIFT && shift < 32 && (uint64_t)1 << shift <= info->alignment)
		image->bzimage.min_alignment = (uint32_t)1 << shift;
	return PVHLOAD_OK;
}

bool pvl_bzimage_lacks_room(const struct pvhload_image_info *info)
{
	const struct pvhload_image_part *part = pvl_image_payload_part(info);

	return info->bzimage->boot_protocol >= PVL_PROTOCOL_2_10 && part &&
	       info->init_size < part->decoded_size;
}

/*
 * The protected-mode code.  syssize is exact in Linux's own files, rounded up past the end in others,
 * and 0 in some; a signature may follow.
 */
static void describe_code(struct pvhload_image *image, const struct pvl_setup_header *h,
			  uint64_t pm_offset)
{
	const uint64_t rest = image->source.length - pm_offset;
	const uint64_t size = PVL_SETUP_PARAGRAPH * pvl_setup_field(h, PVHLOAD_SETUP_SYSSIZE);

	const uint64_t payload_end = image->part.offset + image->part.size;

	image->bzimage.code_offset = pm_offset;
	image->bzimage.code_size = size != 0 ? pvl_min_u64(size, rest) : rest;
	/* The payload is part of the code even if syssize is smaller. */
	if (image->part.size > 0)
		image->bzimage.code_size =
			pvl_max_u64(image->bzimage.code_size, payload_end - pm_offset);
	/* An entry after the last byte does not exist. */
	if (image->bzimage.code_size <= PVHLOAD_SETUP_ENTRY64)
		image->info.has_entry64 = 0;
	/* A kernel decodes itself into init_size bytes: if they are too few, no entry can be used. */
	if (pvl_bzimage_lacks_room(&image->info))
		image->info.has_entry32 = image->info.has_entry64 = 0;
}

enum pvhload_status pvl_bzimage_open(struct pvhload_image *image, const struct pvl_head *head,
				     struct pvhload_error *err)
{
	const struct pvl_span bytes = { head->bytes, head->size };
	uint64_t pm_offset;
	struct pvl_setup_header h = { { NULL, 0 }, 0, 0 };

	PVL_TRY(read_header(bytes, &h, err));
	pm_offset = code_at(&h);
	if (pm_offset >= image->source.length)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(image->source.length),
				"the file ends before the protected-mode code, which starts at "
				"0x%" PRIx64 " (is it truncated?)",
				pm_offset);
	describe(image, &h);
	PVL_TRY(describe_alignment(image, &h, err));
	PVL_TRY(find_payload(image, head, &h, pm_offset, err));
	describe_code(image, &h, pm_offset);
	image->info.guest = PVHLOAD_GUEST_LINUX;
	image->info.guest_reason = "a bzImage is Linux's own format";
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_image_setup_header(const struct pvhload_image *image, uint8_t *bytes,
					       size_t capacity, size_t *size,
					       struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || !size || (!bytes && capacity > 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "a pointer is NULL");
	if (image->setup_header_size == 0)
		return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
				"the image has no setup_header: it is not a bzImage");
	if (capacity < image->setup_header_size)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the setup_header takes %zu bytes; there is room for %zu",
				image->setup_header_size, capacity);
	memcpy(bytes, image->setup_header, image->setup_header_size);
	*size = image->setup_header_size;
	return PVHLOAD_OK;
}
