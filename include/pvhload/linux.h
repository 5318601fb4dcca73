/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The Linux/x86 boot protocol's zero page, written and read by itself, for a VMM that does its own boot
 * setup.  pvhload_boot_plan() does all of this for one that does not.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst and zero-page.rst,
 * arch/x86/include/uapi/asm/bootparam.h and setup_data.h.
 *
 * @par Ownership and threads
 * Nothing of the arguments is kept.  A view, or a list of problems, is the caller's to free, and does not
 * depend on guest memory; no other thread may be using what is freed.  Calls may run in parallel if the
 * callbacks in their memory may.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_LINUX_H
#define PVHLOAD_LINUX_H

#include <pvhload/abi/boot_params.h>
#include <pvhload/abi/setup_header.h>
#include <pvhload/framebuffer.h>
#include <pvhload/guest_memory.h>
#include <pvhload/macros.h>
#include <pvhload/read_back.h>
#include <pvhload/source.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/**
 * Most map entries: what does not fit the zero page goes to a node of type PVHLOAD_SETUP_E820_EXT.
 * A kernel keeps as many as it was built for, which depends on its maximum of NUMA nodes, and logs
 * when there are more.
 */
#define PVHLOAD_LINUX_MEMMAP_MAX 4096u

/** Most setup_data nodes of one guest, and most bytes of data in all of them. */
#define PVHLOAD_LINUX_SETUP_DATA_MAX       64u
#define PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX (64u << 20)

/**
 * Most bytes of a seed or a device tree.  Linux's early mapping covers 64 pages; this is what is left
 * after the node header and a partial page.  More makes it stop silently (found by booting 6.12: 262000
 * bytes of seed work, with 400000 nothing is printed).
 */
#define PVHLOAD_LINUX_EARLY_DATA_MAX ((256u << 10) - 4096u - PVHLOAD_SETUP_DATA_HEADER_SIZE)

/** Most bytes of command line that pvhload_linux_read() follows, without the NUL. */
#define PVHLOAD_LINUX_CMDLINE_LENGTH_MAX (64u << 10)

/**
 * Bytes that Linux reads from the command line's address, however short the text: all of them must
 * be RAM.  It is more if the kernel's cmdline_size is larger.
 */
#define PVHLOAD_LINUX_CMDLINE_WINDOW PVHLOAD_LINUX_COMMAND_LINE_SIZE

/** Default places: those most VMMs use. */
#define PVHLOAD_LINUX_GDT_GPA         0x500u
#define PVHLOAD_LINUX_ZERO_PAGE_GPA   0x7000u
#define PVHLOAD_LINUX_PAGE_TABLES_GPA 0x9000u
#define PVHLOAD_LINUX_CMDLINE_GPA     0x20000u

/** type_of_loader of a loader without a number of its own. */
#define PVHLOAD_LINUX_LOADER_UNDEFINED 0xffu

/**
 * pvhload_linux_setup_data::flags: the bytes get a place of their own, and the node only has their
 * address, in a form that depends on the type:
 * - PVHLOAD_SETUP_IMA: the data's address and size.
 * - PVHLOAD_SETUP_CC_BLOB: the data's address.
 * - PVHLOAD_SETUP_RNG_SEED, _DTB, _EFI and _KEXEC_KHO: refused.  Linux reads them from the node itself;
 *   of indirect data it only reserves the memory (such a seed is not used; found by booting 6.12).
 * - Any other: a PVHLOAD_SETUP_INDIRECT with type, size and address.  This takes a kernel of protocol 2.15.
 */
#define PVHLOAD_SETUP_DATA_INDIRECT 0x1u

/** Data for the kernel, passed as a setup_data node: a seed, a device tree, ... */
struct pvhload_linux_setup_data {
	size_t struct_size;                  /**< sizeof(struct pvhload_linux_setup_data) */
	const struct pvhload_source *source; /**< its bytes, which a plan reads at its commit; the
	                                          struct is copied */
	/**
	 * PVHLOAD_SETUP_*, or a number of the caller's own.  PVHLOAD_SETUP_NONE,
	 * PVHLOAD_SETUP_E820_EXT and what has PVHLOAD_SETUP_INDIRECT are not the caller's to give:
	 * the library makes them.
	 */
	uint32_t type;
	uint32_t flags; /**< PVHLOAD_SETUP_DATA_INDIRECT or 0 */
};

/** Initialiser for a struct pvhload_linux_setup_data. */
#define PVHLOAD_LINUX_SETUP_DATA_INIT PVHLOAD_SIZED_(pvhload_linux_setup_data)

