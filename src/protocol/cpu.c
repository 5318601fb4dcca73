/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * First processor states, and the GDT that goes with them.
 *
 * ABI source: Xen, docs/misc/pvh.pandoc; the concrete values of what it leaves open are Xen's own
 * (xen/arch/x86/hvm/dom0_build.c).  Descriptor layout: Intel SDM, volume 3.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <pvhload/cpu.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/store.h"

#define SELECTOR_CODE 0x08u
#define SELECTOR_DATA 0x10u
#define SELECTOR_TSS  0x18u

#define TYPE_CODE    0xbu /* execute, read, accessed */
#define TYPE_DATA    0x3u /* read, write, accessed */
#define TYPE_TSS     0xbu /* 32-bit TSS, busy */
#define TYPE_LDT     0x2u
#define TSS_LIMIT    0x67u
#define RESET_LIMIT  0xffffu
#define CR0_PE       0x01u
#define CR0_ET       0x10u /* fixed to 1 */
#define RFLAGS_FIXED 0x02u

#define DESCRIPTOR_SIZE 8u
#define TABLE_INDICATOR 0x4u /* in a selector: LDT instead of GDT */

static struct pvhload_cpu_segment flat(uint16_t selector, uint8_t type)
{
	return (struct pvhload_cpu_segment){ .limit = 0xffffffffu,
					     .selector = selector,
					     .type = type,
					     .s = 1,
					     .present = 1,
					     .db = 1,
					     .g = 1 };
}

enum pvhload_status pvhload_cpu_init_pvh(uint32_t entry, uint32_t start_info_gpa, uint32_t gdt_gpa,
					 struct pvhload_cpu_state *state, struct pvhload_error *err)
{
	struct pvhload_cpu_state made = PVHLOAD_CPU_STATE_INIT;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!pvl_sized_out_usable(state, PVL_V1_CPU_STATE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state is NULL or has a wrong size");
	made.rbx = start_info_gpa;
	made.rip = entry;
	made.rflags = RFLAGS_FIXED;
	made.cs = flat(SELECTOR_CODE, TYPE_CODE);
	made.ds = made.es = made.fs = made.gs = made.ss = flat(SELECTOR_DATA, TYPE_DATA);
	made.tr = (struct pvhload_cpu_segment){
		.limit = TSS_LIMIT, .selector = SELECTOR_TSS, .type = TYPE_TSS, .present = 1
	};
	/* As after reset: an empty table that KVM accepts. */
	made.ldt = (struct pvhload_cpu_segment){ .limit = RESET_LIMIT,
						 .type = TYPE_LDT,
						 .present = 1 };
	made.gdt.base = gdt_gpa;
	made.gdt.limit = PVHLOAD_PVH_GDT_SIZE - 1;
	made.cr0 = CR0_PE | CR0_ET;
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}

static uint64_t encode(const struct pvhload_cpu_segment *s)
{
	const uint64_t limit = s->g ? s->limit >> 12 : s->limit;
	const uint64_t base = s->base & 0xffffffffu;

	return (limit & 0xffffu) | (base & 0xffffffu) << 16 | (uint64_t)(s->type & 0xfu) << 40 |
	       (uint64_t)(s->s & 1u) << 44 | (uint64_t)(s->dpl & 3u) << 45 |
	       (uint64_t)(s->present & 1u) << 47 | (limit >> 16 & 0xfu) << 48 |
	       (uint64_t)(s->avl & 1u) << 52 | (uint64_t)(s->l & 1u) << 53 |
	       (uint64_t)(s->db & 1u) << 54 | (uint64_t)(s->g & 1u) << 55 | (base >> 24) << 56;
}

enum pvhload_status pvhload_cpu_gdt(const struct pvhload_cpu_state *caller, uint8_t *bytes,
				    size_t capacity, struct pvhload_error *err)
{
	struct pvhload_cpu_state state;
	const struct pvhload_cpu_segment *const segments[] = { &state.cs, &state.ds, &state.es,
							       &state.fs, &state.gs, &state.ss,
							       &state.tr };
	const size_t count = sizeof(segments) / sizeof(segments[0]);
	size_t size;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!bytes || !pvl_sized_in(&state, sizeof(state), caller, PVL_V1_CPU_STATE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state or the table is NULL or has a wrong size");
	size = (size_t)state.gdt.limit + 1;
	for (size_t i = 0; i < count; i++)
		if (segments[i]->selector & TABLE_INDICATOR ||
		    (segments[i]->selector | (DESCRIPTOR_SIZE - 1)) >= size)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"selector 0x%x is not in a GDT of %zu bytes",
					segments[i]->selector, size);
	if (size > capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the GDT takes %zu bytes, there are %zu", size, capacity);

	memset(bytes, 0, size);
	for (size_t i = 0; i < count; i++) {
		const size_t at = segments[i]->selector & ~(size_t)(DESCRIPTOR_SIZE - 1);

		if (at != 0) /* the first descriptor is the null descriptor */
			pvl_store_le64(bytes + at, encode(segments[i]));
	}
	return PVHLOAD_OK;
}
