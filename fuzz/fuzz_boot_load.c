/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as what a bzImage decodes to: the same comes of it by pvhload_boot_load(), which decodes in guest memory, and by
 * planning and committing.  The first byte says which codec, the second what else is asked for.
 */
#include <inttypes.h>
#include <string.h>

#include "answers.h"
#include "both_ways.h"
#include "fuzz.h"

#define RAM_SIZE 0x240000u
#define BLOCK    0x1000u
#define LOW_END  0x9fc00u
#define HIGH     0x100000u
#define CLEARED  "; the RAM that the payload was decoded to, ["

#define ASKS_LINUX 0x1u
#define ASKS_AUTO  0x2u
#define ASKS_PLACE 0x4u
#define KEEPS_FREE 0x8u
#define IS_READ    0x10u /* and not in memory, where it is loaded */
#define IN_CHUNKS  0x20u /* in LZ4's chunks of some bytes, whatever the codec */

static void forget(struct fake_memory *fake)
{
	memset(fake->bytes, FAKE_PATTERN, RAM_SIZE);
}

/* What was decoded to is zeros, and no other byte is touched; the words that say so are cut off. */
static void only_cleared(struct fake_memory *fake, struct pvhload_error *err)
{
	char *words = strstr(err->message, CLEARED);
	uint64_t start, end;

	if (words) {
		MUST(sscanf(words + strlen(CLEARED), "%" SCNx64 ", %" SCNx64 "), has been cleared",
			    &start, &end) == 2);
		MUST(start < end && end <= RAM_SIZE);
		for (uint64_t i = start; i < end; i++)
			MUST(fake->bytes[i] == 0);
		memset(fake->bytes + start, FAKE_PATTERN, (size_t)(end - start));
		*words = '\0';
	}
	MUST(fake_memory_untouched(fake));
}

static void same_plans(const struct pvhload_plan_info *a, const struct pvhload_plan_info *b)
{
	MUST(strcmp(a->reason, b->reason) == 0);
	MUST(a->entry == b->entry && a->protocol == b->protocol && a->guest == b->guest);
	MUST(a->region_count == b->region_count);
	for (size_t i = 0; i < a->region_count; i++)
		MUST(a->regions[i]->gpa == b->regions[i]->gpa &&
		     a->regions[i]->size == b->regions[i]->size);
}

/* But for zeros in place of what was never written. */
static bool same_but_zeros(const uint8_t *a, const uint8_t *b)
{
	if (memcmp(a, b, BLOCK) == 0)
		return true;
	for (size_t i = 0; i < BLOCK; i++)
		if (a[i] != b[i] && (a[i] != FAKE_PATTERN || b[i] != 0))
			return false;
	return true;
}

/* What is committed of the plan once more is all the same. */
static void same_memory(struct both_ways *both, const struct pvhload_plan *loaded)
{
	const uint8_t *a = both->planned.bytes, *b = both->loaded.bytes;

	MUST(!both->loaded.strayed);
	for (size_t at = 0; at < RAM_SIZE; at += BLOCK)
		MUST(same_but_zeros(a + at, b + at));
	forget(&both->loaded);
	MUST(pvhload_plan_commit(loaded, &both->loaded.memory, NULL) == PVHLOAD_OK);
	MUST(memcmp(a, b, RAM_SIZE) == 0);
}

static int64_t read_file(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *file = user;

	memcpy(dst, file->data + offset, len);
	return (int64_t)len;
}

static enum pvhload_status load(const struct pvhload_boot_config *config,
				const struct pvhload_source *kernel,
				const struct pvhload_memory *memory, struct pvhload_plan **plan,
				struct pvhload_error *err)
{
	struct pvhload_boot_config use = *config;

	use.kernel = kernel;
	return pvhload_boot_load(&use, memory, plan, err);
}