/** Places; 0 in any member but @c struct_size is the default. */
struct pvhload_linux_layout {
	size_t struct_size;     /**< sizeof(struct pvhload_linux_layout) */
	uint64_t zero_page_gpa; /**< PVHLOAD_LINUX_ZERO_PAGE_GPA */
	uint64_t cmdline_gpa;   /**< PVHLOAD_LINUX_CMDLINE_GPA */
	/** The nodes, one after the other, each at a multiple of 8; default: after the command line. */
	uint64_t setup_data_gpa;
};

/** Initialiser for a struct pvhload_linux_layout. */
#define PVHLOAD_LINUX_LAYOUT_INIT PVHLOAD_SIZED_(pvhload_linux_layout)

/** pvhload_linux_params::flags: the kernel is entered by its 32-bit entry; all lies below 4 GiB. */
#define PVHLOAD_LINUX_ENTRY32 0x1u

/** What the zero page says; 0 in any member but @c struct_size and @c memmap is fine. */
struct pvhload_linux_params {
	size_t struct_size; /**< sizeof(struct pvhload_linux_params) */
	/**
	 * The kernel's own setup_header: its bytes from file offset PVHLOAD_SETUP_HEADER_OFFSET to its
	 * own end, with code32_start set to the load address, as pvhload_image_load() gives them.
	 * NULL for an ELF file, which has none: one of protocol 2.15 is made.
	 */
	const uint8_t *setup_header;
	size_t setup_header_size; /**< bytes there; those after the header's own end are not used */
	const struct pvhload_memmap *memmap; /**< required: becomes the e820 table */
	const char *cmdline;                 /**< NUL-terminated; NULL is the same as "" */
	uint64_t initrd_gpa;                 /**< where the VMM has put the initrd */
	uint64_t initrd_size;                /**< bytes; 0 for none */
	uint64_t rsdp_gpa;                   /**< ACPI RSDP, 0 for none */
	const struct pvhload_framebuffer *framebuffer; /**< the first screen; NULL: none */
	const uint8_t *efi_info; /**< PVHLOAD_EFI_INFO_SIZE bytes, or NULL without EFI */
	/** In the order of the list.  If the setup_header of the file points to a list of its own, that one follows. */
	const struct pvhload_linux_setup_data *setup_data;
	size_t setup_data_count; /**< how many */
	uint32_t type_of_loader; /**< one byte; 0 is PVHLOAD_LINUX_LOADER_UNDEFINED */
	uint32_t loadflags;      /**< PVHLOAD_LOADFLAG_KASLR and _QUIET, to be set */
	uint32_t flags;          /**< PVHLOAD_LINUX_ENTRY32 or 0 */
	uint32_t reserved;       /**< 0 */
};

/** Initialiser for a struct pvhload_linux_params. */
#define PVHLOAD_LINUX_PARAMS_INIT PVHLOAD_SIZED_(pvhload_linux_params)

