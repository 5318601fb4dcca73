/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ELF structures in host order and one width, of little-endian files.  The option -Delf chooses who
 * translates: libelf (elf_table_libelf.c), which is given exactly the bytes of whole structures and never
 * follows anything in them, or loads of our own (elf_table_own.c).
 */
#ifndef PVL_IMAGE_ELF_TABLE_H
#define PVL_IMAGE_ELF_TABLE_H

#include <pvhload/status.h>

#include "core/span.h"

struct pvl_elf_header {
	bool is64;
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
};

struct pvl_elf_phdr {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

struct pvl_elf_shdr {
	uint32_t type;
	uint64_t offset;
	uint64_t size;
	uint64_t align;
};

/* Sizes in the file. */
size_t pvl_elf_header_size(bool is64);
size_t pvl_elf_phdr_size(bool is64);
size_t pvl_elf_shdr_size(bool is64);

/*
 * @bytes is one header, or @count entries, of exactly those sizes.  False if there are fewer bytes, or
 * if libelf has no memory.
 */
bool pvl_elf_read_header(struct pvl_span bytes, bool is64, struct pvl_elf_header *ret);
bool pvl_elf_read_phdrs(struct pvl_span bytes, bool is64, struct pvl_elf_phdr *ret, size_t count);
bool pvl_elf_read_shdrs(struct pvl_span bytes, bool is64, struct pvl_elf_shdr *ret, size_t count);

#endif
