/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* SHA-256 and SHA-384 of the same bytes, by OpenSSL's libcrypto where this program is built with it. */
#ifndef TOOL_DIGEST_H
#define TOOL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvhload/kernel_hashes.h>

#define SHA384_SIZE 48u

struct digests {
	uint8_t sha256[PVHLOAD_SHA256_SIZE];
	uint8_t sha384[SHA384_SIZE];
};

/* Bytes that are coming in. */
struct digester {
	void *sha256, *sha384;
	bool good; /* until something fails */
};

/* Why there are no digests, or NULL if there are. */
const char *digest_why_not(void);

/* From the start, in any number of steps, to the end, which frees; false if no memory was left for it. */
void digester_start(struct digester *d);
void digester_add(struct digester *d, const void *bytes, size_t size);
bool digester_finish(struct digester *d, struct digests *ret);

#endif