/**
 * Write zero page, command line and setup_data to guest memory.
 *
 * Checks everything before the first byte is written.  The setup_header is copied to its own
 * length; only a boot loader's fields in it are changed.  PVHLOAD_SETUP_DATA_INDIRECT is refused
 * (PVHLOAD_E_USAGE): there is no place for indirect data here.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst and zero-page.rst, arch/x86/kernel/e820.c.
 *
 * @param[in]  mem     Guest memory.  Without a @c memmap of its own it takes that of @p params.
 * @param[in]  layout  Places, or NULL for the defaults.
 * @param[in]  params  What to say.
 * @param[out] err     May be NULL.  Filled on failure only; @c gpa is the guest address at fault.
 *
 * @retval PVHLOAD_OK           Written.
 * @retval PVHLOAD_E_USAGE      A required pointer is NULL, a struct's @c struct_size is wrong, a
 *                              flag, a load flag or a setup_data type is not the caller's to set, a
 *                              setup_data is to be indirect, @c type_of_loader is above 255, or @p
 *                              mem has no @c write.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory; nothing was written.
 * @retval PVHLOAD_E_SOURCE     The bytes of a setup_data cannot be read; nothing was written.
 * @retval PVHLOAD_E_MALFORMED  The setup_header has no valid magic or does not say where it ends,
 *                              or @c setup_header_size ends before it does; a setup_data is empty,
 *                              or a device tree has no valid header.
 * @retval PVHLOAD_E_LIMIT      More setup_data, or more bytes of it, than the limits above.
 * @retval PVHLOAD_E_PROTOCOL   The kernel's protocol is too old for what is asked: a command line by
 *                              pointer (2.02), setup_data (2.09).
 * @retval PVHLOAD_E_MEMMAP     The map is unsound (pvhload_memmap_validate()), has fewer than 2
 *                              entries or more than PVHLOAD_LINUX_MEMMAP_MAX, or no 28 KiB of RAM
 *                              between 64 KiB and 640 KiB.
 * @retval PVHLOAD_E_CMDLINE    The command line is longer than the kernel takes, or has more than
 *                              PVHLOAD_CMDLINE_INIT_ARGS_MAX words after a "--".
 * @retval PVHLOAD_E_RANGE      A place leaves RAM or its limit, or setup_data are not at a multiple
 *                              of 8.  The limit is 4 GiB, and for the initrd what initrd_addr_max
 *                              says.  There is no limit if the kernel is entered by its 64-bit entry
 *                              and either is an ELF file or has XLF_CAN_BE_LOADED_ABOVE_4G.
 * @retval PVHLOAD_E_OVERLAP    Two things claim the same bytes.
 * @retval PVHLOAD_E_CALLBACK   @c write failed; the guest must not be run.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_linux_write(const struct pvhload_memory *mem, const struct pvhload_linux_layout *layout,
		    const struct pvhload_linux_params *params, struct pvhload_error *err);

/** A setup_data node as read.  Made by the library, which may append members. */
struct pvhload_linux_node {
	uint64_t gpa;        /**< of the node's header */
	uint64_t data_gpa;   /**< of its data: after the header, or, of an indirect one,
			          elsewhere */
	uint64_t size;       /**< bytes of data */
	const uint8_t *data; /**< the data; NULL if @c size is 0, or it cannot be read */
	uint32_t type;       /**< PVHLOAD_SETUP_*; of the data if it is indirect */
	/** 1 if the node is a PVHLOAD_SETUP_INDIRECT, which has been followed. */
	uint32_t indirect;
};

/** What a zero page in guest memory says.  Made by the library, which may append members. */
struct pvhload_linux_view {
	const uint8_t *zero_page; /**< its PVHLOAD_ZERO_PAGE_SIZE bytes, as they are */
	const struct pvhload_memmap
		*memmap;      /**< the e820 table, then the E820_EXT nodes' entries */
	const char *cmdline;  /**< "" if there is none */
	uint64_t cmdline_gpa; /**< 0 for none */
	uint64_t initrd_gpa;  /**< 0 for none */
	uint64_t initrd_size; /**< bytes */
	uint64_t rsdp_gpa;    /**< 0 for none */
	const struct pvhload_linux_node *const
		*setup_data;     /**< pointers to the nodes, in list order */
	size_t setup_data_count; /**< how many */
	uint32_t boot_protocol;  /**< 0x20f is 2.15 */
	/** Entries in the zero page's own table, by its own count; the others are from E820_EXT nodes. */
	uint32_t e820_entries;
	uint32_t type_of_loader; /**< as it stands */
	uint32_t loadflags;      /**< PVHLOAD_LOADFLAG_* */
	uint32_t xloadflags;     /**< PVHLOAD_XLF_* */
	/**
	 * If not 0, the kernel clears most of the page, the RSDP's address and the upper 32 bits of
	 * addresses among it.  The view has the values before that.
	 */
	uint32_t sentinel;
	uint32_t incomplete; /**< PVHLOAD_PART_*: where something is missing; 0 if nothing is */
	/**
	 * Pointers to what went wrong, in the order in which it was found; only with
	 * PVHLOAD_READ_PARTIAL.  @c subject and @c index are the setup_data, if it is about one.
	 */
	const struct pvhload_error *const *problems;
	size_t problem_count; /**< how many, at most PVHLOAD_READ_PROBLEMS_MAX */
};

