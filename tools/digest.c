/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "digest.h"

#ifdef HAVE_LIBCRYPTO
#include <openssl/evp.h>

const char *digest_why_not(void)
{
	return NULL;
}

void digester_start(struct digester *d)
{
	d->sha256 = EVP_MD_CTX_new();
	d->sha384 = EVP_MD_CTX_new();
	d->good = d->sha256 && d->sha384 && EVP_DigestInit_ex(d->sha256, EVP_sha256(), NULL) &&
		  EVP_DigestInit_ex(d->sha384, EVP_sha384(), NULL);
}

void digester_add(struct digester *d, const void *bytes, size_t size)
{
	d->good = d->good && EVP_DigestUpdate(d->sha256, bytes, size) &&
		  EVP_DigestUpdate(d->sha384, bytes, size);
}

bool digester_finish(struct digester *d, struct digests *ret)
{
	const bool good = d->good && EVP_DigestFinal_ex(d->sha256, ret->sha256, NULL) &&
			  EVP_DigestFinal_ex(d->sha384, ret->sha384, NULL);

	EVP_MD_CTX_free(d->sha256);
	EVP_MD_CTX_free(d->sha384);
	return good;
}
#else
const char *digest_why_not(void)
{
	return "cannot make digests: this program was built without OpenSSL's libcrypto (-Ddigests)";
}

void digester_start(struct digester *d)
{
	d->good = false;
}

void digester_add(struct digester *d, const void *bytes, size_t size)
{
	(void)d, (void)bytes, (void)size;
}

bool digester_finish(struct digester *d, struct digests *ret)
{
	(void)d, (void)ret;
	return false;
}
#endif
