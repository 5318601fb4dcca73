/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, arch/x86/kernel/e820.c: parse_memopt(), parse_memmap_one(), e820__update_table(), by which the
 * highest of several types counts.  Kernels that do not know the '%' yet, 4.11 for one, take such a word for a
 * limit; that is not held against it here.
 */
#include "guest/memory_effects.h"

#include "core/grow.h"
#include "core/libc.h"
#include "guest/memory_words.h"

/* Ranges that one command line may take or give; more are refused. */
#define MEMORY_WORDS_MAX 1024u

#define TYPE_RAM 1u

/* Begin after the last memmap=exactmap; false if there is none. */
static bool begin(const char *cmdline, struct pvl_memory_words *ret)
{
	struct pvl_memory_word word;
	struct pvl_memory_words all;
	bool exact = false;

	pvl_memory_words_begin(cmdline, &all);
	*ret = all;
	while (pvl_memory_words_next(&all, &word))
		if (word.kind == PVL_MEMORY_EXACT) {
			*ret = all;
			exact = true;
		}
	return exact;
}

/* Does it add an entry of its own to the map?  An empty one counts. */
static bool adds_entry(const struct pvl_memory_word *word)
{
	return word->kind == PVL_MEMORY_TAKEN || word->kind == PVL_MEMORY_GIVEN ||
	       (word->kind == PVL_MEMORY_CHANGED && !word->trailing && word->from == 0 &&
		word->to != 0);
}

static bool takes(const struct pvl_memory_word *word)
{
	switch (word->kind) {
	case PVL_MEMORY_LIMIT:
		return !word->is_mem || word->size > 0;
	case PVL_MEMORY_TAKEN:
		return true;
	case PVL_MEMORY_CHANGED: /* of what is RAM, or of all; to nothing, or another type */
		return !word->trailing && word->from <= TYPE_RAM && word->to != TYPE_RAM;
	default:
		return false;
	}
}

static bool gives(const struct pvl_memory_word *word)
{
	return word->kind == PVL_MEMORY_GIVEN || (adds_entry(word) && word->to == TYPE_RAM);
}

/* As far as there are addresses. */
static struct pvl_range range_of(const struct pvl_memory_word *word)
{
	struct pvl_range range = { word->start, UINT64_MAX };

	if (word->kind == PVL_MEMORY_LIMIT)
		range.start = word->size;
	else
		(void)pvl_range_make(word->start, word->size, &range);
	return range;
}

static enum pvhload_status append(struct pvl_memory_effects *effects,
				  const struct pvl_memory_word *word, struct pvhload_error *err)
{
	const struct pvl_range range = range_of(word);

	if (range.start == range.end)
		return PVHLOAD_OK;
	if (effects->taken_count + effects->given_count == MEMORY_WORDS_MAX)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line has more than %u ranges in mem= and memmap=",
				MEMORY_WORDS_MAX);
	if (gives(word)) {
		if (!pvl_grow((void **)&effects->given, &effects->given_capacity,
			      effects->given_count, sizeof(range)))
			return pvl_fail_no_memory(err, sizeof(range));
		effects->given[effects->given_count++] = range;
		return PVHLOAD_OK;
	}
	if (!pvl_grow((void **)&effects->taken, &effects->taken_capacity, effects->taken_count,
		      sizeof(*effects->taken)))
		return pvl_fail_no_memory(err, sizeof(*effects->taken));
	effects->taken[effects->taken_count].range = range;
	memcpy(effects->taken[effects->taken_count++].name, word->name, sizeof(word->name));
	return PVHLOAD_OK;
}

enum pvhload_status pvl_memory_effects_read(const char *cmdline, struct pvl_memory_effects *ret,
					    struct pvhload_error *err)
{
	struct pvl_memory_words words;
	struct pvl_memory_word word;

	ret->exact = begin(cmdline, &words);
	while (pvl_memory_words_next(&words, &word)) {
		ret->entries += adds_entry(&word);
		if (takes(&word) || gives(&word))
			PVL_TRY(append(ret, &word, err));
	}
	pvl_ranges_sort(ret->given, ret->given_count);
	ret->given_count = pvl_ranges_join_touching(ret->given, ret->given_count);
	return PVHLOAD_OK;
}

void pvl_memory_effects_free(struct pvl_memory_effects *effects)
{
	free(effects->taken);
	free(effects->given);
}
