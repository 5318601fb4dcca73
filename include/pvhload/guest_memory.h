/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Guest memory: how the library reaches the VMM's RAM.
 *
 * A VMM either fills in a table of callbacks, or uses one of the three stock backends of this file and
 * writes no callback at all.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is kept.  Calls may run in parallel on different memories.  The backends' tables are constant
 * and live as long as the library is loaded.
 *
 * @par ABI source
 * None: bytes are copied.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_GUEST_MEMORY_H
#define PVHLOAD_GUEST_MEMORY_H

#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/range.h>
#include <pvhload/region.h>

PVHLOAD_BEGIN_DECLS

/** Every address and length given to @c map_file is a multiple of this many bytes. */
#define PVHLOAD_MAP_FILE_ALIGN 4096u

/**
 * The callbacks.
 *
 * Rules for all of them:
 * - Addresses are guest-physical, lengths are bytes and never 0.  The library checks before it calls
 *   that every byte of the range is RAM in the memory's map, or, while a firmware is written, in a ROM of the
 *   memory's.  A range may span several of the VMM's own slots.
 * - They are called one at a time, only during a call to the library and from the thread that made
 *   it.  They must not call the library with the objects of that call, and must return: no longjmp,
 *   no C++ exception.
 * - Those that return an @c int return 0 when the whole range is done.  Any other value ends the
 *   call with PVHLOAD_E_CALLBACK and is passed on in pvhload_error::cause.  (@c map_file can also
 *   decline, see there.)
 * - Pointers given to a callback are valid until it returns, unless it says otherwise.
 */
struct pvhload_memory_ops {
	size_t struct_size; /**< sizeof(struct pvhload_memory_ops) */

	/** Required.  Copy @p len bytes from @p src to the guest. */
	int (*write)(void *user, uint64_t gpa, const void *src, size_t len);

	/** Copy @p len bytes from the guest to @p dst.  Required by the functions that read. */
	int (*read)(void *user, uint64_t gpa, void *dst, size_t len);

	/** Optional.  Make @p len bytes zero.  If it is NULL, zeros are written by @c write. */
	int (*zero)(void *user, uint64_t gpa, uint64_t len);

	/**
	 * Optional.  Return a pointer to the @p len bytes at @p gpa, readable and writable until
	 * the library's call returns; or NULL if they are not contiguous in host memory: the
	 * library then asks for smaller parts, or uses @c write.  With this callback, files are
	 * read straight into guest memory, without a copy in between.
	 */
	void *(*host_ptr)(void *user, uint64_t gpa, uint64_t len);

	/**
	 * Optional, to avoid copying.  Map @p len bytes of the file @p fd, from @p offset on, into
	 * the guest at @p gpa; all three are multiples of PVHLOAD_MAP_FILE_ALIGN.  Guest writes
	 * must not reach the file (MAP_PRIVATE).  Return 0 when done, or a positive value to
	 * decline: the library then copies the range.  A negative value is a failure.
	 *
	 * A VMM that sets this callback makes sure that the file is neither truncated nor changed
	 * while the guest runs: a page that is gone is a SIGBUS, and one that changes is changed in the guest
	 * as long as that has not written to it.  Of the stock backends only those of slots with
	 * PVHLOAD_RAM_SLOT_MAP map, and only files that are sealed against both.
	 */
	int (*map_file)(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len);

	/**
	 * Optional.  Called before the first write to a region, with what is written next: the
	 * kernel, an initrd, the start info.  A VMM that measures what it loads starts a new
	 * measurement here.  Every write, zero, host_ptr and map_file of a region comes after its
	 * begin_region and before that of the next region.  A region that nothing is written to is
	 * not announced.  pvhload_plan_commit(), pvhload_boot_load(), pvhload_linux_write(),
	 * pvhload_pvh_write() and pvhload_image_load() call this; by pvhload_boot_load() the kernel may be
	 * in guest memory before the first region is announced, see there.
	 */
	int (*begin_region)(void *user, const struct pvhload_plan_region *region);
};

/** Initialiser for a struct pvhload_memory_ops. */
#define PVHLOAD_MEMORY_OPS_INIT PVHLOAD_SIZED_(pvhload_memory_ops)

