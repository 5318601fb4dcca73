/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Compressed kernels: damaged, unknown, too large, or with another payload. */
#include "errors.h"

#define MIB_SIZE ((size_t)1 << 20)

static struct bytes gzipped(const void *data, size_t size)
{
	struct bytes raw = bytes_copy(data, size), out = codecs[GZIP].compress(&raw);

	bytes_free(&raw);
	return out;
}

/* A bzImage with these bytes as its payload. */
static struct bytes holding(struct bytes raw)
{
	struct bytes out = build_compressed(&raw, GZIP);

	bytes_free(&raw);
	return out;
}

static struct pvhload_error damaged_payload(void)
{
	const struct bzimage_spec spec = { 0 };
	struct bytes bytes = small_bzimage();

	bytes.data[bzimage_payload_offset(&spec) + 20] ^= 0xff;
	return try_decode(bytes, 0);
}

static struct pvhload_error unknown_codec(void)
{
	struct bzimage_spec spec = undecoded_bzimage();
	static const uint8_t payload[64] = { 'A', 'B', 'C', 'D' };

	spec.payload = payload;
	spec.payload_size = sizeof(payload);
	return try_decode(build_bzimage(&spec), 0);
}

static struct pvhload_error wrong_trailer(void)
{
	struct bytes elf = small_elf(), payload = codecs[GZIP].compress(&elf);
	const struct bzimage_spec spec = { .payload = payload.data,
					   .payload_size = payload.size,
					   .decoded_size = 0x10000 };
	struct bytes bytes = build_bzimage(&spec);

	bytes_free(&payload);
	bytes_free(&elf);
	return try_decode(bytes, 0);
}

static struct pvhload_error no_size(void)
{
	struct bzimage_spec spec = undecoded_bzimage();

	spec.decoded_size = 0;
	return try_decode(build_bzimage(&spec), 0);
}

static struct pvhload_error payload_bomb(void)
{
	struct bzimage_spec spec = undecoded_bzimage();

	spec.decoded_size = 0xf0000000;
	return try_decode(build_bzimage(&spec), 0);
}

static struct pvhload_error file_bomb(void)
{
	struct bytes raw = bytes_zero(2 * MIB_SIZE), file = codecs[GZIP].compress(&raw);

	bytes_free(&raw);
	return try_decode(file, MIB_SIZE);
}

static struct pvhload_error truncated_file(void)
{
	struct bytes elf = small_elf(), file = gzipped(elf.data, elf.size);

	bytes_free(&elf);
	file.size -= 9;
	return try_decode(file, 0);
}

static struct pvhload_error compressed_twice(void)
{
	struct bytes elf = small_elf(), once = gzipped(elf.data, elf.size);
	struct bytes twice = gzipped(once.data, once.size);

	bytes_free(&once);
	bytes_free(&elf);
	return try_decode(twice, 0);
}

static struct pvhload_error archive_payload(void)
{
	static const char cpio[512] = "07070100000001000081a4";

	return try_decode(gzipped(cpio, sizeof(cpio)), 0);
}

static struct pvhload_error bzimage_payload(void)
{
	return try_decode(holding(small_bzimage()), 0);
}

static struct pvhload_error zboot_with(size_t offset, uint64_t value, size_t size)
{
	struct bytes bytes = small_zboot(GZIP);

	poke(&bytes, offset, value, size);
	return try_open(bytes);
}

static struct pvhload_error truncated_zboot(void)
{
	return zboot_with(12, 0x10000, 4);
}

static struct pvhload_error other_codec_than_said(void)
{
	return zboot_with(24, 0x6474737a, 4);
}

static struct pvhload_error unknown_zboot_codec(void)
{
	struct bytes bytes = small_zboot(GZIP);

	memcpy(bytes.data + 24, "brotli", 6);
	return try_decode(bytes, 0);
}

static struct pvhload_error elf_in_zboot(void)
{
	struct bytes elf = small_elf(), bytes = build_zboot(&elf, GZIP, NULL);

