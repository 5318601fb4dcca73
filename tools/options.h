/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the command line says. */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include "tool.h"

struct verb;

struct module_option {
	const char *path;
	const char *cmdline; /* or NULL */
};

struct reserve_option {
	uint64_t gpa;
	uint64_t size;
	uint32_t type;
};

/* RAM that the guest is told of, and nothing is to be put in. */
struct claim_option {
	uint64_t gpa;
	uint64_t size;
	const char *name; /* or NULL */
};

struct setup_data_option {
	const char *path;
	uint32_t type;
	uint32_t flags;
};

struct place_option {
	const char *region;
	uint64_t gpa;
};

/* In the order of --uki-cmdline's words. */
enum { APPEND_IN_PLACE, APPEND_AFTER };

/* In the order of --vmm's words. */
enum { VMM_AUTO, VMM_KVM, VMM_QEMU };

/* In the order of --load's words. */
enum { LOAD_AUTO, LOAD_COPY, LOAD_IN_PLACE, LOAD_MAP, LOAD_STEADY };

/* What decode reads. */
enum { READS_START_INFO, READS_ZERO_PAGE, READS_FDT };

struct options {
	const char *operand; /* of a verb that has one: the file it is about */
	uint64_t
		decode_limit; /* bytes that an image's payload may decode to; 0: the library's default */
	/* of the verbs that plan a boot */
	const char *kernel;
	const char *firmware; /* then it is kernel as well */
	const char *firmware_vars;
	const char **initrds;
	size_t initrd_count;
	struct module_option *modules;
	size_t module_count;
	struct reserve_option *reserves;
	size_t reserve_count;
	struct claim_option *claims;
	size_t claim_count;
	struct setup_data_option *setup_data; /* --rng-seed, --dtb and --setup-data, as given */
	size_t setup_data_count;
	struct place_option *places;
	size_t place_count;
	uint32_t decompress;
	uint32_t guest; /* PVHLOAD_GUEST_*; 0 is auto */
	uint32_t paging_levels;
	uint64_t page_size;
	const char *append;
	uint32_t profile;    /* of a UKI */
	uint32_t append_how; /* to a UKI's command line: APPEND_* */
	uint64_t memory;
	uint64_t rsdp;
	bool bda;
	bool hashes_table;    /* whether there is one, */
	uint64_t hashes_gpa;  /* and where, */
	uint64_t hashes_size; /* with room for so many bytes */
	uint32_t protocol;
	bool has_kaslr_seed, has_ram_base;
	uint64_t kaslr_seed;
	uint64_t ram_base;        /* where RAM begins, of a machine with a device tree */
	uint32_t exception_level; /* less 1 */
	uint64_t boot_hart;
	/* of single verbs */
	bool is_firmware; /* what info is about */
	bool json;
	const char *svg;      /* where the picture goes, or NULL */
	unsigned int timeout; /* seconds; 0 for none */
	bool expect_silence;
	uint32_t load; /* LOAD_*: how guest memory is written */
	uint32_t vmm;  /* VMM_* */
	unsigned int cpus;
	unsigned int reboots; /* how often a guest that resets is started anew */
	const char *memory_file;
	const char *cpu_file;
	const char *output;
	uint32_t part;  /* PVHLOAD_IMAGE_PART_*; 0 is what is loaded of the image */
	uint64_t gpa;   /* what decode reads is here: */
	uint32_t reads; /* READS_* */
	bool help;
	bool version;
};

/*
 * Parse the arguments of @verb, its name first.  Returns TOOL_DONE, or prints a message and returns
 * what to exit with; options_free() in either case.  --help and --version end the parsing.
 */
int options_parse(int argc, char **argv, const struct verb *verb, struct options *ret);
void options_free(struct options *options);

#endif
