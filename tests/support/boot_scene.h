/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * One boot, by any kind of image, source and guest memory, that may be made to fail at any place: what is left then of
 * memory, descriptors and mappings is held against a run that did not fail.
 */
#ifndef SUPPORT_BOOT_SCENE_H
#define SUPPORT_BOOT_SCENE_H

#include "images.h"
#include "suite.h"

#define SCENE_RAM (32u << 20)

enum scene_image {
	SCENE_ELF,
	SCENE_FILES, /* the same, with an initrd of two parts and a module, which are of its file */
	SCENE_COMPRESSED, /* the same, compressed as a whole */
	SCENE_BZIMAGE,
	SCENE_HOST_DECODE, /* a bzImage as well */
	SCENE_UKI,
	SCENE_MULTIBOOT,
	SCENE_FIRMWARE,
	SCENE_ARM64,   /* an EFI zboot image, with a device tree */
	SCENE_RISCV64, /* a flat one, with a device tree */
};
enum scene_from {
	SCENE_BUFFER,
	SCENE_READER,
	SCENE_KEPT_OPEN,
	SCENE_FILE,
	SCENE_UNCHANGING,
	SCENE_SEALED,
	SCENE_POOL /* a file, and a pool of one thread that decodes it */
};

/* In one step; planned and committed; shared, and committed to a slot that maps; committed to RAM in a file. */
enum scene_way { SCENE_LOAD, SCENE_PLAN, SCENE_SHARE, SCENE_RAM_FILE };

struct boot_kind {
	enum scene_image image;
	enum codec codec; /* of what is compressed */
	enum scene_from from;
	enum scene_way way;
};

struct boot_scene {
	struct boot_kind kind;

	struct bytes bytes, tree; /* the image's, and a device tree */
	struct pvhload_source source;
	uint8_t *ram, *expected;
	int file, ram_file;
	size_t descriptors, mapped; /* before the run */
	enum pvhload_status status; /* of the first call that failed */
	struct pvhload_error err;
	/* Calls of readers, guest memory, progress and pools, and which of them fails, from 1 on; 0: none. */
	size_t callbacks, fail_callback;
	enum pvhload_status expects; /* what has to come of the one that failed */
	size_t pools;                /* calls of a pool */
	bool committing;             /* a call that may write had begun */
	bool touched;                /* an output of one that failed is not as it was */
	/* Whether what failed was called once more, how many callbacks had been called before, and what was wrong then. */
	bool retried;
	size_t failed_after;
	const char *wrong;
};

/*
 * Make image and memory, and run once, which has to go well.  False if this build is without a library for it, which is then
 * said.
 */
bool boot_scene_setup(struct boot_scene *s, const struct boot_kind *kind);

/* Fresh memory, and what is open and mapped before the next run. */
void boot_scene_again(struct boot_scene *s);

/*
 * Open, share, plan, commit, and close; @user is the scene.  What fails once the image is open is judged, and all of it but
 * opening done once more: that has to go well, as no failure of the system is remembered.
 */
void boot_scene_run(void *user);

/*
 * What is not as it should be after a run: memory that has not each byte after success, or after a failure bytes that the
 * boot would not have had there; an output that was touched, a message that is none, a descriptor or mapping that is left.
 * NULL: nothing.
 */
const char *boot_scene_wrong(struct boot_scene *s);

void boot_scene_teardown(struct boot_scene *s);

#endif
