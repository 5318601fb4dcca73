/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Edits of ELF files: header, program and section headers, notes. */
#include <string.h>

#include "abi/elf_layout.h"
#include "mutate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t types[] = { PVL_ET_REL, PVL_ET_EXEC, PVL_ET_DYN, PVL_ET_CORE };
static const uint32_t machines[] = { PVL_EM_386, PVL_EM_X86_64, PVL_EM_AARCH64, PVL_EM_RISCV,
				     PVL_EM_LOONGARCH };
static const uint32_t segment_types[] = { 0, PVL_PT_LOAD, PVL_PT_DYNAMIC, PVL_PT_INTERP,
					  PVL_PT_NOTE };
static const uint32_t section_types[] = { 0, 1, 4, PVL_SHT_NOTE, 8, 9 };
/* Xen's: ENTRY, PHYS32_ENTRY, PHYS32_RELOC; and ours for what is not known. */
static const uint32_t note_types[] = { 1, 3, 18, 19 };

#define BOTH_HEADERS                                                                    \
	{ "e_type", PVL_ELF_E_TYPE, 2, FIELD_CHOICE, CHOICES(types) },                  \
		{ "e_machine", PVL_ELF_E_MACHINE, 2, FIELD_CHOICE, CHOICES(machines) }, \
	{                                                                               \
		"e_version", PVL_ELF_E_VERSION, 4, FIELD_COUNT,                         \
		{                                                                       \
			NULL, 0                                                         \
		}                                                                       \
	}

static const struct field header32[] = {
	BOTH_HEADERS,
	{ "e_entry", PVL_ELF32_E_ENTRY, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "e_phoff", PVL_ELF32_E_PHOFF, 4, FIELD_PLACE, { NULL, 0 } },
	{ "e_shoff", PVL_ELF32_E_SHOFF, 4, FIELD_PLACE, { NULL, 0 } },
	{ "e_phentsize", PVL_ELF32_E_PHENTSIZE, 2, FIELD_NUMBER, { NULL, 0 } },
	{ "e_phnum", PVL_ELF32_E_PHNUM, 2, FIELD_COUNT, { NULL, 0 } },
	{ "e_shentsize", PVL_ELF32_E_SHENTSIZE, 2, FIELD_NUMBER, { NULL, 0 } },
	{ "e_shnum", PVL_ELF32_E_SHNUM, 2, FIELD_COUNT, { NULL, 0 } },
};
static const struct field header64[] = {
	BOTH_HEADERS,
	{ "e_entry", PVL_ELF64_E_ENTRY, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "e_phoff", PVL_ELF64_E_PHOFF, 8, FIELD_PLACE, { NULL, 0 } },
	{ "e_shoff", PVL_ELF64_E_SHOFF, 8, FIELD_PLACE, { NULL, 0 } },
	{ "e_phentsize", PVL_ELF64_E_PHENTSIZE, 2, FIELD_NUMBER, { NULL, 0 } },
	{ "e_phnum", PVL_ELF64_E_PHNUM, 2, FIELD_COUNT, { NULL, 0 } },
	{ "e_shentsize", PVL_ELF64_E_SHENTSIZE, 2, FIELD_NUMBER, { NULL, 0 } },
	{ "e_shnum", PVL_ELF64_E_SHNUM, 2, FIELD_COUNT, { NULL, 0 } },
};
static const struct field segment32[] = {
	{ "p_type", PVL_ELF_P_TYPE, 4, FIELD_CHOICE, CHOICES(segment_types) },
	{ "p_offset", PVL_ELF32_P_OFFSET, 4, FIELD_PLACE, { NULL, 0 } },
	{ "p_vaddr", PVL_ELF32_P_VADDR, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "p_paddr", PVL_ELF32_P_PADDR, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "p_filesz", PVL_ELF32_P_FILESZ, 4, FIELD_PLACE, { NULL, 0 } },
	{ "p_memsz", PVL_ELF32_P_MEMSZ, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "p_flags", PVL_ELF32_P_FLAGS, 4, FIELD_FLAGS, { NULL, 0 } },
	{ "p_align", PVL_ELF32_P_ALIGN, 4, FIELD_ALIGN, { NULL, 0 } },
};
static const struct field segment64[] = {
	{ "p_type", PVL_ELF_P_TYPE, 4, FIELD_CHOICE, CHOICES(segment_types) },
	{ "p_offset", PVL_ELF64_P_OFFSET, 8, FIELD_PLACE, { NULL, 0 } },
	{ "p_vaddr", PVL_ELF64_P_VADDR, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "p_paddr", PVL_ELF64_P_PADDR, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "p_filesz", PVL_ELF64_P_FILESZ, 8, FIELD_PLACE, { NULL, 0 } },
	{ "p_memsz", PVL_ELF64_P_MEMSZ, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "p_flags", PVL_ELF64_P_FLAGS, 4, FIELD_FLAGS, { NULL, 0 } },
	{ "p_align", PVL_ELF64_P_ALIGN, 8, FIELD_ALIGN, { NULL, 0 } },
};
static const struct field section32[] = {
	{ "sh_type", PVL_ELF_SH_TYPE, 4, FIELD_CHOICE, CHOICES(section_types) },
	{ "sh_offset", PVL_ELF32_SH_OFFSET, 4, FIELD_PLACE, { NULL, 0 } },
	{ "sh_size", PVL_ELF32_SH_SIZE, 4, FIELD_PLACE, { NULL, 0 } },
	{ "sh_addralign", PVL_ELF32_SH_ADDRALIGN, 4, FIELD_ALIGN, { NULL, 0 } },
};
static const struct field section64[] = {
	{ "sh_type", PVL_ELF_SH_TYPE, 4, FIELD_CHOICE, CHOICES(section_types) },
	{ "sh_offset", PVL_ELF64_SH_OFFSET, 8, FIELD_PLACE, { NULL, 0 } },
	{ "sh_size", PVL_ELF64_SH_SIZE, 8, FIELD_PLACE, { NULL, 0 } },
	{ "sh_addralign", PVL_ELF64_SH_ADDRALIGN, 8, FIELD_ALIGN, { NULL, 0 } },
};
static const struct field note[] = {
	{ "namesz", 0, 4, FIELD_COUNT, { NULL, 0 } },
	{ "descsz", 4, 4, FIELD_COUNT, { NULL, 0 } },
	{ "type", 8, 4, FIELD_CHOICE, CHOICES(note_types) },
	{ "desc", 16, 4, FIELD_ADDRESS, { NULL, 0 } }, /* after the name "Xen" */
	{ "desc", 20, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "desc", 24, 4, FIELD_ALIGN, { NULL, 0 } },
};