/**
 * The RAM is fresh and reads as zero, so .bss and padding are not written and their pages stay
 * untouched, as do pages of zeros in what is copied by @c host_ptr from host memory, or from a file that cannot change.
 * Do not set it for memory that a guest or an earlier commit has written, as at a reboot.  It says nothing of ROM, which
 * is always written whole.
 */
#define PVHLOAD_MEMORY_ZEROED 0x1u

/**
 * Of what @c map_file could map, only what the guest will not write soon is: segments of an ELF kernel without
 * PVHLOAD_SEGMENT_WRITE.  The rest is copied, so that the guest has no page to copy at its first write.  What the guest gets
 * is the same; docs/sharing.md has what real kernels write.  Without @c map_file, the flag changes nothing.
 *
 * @since 0.3
 */
#define PVHLOAD_MEMORY_MAP_STEADY 0x2u

/** A guest's memory: the callbacks, the RAM that they reach, and what is known about it. */
struct pvhload_memory {
	size_t struct_size;                   /**< sizeof(struct pvhload_memory) */
	const struct pvhload_memory_ops *ops; /**< required */
	void *user;                           /**< passed to the callbacks unchanged */
	/**
	 * What is RAM: nothing outside the map's entries of type RAM, and @c roms, is read or written.  May be
	 * NULL for pvhload_plan_commit() and pvhload_boot_load(), which then use the plan's own map, and for
	 * pvhload_pvh_write() and pvhload_linux_write(), which then use that of their parameters.
	 */
	const struct pvhload_memmap *memmap;
	uint32_t flags;    /**< PVHLOAD_MEMORY_* */
	uint32_t reserved; /**< 0 */
	/**
	 * What is ROM for the guest, and the VMM's to fill: besides RAM, the one target of writes, and of regions of the
	 * kinds PVHLOAD_REGION_FIRMWARE and _FIRMWARE_ALIAS alone, each of which has to lie in one of these ranges as
	 * a whole.  None may overlap RAM of the map.  Used by pvhload_plan_commit() and pvhload_boot_load(); if this and @c memmap
	 * are NULL, they use the plan's.  @since 0.3
	 */
	const struct pvhload_range *roms;
	size_t rom_count; /**< how many.  @since 0.3 */
};

/** Initialiser for a struct pvhload_memory. */
#define PVHLOAD_MEMORY_INIT PVHLOAD_SIZED_(pvhload_memory)

/**
 * A slot's RAM is fresh and reads as zero, see PVHLOAD_MEMORY_ZEROED: the backend's @c zero skips it.
 * This is about the state before the first write.  Clear the flag before memory that a guest, or an
 * earlier commit, has written is used again.
 */
#define PVHLOAD_RAM_SLOT_ZEROED 0x1u

/**
 * The guest can only read the slot, so nothing can be loaded there: the backend reads it, and
 * refuses writing and zeroing with PVHLOAD_MEMORY_ROM.
 */
#define PVHLOAD_RAM_SLOT_ROM 0x2u

/**
 * With PVHLOAD_RAM_SLOT_ROM: a firmware is loaded there, so that the backend writes to the slot.  @c begin_region
 * returns PVHLOAD_MEMORY_ROM for a region of another kind than PVHLOAD_REGION_FIRMWARE and _FIRMWARE_ALIAS that has a
 * byte in it; zeroing is refused as without this flag.
 *
 * @since 0.3
 */
#define PVHLOAD_RAM_SLOT_FIRMWARE 0x4u

/**
 * The slot is private anonymous memory whose pages may be replaced: @c map_file maps files into it, copy-on-write, if
 * they are memfds without holes, sealed with F_SEAL_WRITE and F_SEAL_SHRINK, as pvhload_image_share() makes them.  Any
 * other file is copied, as is what does not begin and end at pages of the host, what reaches into another slot, and all
 * that goes to a ROM; so is everything where the mapping fails.
 *
 * What is mapped is the guest's to write, page by page, and no other guest sees that; a KVM memory slot, or another
 * process's view of this one's memory, needs no change.  But the pages that were there are gone, with what was
 * asked for them: commit before the memory is locked, pinned for a device (VFIO), registered with userfaultfd, or given
 * advice or a policy by madvise() or mbind(), or ask once more.  Pages that the VMM gives back later, as for a
 * balloon, read as the file's bytes after MADV_DONTNEED, not as zeros.  Not for memory that another process shares, nor
 * for hugetlb pages.
 *
 * @since 0.3
 */
