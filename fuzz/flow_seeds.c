/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Of fuzz_flow: a world, containers and a kind of kernel, as flow_scene.h has them in order; all else is drawn by a number. */
#include <stdio.h>
#include <string.h>

#include "flow_scene.h"
#include "seeds.h"

#define TAIL     120u
#define RARE_MAX 14u

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

/* In a world that does not change, but for short reads in some. */
static void steady(uint8_t kind, uint8_t container, uint64_t number)
{
	const uint8_t head[] = { number % 4 == 3 ? 5 : 0,
				 (uint8_t)((container & 1 ? 3 : 0) | (container & 2 ? 12 : 0)),
				 kind };
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

/* Of 2000 that were drawn, those that reach what the first few do not: by kind and container, up to a 0. */
static const struct {
	uint8_t kind, container, numbers[RARE_MAX];
} rare[] = {
	{ 0, 0, { 6, 11, 13, 83, 122, 134, 141, 142 } },
	{ 0, 1, { 48 } },
	{ 0, 2, { 24, 37, 42, 58, 63, 90, 156 } },
	{ 0, 3, { 10, 83, 143 } },
	{ 1, 0, { 8, 38, 64, 71, 72, 74, 87, 90, 114, 122, 130, 131, 136, 150 } },
	{ 1, 1, { 49, 116, 121, 143 } },
	{ 1, 2, { 19, 29, 42, 60, 67, 83, 84, 87, 109, 128, 129, 143, 148, 155 } },
	{ 1, 3, { 27, 55, 56, 80, 107 } },
	{ 2, 0, { 64 } },
	{ 2, 1, { 13, 42, 64 } },
	{ 2, 2, { 8, 12, 42, 45, 47, 56, 61 } },
	{ 2, 3, { 23, 25, 31 } },
	{ 3, 0, { 26, 40, 55, 56 } },
	{ 3, 1, { 31, 47 } },
	{ 3, 2, { 17, 18, 29, 41, 42, 52, 58 } },
	{ 4, 1, { 25 } },
	{ 4, 2, { 31, 46 } },
};

static void rare_scenes(void)
{
	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++)
		for (size_t k = 0; k < RARE_MAX && rare[i].numbers[k] > 0; k++)
			steady(rare[i].kind, rare[i].container, rare[i].numbers[k]);
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
}