/* The places of one class. */
static const struct class
{
	const struct field *header, *segment, *section;
	size_t headers, segments, sections;        /* fields */
	size_t segment_size, section_size;         /* bytes */
	uint16_t word, phoff, phnum, shoff, shnum; /* in the header */
	uint16_t offset, paddr;                    /* in a program header */
} classes[] = {
	{ header32, segment32, section32, COUNT(header32), COUNT(segment32), COUNT(section32),
	  PVL_ELF32_PHDR_SIZE, PVL_ELF32_SHDR_SIZE, 4, PVL_ELF32_E_PHOFF, PVL_ELF32_E_PHNUM,
	  PVL_ELF32_E_SHOFF, PVL_ELF32_E_SHNUM, PVL_ELF32_P_OFFSET, PVL_ELF32_P_PADDR },
	{ header64, segment64, section64, COUNT(header64), COUNT(segment64), COUNT(section64),
	  PVL_ELF64_PHDR_SIZE, PVL_ELF64_SHDR_SIZE, 8, PVL_ELF64_E_PHOFF, PVL_ELF64_E_PHNUM,
	  PVL_ELF64_E_SHOFF, PVL_ELF64_E_SHNUM, PVL_ELF64_P_OFFSET, PVL_ELF64_P_PADDR },
};

/* One of the table's elements, wherever that is. */
static uint64_t any_segment(struct mutated *m, const struct class *c)
{
	return mutate_get(m, c->phoff, c->word) +
	       mutate_below(m, mutate_get(m, c->phnum, 2)) * c->segment_size;
}

static void edit_header(struct mutated *m, const struct class *c)
{
	mutate_one_of(m, 0, c->header, c->headers);
}

static void edit_segment(struct mutated *m, const struct class *c)
{
	mutate_one_of(m, any_segment(m, c), c->segment, c->segments);
}

static void edit_section(struct mutated *m, const struct class *c)
{
	const uint64_t at = mutate_get(m, c->shoff, c->word) +
			    mutate_below(m, mutate_get(m, c->shnum, 2)) * c->section_size;

	mutate_one_of(m, at, c->section, c->sections);
}

static void copy(struct mutated *m, uint64_t to, uint64_t from, size_t size)
{
	if (mutate_has(m, to, size) && mutate_has(m, from, size))
		memmove(m->data + to, m->data + from, size);
}

/* One more program header, over what is after the table, the same as one of them. */
static void duplicate_segment(struct mutated *m, const struct class *c)
{
	const uint64_t count = mutate_get(m, c->phnum, 2);

	copy(m, mutate_get(m, c->phoff, c->word) + count * c->segment_size, any_segment(m, c),
	     c->segment_size);
	mutate_put(m, c->phnum, 2, count + 1);
}

/* In other places of the table: some rules are about the order. */
static void move_segment(struct mutated *m, const struct class *c)
{
	copy(m, any_segment(m, c), any_segment(m, c), c->segment_size);
}

/* One segment near or at the start of another, in the guest or in the file. */
static void overlap_segments(struct mutated *m, const struct class *c)
{
	const size_t field = mutate_below(m, 2) == 0 ? c->paddr : c->offset;
	const uint64_t from = any_segment(m, c), to = any_segment(m, c);

	mutate_put(m, to + field, c->word,
		   mutate_get(m, from + field, c->word) + mutate_below(m, 3) * 8 - 8);
}

/* Of the first segment with notes from a random one on; the first note or one of those after it. */
static void edit_note(struct mutated *m, const struct class *c)
{
	uint64_t at = 0;

	for (size_t tries = 0; tries < 8 && at == 0; tries++) {
		const uint64_t segment = any_segment(m, c);

		if (mutate_get(m, segment, 4) == PVL_PT_NOTE)
			at = mutate_get(m, segment + c->offset, c->word);
	}
	for (uint64_t skip = mutate_below(m, 4); at != 0 && skip > 0 && mutate_has(m, at, 12);
	     skip--)
		at += 12 + (mutate_get(m, at, 4) + 3) / 4 * 4 +
		      (mutate_get(m, at + 4, 4) + 3) / 4 * 4;
	if (at != 0)
		mutate_one_of(m, at, note, COUNT(note));
}

void mutate_elf(struct mutated *m)
{
	static void (*const edits[])(struct mutated *, const struct class *) = {
		edit_header,  edit_segment,     edit_segment, edit_segment, duplicate_segment,
		move_segment, overlap_segments, edit_note,    edit_note,    edit_section,
	};
	const struct class *c = &classes[mutate_get(m, PVL_EI_CLASS, 1) != PVL_ELFCLASS32];

	edits[mutate_below(m, COUNT(edits))](m, c);
}