/**
 * Read a zero page back from guest memory, as the kernel would find it.
 *
 * A field of the setup_header counts only if the protocol version in the page has it.  An initrd
 * without an address or without a size counts as absent, as it does for Linux.
 *
 * Nothing in the guest is trusted: every address is bounded by RAM, every count by a limit, and a list
 * that runs in a circle is not followed again.
 *
 * With PVHLOAD_READ_PARTIAL, the page itself is enough for a view, which then has:
 * - setup_data: the nodes before the one that the list breaks at.  A node whose data cannot be read has
 *   no data; if it is a PVHLOAD_SETUP_INDIRECT, it is not followed.
 * - The map: the whole entries that can be read.  If the list breaks and the e820 table is full,
 *   the list may have had further entries: the map counts as incomplete, too.
 * - The command line: what there is of it, if it has no end.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/zero-page.rst, arch/x86/include/uapi/asm/setup_data.h.
 *
 * @param[in]  mem   Guest memory with @c read and a @c memmap.
 * @param[in]  gpa   Where the zero page is.
 * @param[in]  flags PVHLOAD_READ_PARTIAL or 0.
 * @param[out] view  The view.  Untouched on failure.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Read; with PVHLOAD_READ_PARTIAL, as far as @c incomplete says.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, a flag is unknown, or
 *                              @p mem has no @c read or no @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_FORMAT     There is no zero page at @p gpa: boot_flag or "HdrS" is missing.
 * @retval PVHLOAD_E_RANGE      It is not in RAM; or, without PVHLOAD_READ_PARTIAL, something it points to
 *                              is not.  An initrd is not followed.
 * @retval PVHLOAD_E_LIMIT      Only without PVHLOAD_READ_PARTIAL: more nodes, map entries, bytes of
 *                              setup_data or command line than the limits above.
 * @retval PVHLOAD_E_MALFORMED  Only without PVHLOAD_READ_PARTIAL: more than 128 entries in the e820
 *                              table; an E820_EXT node is no whole number of entries; the setup_data
 *                              list goes in a circle; a setup_indirect is too short, or its type is not
 *                              PVHLOAD_SETUP_INDIRECT OR-ed with a data type; the command line has no
 *                              NUL before RAM ends.
 * @retval PVHLOAD_E_CALLBACK   @c read failed.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_linux_read(const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
		   struct pvhload_linux_view **view, struct pvhload_error *err);

/**
 * Free a view.
 *
 * @param[in] view  From pvhload_linux_read(), or NULL.
 */
PVHLOAD_API void pvhload_linux_view_free(struct pvhload_linux_view *view);

/**
 * Judge a zero page in guest memory, and everything it points to, by the rules of pvhload_linux_write(),
 * and by what Linux is known to stop at without a word.
 *
 * Every broken rule is a problem of its own, so that all of them can be seen at once.  Nothing is written.
 *
 * What cannot be read is a problem, as with PVHLOAD_READ_PARTIAL, and not judged further.  Places
 * are held against the RAM of the memory map in the guest, as that is what the kernel goes by; if
 * it cannot be read or is unsound, against that of @p mem.  Where the kernel is loaded, and where
 * it decodes itself, is taken from the setup_header in the page.  A kernel whose place the header
 * does not give is not judged (protocols before 2.10, an ELF file, a place above 4 GiB).  If no
 * kernel-supplied field of the header is set, it is taken for one the library made for an ELF file.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst and zero-page.rst, arch/x86/kernel/setup.c,
 * arch/x86/include/asm/bootparam_utils.h (the sentinel), arch/x86/boot/compressed/head_64.S.
 *
 * @param[in]  mem   Guest memory with @c read and a @c memmap.
 * @param[in]  gpa   Where the zero page is.
 * @param[in]  flags PVHLOAD_LINUX_ENTRY32 or 0.
 * @param[out] check What is wrong.  Untouched on failure.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Judged: the problems, if there are any, are in @p check.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, a flag is unknown, or
 *                              @p mem has no @c read or no @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_FORMAT     There is no zero page at @p gpa: boot_flag or "HdrS" is missing.
 * @retval PVHLOAD_E_RANGE      The zero page is not in RAM.
 * @retval PVHLOAD_E_CALLBACK   @c read failed.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_linux_check(const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
		    struct pvhload_check **check, struct pvhload_error *err);

/**
 * The name of a setup_data type, for people and scripts: "rng_seed".
 *
 * @param[in] type  PVHLOAD_SETUP_*.
 * @return          The name, a constant, or "unknown".  Never NULL.
 */
PVHLOAD_API const char *pvhload_setup_data_name(uint32_t type);

/**
 * A field of the setup_header in a zero page that was read, if the protocol in the page has it.
 *
 * @param[in]  view    From pvhload_linux_read(), or NULL, which has no field.
 * @param[in]  offset  PVHLOAD_SETUP_*: an offset of abi/setup_header.h.
 * @param[out] value   The field, as a number.  Untouched if it is not there.
 * @return             1 if it is there; 0 if the protocol or the header does not have it, @p offset is not that of a
 *                     field the library knows, or @p value is NULL.
 *
 * @since 0.2
 */
PVHLOAD_API int pvhload_linux_header_field(const struct pvhload_linux_view *view, uint32_t offset,
					   uint64_t *value);

PVHLOAD_END_DECLS

#endif
