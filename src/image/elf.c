/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening an ELF kernel: identification and header, then segments and notes.
 *
 * ABI source: System V gABI, "ELF Header" and "Program Header"; Xen, docs/misc/pvh.pandoc.
 */
#include "image/elf.h"

#include "abi/elf_layout.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/multiboot.h"
#include "x86/limits.h"

#define PHDRS_AT_ONCE       16u
#define RELOC_ALIGN_DEFAULT 0x200000u /* Xen: without a p_align of 4 KiB or more */
#define RELOC_MAX_DEFAULT   0xffffffffu

bool pvl_elf_probe(struct pvl_span head)
{
	return head.size >= PVL_SELFMAG && memcmp(head.data, PVL_ELFMAG, PVL_SELFMAG) == 0;
}

bool pvl_elf32_probe(struct pvl_span head)
{
	return pvl_elf_probe(head) && head.size > PVL_EI_CLASS &&
	       head.data[PVL_EI_CLASS] == PVL_ELFCLASS32;
}

static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{ PVL_EM_SPARC, "SPARC" },      { PVL_EM_386, "i386" },
	{ PVL_EM_68K, "68000" },        { PVL_EM_MIPS, "MIPS" },
	{ PVL_EM_PARISC, "PA-RISC" },   { PVL_EM_PPC, "PowerPC" },
	{ PVL_EM_PPC64, "PowerPC64" },  { PVL_EM_S390, "S/390" },
	{ PVL_EM_ARM, "Arm" },          { PVL_EM_SH, "SuperH" },
	{ PVL_EM_SPARCV9, "SPARC V9" }, { PVL_EM_IA_64, "Itanium" },
	{ PVL_EM_X86_64, "x86-64" },    { PVL_EM_AARCH64, "AArch64" },
	{ PVL_EM_RISCV, "RISC-V" },     { PVL_EM_LOONGARCH, "LoongArch" },
	{ PVL_EM_ALPHA, "Alpha" },
};

static const char *machine_name(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return "unknown";
}

/* Its fields are not read on; e_machine names it. */
static enum pvhload_status big_endian(struct pvl_span head, struct pvhload_error *err)
{
	uint16_t low = 0;
	uint16_t machine;

	(void)pvl_span_le16(head, PVL_ELF_E_MACHINE, &low);
	machine = (uint16_t)(low << 8 | low >> 8);
	return pvl_fail(
		err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_EI_DATA),
		"a big-endian ELF file of class %d for machine %u (%s); x86 is little-endian",
		head.data[PVL_EI_CLASS] == PVL_ELFCLASS64 ? 64 : 32, machine,
		machine_name(machine));
}

static enum pvhload_status check_ident(struct pvl_span head, struct pvhload_error *err)
{
	const uint8_t *ident = head.data;

	if (ident[PVL_EI_CLASS] != PVL_ELFCLASS32 && ident[PVL_EI_CLASS] != PVL_ELFCLASS64)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVL_EI_CLASS),
				"the ELF class is %u, neither 1 (32-bit) nor 2 (64-bit)",
				ident[PVL_EI_CLASS]);
	if (ident[PVL_EI_DATA] == PVL_ELFDATA2MSB)
		return big_endian(head, err);
	if (ident[PVL_EI_DATA] != PVL_ELFDATA2LSB)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVL_EI_DATA),
				"the ELF byte order is %u, neither 1 (little) nor 2 (big)",
				ident[PVL_EI_DATA]);
	if (ident[PVL_EI_VERSION] != PVL_EV_CURRENT)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_EI_VERSION),
				"the ELF version is %u; known is 1", ident[PVL_EI_VERSION]);
	return PVHLOAD_OK;
}

static enum pvhload_status check_header(const struct pvl_elf_header *h, struct pvhload_error *err)
{
	if (h->machine != PVL_EM_X86_64 && (h->machine != PVL_EM_386 || h->is64))
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_ELF_E_MACHINE),
				"an ELF file of class %d for machine %u (%s), not for x86",
				h->is64 ? 64 : 32, h->machine, machine_name(h->machine));
	if (h->type != PVL_ET_EXEC && h->type != PVL_ET_DYN)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_ELF_E_TYPE),
				"an ELF file of type %u, not an executable (%s)", h->type,
				h->type == PVL_ET_REL    ? "an object file: link it first"
				: h->type == PVL_ET_CORE ? "a core dump"
							 : "unknown type");
	if (h->phnum == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the ELF file has no program headers: nothing to load");
	if (h->phentsize != pvl_elf_phdr_size(h->is64))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the ELF header says that a program header has %u bytes, not %zu",
				h->phentsize, pvl_elf_phdr_size(h->is64));
	if (h->phnum > PVHLOAD_ELF_PHDRS_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"%u program headers%s; the limit is %u", h->phnum,
				h->phnum == PVL_PN_XNUM ? " or more" : "", PVHLOAD_ELF_PHDRS_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status read_header(struct pvl_elf *elf, struct pvhload_error *err)
{
	const struct pvl_span head = { elf->head->bytes, elf->head->size };
	struct pvl_span bytes;
	bool is64;

	if (!pvl_span_sub(head, 0, PVL_EI_NIDENT, &bytes))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(head.size),
				"the file ends within the ELF identification");
	PVL_TRY(check_ident(head, err));
	is64 = bytes.data[PVL_EI_CLASS] == PVL_ELFCLASS64;
	if (!pvl_span_sub(head, 0, pvl_elf_header_size(is64), &bytes))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(head.size),
				"the file ends within the ELF header");
	if (!pvl_elf_read_header(bytes, is64, &elf->header))
		return pvl_fail_no_memory(err, bytes.size);
	return check_header(&elf->header, err);
}

