/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The parts: names, limits, sizes and bytes.
 *
 * ABI source: Xen, public/arch-x86/hvm/start_info.h, by which all of it is below 4 GiB.  Linux reads the
 * tables through a mapping of the first GiB (arch/x86/platform/pvh/head.S), so that they end there.
 */
#include <stddef.h>

#include <pvhload/abi/start_info.h>
#include <pvhload/region.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/store.h"
#include "pvh/pvh.h"

#define START(member)  offsetof(struct pvhload_hvm_start_info, member)
#define MODULE(member) offsetof(struct pvhload_hvm_modlist_entry, member)
#define ENTRY(member)  offsetof(struct pvhload_hvm_memmap_entry, member)

#define MODULE_SIZE sizeof(struct pvhload_hvm_modlist_entry)
#define ENTRY_SIZE  sizeof(struct pvhload_hvm_memmap_entry)

/* A limit, and what messages call it. */
#define TABLES_LIMIT PVHLOAD_PVH_TABLES_LIMIT, "1 GiB"

/* A row for each part. */
struct rule {
	const char *name;
	uint32_t kind;
	uint64_t
		limit; /* the part ends at or below this address; of another guest than Linux, 4 GiB */
	const char *limit_name;
	uint64_t usual;
	enum pvl_pvh_part after; /* without a usual place: after this one */
};

static const struct rule rules[PVL_PVH_PARTS] = {
	[PVL_PVH_START_INFO] = { "start_info", PVHLOAD_REGION_PVH_START_INFO, PVL_4GIB,
				 PVL_4GIB_NAME, PVHLOAD_PVH_START_INFO_GPA, 0 },
	[PVL_PVH_MODLIST] = { "modlist", PVHLOAD_REGION_PVH_MODLIST, TABLES_LIMIT,
			      PVHLOAD_PVH_MODLIST_GPA, 0 },
	[PVL_PVH_MEMMAP] = { "memmap", PVHLOAD_REGION_PVH_MEMMAP, TABLES_LIMIT,
			     PVHLOAD_PVH_MEMMAP_GPA, 0 },
	[PVL_PVH_CMDLINE] = { "cmdline", PVHLOAD_REGION_CMDLINE, PVL_4GIB, PVL_4GIB_NAME,
			      PVHLOAD_PVH_CMDLINE_GPA, 0 },
	[PVL_PVH_MODULE_CMDLINES] = { "module cmdlines", PVHLOAD_REGION_PVH_MODULE_CMDLINES,
				      PVL_4GIB, PVL_4GIB_NAME, 0, PVL_PVH_CMDLINE },
};

static uint64_t module_cmdlines_size(const struct pvl_pvh_input *input)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < input->module_count; i++)
		if (input->modules[i].cmdline)
			sum += strlen(input->modules[i].cmdline) + 1;
	return sum;
}

static uint64_t part_size(enum pvl_pvh_part part, const struct pvl_pvh_input *input)
{
	switch (part) {
	case PVL_PVH_START_INFO:
		return sizeof(struct pvhload_hvm_start_info);
	case PVL_PVH_MODLIST:
		return (uint64_t)input->module_count * MODULE_SIZE;
	case PVL_PVH_MEMMAP:
		return (uint64_t)input->memmap_count * ENTRY_SIZE;
	case PVL_PVH_CMDLINE:
		/* Linux reads PVHLOAD_PVH_CMDLINE_WINDOW bytes, whatever the length of the text. */
		return pvl_max_u64(strlen(input->cmdline) + 1, PVHLOAD_PVH_CMDLINE_WINDOW);
	case PVL_PVH_MODULE_CMDLINES:
		return module_cmdlines_size(input);
	case PVL_PVH_PARTS:
		break;
	}
	return 0;
}

static uint64_t sum_of_sizes(const struct pvl_pvh_input *input, unsigned int count)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < count; i++)
		sum += part_size(i, input);
	return sum;
}

uint64_t pvl_pvh_total_size(const struct pvl_pvh_input *input)
{
	return sum_of_sizes(input, PVL_PVH_PARTS);
}

uint64_t pvl_pvh_tables_size(const struct pvl_pvh_input *input)
{
	return sum_of_sizes(input, PVL_PVH_CMDLINE);
}

size_t pvl_pvh_append_parts(const struct pvl_pvh_input *input, struct pvl_layout *layout)
{
	const bool not_linux = (input->flags & PVHLOAD_PVH_NOT_LINUX) != 0;
	const size_t first = layout->count;

	for (unsigned int i = 0; i < PVL_PVH_PARTS; i++) {
		const struct rule *rule = &rules[i];
		struct pvl_part part = { .kind = rule->kind,
					 .size = part_size(i, input),
					 .align = 1,
					 .limit = not_linux ? PVL_4GIB : rule->limit,
					 .limit_name = not_linux ? PVL_4GIB_NAME : rule->limit_name,
					 .usual = rule->usual,
					 .after = rule->usual ? 0 : first + rule->after + 1 };

		snprintf(part.name, sizeof(part.name), "%s", rule->name);
		(void)pvl_layout_append(layout, &part);
	}
	return first;
}

