/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening an EFI zboot image: where its payload is, and by which codec.
 *
 * ABI source: Linux, drivers/firmware/efi/libstub/zboot-header.S and Makefile.zboot.  The payload is not the end of the
 * file.  Its size does not count the decoded size that is appended to it, but for gzip, whose stream ends with it.
 */
#include "abi/flat_layout.h"
#include "codec/codec.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/pe.h"

/* What a build calls its codec begins with this: "zstd22", "xzkern". */
static const struct {
	const char *name;
	uint32_t codec;
} names[] = {
	{ "gzip", PVHLOAD_CODEC_GZIP }, { "zstd", PVHLOAD_CODEC_ZSTD },
	{ "xz", PVHLOAD_CODEC_XZ },     { "lz4", PVHLOAD_CODEC_LZ4 },
	{ "lzma", PVHLOAD_CODEC_LZMA }, { "lzo", PVHLOAD_CODEC_LZO },
};

bool pvl_zboot_probe(struct pvl_span head)
{
	uint32_t magic;
	uint16_t mz;

	return pvl_span_le16(head, 0, &mz) && mz == PVL_MZ_MAGIC &&
	       pvl_span_le32(head, PVL_ZBOOT_AT, &magic) && magic == PVL_ZBOOT_MAGIC;
}

static uint32_t codec_by_name(struct pvl_span name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memcmp(name.data, names[i].name, strlen(names[i].name)) == 0)
			return names[i].codec;
	return PVHLOAD_CODEC_UNKNOWN;
}

static enum pvhload_status read_place(struct pvhload_image *image, struct pvl_span h,
				      struct pvhload_error *err)
{
	struct pvhload_image_part *part = &image->part;
	const uint64_t file_size = image->source.length;

	part->offset = pvl_span_get32(h, PVL_ZBOOT_PAYLOAD_OFFSET);
	part->size = pvl_span_get32(h, PVL_ZBOOT_PAYLOAD_SIZE);
	image->trailer_offset = part->offset + part->size;
	if (part->codec == PVHLOAD_CODEC_GZIP)
		image->trailer_offset -= PVL_PAYLOAD_TRAILER_SIZE;
	if (part->offset < PVL_ZBOOT_HEADER_SIZE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVL_ZBOOT_PAYLOAD_OFFSET),
				"an EFI zboot image whose payload, at offset 0x%" PRIx64
				", begins within the header",
				part->offset);
	if (part->size < PVL_CODEC_MAGIC_MAX)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVL_ZBOOT_PAYLOAD_SIZE),
				"a payload of %" PRIu64 " bytes holds no kernel", part->size);
	/* Of values of 32 bits: nothing can wrap. */
	if (image->trailer_offset + PVL_PAYLOAD_TRAILER_SIZE > file_size)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(part->offset),
				"the payload, 0x%" PRIx64 " bytes at offset 0x%" PRIx64
				" with its decoded size, passes the end of the file, 0x%" PRIx64
				" (is it truncated?)",
				part->size, part->offset, file_size);
	return PVHLOAD_OK;
}

/* What the stream begins like, and the decoded size. */
static enum pvhload_status read_payload(struct pvhload_image *image, const struct pvl_head *head,
					struct pvhload_error *err)
{
	struct pvhload_image_part *part = &image->part;
	uint8_t magic[PVL_CODEC_MAGIC_MAX], trailer[PVL_PAYLOAD_TRAILER_SIZE];
	const struct pvl_codec *codec;

	PVL_TRY(pvl_image_fetch(image, head, part->offset, magic, sizeof(magic), err));
	PVL_TRY(pvl_image_fetch(image, head, image->trailer_offset, trailer, sizeof(trailer), err));
	part->decoded_size = pvl_span_get32((struct pvl_span){ trailer, sizeof(trailer) }, 0);
	codec = pvl_codec_find((struct pvl_span){ magic, sizeof(magic) });
	if (part->codec != PVHLOAD_CODEC_UNKNOWN && (!codec || codec->id != part->codec))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(part->offset),
				"the payload is said to be by %s, but starts %02x %02x %02x %02x",
				pvhload_codec_name(part->codec), magic[0], magic[1], magic[2],
				magic[3]);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_zboot_open(struct pvhload_image *image, const struct pvl_head *head,
				   struct pvhload_error *err)
{
	const struct pvl_span bytes = { head->bytes, head->size };
	struct pvl_span h = { NULL, 0 }, name = { NULL, 0 };

	if (!pvl_span_sub(bytes, 0, PVL_ZBOOT_HEADER_SIZE, &h) ||
	    !pvl_span_sub(h, PVL_ZBOOT_CODEC, PVL_ZBOOT_CODEC_SIZE, &name))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(head->size),
				"an EFI zboot image: the file ends within the header, %u bytes",
				PVL_ZBOOT_HEADER_SIZE);
	image->part.codec = codec_by_name(name);
	PVL_TRY(read_place(image, h, err));
	PVL_TRY(read_payload(image, head, err));
	pvl_image_set_part(image);
	image->info.arch = pvl_pe_arch(bytes);
	image->info.guest = PVHLOAD_GUEST_LINUX;
	image->info.guest_reason = "an EFI zboot image is Linux's own format";
	return PVHLOAD_OK;
}

/* The name is not trusted: what is not of a name ends it. */
static enum pvhload_status unknown_codec(const struct pvhload_image *image,
					 struct pvhload_error *err)
{
	char name[PVL_ZBOOT_CODEC_SIZE + 1] = "";
	size_t n = 0;

	PVL_TRY(pvl_source_read(&image->source, PVL_ZBOOT_CODEC, name, PVL_ZBOOT_CODEC_SIZE, err));
	while ((name[n] >= 'a' && name[n] <= 'z') || (name[n] >= '0' && name[n] <= '9'))
		n++;
	name[n] = '\0';
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_ZBOOT_CODEC),
			"the payload's codec is unknown: the header calls it \"%s\"", name);
}

enum pvhload_status pvl_zboot_check(const struct pvhload_image *image, struct pvhload_error *err)
{
	if (image->part.codec == PVHLOAD_CODEC_UNKNOWN)
		return unknown_codec(image, err);
	return pvl_payload_check_sizes(image, err);
}
