/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * What an opened image is: its format, what it loads where, how it can be entered, what is in it.
 *
 * Everything here is made by the library, which may append members: read the structs through their
 * pointers, never copy them by sizeof.  What only images of one kind have is in a struct of its own, and
 * the pointer to it is NULL for all others.
 *
 * Units throughout: bytes, offsets from the start of the source's window, guest-physical addresses.
 *
 * @par Ownership and threads
 * Texts are constant and live as long as the library is loaded.  Any thread may call these functions.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_IMAGE_INFO_H
#define PVHLOAD_IMAGE_INFO_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>
#include <pvhload/range.h>

PVHLOAD_BEGIN_DECLS

/** pvhload_image_info::format. */
#define PVHLOAD_FORMAT_ELF64             1u /**< a vmlinux or another 64-bit ELF */
#define PVHLOAD_FORMAT_ELF32             2u /**< a 32-bit ELF */
#define PVHLOAD_FORMAT_BZIMAGE           3u /**< Linux/x86 boot protocol image */
#define PVHLOAD_FORMAT_COMPRESSED        4u /**< one of the others, compressed as a whole */
#define PVHLOAD_FORMAT_ARM64_IMAGE       5u /**< a flat Image for arm64.  @since 0.3 */
#define PVHLOAD_FORMAT_RISCV64_IMAGE     6u /**< a flat Image for riscv64.  @since 0.3 */
#define PVHLOAD_FORMAT_LOONGARCH64_IMAGE 7u /**< a flat Image for loongarch64.  @since 0.3 */
#define PVHLOAD_FORMAT_EFI_ZBOOT         8u /**< an EFI program that decodes a flat Image.  @since 0.3 */
#define PVHLOAD_FORMAT_UKI \
	9u /**< a unified kernel image: kernel, initrd and command line in one.  @since 0.3 */
/** A raw x86 firmware, which has no magic: see pvhload_image_options::format.  @since 0.3 */
#define PVHLOAD_FORMAT_FIRMWARE 11u

/** A Multiboot kernel that is no ELF file: its header's address fields say what to load.  @since 0.3 */
#define PVHLOAD_FORMAT_MULTIBOOT 10u

/** pvhload_image_info::arch. */
#define PVHLOAD_ARCH_X86_64      1u
#define PVHLOAD_ARCH_I386        2u
#define PVHLOAD_ARCH_ARM64       3u /**< @since 0.3 */
#define PVHLOAD_ARCH_RISCV64     4u /**< @since 0.3 */
#define PVHLOAD_ARCH_LOONGARCH64 5u /**< @since 0.3 */

/** pvhload_image_info::guest. */
#define PVHLOAD_GUEST_LINUX 1u
#define PVHLOAD_GUEST_OTHER 2u /**< not Linux, or without a sign of it */

/** What the guest may do with a segment, as its linker was told: p_flags.  @since 0.3 */
#define PVHLOAD_SEGMENT_EXECUTE 0x1u
#define PVHLOAD_SEGMENT_WRITE   0x2u
#define PVHLOAD_SEGMENT_READ    0x4u

/** A loadable segment: PT_LOAD with p_memsz above 0. */
struct pvhload_image_segment {
	uint64_t offset;    /**< of its first byte in the image */
	uint64_t gpa;       /**< where it is loaded: p_paddr */
	uint64_t file_size; /**< bytes taken from the image */
	/**
	 * Bytes it occupies; those after @c file_size are zero (.bss), but where another segment has bytes.  Two
	 * segments may have bytes for one address if they are the same bytes of the file.
	 */
	uint64_t mem_size;
	/** Of an ELF file p_flags, PVHLOAD_SEGMENT_* among them; 0 by a Multiboot header's address fields.  @since 0.3 */
	uint32_t flags;
	uint32_t reserved; /**< 0 */
};

/** What an ELF file loads, or a Multiboot header's address fields, which are one segment. */
struct pvhload_image_elf {
	const struct pvhload_image_segment *const *segments; /**< in the program headers' order */
	size_t segment_count;                                /**< how many; at least 1 */
	struct pvhload_range range; /**< lowest byte of a segment to the highest, .bss included */
};

/** Where a kernel says that it can be moved to: the Xen note PHYS32_RELOC. */
struct pvhload_image_pvh_reloc {
	uint32_t align; /**< start address: multiple of this, a power of two */
	uint32_t min;   /**< lowest start address */
	uint32_t max;   /**< highest address of the image's last byte */
};

