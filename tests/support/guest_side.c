/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest_side.h"

#include "suite.h"

struct bytes memory;
struct pvhload_guest_reach reach;
char printed[32768];
size_t printed_size;

static void put(void *context, char c)
{
	ck_assert_ptr_eq(context, printed);
	ck_assert_uint_lt(printed_size, sizeof(printed) - 1);
	printed[printed_size++] = c;
	printed[printed_size] = '\0';
}

const struct pvhload_guest_printer printer = { put, printed };

void guest_side_setup(void)
{
	memory = bytes_zero(MEMORY_SIZE);
	reach.offset = (uintptr_t)memory.data;
	reach.limit = MEMORY_SIZE;
	printed_size = 0;
}

void guest_side_teardown(void)
{
	bytes_free(&memory);
}

void put_page(uint16_t version)
{
	poke(&memory, PAGE + 0x202, 0x53726448, 4);
	poke(&memory, PAGE + 0x206, version, 2);
}

struct pvhload_guest_zero_page read_page(void)
{
	struct pvhload_guest_zero_page page;

	ck_assert_int_eq(pvhload_guest_read_zero_page(&reach, PAGE, &page), PVHLOAD_GUEST_OK);
	return page;
}

void put_entry20(uint64_t gpa, uint64_t addr, uint64_t size, uint32_t type)
{
	const size_t at = (size_t)gpa;

	poke(&memory, at, addr, 8);
	poke(&memory, at + 8, size, 8);
	poke(&memory, at + 16, type, 4);
}
