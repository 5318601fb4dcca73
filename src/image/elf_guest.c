/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Is an ELF file Linux?  This is the one place that decides it; info.guest has the answer.
 *
 * ABI source: Linux, include/linux/build-salt.h and elfnote-lto.h (owner "Linux"); Xen, public/elfnote.h
 * (GUEST_OS); Linux, init/version.c (the text).
 */
#include "abi/elf_layout.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/elf.h"

static bool has_phdr(const struct pvl_elf *elf, uint32_t type)
{
	for (size_t i = 0; i < elf->phnum; i++)
		if (elf->phdrs[i].type == type)
			return true;
	return false;
}

/* What only an operating system can start.  Some PVH kernels are linked as programs are. */
static const char *no_kernel(const struct pvl_elf *elf)
{
	if (elf->image->info.pvh)
		return NULL;
	if (has_phdr(elf, PVL_PT_INTERP))
		return "a dynamically linked program (PT_INTERP), no kernel";
	if (has_phdr(elf, PVL_PT_DYNAMIC) && elf->header.entry == 0)
		return "a shared library (PT_DYNAMIC, no entry), no kernel";
	return NULL;
}

static void judge(struct pvhload_image *image, bool is_linux, const char *reason)
{
	image->info.guest = is_linux ? PVHLOAD_GUEST_LINUX : PVHLOAD_GUEST_OTHER;
	image->info.guest_reason = reason;
}

/* True if the notes decide. */
static bool judge_by_notes(struct pvhload_image *image, const struct pvl_notes *notes)
{
	if (notes->owner_linux) {
		judge(image, true, "an ELF note of owner Linux");
		return true;
	}
	if (!notes->has_guest_os)
		return false;
	snprintf(image->guest_reason, sizeof(image->guest_reason), "Xen's note GUEST_OS says %s",
		 notes->guest_os[0] ? notes->guest_os : "nothing");
	judge(image, strcmp(notes->guest_os, "linux") == 0, image->guest_reason);
	return true;
}

enum pvhload_status pvl_elf_judge_guest(struct pvl_elf *elf, const struct pvl_notes *notes,
					struct pvhload_error *err)
{
	struct pvhload_image *image = elf->image;
	const char *kind = no_kernel(elf);
	bool has_banner = false;

	if (kind) {
		image->not_kernel = kind;
		judge(image, false, kind);
		return PVHLOAD_OK;
	}
	if (judge_by_notes(image, notes))
		return PVHLOAD_OK;
	/* GNU Mach has Linux's text, of drivers that it has from there. */
	if (pvl_image_has_multiboot(image)) {
		judge(image, false, "a Multiboot header, which Linux does not have");
		return PVHLOAD_OK;
	}
	PVL_TRY(pvl_image_has_banner(image, &has_banner, err));
	judge(image, has_banner,
	      has_banner ? "Linux's version text"
			 : "no sign of Linux: no note of owner Linux, no version text");
	return PVHLOAD_OK;
}