/* Chunks as large as the headers of the seeds, so that the payload's first bytes tell where it goes. */
static struct bytes build_in_chunks(const struct bytes *elf)
{
	struct bytes payload = compress_in_chunks(elf, LZ4, 0x1c0), file;
	const struct bzimage_spec spec = { .payload = payload.data,
					   .payload_size = payload.size,
					   .decoded_size = (uint32_t)elf->size };

	file = build_bzimage(&spec);
	bytes_free(&payload);
	return file;
}

/* What is loaded is @source, which has the same bytes as the kernel of @config. */
static void both_ways(struct both_ways *both, const struct pvhload_boot_config *config,
		      const struct pvhload_source *source)
{
	struct pvhload_error err = answers_error(), other = answers_error();
	struct pvhload_plan *loaded = ANSWERS_UNTOUCHED, *plan = ANSWERS_UNTOUCHED;
	const enum pvhload_status status =
		load(config, source, &both->loaded.memory, &loaded, &err);

	MUST(status != PVHLOAD_E_USAGE && status != PVHLOAD_E_CALLBACK);
	MUST(pvhload_boot_plan(config, &plan, &other) == status);
	answers_check_error(status, &err);
	answers_check_error(status, &other);
	plan = answers_filled(status, plan);
	loaded = answers_filled(status, loaded);
	if (status != PVHLOAD_OK) {
		only_cleared(&both->loaded, &err);
		MUST(strcmp(err.message, other.message) == 0);
		return;
	}
	MUST(pvhload_plan_commit(plan, &both->planned.memory, NULL) == PVHLOAD_OK);
	same_plans(pvhload_plan_get_info(plan), pvhload_plan_get_info(loaded));
	same_memory(both, loaded);
	forget(&both->planned);
	forget(&both->loaded);
	pvhload_plan_free(plan);
	pvhload_plan_free(loaded);
}

static void boot(struct both_ways *both, struct bytes *file, unsigned int asks)
{
	const struct pvhload_boot_keep_free kept = KEEP_FREE(MOVED_GPA + 0x1000, 0x1000, "kept");
	const struct pvhload_boot_place place = { sizeof(place), PVHLOAD_REGION_KERNEL, 0,
						  MOVED_GPA + 0x10000 };
	const struct pvhload_source source = pvhload_source_buffer(file->data, file->size);
	const struct pvhload_source reader = pvhload_source_reader(read_file, file, file->size);
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memmap_entry entries[] = { { 0, LOW_END, PVHLOAD_MEMMAP_RAM, 0 },
						  { HIGH, RAM_SIZE - HIGH, PVHLOAD_MEMMAP_RAM,
						    0 } };
	const struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };

	config.kernel = &source;
	config.memmap = &map;
	config.protocol = asks & ASKS_LINUX  ? PVHLOAD_PROTOCOL_X86_LINUX64
			  : asks & ASKS_AUTO ? PVHLOAD_PROTOCOL_AUTO
					     : PVHLOAD_PROTOCOL_PVH;
	config.decompress = asks & ASKS_LINUX ? PVHLOAD_DECOMPRESS_HOST : PVHLOAD_DECOMPRESS_AUTO;
	config.places = &place;
	config.place_count = asks & ASKS_PLACE ? 1 : 0;
	config.keep_free = &kept;
	config.keep_free_count = asks & KEEPS_FREE ? 1 : 0;
	both_ways(both, &config, asks & IS_READ ? &reader : &source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct both_ways both; /* once: to fill them takes longer than to fuzz */
	struct bytes elf, file;
	enum codec codec;

	if (size < 3)
		return 0;
	if (!both.loaded.bytes)
		both_setup(&both, RAM_SIZE, FAKE_ZERO | FAKE_HOST_PTR);
	codec = (enum codec)(data[0] % CODECS);
	if (!codecs[codec].compress)
		codec = GZIP;
	elf = bytes_copy(data + 2, size - 2);
	file = data[1] & IN_CHUNKS && codecs[LZ4].compress ? build_in_chunks(&elf)
							   : build_compressed(&elf, codec);
	boot(&both, &file, data[1]);
	bytes_free(&file);
	bytes_free(&elf);
	return 0;
}
