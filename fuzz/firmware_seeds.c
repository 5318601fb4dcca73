/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "seeds.h"

/* Of fuzz_firmware: switches, pages, pages of variables, two ROMs, the code at the end. */
void firmwares(void)
{
	static const uint8_t codes[][16] = {
		{ 0xea, 0x5b, 0xe0, 0x00, 0xf0 },
		{ 0x90, 0x90, 0xe9, 0x5b, 0xff },
		{ 0x0f, 0x20, 0xc0, 0xa8, 0x01, 0x74, 0x05, 0xe9, 0x28, 0xff, 0xff, 0xff, 0xe9,
		  0x09, 0xff },
	};
	static const uint8_t alias[] = { 0, 0, 0x0e, 0, 0, 0, 2, 0 };

	for (unsigned int i = 0; i < 3; i++) {
		struct bytes bytes = bytes_zero(35);
		char name[32];

		bytes.data[0] = (uint8_t)(2 | (i == 1 ? 4 : 0) | (i == 2 ? 8 : 0));
		bytes.data[1] = (uint8_t)(16u << i);
		bytes.data[2] = (uint8_t)i;
		memcpy(bytes.data + 11, alias, sizeof(alias));
		/* Where the copy is in RAM, the second ROM is elsewhere. */
		bytes.data[14] = i == 1 ? 0x80 : 0;
		memcpy(bytes.data + 19, codes[i], 16);
		snprintf(name, sizeof(name), "code-%u", i);
		save("firmware", name, &bytes);
		bytes_free(&bytes);
	}
}
