/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Of fuzz_flow: a world, containers and a kind of kernel, as flow_scene.h has them in order; all else is drawn by a number. */
#include <stdio.h>
#include <string.h>

#include "flow_scene.h"
#include "seeds.h"

#define TAIL         120u
#define KERNEL_BYTES 21u /* of a scene, for the plainest world and ELF file: all 0 */
#define ODD_BYTE     17u /* of these */
#define RARE_MAX     14u

static const char *const kinds[SCENE_KINDS] = { "elf", "bzimage", "flat", "multiboot", "firmware" };
static const char *const containers[] = { "plain", "uki", "file", "file-uki" };

/* What happens, at which read. */
static const uint8_t events[] = { WORLD_SHRINKS, WORLD_GROWS, WORLD_CHANGES, WORLD_EIO };

/* splitmix64, a byte at a time. */
static uint8_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	return (uint8_t)(z >> 40);
}

static void save_scene(const char *name, const uint8_t *head, size_t size, uint64_t number)
{
	struct bytes seed = bytes_zero(size + (number > 0 ? TAIL : 0));

	memcpy(seed.data, head, size);
	for (size_t i = size; i < seed.size; i++)
		seed.data[i] = draw(&number);
	save("flow", name, &seed);
	bytes_free(&seed);
}

/* A UKI, in a compressed file, or neither. */
static uint8_t container_byte(uint8_t container)
{
	return (uint8_t)((container & 1 ? 3 : 0) | (container & 2 ? 12 : 0));
}

/* In a world that does not change, but for short reads in some. */
static void steady(uint8_t kind, uint8_t container, uint64_t number)
{
	const uint8_t head[] = { number % 4 == 3 ? 5 : 0, container_byte(container), kind };
	char name[64];

	snprintf(name, sizeof(name), "%s-%s-%u", kinds[kind], containers[container],
		 (unsigned int)number);
	save_scene(name, head, sizeof(head), number);
}

/* 0x80: it changes; then what fails besides, what happens, and when. */
static void changing(uint8_t kind, uint8_t event, uint64_t number)
{
	const uint8_t head[] = { 0x80, 1, events[event], (uint8_t)(number * 7), 0, kind };
	const uint8_t fails[] = { 0x80, (uint8_t)(2u << event), 0, (uint8_t)(number * 5), 0, kind };
	char name[64];

	snprintf(name, sizeof(name), "%s-changes-%u", kinds[kind], event);
	save_scene(name, head, sizeof(head), number);
	snprintf(name, sizeof(name), "%s-fails-%u", kinds[kind], event);
	save_scene(name, fails, sizeof(fails), number);
}

/* Of some thousand that were drawn, those that reach what the first few do not: by kind and container, up to a 0. */
static const struct {
	uint8_t kind, container, numbers[RARE_MAX];
} rare[] = {
	{ 0, 0, { 11, 83, 122, 134, 142, 193, 209, 212, 220, 231 } },
	{ 0, 1, { 48 } },
	{ 0, 2, { 5, 24, 37, 42, 58, 86, 135, 164, 167 } },
	{ 0, 3, { 10, 83, 143 } },
	{ 1, 0, { 5, 64, 87, 99, 102, 122, 136, 176, 182, 196, 218, 223, 229 } },
	{ 1, 1, { 49, 116, 121, 143 } },
	{ 1, 2, { 8, 19, 42, 60, 67, 84, 128, 143, 184, 201, 214, 223, 242, 248 } },
	{ 1, 3, { 27, 55, 56, 80, 107 } },
	{ 2, 0, { 16, 83, 111, 117, 171, 215, 235, 236 } },
	{ 2, 1, { 13, 42, 64 } },
	{ 2, 2, { 8, 45, 47, 56, 101, 127, 204, 211, 233 } },
	{ 2, 3, { 23, 25, 31 } },
	{ 3, 0, { 56, 65, 90, 164, 169, 253 } },
	{ 3, 1, { 31, 47 } },
	{ 3, 2, { 76, 93, 117, 123, 126, 133, 144, 186, 191, 199, 205, 218 } },
	{ 4, 1, { 25 } },
	{ 4, 2, { 31, 46 } },
};

