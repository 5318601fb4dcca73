/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening a bzImage: its first bytes are any, and as many as each number in sizes[]; the file's length is any of 64 bits
 * from that on.  So every field of the setup_header is any, its end included.  What is read of the
 * payload is any as well, and what is found in it any codec, an ELF file or neither.
 *
 * Proved: no byte is read that the file does not have; the copy of the setup_header is as long as the header says, and fits;
 * shifts are in their ranges.  Not proved: that code and payload lie in the file, for which Eva would have to relate three
 * fields.
 *
 * Modelled: reading the source (any bytes, any failure), finding a codec, telling an ELF file.
 *
 * with: src/image/bzimage.c src/x86/setup_header.c tests/proof/error_model.c
 * eva: -eva-domains octagon -eva-octagon-through-calls -eva-split-return-function read_header:full,pvl_span_has:full,pvl_span_sub:full,pvl_setup_end:full,pvl_bzimage_open:full,find_payload:full,pvhload_image_setup_header:full
 * eva: -eva-slevel-merge-after-loop main,field_at
 * proves: pvl_bzimage_probe pvl_bzimage_open read_header describe describe_alignment find_payload read_payload
 * proves: describe_code pvl_bzimage_lacks_room is_power_of_two pvhload_image_setup_header
 * proves: pvl_setup_end pvl_setup_has pvl_setup_field pvl_setup_field_of_any pvl_setup_cmdline_max pvl_setup_initrd_max
 */
#include "codec/codec.h"
#include "image/format.h"
#include "image/image.h"

/* None; up to boot_flag, the jump, its second byte, the version, loadflags; within xloadflags; the longest header; a whole head. */
static const size_t sizes[] = { 0, 0x1ff, 0x200, 0x201, 0x207, 0x211, 0x237, 0x281, PVL_HEAD_SIZE };

static struct pvhload_image image;

static enum pvhload_status any_failure(void)
{
	return any_bool() ? PVHLOAD_OK : PVHLOAD_E_SOURCE;
}

/* Model: the range is inside the source, as source.h has it. */
enum pvhload_status pvl_image_fetch(const struct pvhload_image *of, const struct pvl_head *head,
				    uint64_t offset, void *dst, uint64_t len,
				    struct pvhload_error *err)
{
	(void)head;
	/*@ assert len <= of->source.length; */
	any_bytes(dst, len);
	return any_failure();
}

/* Model: any of those with a magic, or none. */
const struct pvl_codec *pvl_codec_find(struct pvl_span head)
{
	static struct pvl_codec any;

	/*@ assert \valid_read(head.data + (0 .. head.size - 1)); */
	any.id = Frama_C_unsigned_int_interval(0, UINT32_MAX);
	return any_bool() ? &any : NULL;
}

/* Model: it may be one. */
bool pvl_elf_probe(struct pvl_span head)
{
	/*@ assert \valid_read(head.data + (0 .. head.size - 1)); */
	return any_bool();
}

/* Model: as in open.c. */
void pvl_image_set_part(struct pvhload_image *of)
{
	of->part_list[0] = &of->part;
	of->info.parts = of->part_list;
	of->info.part_count = 1;
}

static void copy_header(void)
{
	uint8_t bytes[0x40]; /* not enough for each */
	const size_t capacity = sizeof(bytes);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	size_t size;

	(void)pvhload_image_setup_header(NULL, bytes, capacity, &size, &err);
	(void)pvhload_image_setup_header(&image, bytes, capacity, NULL, &err);
	(void)pvhload_image_setup_header(&image, NULL, capacity, &size, &err);
	if (pvhload_image_setup_header(&image, bytes, capacity, &size, &err) == PVHLOAD_OK) {
		/*@ assert 0 < size <= sizeof(bytes); */
	}
}

static void open_file(size_t size)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	/* What the file does not have is not initialized, so using it is an alarm. */
	struct pvl_head head;

	image = (struct pvhload_image){ 0 };
	any_bytes(head.bytes, size);
	head.size = size;
	image.source.length = Frama_C_unsigned_long_long_interval(size, UINT64_MAX);
	(void)pvl_bzimage_probe((struct pvl_span){ head.bytes, head.size });
	if (pvl_bzimage_open(&image, &head, &err) == PVHLOAD_OK) {
		/*@ assert 0 < image.setup_header_size <= sizeof(image.setup_header); */
		/*@ assert image.setup_header_size + 0x1f1 <= size; */
	}
	copy_header();
}

int main(void)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		open_file(sizes[i]);
	return 0;
}