/* Read entry @first and those after it, at most PHDRS_AT_ONCE, to elf->phdrs. */
static enum pvhload_status translate_phdrs(struct pvl_elf *elf, size_t first,
					   struct pvhload_error *err)
{
	const struct pvl_elf_header *h = &elf->header;
	const size_t count = (size_t)pvl_min_u64(elf->phnum - first, PHDRS_AT_ONCE);
	const size_t size = count * h->phentsize;
	uint8_t bytes[PHDRS_AT_ONCE * PVL_ELF64_PHDR_SIZE];

	PVL_TRY(pvl_image_fetch(elf->image, elf->head, h->phoff + first * h->phentsize, bytes, size,
				err));
	if (!pvl_elf_read_phdrs((struct pvl_span){ bytes, size }, h->is64, elf->phdrs + first,
				count))
		return pvl_fail_no_memory(err, size);
	return PVHLOAD_OK;
}

static enum pvhload_status read_phdrs(struct pvl_elf *elf, struct pvhload_error *err)
{
	const struct pvl_elf_header *h = &elf->header;
	const uint64_t file_size = elf->image->source.length;
	const size_t size = (size_t)h->phnum * h->phentsize;

	if (h->phoff > file_size || size > file_size - h->phoff)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(h->phoff),
				"%u program headers at offset 0x%" PRIx64
				" pass the end of the file, 0x%" PRIx64 " (is it truncated?)",
				h->phnum, h->phoff, file_size);
	elf->phdrs = calloc(h->phnum, sizeof(*elf->phdrs));
	elf->phnum = h->phnum;
	if (!elf->phdrs)
		return pvl_fail_no_memory(err, h->phnum * sizeof(*elf->phdrs));
	for (size_t i = 0; i < elf->phnum; i += PHDRS_AT_ONCE)
		PVL_TRY(translate_phdrs(elf, i, err));
	return PVHLOAD_OK;
}

/*
 * Where there are more than e_shnum can say, section 0 has their number as its sh_size.  A table that is not
 * one is no reason to refuse the file.
 */
static enum pvhload_status count_sections(struct pvl_elf *elf, struct pvhload_error *err)
{
	const struct pvl_elf_header *h = &elf->header;
	const size_t size = pvl_elf_shdr_size(h->is64);
	const uint64_t file_size = elf->image->source.length;
	uint8_t bytes[PVL_ELF64_SHDR_SIZE];
	struct pvl_elf_shdr first;

	elf->shnum = h->shnum;
	if (h->shnum != 0 || h->shoff == 0 || h->shentsize != size || h->shoff > file_size ||
	    size > file_size - h->shoff)
		return PVHLOAD_OK;
	PVL_TRY(pvl_image_fetch(elf->image, elf->head, h->shoff, bytes, size, err));
	if (!pvl_elf_read_shdrs((struct pvl_span){ bytes, size }, h->is64, &first, 1))
		return pvl_fail_no_memory(err, size);
	elf->shnum = pvl_min_u64(first.size, PVHLOAD_ELF_SHDRS_MAX);
	return PVHLOAD_OK;
}

/* Xen's rule for a RELOC note that does not give an alignment. */
static uint32_t default_reloc_align(const struct pvl_elf *elf)
{
	uint64_t most = 0;

	for (size_t i = 0; i < elf->phnum; i++)
		if (elf->phdrs[i].type == PVL_PT_LOAD)
			most = pvl_max_u64(most, elf->phdrs[i].align);
	return most >= PVL_X86_PAGE_SIZE && most <= UINT32_MAX ? (uint32_t)most
							       : RELOC_ALIGN_DEFAULT;
}

