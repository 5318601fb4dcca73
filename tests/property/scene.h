/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* One boot: a map, an image, files and options, all from one number. */
#ifndef PROPERTY_SCENE_H
#define PROPERTY_SCENE_H

#include "pool_flat.h"
#include "scene_tree.h"

#define SCENE_ENTRIES_MAX   400u
#define SCENE_KEEP_FREE_MAX 6u
#define SCENE_INITRDS_MAX   3u
#define SCENE_MODULES_MAX   48u
#define SCENE_NODES_MAX     5u
#define SCENE_CMDLINE_MAX   70000u
#define SCENE_PLACES_MAX    (13u + SCENE_MODULES_MAX + 2u * SCENE_NODES_MAX)

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
	uint64_t fdt_gpa;
	uint64_t info_gpa; /* of Multiboot */
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
	/* What follows is of a scene that scene_flat_make() has made. */
	bool is_flat; /* of a flat Image, or one that asks for what such an Image alone has */
	struct scene_tree tree;
	struct pvhload_boot_arm64 arm64;
	struct pvhload_boot_riscv64 riscv64;
};

void scene_make(struct scene *s, const struct model_image pool[POOL_SIZE], uint64_t seed);

/* A scene for arm64 or riscv64; now and then the image is one of @others, which has no such protocol. */
void scene_flat_make(struct scene *s, const struct model_image pool[FLAT_POOL_SIZE],
		     const struct model_image others[POOL_SIZE], uint64_t seed);

/* Free what the scene has that is not of the pools. */
void scene_free(struct scene *s);

/* A file that is as long as it says, though nobody has it. */
struct pvhload_source scene_source(uint64_t length);

/* Give some of the ranges that are kept free bytes. */
void scene_make_kept(struct scene *s, struct random *r, struct pvhload_boot_keep_free *made);

/* Is any of it in the first @count keep_free ranges? */
bool scene_is_kept(const struct scene *s, size_t count, uint64_t gpa, uint64_t size);

/* Have the config ask for a place, if it is not 0. */
void scene_add_place(struct scene *s, uint32_t kind, size_t index, uint64_t gpa);

/* Take the command line that the scene before this one has left back. */
void scene_clear_cmdline(struct scene *s);

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