#define PVHLOAD_RAM_SLOT_MAP 0x8u

/** One range of guest RAM in the VMM's address space, as a KVM memory slot has it. */
struct pvhload_ram_slot {
	uint64_t gpa;  /**< first guest-physical address */
	uint64_t size; /**< bytes; gpa + size does not wrap */
	void *host; /**< where the VMM has it mapped, readable and, unless ROM without firmware, writable */
	uint32_t flags;       /**< PVHLOAD_RAM_SLOT_* */
	uint32_t reserved[3]; /**< 0 */
};

/** A table of slots, for pvhload_ram_slots_ops(). */
struct pvhload_ram_slots {
	size_t struct_size;                   /**< sizeof(struct pvhload_ram_slots) */
	const struct pvhload_ram_slot *slots; /**< in any order, not overlapping */
	size_t count;                         /**< slots in the table */
};

/** Initialiser for a struct pvhload_ram_slots. */
#define PVHLOAD_RAM_SLOTS_INIT PVHLOAD_SIZED_(pvhload_ram_slots)

/** Most slots that pvhload_memmap_x86_slots() makes. */
#define PVHLOAD_X86_SLOTS_MAX 2u

/**
 * The slots of an x86 PC whose RAM the VMM has mapped as one range: one slot at address 0 for the RAM below
 * the 32-bit hole and, if there is more, one at the hole's end for the rest.
 *
 * They cover the whole of @c ram_size, [ebda_gpa, 1 MiB) included, which pvhload_memmap_init_x86()
 * leaves out of the map: the VMM's ACPI tables lie there.
 *
 * @param[in]  x86        The RAM, as for pvhload_memmap_init_x86().
 * @param[in]  host       Where its @c ram_size bytes are mapped.  If NULL, every slot's @c host is NULL; the
 *                        second slot then starts at offset slots[0].size of the RAM.
 * @param[in]  flags      PVHLOAD_RAM_SLOT_*, for each of them.
 * @param[out] slots      Filled on success only.
 * @param[in]  capacity   Elements of @p slots; PVHLOAD_X86_SLOTS_MAX always suffices.
 * @param[out] ret_count  How many there are: 1 or 2.  Written on success only.
 * @param[out] err        May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The slots are made, the lower one first.
 * @retval PVHLOAD_E_USAGE     A pointer other than @p host is NULL, or @p x86 is not one that
 *                             pvhload_memmap_init_x86() takes.
 * @retval PVHLOAD_E_CAPACITY  @p capacity is too small; the message says how many slots it takes.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memmap_x86_slots(const struct pvhload_memmap_x86 *x86, void *host, uint32_t flags,
			 struct pvhload_ram_slot *slots, size_t capacity, size_t *ret_count,
			 struct pvhload_error *err);

/** One range of guest RAM in a file. */
struct pvhload_ram_file_slot {
	uint64_t gpa;         /**< first guest-physical address */
	uint64_t size;        /**< bytes; gpa + size does not wrap */
	uint64_t offset;      /**< where the range starts in the file */
	uint32_t flags;       /**< PVHLOAD_RAM_SLOT_* */
	uint32_t reserved[3]; /**< 0 */
};

/** Guest RAM in a file, for pvhload_ram_file_ops(): a memfd or a shared RAM file. */
struct pvhload_ram_file {
	size_t struct_size;                        /**< sizeof(struct pvhload_ram_file) */
	const struct pvhload_ram_file_slot *slots; /**< in any order, not overlapping */
	size_t count;                              /**< slots in the table */
	int32_t fd;                                /**< open for reading and writing, seekable */
	uint32_t reserved;                         /**< 0 */
};