static enum pvhload_status check_module(const struct pvhload_pvh_module *m, size_t i,
					struct pvhload_error *err)
{
	if (m->size == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(m->gpa),
				"module %zu at 0x%" PRIx64 " is empty", i, m->gpa);
	if (m->gpa == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(m->gpa),
				"module %zu is at address 0x%" PRIx64 ", which means absent", i,
				m->gpa);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_pvh_check_module(const struct pvl_pvh_input *input, size_t i,
					 struct pvhload_error *err)
{
	return pvl_fail_about(err, check_module(&input->modules[i], i, err), PVHLOAD_SUBJECT_MODULE,
			      i);
}

enum pvhload_status pvl_pvh_append_module(const struct pvl_pvh_input *input, size_t i,
					  struct pvl_layout *layout, struct pvhload_error *err)
{
	const struct pvhload_pvh_module *m = &input->modules[i];
	struct pvl_part part = { .subject = PVHLOAD_SUBJECT_MODULE,
				 .subject_index = (uint32_t)i,
				 .class = PVL_FILE,
				 .size = m->size,
				 .align = 1,
				 .limit = PVL_4GIB,
				 .limit_name = PVL_4GIB_NAME,
				 .fixed = m->gpa };

	PVL_TRY(pvl_pvh_check_module(input, i, err));
	snprintf(part.name, sizeof(part.name), "module %zu", i);
	(void)pvl_layout_append(layout, &part);
	return PVHLOAD_OK;
}

static void encode_start_info(const struct pvl_pvh_input *input, const uint64_t gpa[PVL_PVH_PARTS],
			      uint8_t *dst)
{
	memset(dst, 0, sizeof(struct pvhload_hvm_start_info));
	pvl_store_le32(dst + START(magic), PVHLOAD_START_INFO_MAGIC);
	pvl_store_le32(dst + START(version), PVHLOAD_START_INFO_VERSION);
	pvl_store_le32(dst + START(flags), input->start_info_flags);
	pvl_store_le32(dst + START(nr_modules), (uint32_t)input->module_count);
	/* FreeBSD stops at an address without modules. */
	if (input->module_count > 0)
		pvl_store_le64(dst + START(modlist_paddr), gpa[PVL_PVH_MODLIST]);
	pvl_store_le64(dst + START(cmdline_paddr), gpa[PVL_PVH_CMDLINE]);
	pvl_store_le64(dst + START(rsdp_paddr), input->rsdp_gpa);
	pvl_store_le64(dst + START(memmap_paddr), gpa[PVL_PVH_MEMMAP]);
	pvl_store_le32(dst + START(memmap_entries), (uint32_t)input->memmap_count);
}

static void encode_modlist(const struct pvl_pvh_input *input, uint64_t cmdlines_gpa, uint8_t *dst)
{
	for (size_t i = 0; i < input->module_count; i++, dst += MODULE_SIZE) {
		const struct pvhload_pvh_module *m = &input->modules[i];

		memset(dst, 0, MODULE_SIZE);
		pvl_store_le64(dst + MODULE(paddr), m->gpa);
		pvl_store_le64(dst + MODULE(size), m->size);
		if (!m->cmdline)
			continue;
		pvl_store_le64(dst + MODULE(cmdline_paddr), cmdlines_gpa);
		cmdlines_gpa += strlen(m->cmdline) + 1;
	}
}

static void encode_memmap(const struct pvl_pvh_input *input, uint8_t *dst)
{
	for (size_t i = 0; i < input->memmap_count; i++, dst += ENTRY_SIZE) {
		const struct pvhload_memmap_entry *e = &input->memmap[i];

		memset(dst, 0, ENTRY_SIZE);
		pvl_store_le64(dst + ENTRY(addr), e->gpa);
		pvl_store_le64(dst + ENTRY(size), e->size);
		pvl_store_le32(dst + ENTRY(type), e->type);
	}
}

static void encode_module_cmdlines(const struct pvl_pvh_input *input, uint8_t *dst)
{
	for (size_t i = 0; i < input->module_count; i++) {
		size_t size;

		if (!input->modules[i].cmdline)
			continue;
		size = strlen(input->modules[i].cmdline) + 1;
		memcpy(dst, input->modules[i].cmdline, size);
		dst += size;
	}
}

static void encode_part(enum pvl_pvh_part part, const struct pvl_pvh_input *input,
			const uint64_t gpa[PVL_PVH_PARTS], uint8_t *dst)
{
	switch (part) {
	case PVL_PVH_START_INFO:
		encode_start_info(input, gpa, dst);
		break;
	case PVL_PVH_MODLIST:
		encode_modlist(input, gpa[PVL_PVH_MODULE_CMDLINES], dst);
		break;
	case PVL_PVH_MEMMAP:
		encode_memmap(input, dst);
		break;
	case PVL_PVH_CMDLINE:
		memset(dst, 0, (size_t)part_size(PVL_PVH_CMDLINE, input));
		memcpy(dst, input->cmdline, strlen(input->cmdline));
		break;
	case PVL_PVH_MODULE_CMDLINES:
		encode_module_cmdlines(input, dst);
		break;
	case PVL_PVH_PARTS:
		break;
	}
}

enum pvhload_status pvl_pvh_encode(const struct pvl_pvh_input *input,
				   const struct pvl_layout *layout, size_t first,
				   struct pvl_block *tables, struct pvl_block *cmdlines,
				   struct pvhload_error *err)
{
	uint64_t gpa[PVL_PVH_PARTS];

	for (unsigned int i = 0; i < PVL_PVH_PARTS; i++)
		gpa[i] = layout->parts[first + i].gpa;
	for (unsigned int i = 0; i < PVL_PVH_PARTS; i++) {
		struct pvl_block *block = i < PVL_PVH_CMDLINE ? tables : cmdlines;

		encode_part(i, input, gpa, block->at);
		PVL_TRY(pvl_block_append(block, gpa[i], part_size(i, input), err));
	}
	return PVHLOAD_OK;
}
