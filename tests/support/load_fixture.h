/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* An image to load, and 4 MiB of watched memory. */
#ifndef SUPPORT_LOAD_FIXTURE_H
#define SUPPORT_LOAD_FIXTURE_H

#include "fake_memory.h"
#include "open_image.h"

#define LOAD_RAM (4u << 20)

struct load_fixture {
	struct fake_memory fake;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map; /* as a PC has it */
	struct bytes bytes;
	struct pvhload_image *image;
	struct pvhload_image_load_result result;
};

/* Takes @bytes over, which must be an image; the memory has write and the callbacks named. */
void load_setup(struct load_fixture *f, struct bytes bytes, unsigned int callbacks);
void load_setup_ram(struct load_fixture *f, struct bytes bytes, unsigned int callbacks,
		    uint64_t ram);
void load_teardown(struct load_fixture *f);

/* All of the memory is RAM, without the PC's hole. */
void load_everywhere(struct load_fixture *f);
void load_setup_region(struct load_fixture *f, struct bytes bytes, unsigned int callbacks,
		       uint64_t ram);

/* Load into f->result; it must work. */
void load_image(struct load_fixture *f);
void load_image_at(struct load_fixture *f, uint64_t gpa);

/* Loading fails with @status, nothing is written and the result is untouched. */
struct pvhload_error load_refused(struct load_fixture *f, enum pvhload_status status);
struct pvhload_error load_refused_at(struct load_fixture *f, uint64_t gpa,
				     enum pvhload_status status);

/* fake_memory_take() of its memory. */
void take_bytes(struct load_fixture *f, uint64_t gpa, const void *bytes, size_t size);

/* Give a small kernel a PHYS32_RELOC note after its entry note. */
void add_reloc_note(struct elf_spec *spec, uint32_t align, uint32_t min, uint32_t max);

#endif
