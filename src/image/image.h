/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* An opened image, as the format parsers fill it and the planner reads it. */
#ifndef PVL_IMAGE_IMAGE_H
#define PVL_IMAGE_IMAGE_H

#include <stdatomic.h>

#include <pvhload/image.h>

#include "core/callbacks.h"
#include "image/elf_note.h"
#include "source/source.h"

struct pvl_format;

#define PVL_GUEST_REASON_SIZE 64u

/* Bytes of what is wrong with a Multiboot header, the NUL included; and the versions that there are. */
#define PVL_MULTIBOOT_PROBLEM_SIZE 128u
#define PVL_MULTIBOOT_VERSIONS     2u

/* A Multiboot header, and what its view points to. */
struct pvl_multiboot {
	struct pvhload_image_multiboot view;
	struct pvhload_image_multiboot_address address;
	struct pvhload_image_multiboot_reloc reloc;
	struct pvhload_image_elf loads; /* by the address fields: the one segment */
	struct pvhload_image_segment segment;
	const struct pvhload_image_segment *list[1];
	char problem[PVL_MULTIBOOT_PROBLEM_SIZE];
};

/* Only the atomic members at the end change after opening, so any thread may read an image. */
struct pvhload_image {
	atomic_uint references; /* by the caller, the image whose payload it is, and plans */
	const struct pvl_format *format;
	struct pvl_source source;
	struct pvhload_image_info info;
	uint64_t decode_limit;
	struct pvhload_progress progress; /* of decoding; its callback may be NULL */
	struct pvhload_pool pool;         /* likewise its run */

	/* What info points to, where the image is of that format. */
	struct pvhload_image_elf elf;
	struct pvhload_image_pvh pvh;
	struct pvhload_image_pvh_reloc pvh_reloc;
	struct pvhload_image_bzimage bzimage;
	struct pvhload_image_flat flat;
	struct pvl_multiboot multiboot[PVL_MULTIBOOT_VERSIONS];
	struct pvhload_image_uki uki;
	struct pvhload_image_firmware firmware;
	struct pvhload_image_part part; /* the payload */
	const struct pvhload_image_part *part_list[1];

	struct pvhload_image_part *sections;               /* a UKI's parts, ours to free */
	const struct pvhload_image_part **section_list;    /* info.parts, ours to free */
	struct pvhload_image_segment *segments;            /* ours to free, with */
	const struct pvhload_image_segment **segment_list; /* elf.segments */
	char guest_reason
		[PVL_GUEST_REASON_SIZE]; /* what info points to, where it is not constant */
	const char *not_kernel;          /* ELF: what it is instead, or NULL */
	bool entry_is_virtual; /* ELF: its entry is in a segment by p_vaddr, and in none by p_paddr */
	uint64_t
		physical_entry; /* ELF: its entry, taken for a virtual address of a segment if there is such */
	char pvh_problem[PVL_NOTE_PROBLEM_SIZE];   /* why there is no entry note, or "" */
	char reloc_problem[PVL_NOTE_PROBLEM_SIZE]; /* the same of the PHYS32_RELOC note */
	uint64_t elf_end;        /* ELF: end of the file proper, before relocation tables; 0
				    unknown */
	uint64_t version_offset; /* bzImage: offset of the version text; 0 without one */
	/* bzImage: from PVHLOAD_SETUP_HEADER_OFFSET on, as in the file. */
	uint8_t setup_header[PVHLOAD_SETUP_HEADER_ROOM];
	size_t setup_header_size; /* 0 without one */

	uint64_t
		trailer_offset; /* where the decoded size of the payload is: in a bzImage, or zboot */

	uint8_t *decoded; /* of a payload: the bytes that source views, ours to free */

	/* The same bytes as the source's, in a sealed memfd; NULL until the image is shared. */
	_Atomic(struct pvl_source *) shared;
	_Atomic(struct pvhload_image *) payload; /* NULL until it is decoded */
	_Atomic(struct pvhload_error *) failure; /* set once decoding has failed for good */
};

/*
 * Add or drop a reference; the last one frees the image.  A payload holds no reference to its
 * image.  Any thread may call these.
 */
struct pvhload_image *pvl_image_ref(struct pvhload_image *image);
void pvl_image_unref(struct pvhload_image *image);

/* The first bytes of the source, read once for all probes; of a bzImage maybe those at the start of its payload, too. */
#define PVL_HEAD_SIZE 2048u
#define PVL_HEAD_MORE 16u
struct pvl_head {
	uint8_t bytes[PVL_HEAD_SIZE];
	size_t size;
	uint64_t more_at; /* in the source */
	uint8_t more[PVL_HEAD_MORE];
	size_t more_size; /* 0: none */
};