	bytes_free(&elf);
	return try_decode(bytes, 0);
}

static struct pvhload_error foreign_payload(void)
{
	struct elf_spec spec = small_kernel();

	spec.machine = MACHINE_AARCH64;
	return try_decode(holding(build_elf(&spec)), 0);
}

static struct pvhload_error load_compressed(void)
{
	struct bytes elf = small_elf();
	struct load_fixture f;

	load_setup(&f, gzipped(elf.data, elf.size), 0);
	bytes_free(&elf);
	return try_load(&f, NULL);
}

/* Search a bzImage of this boot protocol with these bytes in its code. */
static struct pvhload_error try_search(uint16_t version, struct bytes code, uint64_t limit)
{
	const struct bzimage_spec spec = { .version = version,
					   .payload = code.data,
					   .payload_size = code.size,
					   .no_trailer = true };
	struct bytes bytes = build_bzimage(&spec);
	const struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = NULL;
	enum pvhload_status status;

	options.decode_limit = limit;
	status = pvhload_image_open(&source, &options, &image, &err);
	if (status == PVHLOAD_OK)
		status = pvhload_image_search_payload(image, &place, NULL, 0, &err);
	pvhload_image_close(image);
	bytes_free(&bytes);
	bytes_free(&code);
	return failed(status, &err);
}

static struct pvhload_error no_stream(void)
{
	static const char code[] = "\x1f\x8b\x08, a decoder's own";

	return try_search(0x203, bytes_copy(code, sizeof(code)), 0);
}

static struct pvhload_error searched_bomb(void)
{
	struct bytes raw = bytes_zero(2 * MIB_SIZE), code = gzipped(raw.data, raw.size);

	bytes_free(&raw);
	return try_search(0x203, code, MIB_SIZE);
}

static struct pvhload_error no_search(void)
{
	return try_search(0x20f, bytes_zero(64), 0);
}

