/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot_once.h"

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"

#define ONCE_RAM   (64u << 20)
#define LOW_END    0x9fc00u
#define HIGH       0x100000u
#define KERNEL_GPA 0x1000000u
#define UNIT       (1u << 20)
#define SECTS      39 /* of real-mode code, as Linux 6.12 has */
#define UNLOADED   0x10000u

/* Bytes that no codec makes smaller by much. */
static void make_noise(uint8_t *bytes, size_t size)
{
	uint32_t state = 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24);
	}
}

/* As Linux is made: bytes that are not loaded, notes of owner Linux and Xen, several segments. */
static struct bytes make_elf(size_t unit)
{
	static uint8_t notes[64];
	static const uint8_t entry[] = { 0x10, 0, 0, KERNEL_GPA >> 24 };
	size_t size = put_note(notes, 0, "Linux", 0x101, "", 0, 4);
	struct bytes noise = bytes_zero(unit), elf;

	size = put_note(notes, size, "Xen", 18, entry, sizeof(entry), 4);
	make_noise(noise.data, unit);
	elf = build_elf(&(struct elf_spec){
		.entry = KERNEL_GPA,
		.segments = { { 0, 0, noise.data, UNLOADED, UNLOADED, 1 },
			      { PH_LOAD, KERNEL_GPA, noise.data, unit, unit, 0x1000 },
			      { PH_LOAD, KERNEL_GPA + unit, noise.data, unit, unit, 0x1000 },
			      { PH_LOAD, KERNEL_GPA + 3 * unit, noise.data, unit, 2 * unit,
				0x1000 },
			      { PH_NOTE, 0, notes, size, size, 4 } },
		.segment_count = 5,
	});
	bytes_free(&noise);
	return elf;
}

static struct bytes compress(const struct bytes *elf, enum codec codec)
{
	struct bytes payload = codecs[codec].compress(elf);
	const struct bzimage_spec spec = { .setup_sects = SECTS,
					   .payload = payload.data,
					   .payload_size = payload.size,
					   .decoded_size = (uint32_t)elf->size };
	struct bytes image = build_bzimage(&spec);

	bytes_free(&payload);
	return image;
}

static struct bytes make_image(const struct boot_once *boot)
{
	struct bytes elf = make_elf(boot->unit ? boot->unit : UNIT), image;

	if (boot->kind == BOOT_ELF)
		return elf;
	image = compress(&elf, boot->codec);
	bytes_free(&elf);
	return image;
}

static void make_file(struct boot_once *boot, const struct bytes *bytes)
{
	memcpy(boot->name, FILE_NAME, sizeof(FILE_NAME));
	boot->fd = mkstemp(boot->name);
	ck_assert_int_ge(boot->fd, 0);
	ck_assert_int_eq(write(boot->fd, bytes->data, bytes->size), (ssize_t)bytes->size);
}

void boot_once_prepare(struct boot_once *boot)
{
	struct bytes image = make_image(boot);

	make_file(boot, &image);
	bytes_free(&image);
	boot->ram =
		mmap(NULL, ONCE_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(boot->ram, MAP_FAILED);
#ifdef __GLIBC__
	/* As in a new process: what is freed of large blocks makes malloc() take larger ones from the heap. */
	(void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
	/* So that the heap has room, and need not ask for it. */
	free(malloc(64u << 10));
}

static void plan_and_commit(struct boot_once *boot, const struct pvhload_boot_config *config,
			    const struct pvhload_memory *mem)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;

	if (boot->kind == BOOT_HOST_DECODE) {
		status = pvhload_boot_load(config, mem, &boot->plan, &err);
	} else {
		status = pvhload_boot_plan(config, &boot->plan, &err);
		if (status == PVHLOAD_OK)
			status = pvhload_plan_commit(boot->plan, mem, &err);
	}
	if (status != PVHLOAD_OK) {
		fprintf(stderr, "%s\n", err.message);
		abort();
	}
}

void boot_once(struct boot_once *boot)
{
	struct pvhload_memmap_entry entries[] = { { 0, LOW_END, PVHLOAD_MEMMAP_RAM, 0 },
						  { HIGH, ONCE_RAM - HIGH, PVHLOAD_MEMMAP_RAM,
						    0 } };
	const struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };
	struct pvhload_ram_slot slot = { .size = ONCE_RAM, .host = boot->ram };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_source source = pvhload_source_fd(boot->fd);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	source.flags = boot->kept_open ? PVHLOAD_SOURCE_KEPT_OPEN : 0;
	mem.ops = pvhload_ram_flat_ops();
	mem.user = &slot;
	mem.flags = PVHLOAD_MEMORY_ZEROED;
	if (pvhload_image_open(&source, NULL, &boot->image, &err) != PVHLOAD_OK)
		abort();
	config.image = boot->image;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	if (boot->kind == BOOT_BZIMAGE)
		config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	plan_and_commit(boot, &config, &mem);
}

void boot_once_end(struct boot_once *boot)
{
	pvhload_plan_free(boot->plan);
	pvhload_image_close(boot->image);
	munmap(boot->ram, ONCE_RAM);
	close(boot->fd);
	unlink(boot->name);
}
