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
			(char)(desc.data[n] >= 0x20 && desc.data[n] < 0x7f ? desc.data[n] : '?');
	notes->guest_os[n] = '\0';
	notes->has_guest_os = true;
}

/* Keep the problem that tells most, and of those the first. */
static void blame(struct pvl_note_problem *problem, enum pvl_note_fault fault, uint64_t offset,
		  uint64_t value)
{
	if (problem->fault == PVL_NOTE_FINE || fault < problem->fault)
		*problem = (struct pvl_note_problem){ fault, offset, value };
}

static void blame_both(struct pvl_notes *notes, enum pvl_note_fault fault, uint64_t offset,
		       uint64_t value)
{
	blame(&notes->entry_problem, fault, offset, value);
	blame(&notes->reloc_problem, fault, offset, value);
}

/* One address, 4 bytes (i386) or 8 (x86-64), below 4 GiB. */
static void take_entry(struct pvl_span desc, uint64_t offset, struct pvl_notes *notes)
{
	uint32_t low = 0, high = 0;

	if (notes->has_entry)
		return;
	if (desc.size != 4 && desc.size != 8) {
		blame(&notes->entry_problem, PVL_NOTE_SIZE, offset, desc.size);
		return;
	}
	(void)pvl_span_le32(desc, 0, &low);
	(void)pvl_span_le32(desc, 4, &high); /* stays 0 in a note of 4 bytes */
	if (high != 0) {
		blame(&notes->entry_problem, PVL_NOTE_VALUE, offset, (uint64_t)high << 32 | low);
		return;
	}
	notes->entry = low;
	notes->has_entry = true;
}

/* Up to three words; a note of another size, or with an alignment that is none, is ignored. */
static void take_reloc(struct pvl_span desc, uint64_t offset, struct pvl_notes *notes)
{
	if (notes->has_reloc)
		return;
	if (desc.size > 12 || desc.size % 4 != 0) {
		blame(&notes->reloc_problem, PVL_NOTE_SIZE, offset, desc.size);
		return;
	}
	for (unsigned int i = 0; i < desc.size / 4; i++)
		(void)pvl_span_le32(desc, (uint64_t)4 * i, &notes->reloc[i]);
	if ((notes->reloc[0] & (notes->reloc[0] - 1)) != 0)
		blame(&notes->reloc_problem, PVL_NOTE_VALUE, offset, notes->reloc[0]);
	notes->reloc_words = (unsigned int)(desc.size / 4);
	notes->has_reloc = true;
}

static void take_xen(const struct note *n, uint64_t offset, struct pvl_notes *notes)
{
	if (n->type == PVHLOAD_XEN_NOTE_PHYS32_ENTRY)
		take_entry(n->desc, offset, notes);
	else if (n->type == PVHLOAD_XEN_NOTE_PHYS32_RELOC)
		take_reloc(n->desc, offset, notes);
	else if (n->type == PVHLOAD_XEN_NOTE_GUEST_OS)
		read_guest_os(n->desc, notes);
}

/* One that is Xen's but for the NUL, which n_namesz has to count. */
static void blame_owner(const struct note *n, uint64_t offset, struct pvl_notes *notes)
{
	if (n->type == PVHLOAD_XEN_NOTE_PHYS32_ENTRY)
		blame(&notes->entry_problem, PVL_NOTE_OWNER, offset, n->name.size);
	else if (n->type == PVHLOAD_XEN_NOTE_PHYS32_RELOC)
		blame(&notes->reloc_problem, PVL_NOTE_OWNER, offset, n->name.size);
}

static void take_note(const struct note *n, uint64_t offset, struct pvl_notes *notes)
{
	if (is_xen(n))
		take_xen(n, offset, notes);
	else if (is_owner(n, PVHLOAD_XEN_NOTE_NAME, sizeof(PVHLOAD_XEN_NOTE_NAME) - 1))
		blame_owner(n, offset, notes);
	else if (is_owner(n, LINUX_NOTE_NAME, sizeof(LINUX_NOTE_NAME)))
		notes->owner_linux = true;
}

