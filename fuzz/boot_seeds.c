/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "both_ways.h"
#include "device_trees.h"
#include "flat_images.h"
#include "seeds.h"

/* Switches, three places, a header, a tree; the first ones have the target's own tree. */
void flat_boots(void)
{
	struct bytes tree = machine_tree();

	for (enum flat flat = ARM64; flat <= RISCV64; flat++)
		for (unsigned int more = 0; more < 2; more++) {
			struct bytes image = build_flat(flat, true);
			struct bytes bytes = bytes_zero(78 + (more ? tree.size : 0));
			char name[32];

			bytes.data[0] = (uint8_t)((flat == RISCV64) | (more ? 2 : 4));
			memcpy(bytes.data + 14, image.data, 64);
			if (more)
				memcpy(bytes.data + 78, tree.data, tree.size);
			snprintf(name, sizeof(name), "%s-%u", flat == ARM64 ? "arm64" : "riscv64",
				 more);
			save("flat", name, &bytes);
			bytes_free(&bytes);
			bytes_free(&image);
		}
	bytes_free(&tree);
}

static void save_boot(const struct bytes *elf, uint8_t codec, uint8_t asks)
{
	const uint8_t head[2] = { codec, asks };
	struct bytes asked = bytes_copy(head, sizeof(head));
	struct bytes bytes = bytes_join(&asked, elf);
	char name[32];

	snprintf(name, sizeof(name), "%s-%u", codecs[codec].name, asks);
	save("boot_load", name, &bytes);
	bytes_free(&bytes);
	bytes_free(&asked);
}

/*
 * A kernel by each codec, one by each of what else is asked for, one that is read chunk by chunk, and those with segments
 * that go down meanwhile.
 */
void loaded_boots(void)
{
	static const uint8_t gap[0x23];
	struct elf_spec spec = moved_kernel(0x60);
	struct bytes elf = build_elf(&spec), other;

	spec = down_kernel(0x60, gap, sizeof(gap));
	other = build_elf(&spec);

	for (uint8_t i = 0; i < CODECS; i++)
		save_boot(&elf, i, 0);
	for (uint8_t asks = 0; asks < 17; asks++)
		save_boot(&elf, asks < 16 ? GZIP : LZ4, asks);
	for (uint8_t asks = 0x20; asks < 0x40; asks += 0x10)
		save_boot(&other, LZ4, asks);
	bytes_free(&other);
	bytes_free(&elf);
}
