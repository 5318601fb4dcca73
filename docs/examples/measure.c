/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A VMM that measures what it loads: begin_region says what the writes that follow belong to, and each class of bytes
 * has a digest of its own.  Zeros are measured as well, as there is no zero callback: they come through write.
 *
 *     measure KERNEL [INITRD]
 *
 * Link with -lcrypto, OpenSSL's, 3.0 or later.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include <pvhload/pvhload.h>

#define RAM_SIZE ((size_t)512 << 20)

enum byte_class { CLASS_KERNEL, CLASS_FILES, CLASS_CMDLINE, CLASS_STRUCTURES, CLASSES };

static const char *const class_names[CLASSES] = { "kernel", "files", "command line", "structures" };

struct guest {
	uint8_t *ram;
	EVP_MD_CTX *digests[CLASSES];
	enum byte_class now; /* whose bytes are being written */
};

static enum byte_class class_of(uint32_t kind)
{
	switch (kind) {
	case PVHLOAD_REGION_KERNEL:
	case PVHLOAD_REGION_KERNEL_IMAGE:
		return CLASS_KERNEL;
	case PVHLOAD_REGION_INITRD:
	case PVHLOAD_REGION_MODULE:
		return CLASS_FILES;
	case PVHLOAD_REGION_CMDLINE:
	case PVHLOAD_REGION_PVH_MODULE_CMDLINES:
		return CLASS_CMDLINE;
	default: /* of a kind that a later library has as well */
		return CLASS_STRUCTURES;
	}
}

/* Little-endian, whatever this machine is. */
static void store64(uint8_t bytes[8], uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

/* Where a region is counts as well as what is in it: the same bytes elsewhere are another guest. */
static int begin_region(void *user, const struct pvhload_plan_region *region)
{
	struct guest *g = user;
	uint8_t place[16];

	g->now = class_of(region->kind);
	store64(place, region->gpa);
	store64(place + 8, region->size);
	return EVP_DigestUpdate(g->digests[g->now], place, sizeof(place)) ? 0 : -1;
}

static int write_ram(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct guest *g = user;

	memcpy(g->ram + gpa, src, len);
	return EVP_DigestUpdate(g->digests[g->now], src, len) ? 0 : -1;
}

static const struct pvhload_memory_ops measuring_ops = {
	.struct_size = sizeof(measuring_ops),
	.write = write_ram,
	.begin_region = begin_region,
};

static int load(struct guest *g, int kernel, int initrd, struct pvhload_error *err)
{
	const struct pvhload_source sources[] = { pvhload_source_fd(kernel),
						  pvhload_source_fd(initrd) };
	const struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = RAM_SIZE };
	const struct pvhload_memory mem = { .struct_size = sizeof(mem),
					    .ops = &measuring_ops,
					    .user = g };
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = { .struct_size = sizeof(map),
				      .entries = entries,
				      .capacity = 8 };
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;
	int result = -1;

	config.kernel = &sources[0];
	config.initrds = &sources[1];
	config.initrd_count = initrd >= 0 ? 1 : 0;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	if (!pvhload_memmap_init_x86(&x86, &map, err) && !pvhload_boot_plan(&config, &plan, err) &&
	    !pvhload_plan_commit(plan, &mem, err))
		result = 0;
	pvhload_plan_free(plan);
	return result;
}

static int print_digests(struct guest *g)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size;

	for (int i = 0; i < CLASSES; i++) {
		if (!EVP_DigestFinal_ex(g->digests[i], digest, &size))
			return -1;
		for (unsigned int at = 0; at < size; at++)
			printf("%02x", digest[at]);
		printf("  %s\n", class_names[i]);
	}
	return 0;
}

static int measure(int kernel, int initrd)
{
	struct guest g = { .ram = calloc(1, RAM_SIZE) };
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	int ready = g.ram != NULL, result = -1;

	for (int i = 0; i < CLASSES; i++) {
		g.digests[i] = EVP_MD_CTX_new();
		ready = ready && g.digests[i] &&
			EVP_DigestInit_ex(g.digests[i], EVP_sha384(), NULL);
	}
	if (!ready)
		fprintf(stderr, "measure: no memory\n");
	else if (load(&g, kernel, initrd, &err))
		fprintf(stderr, "measure: %s\n", err.message);
	else
		result = print_digests(&g);
	for (int i = 0; i < CLASSES; i++)
		EVP_MD_CTX_free(g.digests[i]);
	free(g.ram);
	return result;
}

int main(int argc, char **argv)
{
	const int kernel = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	const int initrd = argc > 2 ? open(argv[2], O_RDONLY) : -1;
	int result = -1;

	if (kernel < 0 || (argc > 2 && initrd < 0))
		fprintf(stderr, "usage: measure KERNEL [INITRD]\n");
	else
		result = measure(kernel, initrd);
	if (kernel >= 0)
		close(kernel);
	if (initrd >= 0)
		close(initrd);
	return result != 0 || fflush(stdout) != 0 || ferror(stdout);
}