/** The PVH entry: the Xen note PHYS32_ENTRY. */
struct pvhload_image_pvh {
	uint32_t entry;                              /**< its physical address */
	const struct pvhload_image_pvh_reloc *reloc; /**< NULL without a usable PHYS32_RELOC note */
};

/** What a bzImage's setup header says, and the code that it describes. */
struct pvhload_image_bzimage {
	uint32_t boot_protocol; /**< 0x20f is 2.15 */
	uint32_t loadflags;     /**< as in setup_header */
	uint32_t xloadflags;    /**< as in setup_header; 0 before 2.12 */
	/**
	 * Least alignment of the load address, not above pvhload_image_info::alignment; if the load
	 * address is a multiple of this only, the zero page's kernel_alignment must be set to it.
	 */
	uint32_t min_alignment;
	uint64_t code_offset; /**< of the protected-mode code in the image: what is loaded */
	uint64_t code_size;   /**< its bytes, by syssize; a signature after it is not counted */
};

/**
 * What the header of a flat Image says: Linux's format on arm64, riscv64 and loongarch64, code as it runs after a header
 * of 64 bytes.
 *
 * @since 0.3
 */
struct pvhload_image_flat {
	/**
	 * Bytes from a multiple of pvhload_image_info::alignment to where it is loaded; 0x80000 for an arm64 kernel
	 * whose @c image_size is 0.  loongarch64: the address where it is loaded.
	 */
	uint64_t text_offset;
	/** Bytes it needs from its first on, .bss included; 0 for arm64 before Linux 3.17, which does not say. */
	uint64_t image_size;
	uint64_t flags;          /**< as they stand; 0 for loongarch64, which has none */
	uint32_t page_size;      /**< arm64: that the processor must have; 0 if it does not say */
	uint32_t big_endian;     /**< 1 if the kernel is */
	uint32_t anywhere;       /**< arm64: 1 if it can use RAM below where it is loaded */
	uint32_t header_version; /**< riscv64: 0x2 is 0.2 */
};

/**
 * A raw x86 firmware: where it is, as the processor begins at the top of 4 GiB.
 *
 * @since 0.3
 */
struct pvhload_image_firmware {
	struct pvhload_range window; /**< the file: up to 4 GiB */
	struct pvhload_range alias;  /**< its last bytes, at most 128 KiB, once more: up to 1 MiB */
	uint64_t target; /**< where the code at the reset vector jumps, in one of both */
};

/**
 * The address fields of a Multiboot header: of version 1 those that go with bit 16 of its flags, of version 2 its
 * tags 2 and 3.
 *
 * @since 0.3
 */
struct pvhload_image_multiboot_address {
	uint32_t header_addr; /**< where the header itself is loaded */
	/** Where what is loaded begins; version 2: 0xffffffff for all of the file. */
	uint32_t load_addr;
	uint32_t load_end_addr; /**< where it ends; 0: with the file */
	uint32_t bss_end_addr;  /**< where the zeros after it end; 0: there are none */
	uint32_t entry_addr;    /**< where it is entered */
};

/**
 * Where a Multiboot 2 kernel says that it can be moved to: tag 10 of its header.
 *
 * @since 0.3
 */
struct pvhload_image_multiboot_reloc {
	uint32_t align; /**< start address: multiple of this, a power of two */
	uint32_t min;   /**< lowest start address */
	uint32_t max;   /**< highest address of the image's last byte */
	uint32_t
		preference; /**< 0 none, 1 as low as it fits, 2 as high; the planner does not go by it */
};

/**
 * A Multiboot header in the first bytes of a file, the first of its version.  Of an ELF file no segment of which has any
 * of the first 32768 bytes, none is looked for: a header is part of what is loaded.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.1; Multiboot2 Specification 2.0, 3.1.
 *
 * @since 0.3
 */
struct pvhload_image_multiboot {
	uint32_t version;       /**< 1 or 2 */
	uint32_t flags;         /**< version 1: its flags as they stand; version 2 has none, 0 */
	uint64_t header_offset; /**< of its first byte in the file */
	uint64_t header_size;   /**< its bytes; version 2: as it says */
	/** One line: why a guest cannot be entered by it; "" if it can. */
	const char *problem;
	/**
	 * Where it is entered: by the address fields, or the ELF file's entry.  That is taken for a virtual address if
	 * a segment has it by p_vaddr.  With a problem this means nothing.
	 */
	uint64_t entry;
	/** What is loaded: by the address fields, if there are any, else the ELF file's.  NULL with some problems. */
	const struct pvhload_image_elf *loads;
	const struct pvhload_image_multiboot_address *address; /**< NULL without address fields */
	const struct pvhload_image_multiboot_reloc *reloc;     /**< NULL if it cannot be moved */
};

