/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "records.h"

#include <pvhload/plan.h>

static const struct field memmap_entry_fields[] = {
	{ "addr", FIELD_HEX10, AT_MEMBER(struct pvhload_memmap_entry, gpa) },
	{ "size", FIELD_HEX10, AT_MEMBER(struct pvhload_memmap_entry, size) },
	{ "type", FIELD_DEC, AT_MEMBER(struct pvhload_memmap_entry, type) },
};

static const struct field_line memmap_entry_lines[] = {
	{ .text = "  {addr} {size} bytes, type {type}\n" },
};

const struct record memmap_entry_record = { RECORD_FIELDS(memmap_entry_fields),
					    RECORD_LINES(memmap_entry_lines) };

#define SEGMENT(member)                                                           \
	{                                                                         \
#member, FIELD_DEC, AT_MEMBER(struct pvhload_x86_segment, member) \
	}
#define TABLE(member)                                                           \
	{                                                                       \
#member, FIELD_DEC, AT_MEMBER(struct pvhload_x86_table, member) \
	}
#define REGISTER(name)                                                    \
	{                                                                 \
#name, FIELD_DEC, AT_MEMBER(struct pvhload_x86_cpu, name) \
	}
#define OBJECT(name, record)                                                                  \
	{                                                                                     \
#name, FIELD_OBJECT, AT_MEMBER(struct pvhload_x86_cpu, name), .of = &(record) \
	}

static const struct field segment_fields[] = {
	SEGMENT(selector), SEGMENT(base), SEGMENT(limit), SEGMENT(type), SEGMENT(s),   SEGMENT(dpl),
	SEGMENT(present),  SEGMENT(l),    SEGMENT(db),    SEGMENT(g),    SEGMENT(avl),
};
static const struct record segment_record = { RECORD_FIELDS(segment_fields) };

static const struct field table_fields[] = { TABLE(base), TABLE(limit) };
static const struct record table_record = { RECORD_FIELDS(table_fields) };

static const struct field msr_fields[] = {
	{ "index", FIELD_DEC, AT_MEMBER(struct pvhload_x86_msr, index) },
	{ "mask", FIELD_DEC, AT_MEMBER(struct pvhload_x86_msr, mask) },
	{ "value", FIELD_DEC, AT_MEMBER(struct pvhload_x86_msr, value) },
};
static const struct record msr_record = { RECORD_FIELDS(msr_fields) };

static const void *msr(const void *record, size_t i)
{
	const struct pvhload_x86_cpu *cpu = record;

	return i < cpu->msr_count ? &cpu->msrs[i] : NULL;
}

static const struct field lapic_fields[] = {
	{ "lint0", FIELD_DEC, AT_MEMBER(struct pvhload_x86_lapic, lint0) },
	{ "lint1", FIELD_DEC, AT_MEMBER(struct pvhload_x86_lapic, lint1) },
};
static const struct record lapic_record = { RECORD_FIELDS(lapic_fields) };

static const struct field cpu_fields[] = {
	REGISTER(rax),
	REGISTER(rbx),
	REGISTER(rcx),
	REGISTER(rdx),
	REGISTER(rsi),
	REGISTER(rdi),
	REGISTER(rsp),
	REGISTER(rbp),
	REGISTER(r8),
	REGISTER(r9),
	REGISTER(r10),
	REGISTER(r11),
	REGISTER(r12),
	REGISTER(r13),
	REGISTER(r14),
	REGISTER(r15),
	REGISTER(rip),
	REGISTER(rflags),
	REGISTER(cr0),
	REGISTER(cr2),
	REGISTER(cr3),
	REGISTER(cr4),
	REGISTER(cr8),
	REGISTER(efer),
	OBJECT(cs, segment_record),
	OBJECT(ds, segment_record),
	OBJECT(es, segment_record),
	OBJECT(fs, segment_record),
	OBJECT(gs, segment_record),
	OBJECT(ss, segment_record),
	OBJECT(tr, segment_record),
	OBJECT(ldt, segment_record),
	OBJECT(gdt, table_record),
	OBJECT(idt, table_record),
	{ "msrs", FIELD_LIST, .item = msr, .of = &msr_record },
	OBJECT(lapic, lapic_record),
};
const struct record cpu_record = { RECORD_FIELDS(cpu_fields) };

#define ARM64_REGISTER(name)                                                \
	{                                                                   \
#name, FIELD_DEC, AT_MEMBER(struct pvhload_arm64_cpu, name) \
	}
#define ARM64_X(i)                                                           \
	{                                                                    \
		"x" #i, FIELD_DEC, AT_MEMBER(struct pvhload_arm64_cpu, x[i]) \
	}

static const struct field arm64_cpu_fields[] = {
	ARM64_X(0),         ARM64_X(1),
	ARM64_X(2),         ARM64_X(3),
	ARM64_X(4),         ARM64_X(5),
	ARM64_X(6),         ARM64_X(7),
	ARM64_X(8),         ARM64_X(9),
	ARM64_X(10),        ARM64_X(11),
	ARM64_X(12),        ARM64_X(13),
	ARM64_X(14),        ARM64_X(15),
	ARM64_X(16),        ARM64_X(17),
	ARM64_X(18),        ARM64_X(19),
	ARM64_X(20),        ARM64_X(21),
	ARM64_X(22),        ARM64_X(23),
	ARM64_X(24),        ARM64_X(25),
	ARM64_X(26),        ARM64_X(27),
	ARM64_X(28),        ARM64_X(29),
	ARM64_X(30),        ARM64_REGISTER(sp),
	ARM64_REGISTER(pc), ARM64_REGISTER(pstate),
};
const struct record arm64_cpu_record = { RECORD_FIELDS(arm64_cpu_fields) };

#define RISCV64_REGISTER(name)                                                \
	{                                                                     \
#name, FIELD_DEC, AT_MEMBER(struct pvhload_riscv64_cpu, name) \
	}

static const struct field riscv64_cpu_fields[] = {
	RISCV64_REGISTER(pc),   RISCV64_REGISTER(a0),   RISCV64_REGISTER(a1),
	RISCV64_REGISTER(satp), RISCV64_REGISTER(mode),
};
const struct record riscv64_cpu_record = { RECORD_FIELDS(riscv64_cpu_fields) };

struct json_object *cpu_json(const struct pvhload_plan_info *info)
{
	if (info->arm64_cpu)
		return record_json(&arm64_cpu_record, info->arm64_cpu);
	if (info->riscv64_cpu)
		return record_json(&riscv64_cpu_record, info->riscv64_cpu);
	return record_json(&cpu_record, info->x86_cpu);
}
