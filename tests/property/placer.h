/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A planner by the rules of boot.h alone: the same order of claims, over free space that is kept in
 * another way.  It calls nothing of the library.  What it finds is what a plan has to say; where it
 * finds nothing, there is nothing.
 */
#ifndef PROPERTY_PLACER_H
#define PROPERTY_PLACER_H

#include "free_space.h"
#include "scene.h"

/* A set of statuses. */
#define BIT(status) (UINT64_C(1) << (status))
#define NO_PLACE    (BIT(PVHLOAD_E_RANGE) | BIT(PVHLOAD_E_OVERLAP) | BIT(PVHLOAD_E_NO_ROOM))

/* One method to boot. */
struct method {
	uint32_t protocol;
	uint32_t decompress; /* PVHLOAD_DECOMPRESS_HOST or _GUEST; 0 for an ELF file */
};

struct placed {
	uint32_t kind;
	uint32_t index;
	uint64_t gpa;
	uint64_t size;
};

#define PLACED_MAX 128u

/* What is placed when: the next, where something had no room beside what could be elsewhere. */
enum kernel_goes { KERNEL_OWN, KERNEL_LOW, KERNEL_HIGH };
struct order {
	bool by_size; /* the largest file first */
	bool files_first;
	enum kernel_goes kernel;
	/* of a search, and no order of boot.h's */
	uint64_t kernel_at; /* where the kernel is put, whatever would be usual; 0: there */
	size_t first_file;  /* the file, from 1 on, that goes before the others; 0: none */
};

/* A plan, or what stands against it. */
struct outcome {
	uint64_t refusals; /* a set of statuses, one of which is the planner's; 0: it can be */
	struct order order;
	bool kernel_moves;                /* it has a place, and could have another */
	struct placed placed[PLACED_MAX]; /* by address */
	size_t count;
	uint64_t last; /* where the last of them went */
	struct free_space ram;
	struct free_space space;
	uint64_t why; /* the status of the last claim that failed */
	uint64_t kernel_gpa;
	uint64_t entry;
	uint64_t alignment; /* bzImage: kernel_alignment as the kernel is to see it */
	uint64_t tables_size;
	uint64_t tree_size;
	uint64_t
		files_end; /* PVH and Multiboot: where they end at or below; the latter has 32 bits for it */
	uint64_t files_min; /* Multiboot: the kernel's end, when it is placed */
};

/* Try this way. */
void placer_run(const struct scene *s, struct method method, struct outcome *o);

/* The same in one order. */
void placer_try(const struct scene *s, struct method method, struct order order, struct outcome *o);

/*
 * After a refusal for lack of room: is there a place of the kernel, any at all, or another file to go
 * first, with which everything else has a place?  Where there are too many places to try, those at the
 * ends of free ranges and some between.
 */
bool placer_search(const struct scene *s, struct method method, struct outcome *o);

/* Where the kernel may be moved to, whatever is there; false if nowhere. */
bool kernel_moves(const struct scene *s, struct method method, struct want *want);

/* The methods that the caller leaves open, in the order in which they are tried. */
#define METHODS_MAX 6u
size_t placer_methods(const struct scene *s, struct method methods[METHODS_MAX]);

/* Is the guest Linux? */
bool guest_is_linux(const struct scene *s);

/* The rules that have nothing to do with places: the statuses that break one. */
uint64_t placer_rules(const struct scene *s, struct method method);

/* The kernel; after memmap=exactmap in what that leaves. */
bool place_kernel(const struct scene *s, struct method method, struct outcome *o);

/* Cut what the command line takes away out of the free space. */
void take_away(const struct scene *s, struct outcome *o);

/* Leave of @space what memmap=exactmap leaves; false, and all of it, if there is no such word. */
bool only_given(const struct scene *s, struct free_space *space);

/* What Linux has for RAM, by map and command line. */
void linux_ram(const struct scene *s, struct free_space *ram);

/* Does memmap=exactmap leave a map of too few entries? */
bool too_few_words(const struct scene *s);

/* May a kernel that decodes itself go over what is kept free, or over the RSDP? */
bool may_move_over(const struct scene *s);

/* Is the bzImage loaded as it is? */
static inline bool loads_bzimage(const struct scene *s, struct method method)
{
	return s->image->is_bzimage && method.decompress == PVHLOAD_DECOMPRESS_GUEST;
}

/* Claim it there: false, and @o->why, if it does not fit. */
bool place_at(struct outcome *o, struct placed what, const struct want *want, uint64_t gpa);

/* It is free; or else @o->why. */
bool is_free(struct outcome *o, uint64_t start, uint64_t end);

/* The lowest or highest place for it; or else @o->why. */
bool find_lowest(struct outcome *o, const struct want *want, uint64_t *gpa);
bool find_highest(struct outcome *o, const struct want *want, uint64_t *gpa);

/* Returns false. */
bool refuse(struct outcome *o, uint64_t why);

/* The parts; false if something has no place. */
bool place_pvh(const struct scene *s, struct method method, struct outcome *o);
bool place_linux(const struct scene *s, struct method method, struct outcome *o);
bool place_elf(const struct scene *s, struct method method, struct outcome *o);
bool place_bzimage(const struct scene *s, struct method method, struct outcome *o);

/* The same of a flat Image, whose kernel may move or not. */
bool flat_kernel_moves(const struct scene *s, struct want *want);
uint64_t flat_rules(const struct scene *s, struct method method);
bool place_flat(const struct scene *s, struct outcome *o);

/* What stands against the places that @o has for all of it. */
uint64_t flat_refusals(const struct scene *s, const struct outcome *o);

/* The same of Multiboot. */
bool is_multiboot(uint32_t protocol);
const struct model_multiboot *multiboot_of(const struct scene *s, uint32_t protocol);
uint64_t multiboot_rules(const struct scene *s, struct method method);
uint64_t multiboot_refusals(const struct scene *s, const struct outcome *o);
bool place_multiboot(const struct scene *s, struct method method, struct outcome *o);

/* Initrd and modules: those with a fixed place, or the others. */
bool place_pvh_files(const struct scene *s, struct outcome *o, bool fixed);

/* A structure: at @fixed; or, if that is 0, at @usual, or as low as it fits. */
bool place_structure(struct outcome *o, struct placed what, struct want want, uint64_t fixed,
		     uint64_t usual);

/* A file, as high as it fits. */
bool place_file(struct outcome *o, struct placed what, uint64_t limit);

/* Where a region of this kind has been placed, or 0. */
uint64_t placed_gpa(const struct outcome *o, uint32_t kind);

#endif
