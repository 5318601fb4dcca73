/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as a kernel of any format, from open to a committed plan, by two kinds of source. */
#include "image_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes file = { (uint8_t *)(uintptr_t)data, size };

	image_check(&file, NULL, size > 0 ? data[size - 1] : 0);
	return 0;
}
