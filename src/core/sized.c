/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/sized.h"

#include "core/libc.h"

static size_t declared_size(const void *sized)
{
	size_t size;

	memcpy(&size, sized, sizeof(size));
	return size;
}

static bool all_zero(const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

bool pvl_sized_usable(const void *src, size_t own, size_t v1)
{
	size_t size;

	if (!src)
		return false;
	size = declared_size(src);
	if (size < v1 || size > PVL_SIZED_MAX)
		return false;
	return size <= own || all_zero((const unsigned char *)src + own, size - own);
}

bool pvl_sized_in(void *dst, size_t own, const void *src, size_t v1)
{
	size_t size;

	if (!pvl_sized_usable(src, own, v1))
		return false;
	size = declared_size(src);
	memset(dst, 0, own);
	memcpy(dst, src, size < own ? size : own);
	memcpy(dst, &own, sizeof(own));
	return true;
}

bool pvl_element(const void *array, size_t i, void *dst, size_t own, size_t v1)
{
	const size_t stride = declared_size(array);
	const unsigned char *element = (const unsigned char *)array + i * stride;

	return stride >= v1 && stride <= PVL_SIZED_MAX && declared_size(element) == stride &&
	       pvl_sized_in(dst, own, element, v1);
}

bool pvl_sized_out_usable(const void *dst, size_t v1)
{
	size_t size;

	if (!dst)
		return false;
	size = declared_size(dst);
	return size >= v1 && size <= PVL_SIZED_MAX;
}

void pvl_sized_out(void *dst, const void *src, size_t own)
{
	size_t size = declared_size(dst);

	memcpy(dst, src, size < own ? size : own);
	memcpy(dst, &size, sizeof(size));
}
