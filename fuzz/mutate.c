/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "mutate.h"

#include <string.h>

/* Vigna's splitmix64. */
uint64_t mutate_random(struct mutated *m)
{
	uint64_t z = m->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t mutate_below(struct mutated *m, uint64_t n)
{
	return n > 0 ? mutate_random(m) % n : 0;
}

bool mutate_has(const struct mutated *m, uint64_t at, uint64_t size)
{
	return at >= m->base && at - m->base <= m->size && size <= m->size - (at - m->base);
}

uint64_t mutate_get(const struct mutated *m, uint64_t at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size && mutate_has(m, at, size); i++)
		value |= (uint64_t)m->data[at - m->base + i]
			 << 8 * (m->big_endian ? size - 1 - i : i);
	return value;
}

void mutate_put(struct mutated *m, uint64_t at, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size && mutate_has(m, at, size); i++)
		m->data[at - m->base + i] =
			(uint8_t)(value >> 8 * (m->big_endian ? size - 1 - i : i));
}

/* From 8 less to 8 more. */
static uint64_t about(struct mutated *m, uint64_t value)
{
	return value - 8 + mutate_below(m, 17);
}

static uint64_t number(struct mutated *m)
{
	static const uint64_t limits[] = { 0,          0x7f,       0xff,      0x7fff,    0xffff,
					   0x7fffffff, 0xffffffff, INT64_MAX, UINT64_MAX };
	const uint64_t value = mutate_below(m, 2) == 0
				       ? limits[mutate_below(m, sizeof(limits) / sizeof(limits[0]))]
				       : UINT64_C(1) << mutate_below(m, 64);

	return value - 1 + mutate_below(m, 3);
}

static uint64_t place(struct mutated *m)
{
	const uint64_t end = m->base + m->size;

	return mutate_below(m, 2) == 0 ? about(m, end) : mutate_below(m, end);
}

/* Where a guest's RAM begins, ends and has holes, some pages away from it. */
static uint64_t address(struct mutated *m)
{
	static const uint64_t borders[] = { 0,          0x9fc00,    0x100000,   0x200000,
					    0x1000000,  0x40000000, 0xc0000000, 0x100000000,
					    1ull << 36, 1ull << 46, 1ull << 52, 0x80000000 };
	const uint64_t border = borders[mutate_below(m, sizeof(borders) / sizeof(borders[0]))];

	return mutate_below(m, 2) == 0 ? border : border + 0x1000 * (mutate_below(m, 9) - 4);
}

static uint64_t choice(struct mutated *m, const struct field_choices *choices)
{
	const uint64_t i = mutate_below(m, choices->count + 1);

	return i < choices->count ? choices->values[i] : mutate_random(m);
}

static uint64_t value_of(struct mutated *m, const struct field *field, uint64_t now)
{
	switch (field->kind) {
	case FIELD_COUNT:
		return mutate_below(m, 4) == 0 ? number(m) : mutate_below(m, 20);
	case FIELD_PLACE:
		return place(m);
	case FIELD_ADDRESS:
		return address(m);
	case FIELD_ALIGN:
		return (UINT64_C(1) << mutate_below(m, 40)) +
		       (mutate_below(m, 4) == 0 ? about(m, 0) : 0);
	case FIELD_FLAGS:
		return now ^ UINT64_C(1) << mutate_below(m, 8 * field->size);
	case FIELD_CHOICE:
		return choice(m, &field->choices);
	case FIELD_NUMBER:
		break;
	}
	return number(m);
}

void mutate_field(struct mutated *m, uint64_t start, const struct field *field)
{
	const uint64_t now = mutate_get(m, start + field->at, field->size);

	/* Any kind is now and then any number, or the one that it is and a little. */
	switch (mutate_below(m, 8)) {
	case 0:
		mutate_put(m, start + field->at, field->size, number(m));
		break;
	case 1:
		mutate_put(m, start + field->at, field->size, about(m, now));
		break;
	default:
		mutate_put(m, start + field->at, field->size, value_of(m, field, now));
		break;
	}
}

void mutate_one_of(struct mutated *m, uint64_t start, const struct field *fields, size_t count)
{
	mutate_field(m, start, &fields[mutate_below(m, count)]);
}
