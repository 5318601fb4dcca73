/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The device tree of a guest, for the planner: made before anything has a place, as its size and what it says of memory
 * depend on no address.  The initrd's is filled in when it is known.
 */
#ifndef PVL_FDT_FDT_H
#define PVL_FDT_FDT_H

#include "fdt/fdt_scan.h"
#include "memory/memmap.h"

/* What goes into a tree. */
struct pvl_fdt_wanted {
	const struct pvhload_fdt *fdt;       /* the caller's: it is checked here */
	const char *cmdline;                 /* NULL is the same as "" */
	const struct pvhload_memmap *memmap; /* for PVHLOAD_FDT_WRITE_MEMORY; may be NULL without */
	bool has_initrd;
};

/* The tree that is made.  Not to be copied by bytes of others: its facts point into it. */
struct pvl_fdt {
	uint8_t *bytes;
	size_t size; /* what it takes in the guest, exactly; free bytes for a firmware included */
	/*
	 * What it says: the effective command line, whose length is for the protocol to judge; banks of memory, sorted, those
	 * that touch joined; reservations, of which the last is the initrd that the caller's tree has, if there is none
	 * besides.
	 */
	struct pvl_fdt_facts facts;
};

/*
 * Check the caller's tree, and make the guest's; *@ret begins as zeros, and is to be freed in any case.  The statuses are
 * those of pvhload_fdt_edit().  Errors that are about the tree are about PVHLOAD_SUBJECT_FDT.
 */
enum pvhload_status pvl_fdt_make(const struct pvl_fdt_wanted *wanted, struct pvl_fdt *ret,
				 struct pvhload_error *err);

/* Say where the initrd is, if pvl_fdt_wanted::has_initrd was true: [@initrd.start, @initrd.end). */
void pvl_fdt_set_initrd(struct pvl_fdt *fdt, struct pvl_range initrd);

/* True if the banks of memory have every byte of @range. */
bool pvl_fdt_in_memory(const struct pvl_fdt *fdt, struct pvl_range range);

/* Zeros the bytes first: they may have seeds in them. */
void pvl_fdt_free(struct pvl_fdt *fdt);

#endif