static const struct mistake mistakes[] = {
	{ "A damaged payload", damaged_payload, PVHLOAD_E_MALFORMED,
	  "gzip payload: corrupt at offset 0xec0: incorrect data check",
	  "Copy the file again: the compressed kernel's checksum is wrong. The guest would "
	  "find out, with no console to say so." },
	{ "A payload by an unknown codec", unknown_codec, PVHLOAD_E_UNSUPPORTED,
	  "the payload's codec is unknown: it starts 41 42 43 44 at offset 0xe00",
	  "Have the guest decode it (PVHLOAD_PROTOCOL_X86_LINUX64 with the bzImage as it is), "
	  "or build the kernel with one of the codecs of codec.h." },
	{ "A payload of another size than declared", wrong_trailer, PVHLOAD_E_MALFORMED,
	  "gzip payload: the stream ends at offset 0xec4 after 352 decoded bytes, but "
	  "declares 65536",
	  "The file is damaged or was put together wrongly: the 4 bytes after the payload "
	  "must be its decoded size." },
	{ "A payload that declares no size", no_size, PVHLOAD_E_MALFORMED,
	  "zstd payload: its trailer declares 0 bytes",
	  "The file is damaged: the 4 bytes after the payload, its decoded size, are 0." },
	{ "A payload above the limit", payload_bomb, PVHLOAD_E_LIMIT,
	  "zstd payload: it declares 4026531840 decoded bytes, more than the limit of "
	  "268435456 (decode_limit)",
	  "If the kernel is really that large, raise pvhload_image_options::decode_limit. "
	  "If not, the file is damaged or hostile." },
	{ "A compressed file above the limit", file_bomb, PVHLOAD_E_LIMIT,
	  "gzip file: it decodes to more than decode_limit, 1048576 bytes (at offset 0x412)",
	  "Raise pvhload_image_options::decode_limit if the kernel is really that large: a "
	  "whole file says nowhere what it decodes to, so decoding stops there." },
	{ "A truncated compressed file", truncated_file, PVHLOAD_E_MALFORMED,
	  "gzip file: truncated: the stream still goes on at offset 0xbb, where it ends",
	  "Copy the file again; `gzip -t`, or the like, will say the same." },
	{ "A file that is compressed twice", compressed_twice, PVHLOAD_E_FORMAT,
	  "payload of the gzip file: another compressed file, by gzip: it is compressed twice",
	  "Decompress it once before handing it over (`gzip -d`): the library looks "
	  "into one level." },
	{ "A compressed initrd given as the kernel", archive_payload, PVHLOAD_E_FORMAT,
	  "payload of the gzip file: not a kernel image: a cpio archive, as an initrd is",
	  "Check whether kernel and initrd are swapped: the payload is no kernel." },
	{ "A bzImage as the payload of a bzImage", bzimage_payload, PVHLOAD_E_FORMAT,
	  "payload: a bzImage, which is never in a bzImage",
	  "Build it again: a bzImage's payload is a vmlinux, never another bzImage." },
	{ "A truncated EFI zboot image", truncated_zboot, PVHLOAD_E_MALFORMED,
	  "the payload, 0x10000 bytes at offset 0x200 with its decoded size, passes the end of the "
	  "file, 0x2bc (is it truncated?)",
	  "Copy the file again: the header counts more bytes of payload than there are." },
	{ "An EFI zboot image with another codec than it says", other_codec_than_said,
	  PVHLOAD_E_MALFORMED, "the payload is said to be by zstd, but starts 1f 8b 08 00",
	  "The file is damaged or was put together wrongly: its header names the codec." },
	{ "An EFI zboot image by an unknown codec", unknown_zboot_codec, PVHLOAD_E_UNSUPPORTED,
	  "the payload's codec is unknown: the header calls it \"brotli\"",
	  "Build the kernel with one of the codecs of codec.h; Linux's own are gzip and zstd." },
	{ "An ELF file in an EFI zboot image", elf_in_zboot, PVHLOAD_E_FORMAT,
	  "payload: an ELF file, which is never in an EFI zboot image",
	  "Build it again: the payload of an EFI zboot image is a flat Image, `arch/*/boot/Image`." },
	{ "A payload for another machine", foreign_payload, PVHLOAD_E_UNSUPPORTED,
	  "payload: an ELF file of class 64 for machine 183 (AArch64), not for "
	  "x86",
	  "Take a kernel that was built for x86: only the wrapping is." },
	{ "A compressed file handed to pvhload_image_load()", load_compressed,
	  PVHLOAD_E_UNSUPPORTED, "the image is a compressed file: decode it and load its payload",
	  "Call pvhload_image_decode() and hand on what pvhload_image_payload() gives; "
	  "pvhload_boot_plan() does it by itself." },
	{ "A payload searched for that is not there", no_stream, PVHLOAD_E_NOT_FOUND,
	  "boot protocol 2.03 does not say where the payload is, and no gzip stream in its code "
	  "decodes (places that begin like one: 0)",
	  "It is no Linux kernel, or a damaged one: those of these protocols have a gzip stream in "
	  "their code." },
	{ "A payload searched for that is above the limit", searched_bomb, PVHLOAD_E_LIMIT,
	  "the search for the payload is given up: what is decoded takes or gives more bytes than "
	  "1048576 (decode_limit; places looked at that begin like a gzip stream: 1)",
	  "Raise pvhload_image_options::decode_limit if the kernel is really that large. If not, the "
	  "file is damaged or hostile." },
	{ "A search in a bzImage whose header says where the payload is", no_search,
	  PVHLOAD_E_NOT_FOUND,
	  "there is no payload to search for: boot protocol 2.15 says where it is, or that there is "
	  "none",
	  "Call pvhload_image_decode() and take what pvhload_image_payload() gives." },
};

THEME(payloads_theme, "Compressed kernels", mistakes);