/** Initialiser for a struct pvhload_ram_file. */
#define PVHLOAD_RAM_FILE_INIT PVHLOAD_SIZED_(pvhload_ram_file)

/**
 * A stock backend returns this if a byte of the range lies in no slot, or in one without a @c host, or if the table is
 * unusable: it is NULL, has a wrong size, or one of its slots has an unknown flag, PVHLOAD_RAM_SLOT_FIRMWARE without
 * _ROM, _MAP in a file, or a reserved member that is not 0.  It reaches the caller in pvhload_error::cause, and the
 * message has this name.
 */
#define PVHLOAD_MEMORY_NO_SLOT (-4096)

/**
 * A stock backend returns this if it was to write or zero a byte of a PVHLOAD_RAM_SLOT_ROM slot, but for a firmware in
 * one with PVHLOAD_RAM_SLOT_FIRMWARE; no byte was written.  It reaches the caller in pvhload_error::cause, and the
 * message has this name.
 */
#define PVHLOAD_MEMORY_ROM (-4097)

/**
 * Stock backend: RAM in one slot, in the VMM's address space.
 *
 * pvhload_memory::user must point to the caller's struct pvhload_ram_slot.
 *
 * @return  Callbacks write, read, zero, host_ptr, begin_region and, where there is an operating system, map_file.  Never
 *          NULL.
 */
PVHLOAD_API const struct pvhload_memory_ops *pvhload_ram_flat_ops(void);

/**
 * Stock backend: RAM in several slots with holes between them, in the VMM's address space.
 *
 * pvhload_memory::user must point to the caller's struct pvhload_ram_slots.  A range that crosses
 * from one slot into the next is copied in parts; host_ptr has pointers for ranges inside one slot.
 *
 * @return  As of pvhload_ram_flat_ops().  Never NULL.
 */
PVHLOAD_API const struct pvhload_memory_ops *pvhload_ram_slots_ops(void);

/**
 * Stock backend: RAM in a file.
 *
 * pvhload_memory::user must point to the caller's struct pvhload_ram_file.  The file must be as large
 * as its slots say.  It is accessed by pwrite() and pread(); its position is not changed.  Zeroing
 * punches a hole where the file system can, and writes zeros elsewhere.  If a system call fails, the
 * callback returns its errno.
 *
 * @return  Callbacks write, read, zero and begin_region.  Never NULL.
 */
PVHLOAD_API const struct pvhload_memory_ops *pvhload_ram_file_ops(void);

/**
 * Write bytes that the caller has made, such as a zero page or start info, to guest memory.
 *
 * Every byte of the range has to be RAM: it may end at the end of RAM, and may not span a hole.  The
 * bytes themselves are not checked.
 *
 * @param[in]  mem    Guest memory with @c write and a @c memmap.
 * @param[in]  gpa    Where the first byte goes.
 * @param[in]  bytes  What to write; may be NULL if @p len is 0.
 * @param[in]  len    Bytes; with 0 nothing is done, and any @p gpa is fine.
 * @param[out] err    May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Written.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, or @p mem has no
 *                              @c write or no @c memmap.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_RANGE      Not every byte of the range is RAM; nothing was written.
 * @retval PVHLOAD_E_CALLBACK   @c write failed.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memory_write(const struct pvhload_memory *mem, uint64_t gpa, const void *bytes, size_t len,
		     struct pvhload_error *err);

/**
 * Read bytes of guest memory, see pvhload_memory_write().
 *
 * @param[in]  mem    Guest memory with @c read and a @c memmap.
 * @param[in]  gpa    Where the first byte is.
 * @param[out] bytes  Room for @p len bytes; may be NULL if @p len is 0.  Untouched if the range is
 *                    not RAM; undefined if @c read failed.
 * @param[in]  len    Bytes; with 0 nothing is done, and any @p gpa is fine.
 * @param[out] err    May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Read.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, or @p mem has no
 *                              @c read or no @c memmap.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_RANGE      Not every byte of the range is RAM.
 * @retval PVHLOAD_E_CALLBACK   @c read failed.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memory_read(const struct pvhload_memory *mem, uint64_t gpa, void *bytes, size_t len,
		    struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
