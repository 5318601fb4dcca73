/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What a file is and how it can be booted, as a VMM would tell its user before a guest is made; and if it cannot,
 * why not.
 *
 *     inspect FILE
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

#define VERSION_MAX 512u

static void print_parts(const struct pvhload_image_info *info)
{
	for (size_t i = 0; i < info->part_count; i++)
		printf("holds a kernel of %" PRIu64 " bytes by %s\n", info->parts[i]->size,
		       pvhload_codec_name(info->parts[i]->codec));
}

static void print_entries(const struct pvhload_image_info *info)
{
	if (info->pvh)
		printf("entry by PVH: 0x%" PRIx32 "\n", info->pvh->entry);
	if (info->has_entry64)
		printf("entry of Linux, 64-bit\n");
	if (info->has_entry32)
		printf("entry of Linux, 32-bit\n");
	if (info->elf)
		printf("loads 0x%" PRIx64 " bytes at 0x%" PRIx64 "\n", info->elf->range.size,
		       info->elf->range.gpa);
}

static void print_info(const struct pvhload_image *image)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image);
	char version[VERSION_MAX];

	/* What is compressed as a whole does not say for which processor its kernel is. */
	printf("%s%s%s, %" PRIu64 " bytes\n", pvhload_format_name(info->format),
	       info->arch ? " for " : "", info->arch ? pvhload_arch_name(info->arch) : "",
	       info->size);
	/* Not every image has one; what else can go wrong is of no interest here. */
	if (pvhload_image_kernel_version(image, version, sizeof(version), NULL) == PVHLOAD_OK)
		printf("version: %s\n", version);
	print_parts(info);
	print_entries(info);
}

/* The best way first; of each the reason. */
static int print_methods(struct pvhload_image *image, struct pvhload_error *err)
{
	struct pvhload_image_explanation *explanation = NULL;
	int bootable = 0;

	if (pvhload_image_explain(image, &explanation, err))
		return -1;
	for (size_t i = 0; i < explanation->count; i++) {
		const struct pvhload_image_method *method = explanation->methods[i];

		printf("%s%s, %s: %s\n", pvhload_protocol_name(method->protocol),
		       method->decompress == PVHLOAD_DECOMPRESS_HOST ? ", decoded before" : "",
		       method->can ? "yes" : "no", method->reason);
		bootable += method->can != 0;
	}
	pvhload_image_explanation_free(explanation);
	printf("%s\n", bootable ? "can be booted" : "cannot be booted");
	return 0;
}

static int inspect(int fd, struct pvhload_error *err)
{
	const struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image *image = NULL;
	int result = -1;

	if (pvhload_image_open(&source, NULL, &image, err))
		return -1;
	print_info(image);
	/* A compressed file says little before it is decoded, which explaining does. */
	result = print_methods(image, err);
	if (result == 0 && pvhload_image_payload(image)) {
		printf("in it:\n");
		print_info(pvhload_image_payload(image));
	}
	pvhload_image_close(image);
	return result;
}

int main(int argc, char **argv)
{
	const int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	int result = -1;

	if (fd < 0) {
		fprintf(stderr, "usage: inspect FILE (which must exist)\n");
		return 1;
	}
	result = inspect(fd, &err);
	if (result != 0) {
		fprintf(stderr, "%s: %s", pvhload_status_name(err.status), err.message);
		if (err.offset != PVHLOAD_NOWHERE)
			fprintf(stderr, " (at byte %" PRIu64 ")", err.offset);
		fprintf(stderr, "\n");
	}
	close(fd);
	return result != 0 || fflush(stdout) != 0 || ferror(stdout);
}
