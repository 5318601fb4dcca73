/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ELF structures by libelf. */
#include "image/elf_table.h"

#include <libelf.h>

#include "core/libc.h"

size_t pvl_elf_header_size(bool is64)
{
	return is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

size_t pvl_elf_phdr_size(bool is64)
{
	return is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

size_t pvl_elf_shdr_size(bool is64)
{
	return is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

/* Translate one structure of the file to @dst.  Both have the same size. */
static bool translate(struct pvl_span bytes, bool is64, Elf_Type type, void *dst)
{
	Elf_Data from, to;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return false;
	memset(&from, 0, sizeof(from));
	from.d_buf = (void *)(uintptr_t)bytes.data; /* libelf reads it only */
	from.d_size = bytes.size;
	from.d_type = type;
	from.d_version = EV_CURRENT;
	to = from;
	to.d_buf = dst;
	return is64 ? elf64_xlatetom(&to, &from, ELFDATA2LSB) != NULL
		    : elf32_xlatetom(&to, &from, ELFDATA2LSB) != NULL;
}

#define COPY_HEADER(from)                            \
	do {                                         \
		ret->type = (from).e_type;           \
		ret->machine = (from).e_machine;     \
		ret->version = (from).e_version;     \
		ret->entry = (from).e_entry;         \
		ret->phoff = (from).e_phoff;         \
		ret->shoff = (from).e_shoff;         \
		ret->phentsize = (from).e_phentsize; \
		ret->phnum = (from).e_phnum;         \
		ret->shentsize = (from).e_shentsize; \
		ret->shnum = (from).e_shnum;         \
	} while (0)

bool pvl_elf_read_header(struct pvl_span bytes, bool is64, struct pvl_elf_header *ret)
{
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (bytes.size != pvl_elf_header_size(is64))
		return false;
	ret->is64 = is64;
	if (is64) {
		if (!translate(bytes, true, ELF_T_EHDR, &wide))
			return false;
		COPY_HEADER(wide);
	} else {
		if (!translate(bytes, false, ELF_T_EHDR, &narrow))
			return false;
		COPY_HEADER(narrow);
	}
	return true;
}

#define COPY_PHDR(from, to)                     \
	do {                                    \
		(to)->type = (from).p_type;     \
		(to)->flags = (from).p_flags;   \
		(to)->offset = (from).p_offset; \
		(to)->vaddr = (from).p_vaddr;   \
		(to)->paddr = (from).p_paddr;   \
		(to)->filesz = (from).p_filesz; \
		(to)->memsz = (from).p_memsz;   \
		(to)->align = (from).p_align;   \
	} while (0)

bool pvl_elf_read_phdrs(struct pvl_span bytes, bool is64, struct pvl_elf_phdr *ret, size_t count)
{
	const size_t size = pvl_elf_phdr_size(is64);
	struct pvl_span one;
	Elf64_Phdr wide;
	Elf32_Phdr narrow;

	for (size_t i = 0; i < count; i++) {
		if (!pvl_span_sub(bytes, i * size, size, &one) ||
		    !translate(one, is64, ELF_T_PHDR, is64 ? (void *)&wide : (void *)&narrow))
			return false;
		if (is64)
			COPY_PHDR(wide, &ret[i]);
		else
			COPY_PHDR(narrow, &ret[i]);
	}
	return true;
}

#define COPY_SHDR(from, to)                        \
	do {                                       \
		(to)->type = (from).sh_type;       \
		(to)->offset = (from).sh_offset;   \
		(to)->size = (from).sh_size;       \
		(to)->align = (from).sh_addralign; \
	} while (0)

bool pvl_elf_read_shdrs(struct pvl_span bytes, bool is64, struct pvl_elf_shdr *ret, size_t count)
{
	const size_t size = pvl_elf_shdr_size(is64);
	struct pvl_span one;
	Elf64_Shdr wide;
	Elf32_Shdr narrow;

	for (size_t i = 0; i < count; i++) {
		if (!pvl_span_sub(bytes, i * size, size, &one) ||
		    !translate(one, is64, ELF_T_SHDR, is64 ? (void *)&wide : (void *)&narrow))
			return false;
		if (is64)
			COPY_SHDR(wide, &ret[i]);
		else
			COPY_SHDR(narrow, &ret[i]);
	}
	return true;
}
