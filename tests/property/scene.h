/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* One boot: a map, an image, files and options, all from one number. */
#ifndef PROPERTY_SCENE_H
#define PROPERTY_SCENE_H

#include "pool.h"

#define SCENE_ENTRIES_MAX   400u
#define SCENE_KEEP_FREE_MAX 6u
#define SCENE_INITRDS_MAX   3u
#define SCENE_MODULES_MAX   48u
#define SCENE_NODES_MAX     5u
#define SCENE_CMDLINE_MAX   70000u
#define SCENE_PLACES_MAX    (11u + SCENE_MODULES_MAX + 2u * SCENE_NODES_MAX)

/* Places that some scenes ask for. */
#define SCENE_USUAL_PLACES 14u
extern const uint64_t scene_usual_places[SCENE_USUAL_PLACES];

/* Where things are asked to be, or 0: what config.places says, in another form. */
struct scene_places {
	uint64_t gdt_gpa, start_info_gpa, modlist_gpa, memmap_gpa, cmdline_gpa, module_cmdlines_gpa;
	uint64_t initrd_gpa, kernel_gpa, zero_page_gpa, page_tables_gpa;
	uint64_t setup_data_gpa; /* of the first node of the list, if it has none in nodes */
	uint64_t modules[SCENE_MODULES_MAX];
	uint64_t nodes[SCENE_NODES_MAX];
	uint64_t node_bytes[SCENE_NODES_MAX]; /* of what lies apart */
};

/* What a word of the command line does to a Linux guest's memory map. */
enum scene_word_kind {
	SCENE_WORD_LIMIT, /* nothing from @start on */
	SCENE_WORD_TAKEN, /* not RAM */
	SCENE_WORD_GIVEN, /* RAM */
	SCENE_WORD_EXACT, /* nothing before counts */
	SCENE_WORD_NOTHING,
	SCENE_WORD_KINDS,
};

struct scene_word {
	enum scene_word_kind kind;
	uint64_t start, size;
	bool mem;     /* mem=; else memmap= */
	bool percent; /* with a '%', which the decoding code does not know */
	bool joined;  /* by a ',' to the one before */
	bool adds;    /* an entry of its own to Linux's map */
};

#define SCENE_WORDS_MAX  18u /* 6, of which each may be an exactmap and two ranges */
#define SCENE_WORDS_SIZE 800u

#define SCENE_KEPT_MAX 32u

struct scene {
	uint64_t seed;
	const struct model_image *image;
	struct pvhload_memmap_entry entries[SCENE_ENTRIES_MAX];
	struct pvhload_memmap map;
	struct pvhload_boot_keep_free keep_free[SCENE_KEEP_FREE_MAX];
	uint8_t kept[SCENE_KEPT_MAX]; /* what some of them have, as scene_byte() says */
	struct scene_places places;
	struct pvhload_boot_place place_list[SCENE_PLACES_MAX];
	struct pvhload_source initrds[SCENE_INITRDS_MAX];
	struct pvhload_boot_module modules[SCENE_MODULES_MAX];
	struct pvhload_source module_sources[SCENE_MODULES_MAX];
	struct pvhload_linux_setup_data nodes[SCENE_NODES_MAX];
	struct pvhload_source node_sources[SCENE_NODES_MAX];
	char cmdline[SCENE_CMDLINE_MAX + 1];
	size_t cmdline_length;
	struct scene_word words[SCENE_WORDS_MAX]; /* at its beginning, up to a "--" */
	size_t word_count;
	size_t words_length;
	bool nokaslr;
	struct pvhload_boot_config config;
	struct pvhload_boot_x86 x86;
};

void scene_make(struct scene *s, const struct model_image pool[POOL_SIZE], uint64_t seed);

/* The words at the beginning of the command line. */
void scene_words_make(struct scene *s, struct random *r);

/* What it is, for people. */
void scene_print(const struct scene *s);

/* The byte that the sources have at @offset. */
uint8_t scene_byte(uint64_t offset);

/* Bytes of RAM. */
uint64_t scene_ram(const struct scene *s);

/* Initrd and modules. */
size_t scene_files(const struct scene *s);

/* The initrds, joined. */
uint64_t scene_initrd_size(const struct scene *s);

#endif