/** pvhload_image_part::kind.  All but the first are sections of a UKI. */
#define PVHLOAD_IMAGE_PART_KERNEL \
	1u /**< a kernel image: the payload, see pvhload_image_payload(); .linux */
#define PVHLOAD_IMAGE_PART_INITRD 2u /**< .initrd.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_CMDLINE \
	3u /**< .cmdline: text, which a NUL or newline may end.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_DTB \
	4u /**< .dtb: a device tree, in place of the firmware's.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_DTBAUTO \
	5u /**< .dtbauto: one for some hardware; there may be several.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_HWIDS 6u /**< .hwids: for which hardware .dtbauto is.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_UCODE \
	7u /**< .ucode: microcode, an initrd before the others.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_OSREL 8u  /**< .osrel: /etc/os-release.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_UNAME 9u  /**< .uname: the kernel's release.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_SBAT  10u /**< .sbat: generations, for revocation.  @since 0.3 */
#define PVHLOAD_IMAGE_PART_PROFILE \
	11u /**< .profile: what the profile is called; it begins one.  @since 0.3 */

/**
 * pvhload_image_part::profile of what no profile of its own has: it is of all of them, but those that have another
 * part of its kind.
 *
 * @since 0.3
 */
#define PVHLOAD_UKI_BASE UINT32_MAX

/**
 * What a unified kernel image (UKI) is besides its parts: an EFI program whose sections are a kernel and what that is
 * started with.
 *
 * Sections before the first .profile are the base; each .profile begins a profile, whose sections are taken before the
 * base's of the same name.  Of two sections of one name in the base, or in one profile, the first is taken.  Sections
 * that have no PVHLOAD_IMAGE_PART_... are not parts.
 *
 * @since 0.3
 */
struct pvhload_image_uki {
	uint32_t profile_count; /**< at least 1: without a .profile, profile 0 is the base alone */
	uint32_t reserved;      /**< 0 */
	/**
	 * Where the PE header says that the Authenticode signatures (the certificate table) are in the image.  They are
	 * not verified, nor is anything else checked of them but that these bytes are there.
	 */
	uint64_t signature_offset;
	uint64_t signature_size; /**< bytes; 0 if the image is not signed */
};

/**
 * A part of an image that is a file of its own.  A UKI's are its sections, in the order of the file but that the kernel
 * of profile 0 is the first.
 */
struct pvhload_image_part {
	uint32_t kind;   /**< PVHLOAD_IMAGE_PART_* */
	uint32_t codec;  /**< PVHLOAD_CODEC_*: what it is compressed by */
	uint64_t offset; /**< of its first byte in the image */
	/**
	 * Its bytes.  A bzImage's payload ends with a size trailer of four; after that of an EFI zboot image
	 * the trailer follows, but for gzip, whose stream ends with it.  What fills up a UKI's section is not counted.
	 */
	uint64_t size;
	/**
	 * Bytes it decodes to, by the size trailer of a bzImage or an EFI zboot image; 0 if the image
	 * does not say, as a compressed file does not: see the info of the payload once it is decoded.
	 */
	uint64_t decoded_size;
	uint32_t
		profile; /**< of a UKI, from 0 on; PVHLOAD_UKI_BASE of the base and of all other images.  @since 0.3 */
	uint32_t reserved; /**< 0 */
};

/** What an image is. */
struct pvhload_image_info {
	uint32_t format; /**< PVHLOAD_FORMAT_* */
	uint32_t arch; /**< PVHLOAD_ARCH_*; I386 for a firmware, which begins in real mode; 0 for a
			      compressed file, for a bzImage of a boot
			      protocol before 2.12, which does not say, and for an EFI zboot image or a UKI without
			      a PE header of a known machine: ask its payload */
	uint64_t size; /**< bytes in the image */

	/**
	 * ELF: e_entry as it stands; bzImage: the 32-bit entry, code32_start; loongarch64: kernel_entry as it
	 * stands; 0 for other flat Images, which are entered at their first byte; a firmware: the reset vector,
	 * 0xfffffff0.
	 */
	uint64_t entry;
	/*
	 * Linux's entries: for an ELF file e_entry, if it is among a segment's bytes, in the mode
	 * of the file's class; for a bzImage as its setup header announces them, the 64-bit one
	 * PVHLOAD_SETUP_ENTRY64 bytes after the load address.  A bzImage of protocol 2.10 or later
	 * whose init_size is less than what its payload decodes to has no entry: it would stop
	 * without a message.
	 */
	uint32_t has_entry32; /**< 1 if there is a 32-bit entry */
	uint32_t has_entry64; /**< 1 if there is a 64-bit entry */

