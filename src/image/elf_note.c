/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Walking ELF notes.  Everything here is bounded by the span of one segment; a note that passes its
 * end only ends the walk, so damage elsewhere does not hide a valid entry.
 *
 * ABI source: System V gABI, "Note Section"; Xen, public/elfnote.h and docs/misc/pvh.pandoc.
 */
#include "image/elf_note.h"

#include <pvhload/abi/elf_note.h>

#include "core/libc.h"

#define NOTE_HEADER_SIZE 12u /* n_namesz, n_descsz, n_type */

struct note {
	uint32_t type;
	struct pvl_span name;
	struct pvl_span desc;
	uint64_t next; /* where the following note starts */
};

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

/*
 * Read the note at @offset, which is below @bytes.size.  The sizes are 32-bit fields widened to 64
 * bits, so the sums cannot wrap; pvl_span_sub() checks the bounds.
 */
static bool read_note(struct pvl_span bytes, uint64_t offset, uint64_t align, struct note *ret)
{
	struct pvl_span rest;
	uint32_t namesz, descsz;
	uint64_t desc_at;

	if (!pvl_span_sub(bytes, offset, bytes.size - offset, &rest) ||
	    !pvl_span_le32(rest, 0, &namesz) || !pvl_span_le32(rest, 4, &descsz) ||
	    !pvl_span_le32(rest, 8, &ret->type))
		return false;
	desc_at = round_up(NOTE_HEADER_SIZE + (uint64_t)namesz, align);
	if (!pvl_span_sub(rest, NOTE_HEADER_SIZE, namesz, &ret->name) ||
	    !pvl_span_sub(rest, desc_at, descsz, &ret->desc))
		return false;
	ret->next = offset + round_up(desc_at + descsz, align);
	return true;
}

#define LINUX_NOTE_NAME "Linux" /* Linux, include/linux/elfnote-lto.h and build-salt.h */

/* @size counts the NUL. */
static bool is_owner(const struct note *n, const char *name, size_t size)
{
	return n->name.size == size && memcmp(n->name.data, name, size) == 0;
}

static bool is_xen(const struct note *n)
{
	return is_owner(n, PVHLOAD_XEN_NOTE_NAME, sizeof(PVHLOAD_XEN_NOTE_NAME));
}

/* A text that need not end with a NUL. */
static void read_guest_os(struct pvl_span desc, struct pvl_notes *notes)
{
	size_t n;

	if (notes->has_guest_os)
		return;
	for (n = 0; n < desc.size && n < PVL_GUEST_OS_SIZE - 1 && desc.data[n] != 0; n++)
		notes->guest_os[n] =
			desc.data[n] >= 0x20 && desc.data[n] < 0x7f ? (char)desc.data[n] : '?';
	notes->guest_os[n] = '\0';
	notes->has_guest_os = true;
}

/* One address, 4 bytes (i386) or 8 (x86-64), below 4 GiB. */
static void take_entry(struct pvl_span desc, struct pvl_notes *notes)
{
	uint32_t low = 0, high = 0;

	if (notes->has_entry)
		return;
	if (desc.size != 4 && desc.size != 8) {
		notes->problem = "its PHYS32_ENTRY note holds neither 4 nor 8 bytes";
		return;
	}
	(void)pvl_span_le32(desc, 0, &low);
	(void)pvl_span_le32(desc, 4, &high); /* stays 0 in a note of 4 bytes */
	if (high != 0) {
		notes->problem = "its PHYS32_ENTRY note names an address above 4 GiB";
		return;
	}
	notes->entry = low;
	notes->has_entry = true;
}

/* Up to three words; a note of another size is ignored. */
static void take_reloc(struct pvl_span desc, struct pvl_notes *notes)
{
	if (notes->has_reloc || desc.size > 12 || desc.size % 4 != 0)
		return;
	for (unsigned int i = 0; i < desc.size / 4; i++)
		(void)pvl_span_le32(desc, 4u * i, &notes->reloc[i]);
	notes->reloc_words = (unsigned int)(desc.size / 4);
	notes->has_reloc = true;
}

/* Walk with one padding.  True if the last note ends where the span does. */
static bool walk(struct pvl_span bytes, uint64_t align, struct pvl_notes *notes)
{
	uint64_t offset = 0;

	/* Every note has at least its header, so the span's size bounds the loop. */
	while (offset < bytes.size) {
		struct note n;

		if (!read_note(bytes, offset, align, &n))
			return false;
		if (is_xen(&n) && n.type == PVHLOAD_XEN_NOTE_PHYS32_ENTRY)
			take_entry(n.desc, notes);
		else if (is_xen(&n) && n.type == PVHLOAD_XEN_NOTE_PHYS32_RELOC)
			take_reloc(n.desc, notes);
		else if (is_xen(&n) && n.type == PVHLOAD_XEN_NOTE_GUEST_OS)
			read_guest_os(n.desc, notes);
		else if (is_owner(&n, LINUX_NOTE_NAME, sizeof(LINUX_NOTE_NAME)))
			notes->owner_linux = true;
		offset = n.next;
	}
	/* The last note's own padding may be cut off. */
	return offset - bytes.size < align;
}

void pvl_notes_scan(struct pvl_span bytes, uint64_t align, struct pvl_notes *notes)
{
	struct pvl_notes by4 = *notes, by8 = *notes;

	/*
	 * Padding is 4 bytes in practice even in ELF64, whatever p_align says; where p_align is 8
	 * and 4 leads nowhere, the segment may really be padded to 8, as gABI has it for ELF64.
	 */
	if (walk(bytes, 4, &by4) || align != 8)
		*notes = by4;
	else if (walk(bytes, 8, &by8) || !by4.has_entry)
		*notes = by8;
	else
		*notes = by4;
}