enum pvhload_status pvl_head_read(const struct pvl_source *source, struct pvl_head *ret,
				  struct pvhload_error *err);

/* Read @len bytes from @offset, from @head if they are there.  The range is inside the source. */
enum pvhload_status pvl_image_fetch(const struct pvhload_image *image, const struct pvl_head *head,
				    uint64_t offset, void *dst, uint64_t len,
				    struct pvhload_error *err);

/* Fail because the bytes at @offset are not what they were when the image was opened. */
enum pvhload_status pvl_image_changed(struct pvhload_error *err, uint64_t offset);

/* Open what is in @part, a kernel, as an image of its own, to be dropped by pvl_image_unref(). */
enum pvhload_status pvl_image_open_kernel(const struct pvhload_image *image,
					  const struct pvhload_image_part *part,
					  struct pvhload_image **ret, struct pvhload_error *err);

/* Add image->part to the parts in the info. */
void pvl_image_set_part(struct pvhload_image *image);

/* The part that pvhload_image_decode() decodes; NULL if there is none. */
static inline const struct pvhload_image_part *
pvl_image_payload_part(const struct pvhload_image_info *info)
{
	return info->part_count > 0 ? info->parts[0] : NULL;
}

/* True if a bzImage's init_size is less than the declared decoded size of its payload. */
bool pvl_bzimage_lacks_room(const struct pvhload_image_info *info);

/* True if @gpa is where bytes of the file are loaded. */
bool pvl_loads_bytes_at(const struct pvhload_image_elf *loads, uint64_t gpa);

/* True if @entry is in the file bytes of a segment, and so may be code. */
bool pvl_image_has_code_at(const struct pvhload_image *image, uint64_t entry);

/* Do the bytes that an ELF file loads have Linux's version text? */
enum pvhload_status pvl_image_has_banner(const struct pvhload_image *image, bool *ret,
					 struct pvhload_error *err);

/* Those of the image itself, and where it has none, those of @given, which may be NULL. */
struct pvl_callbacks pvl_image_callbacks(const struct pvhload_image *image,
					 const struct pvl_callbacks *given);

/*
 * Decode the payload, if there is one and it is not decoded yet.  Of @callbacks, which may be NULL, those are used that
 * the image has none of itself.
 */
enum pvhload_status pvl_image_decode(struct pvhload_image *image,
				     const struct pvl_callbacks *callbacks,
				     struct pvhload_error *err);

/* From @image's payload to *@ret, an image of its own, to be dropped by pvl_image_unref(). */
typedef enum pvhload_status pvl_payload_step(const struct pvhload_image *image,
					     const struct pvl_callbacks *callbacks,
					     struct pvhload_image **ret, struct pvhload_error *err);

/* The usual one: it is decoded to the heap. */
pvl_payload_step pvl_payload_to_heap;

/* As pvl_image_decode(), by another step. */
enum pvhload_status pvl_image_decode_by(struct pvhload_image *image, pvl_payload_step *step,
					const struct pvl_callbacks *callbacks,
					struct pvhload_error *err);

/* Open what the payload of @image was decoded to; to be dropped by pvl_image_unref(). */
enum pvhload_status pvl_payload_open_kernel(const struct pvhload_image *image,
					    const struct pvhload_source *source,
					    struct pvhload_image **ret, struct pvhload_error *err);

/*
 * Of a compressed file, a UKI or an EFI zboot image, the kernel image in it, decoded if it has not been; any other image
 * itself.  The payload of a bzImage is not decoded.
 */
enum pvhload_status pvl_image_decode_file(struct pvhload_image *image,
					  const struct pvl_callbacks *callbacks,
					  struct pvhload_image **ret, struct pvhload_error *err);

/* Fail if it is for a machine that no boot protocol here is for. */
enum pvhload_status pvl_image_check_machine(const struct pvhload_image *image,
					    struct pvhload_error *err);

static inline bool pvl_image_has_multiboot(const struct pvhload_image *image)
{
	return image->info.multiboot1 || image->info.multiboot2;
}

/* Where the bytes of its segments are best read from. */
static inline const struct pvl_source *pvl_image_source(const struct pvhload_image *image)
{
	const struct pvl_source *shared = image->shared;

	return shared ? shared : &image->source;
}

/* The image whose segments are loaded: the last payload that was decoded, or @image itself. */
const struct pvhload_image *pvl_image_kernel(const struct pvhload_image *image);

#endif