	/*
	 * What the kernel needs and allows: from a bzImage's setup header, an ELF file's
	 * segments and PVH notes, or a flat Image's header.  By other entries an ELF file may allow more.
	 * A flat Image says nothing of cmdline_max and initrd_max, which are 0, as all of these are for an EFI
	 * zboot image, a UKI and a compressed file: ask the payload.
	 */
	uint32_t cmdline_max; /**< most bytes of command line, without the NUL; ELF: assumed,
	                           PVHLOAD_ELF_CMDLINE_MAX */
	uint32_t
		relocatable; /**< 1 if it may be loaded elsewhere than preferred; ELF: by PVH, if it has
	                           a usable PHYS32_RELOC note; 0 for loongarch64, which does not say */
	uint64_t initrd_max; /**< highest address an initrd's last byte may have */
	uint64_t
		preferred_address; /**< where it prefers to be, or must be; a bzImage's or flat Image's 0 is no
	                               preference; ELF: elf->range.gpa */
	uint64_t
		alignment; /**< of the load address; ELF: by the PHYS32_RELOC note, else the largest p_align
	                        of 4 KiB or more, else 2 MiB; flat Image: see flat->text_offset, 0 for
	                        loongarch64 */
	uint64_t init_size; /**< bytes it needs from its run-time start on; ELF: elf->range.size;
			         0 if it does not say */

	const struct pvhload_image_elf *elf;         /**< NULL if it is not an ELF file */
	const struct pvhload_image_bzimage *bzimage; /**< NULL if it is not a bzImage */
	/** NULL without a valid PHYS32_ENTRY note.  A bzImage has its notes in its payload. */
	const struct pvhload_image_pvh *pvh;
	const struct pvhload_image_part *const *parts; /**< what can be taken out of it */
	size_t part_count;                             /**< how many; 0 if nothing can */

	/**
	 * PVHLOAD_GUEST_*; 0 for a compressed file or a UKI: ask its payload.  A bzImage is Linux, and so is its
	 * payload; so are flat Images and EFI zboot images.  An ELF file is Linux if it has an ELF note of owner
	 * "Linux", Xen's note GUEST_OS with "linux" in it, or, without either note, the text "Linux version " and a
	 * number in the bytes it loads.  One without a PVH entry is not if it is a dynamically linked program or a
	 * shared library.
	 *
	 * @since 0.3
	 */
	uint32_t guest;
	uint32_t reserved; /**< 0 */
	/** One line: by which sign; "" for a compressed file or a UKI.  @since 0.3 */
	const char *guest_reason;
	/** NULL if it is not a flat Image; an EFI zboot image has one as its payload.  @since 0.3 */
	const struct pvhload_image_flat *flat;
	/** NULL if it is not a UKI.  @since 0.3 */
	const struct pvhload_image_uki *uki;
	/** NULL if it was not opened as a firmware.  @since 0.3 */
	const struct pvhload_image_firmware *firmware;
	/** The file's header of Multiboot 1, in its first 8192 bytes; NULL without one.  @since 0.3 */
	const struct pvhload_image_multiboot *multiboot1;
	/** The same of Multiboot 2, in its first 32768 bytes.  @since 0.3 */
	const struct pvhload_image_multiboot *multiboot2;
};

/**
 * The name of a format, for people and scripts: "elf64".
 *
 * @param[in] format  PVHLOAD_FORMAT_*.
 * @return            The name, or "unknown".  Never NULL.
 */
PVHLOAD_API const char *pvhload_format_name(uint32_t format);

/**
 * The name of an architecture, see pvhload_format_name().
 *
 * @param[in] arch  PVHLOAD_ARCH_*.
 * @return          The name, or "unknown".  Never NULL.
 */
PVHLOAD_API const char *pvhload_arch_name(uint32_t arch);

/**
 * The name of a kind of part, as the section of a UKI is called, without the dot: "linux".
 *
 * @param[in] kind  PVHLOAD_IMAGE_PART_*.
 * @return          The name, or "unknown".  Never NULL.
 *
 * @since 0.3
 */
PVHLOAD_API const char *pvhload_image_part_name(uint32_t kind);

PVHLOAD_END_DECLS

#endif