/* The same, of those whose n-th allocation fails: kind, container, n less 1, number. */
static const uint8_t no_memory[][4] = {
	{ 0, 0, 11, 83 },  { 0, 0, 14, 86 },  { 0, 1, 4, 76 },   { 0, 1, 10, 82 },
	{ 0, 2, 4, 76 },   { 0, 2, 17, 89 },  { 1, 0, 0, 72 },   { 1, 0, 2, 145 },
	{ 1, 0, 3, 75 },   { 1, 0, 9, 223 },  { 1, 0, 14, 86 },  { 1, 0, 20, 163 },
	{ 1, 0, 26, 169 }, { 1, 0, 27, 99 },  { 1, 0, 58, 130 }, { 1, 1, 7, 221 },
	{ 1, 2, 1, 73 },   { 1, 2, 1, 215 },  { 1, 2, 3, 75 },   { 1, 2, 11, 83 },
	{ 1, 2, 14, 86 },  { 1, 2, 15, 87 },  { 1, 3, 1, 215 },  { 1, 3, 3, 146 },
	{ 2, 0, 14, 86 },  { 2, 0, 15, 87 },  { 2, 1, 25, 97 },  { 2, 1, 64, 136 },
	{ 2, 2, 4, 76 },   { 2, 2, 10, 82 },  { 2, 2, 14, 86 },  { 2, 2, 20, 92 },
	{ 2, 2, 21, 93 },  { 2, 3, 5, 77 },   { 2, 3, 17, 89 },  { 2, 3, 30, 102 },
	{ 3, 1, 4, 76 },   { 3, 1, 36, 108 }, { 3, 2, 8, 80 },   { 4, 0, 7, 79 },
	{ 4, 1, 0, 72 },   { 4, 1, 12, 84 },  { 4, 2, 41, 113 }, { 4, 3, 8, 80 },
	{ 4, 3, 30, 102 },
};

static void without_memory(void)
{
	for (size_t i = 0; i < sizeof(no_memory) / sizeof(no_memory[0]); i++) {
		const uint8_t *f = no_memory[i];
		const uint8_t head[] = { 0x80, 8, 0, f[2], container_byte(f[1]), f[0] };
		char name[64];

		snprintf(name, sizeof(name), "%s-%s-%u-without-memory-%u", kinds[f[0]],
			 containers[f[1]], f[3], f[2]);
		save_scene(name, head, sizeof(head), f[3]);
	}
}

/* Two modules that fit the larger one first, by PVH; and an initrd that has room above 4 GiB alone. */
static void tight(void)
{
	/* 2 MiB of RAM with a hole */
	static const uint8_t machine[] = { 2, 3, 1, 0x00, 0x0b, 0, 0, 0 };
	static const uint8_t by_pvh[] = { 0, 0, 0,    1,    0,    0, 0,    0,    0, /* options */
					  0, 2, 0xc0, 0x00, 0x48, 0, 0xc0, 0x00, 0x98 };
	static const uint8_t by_linux[] = { 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0xc0, 0x00, 0xf0 };
	uint8_t scene[64] = { 0 };

	memcpy(scene + KERNEL_BYTES, machine, sizeof(machine));
	memcpy(scene + KERNEL_BYTES + sizeof(machine), by_linux, sizeof(by_linux));
	save_scene("elf-tight-initrd", scene, sizeof(scene), 0);
	scene[KERNEL_BYTES] = 0;
	memcpy(scene + KERNEL_BYTES + sizeof(machine), by_pvh, sizeof(by_pvh));
	save_scene("elf-tight-modules", scene, sizeof(scene), 0);
}

/* A range to be kept that is empty, or passes the end of the address space. */
static void odd_ranges(void)
{
	for (uint8_t i = 0; i < 2; i++) {
		uint8_t scene[64] = { [ODD_BYTE] = 7,
				      [KERNEL_BYTES + 3] = 1,
				      [KERNEL_BYTES + 4] = i ? 0xc1 : 0x41,
				      [KERNEL_BYTES + 5] = 1 };

		save_scene(i ? "elf-odd-end" : "elf-odd-empty", scene, sizeof(scene), 0);
	}
}

static void rare_scenes(void)
{
	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++)
		for (size_t k = 0; k < RARE_MAX && rare[i].numbers[k] > 0; k++)
			steady(rare[i].kind, rare[i].container, rare[i].numbers[k]);
}

/* Scenes that failed; CHANGELOG.md names each. */
static void found(void)
{
	steady(SCENE_FLAT, 0, 37); /* flat-plain-37: a device tree whose padding was not zeros */
}

void flows(void)
{
	for (uint8_t kind = 0; kind < SCENE_KINDS; kind++) {
		for (uint8_t container = 0; container < 4; container++)
			for (uint64_t number = 0; number < 5; number++)
				steady(kind, container, number);
		for (uint8_t event = 0; event < sizeof(events); event++)
			changing(kind, event, event + 1u);
	}
	rare_scenes();
	without_memory();
	tight();
	odd_ranges();
	found();
}
