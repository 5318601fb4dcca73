/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ELF structures by loads of our own: no library, no allocation. */
#include "image/elf_table.h"

#include "abi/elf_layout.h"

/* Where a field is, by the file's class. */
#define AT(is64, field) ((is64) ? PVL_ELF64_##field : PVL_ELF32_##field)

size_t pvl_elf_header_size(bool is64)
{
	return AT(is64, EHDR_SIZE);
}

size_t pvl_elf_phdr_size(bool is64)
{
	return AT(is64, PHDR_SIZE);
}

size_t pvl_elf_shdr_size(bool is64)
{
	return AT(is64, SHDR_SIZE);
}

/* An address, offset or size: as wide as the class. */
static uint64_t get_word(struct pvl_span s, bool is64, size_t offset)
{
	return is64 ? pvl_span_get64(s, offset) : pvl_span_get32(s, offset);
}

#define WORD(s, is64, field) get_word(s, is64, AT(is64, field))

bool pvl_elf_read_header(struct pvl_span bytes, bool is64, struct pvl_elf_header *ret)
{
	if (bytes.size != pvl_elf_header_size(is64))
		return false;
	*ret = (struct pvl_elf_header){
		.is64 = is64,
		.type = pvl_span_get16(bytes, PVL_ELF_E_TYPE),
		.machine = pvl_span_get16(bytes, PVL_ELF_E_MACHINE),
		.version = pvl_span_get32(bytes, PVL_ELF_E_VERSION),
		.entry = WORD(bytes, is64, E_ENTRY),
		.phoff = WORD(bytes, is64, E_PHOFF),
		.shoff = WORD(bytes, is64, E_SHOFF),
		.phentsize = pvl_span_get16(bytes, AT(is64, E_PHENTSIZE)),
		.phnum = pvl_span_get16(bytes, AT(is64, E_PHNUM)),
		.shentsize = pvl_span_get16(bytes, AT(is64, E_SHENTSIZE)),
		.shnum = pvl_span_get16(bytes, AT(is64, E_SHNUM)),
	};
	return true;
}

bool pvl_elf_read_phdrs(struct pvl_span bytes, bool is64, struct pvl_elf_phdr *ret, size_t count)
{
	const size_t size = pvl_elf_phdr_size(is64);
	struct pvl_span one;

	for (size_t i = 0; i < count; i++) {
		if (!pvl_span_sub(bytes, i * size, size, &one))
			return false;
		ret[i] = (struct pvl_elf_phdr){
			.type = pvl_span_get32(one, PVL_ELF_P_TYPE),
			.flags = pvl_span_get32(one, AT(is64, P_FLAGS)),
			.offset = WORD(one, is64, P_OFFSET),
			.vaddr = WORD(one, is64, P_VADDR),
			.paddr = WORD(one, is64, P_PADDR),
			.filesz = WORD(one, is64, P_FILESZ),
			.memsz = WORD(one, is64, P_MEMSZ),
			.align = WORD(one, is64, P_ALIGN),
		};
	}
	return true;
}

bool pvl_elf_read_shdrs(struct pvl_span bytes, bool is64, struct pvl_elf_shdr *ret, size_t count)
{
	const size_t size = pvl_elf_shdr_size(is64);
	struct pvl_span one;

	for (size_t i = 0; i < count; i++) {
		if (!pvl_span_sub(bytes, i * size, size, &one))
			return false;
		ret[i] = (struct pvl_elf_shdr){
			.type = pvl_span_get32(one, PVL_ELF_SH_TYPE),
			.offset = WORD(one, is64, SH_OFFSET),
			.size = WORD(one, is64, SH_SIZE),
			.align = WORD(one, is64, SH_ADDRALIGN),
		};
	}
	return true;
}