static bool is_zero(struct pvl_span bytes, uint64_t offset)
{
	for (uint64_t i = offset; i < bytes.size; i++)
		if (bytes.data[i] != 0)
			return false;
	return true;
}

/* Walk with one padding.  True if the last note ends where the span does. */
static bool walk(const struct pvl_notes_part *part, uint64_t align, struct pvl_notes *notes)
{
	const struct pvl_span bytes = part->bytes;
	uint64_t offset = 0;

	/* Every note has at least its header, so the span's size bounds the loop. */
	while (offset < bytes.size) {
		struct note n;

		if (!read_note(bytes, offset, align, &n)) {
			if (bytes.size == part->size && !is_zero(bytes, offset))
				blame_both(notes, PVL_NOTE_DAMAGED, part->offset + offset, 0);
			return false;
		}
		take_note(&n, part->offset + offset, notes);
		offset = n.next;
	}
	/* The last note's own padding may be cut off. */
	return offset - bytes.size < align;
}

void pvl_notes_scan(const struct pvl_notes_part *part, struct pvl_notes *notes)
{
	struct pvl_notes by4 = *notes, by8 = *notes;

	/*
	 * Padding is 4 bytes in practice even in ELF64, whatever p_align says; where p_align is 8
	 * and 4 leads nowhere, the segment may really be padded to 8, as gABI has it for ELF64.
	 */
	if (walk(part, 4, &by4) || part->align != 8)
		*notes = by4;
	else if (walk(part, 8, &by8) || (by8.has_entry && !by4.has_entry))
		*notes = by8;
	else
		*notes = by4;
	if (part->bytes.size < part->size)
		blame_both(notes, PVL_NOTE_CUT, part->offset, part->bytes.size);
}

#define SAYS_OF_ANY(name)                                                                   \
	[PVL_NOTE_OWNER] = "its " name " note at offset 0x%" PRIx64                         \
			   " has the owner \"Xen\" without a NUL (n_namesz %" PRIu64 ")",   \
	[PVL_NOTE_DAMAGED] = "it has no " name " note before offset 0x%" PRIx64             \
			     ", where a damaged note ends the search",                      \
	[PVL_NOTE_CUT] =                                                                    \
		"it has no " name " note in what is read of its notes at offset 0x%" PRIx64 \
		", %" PRIu64 " bytes"

static const char *const entry_says[] = {
	SAYS_OF_ANY("PHYS32_ENTRY"),
	[PVL_NOTE_SIZE] = "its PHYS32_ENTRY note at offset 0x%" PRIx64 " holds %" PRIu64
			  " bytes, neither 4 nor 8",
	[PVL_NOTE_VALUE] =
		"its PHYS32_ENTRY note at offset 0x%" PRIx64 " names 0x%" PRIx64 ", above 4 GiB",
};

static const char *const reloc_says[] = {
	SAYS_OF_ANY("PHYS32_RELOC"),
	[PVL_NOTE_SIZE] = "its PHYS32_RELOC note at offset 0x%" PRIx64 " holds %" PRIu64
			  " bytes, not 0, 4, 8 or 12",
	[PVL_NOTE_VALUE] = "its PHYS32_RELOC note at offset 0x%" PRIx64
			   " has the alignment 0x%" PRIx64 ", no power of two",
};

static void say(const struct pvl_note_problem *problem, const char *const *says, char *text,
		size_t size)
{
	text[0] = '\0';
	if (problem->fault != PVL_NOTE_FINE)
		snprintf(text, size, says[problem->fault], problem->offset, problem->value);
}

void pvl_note_say_entry(const struct pvl_note_problem *problem, char *text, size_t size)
{
	say(problem, entry_says, text, size);
}

void pvl_note_say_reloc(const struct pvl_note_problem *problem, char *text, size_t size)
{
	say(problem, reloc_says, text, size);
}
