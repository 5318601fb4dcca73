/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "made_firmware.h"

#define PAGE 4096u

struct bytes build_firmware(size_t size, const uint8_t reset[RESET_CODE_SIZE])
{
	struct bytes bytes = bytes_zero(size);

	for (size_t i = 0; i < size; i++)
		bytes.data[i] = (uint8_t)(i / PAGE + 1);
	if (size >= RESET_CODE_SIZE)
		memcpy(bytes.data + size - RESET_CODE_SIZE, reset, RESET_CODE_SIZE);
	return bytes;
}

struct bytes build_bios(size_t size)
{
	static const uint8_t far_jump[RESET_CODE_SIZE] = { 0xea, 0x5b, 0xe0, 0x00, 0xf0 };

	return build_firmware(size, far_jump);
}

struct pvhload_image_options firmware_options(void)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;

	options.format = PVHLOAD_FORMAT_FIRMWARE;
	return options;
}

struct pvhload_image *open_firmware(const struct bytes *bytes)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	const struct pvhload_image_options options = firmware_options();
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	return image;
}