/* Read the PHYS32_RELOC note, which allows moving the kernel by PVH; false if there is no usable one. */
static bool describe_reloc(struct pvl_elf *elf, const struct pvl_notes *notes)
{
	struct pvhload_image_pvh_reloc *reloc = &elf->image->pvh_reloc;

	reloc->align = notes->reloc[0] != 0 ? notes->reloc[0] : default_reloc_align(elf);
	reloc->min = notes->reloc[1];
	reloc->max = notes->reloc_words == 3 ? notes->reloc[2] : RELOC_MAX_DEFAULT;
	/* An alignment that is not a power of two is not usable. */
	return notes->has_reloc && (reloc->align & (reloc->align - 1)) == 0;
}

static void describe_pvh(struct pvl_elf *elf, const struct pvl_notes *notes)
{
	struct pvhload_image *image = elf->image;
	const bool movable = describe_reloc(elf, notes);

	image->info.relocatable = movable;
	image->info.alignment = movable ? image->pvh_reloc.align : default_reloc_align(elf);
	pvl_note_say_reloc(&notes->reloc_problem, image->reloc_problem,
			   sizeof(image->reloc_problem));
	if (!notes->has_entry) {
		pvl_note_say_entry(&notes->entry_problem, image->pvh_problem,
				   sizeof(image->pvh_problem));
		return;
	}
	image->pvh.entry = notes->entry;
	image->pvh.reloc = movable ? &image->pvh_reloc : NULL;
	image->info.pvh = &image->pvh;
}

/*
 * A Multiboot kernel's entry may be a virtual address: then *@ret is where the segment is loaded that has it by
 * p_vaddr; else it is left.
 */
static bool is_virtual(const struct pvl_elf *elf, uint64_t entry, uint64_t *ret)
{
	for (size_t i = 0; i < elf->phnum; i++) {
		const struct pvl_elf_phdr *p = &elf->phdrs[i];

		if (p->type != PVL_PT_LOAD || entry < p->vaddr || entry - p->vaddr >= p->filesz)
			continue;
		/* No overflow: the segment has been checked. */
		*ret = entry - p->vaddr + p->paddr;
		return true;
	}
	return false;
}

static void describe(struct pvl_elf *elf, const struct pvl_notes *notes)
{
	struct pvhload_image *image = elf->image;
	struct pvhload_image_info *info = &image->info;
	const struct pvl_elf_header *h = &elf->header;

	info->arch = h->machine == PVL_EM_386 ? PVHLOAD_ARCH_I386 : PVHLOAD_ARCH_X86_64;
	info->entry = h->entry;
	info->has_entry32 = !h->is64 && pvl_image_has_code_at(image, h->entry);
	info->has_entry64 = h->is64 && pvl_image_has_code_at(image, h->entry);
	image->physical_entry = h->entry;
	image->entry_is_virtual = is_virtual(elf, h->entry, &image->physical_entry) &&
				  !info->has_entry32 && !info->has_entry64;
	describe_pvh(elf, notes);
	info->preferred_address = image->elf.range.gpa;
	info->init_size = image->elf.range.size;
	info->cmdline_max = PVHLOAD_ELF_CMDLINE_MAX;
	info->initrd_max = UINT32_MAX;
	if (h->shoff > 0 && elf->shnum > 0 && h->shentsize == pvl_elf_shdr_size(h->is64) &&
	    h->shoff <= image->source.length &&
	    elf->shnum * h->shentsize <= image->source.length - h->shoff)
		image->elf_end = h->shoff + elf->shnum * h->shentsize;
}

/*
 * A Multiboot header is within the first bytes of the file, and in what is loaded of it: a kernel whose segments
 * start further back has none, and those bytes need not be read.
 */
static bool may_have_multiboot(const struct pvhload_image_elf *loads)
{
	for (size_t i = 0; i < loads->segment_count; i++)
		if (loads->segments[i]->file_size > 0 &&
		    loads->segments[i]->offset < PVL_MB2_WITHIN)
			return true;
	return false;
}

static enum pvhload_status read_elf(struct pvl_elf *elf, struct pvhload_error *err)
{
	struct pvl_notes notes = { 0 };

	PVL_TRY(read_header(elf, err));
	PVL_TRY(read_phdrs(elf, err));
	PVL_TRY(count_sections(elf, err));
	PVL_TRY(pvl_elf_take_segments(elf, err));
	PVL_TRY(pvl_elf_take_notes(elf, &notes, err));
	describe(elf, &notes);
	if (may_have_multiboot(&elf->image->elf))
		PVL_TRY(pvl_multiboot_look(elf->image, elf->head, err));
	return pvl_elf_judge_guest(elf, &notes, err);
}

enum pvhload_status pvl_elf_open(struct pvhload_image *image, const struct pvl_head *head,
				 struct pvhload_error *err)
{
	struct pvl_elf elf = { .image = image, .head = head };
	const enum pvhload_status status = read_elf(&elf, err);

	free(elf.phdrs);
	return status;
}
