/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Messages: why an image cannot be entered, and by what else it could be. */
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"

static const char *bzimage_entries(bool wide, bool narrow)
{
	if (wide && narrow)
		return "the Linux boot protocol, by its 64-bit or 32-bit entry";
	if (wide)
		return "the Linux boot protocol, by its 64-bit entry";
	return narrow ? "the Linux boot protocol, by its 32-bit entry" : "";
}

/* The version of Multiboot that @b->method is not, or 0. */
static uint32_t other_multiboot(const struct pvl_builder *b)
{
	if (pvl_has_entry(b->image, PVL_ENTRY_MULTIBOOT2) &&
	    b->method.protocol->entry != PVL_ENTRY_MULTIBOOT2)
		return 2;
	return pvl_has_entry(b->image, PVL_ENTRY_MULTIBOOT1) &&
			       b->method.protocol->entry != PVL_ENTRY_MULTIBOOT1
		       ? 1
		       : 0;
}

/* The entries of @b->image that @b->method does not try, PVH's apart, or "". */
static void other_entry(const struct pvl_builder *b, char *text, size_t size)
{
	const struct pvhload_image_info *info = &b->image->info;
	const bool wide = pvl_offers_entry(b->image, PVL_ENTRY_64) &&
			  b->method.protocol->entry != PVL_ENTRY_64;
	const bool narrow = pvl_offers_entry(b->image, PVL_ENTRY_32) &&
			    b->method.protocol->entry != PVL_ENTRY_32;

	const uint32_t multiboot = other_multiboot(b);

	text[0] = '\0';
	if (info->flat)
		snprintf(text, size, "the %s protocol", pvl_protocol_of_flat(b->image)->name);
	else if (info->format == PVHLOAD_FORMAT_BZIMAGE)
		snprintf(text, size, "%s", bzimage_entries(wide, narrow));
	else if (wide)
		snprintf(text, size, "the 64-bit Linux entry at 0x%" PRIx64, info->entry);
	else if (narrow)
		snprintf(text, size, "the 32-bit Linux entry at 0x%" PRIx64 ", if asked for",
			 info->entry);
	else if (multiboot != 0)
		snprintf(text, size, "Multiboot %" PRIu32, multiboot);
}

/* It may be Linux all the same: nothing says what it is. */
static bool only_if_asked(const struct pvl_builder *b)
{
	const struct pvhload_image *image = b->image;

	return image->info.elf && !image->not_kernel && !pvl_image_has_multiboot(image) &&
	       image->info.guest != PVHLOAD_GUEST_LINUX &&
	       (image->info.has_entry64 || image->info.has_entry32);
}

/* The image that this plan got to.  What others decoded before it is not looked at: the same arguments, the same words. */
static const struct pvhload_image *seen_by(const struct pvl_builder *b)
{
	return b->loaded ? b->loaded : b->image;
}

static bool has_unseen_payload(const struct pvl_builder *b)
{
	return seen_by(b) == b->image && pvl_image_payload_part(&b->image->info);
}

/* What else would work, as far as is known without decoding. */
static void alternatives(const struct pvl_builder *b, char *text, size_t size)
{
	const struct pvhload_image_info *inside = &seen_by(b)->info;
	const bool pvh = inside->pvh && b->method.protocol->entry != PVL_ENTRY_PVH;
	char other[96];

	other_entry(b, other, sizeof(other));
	if (pvh)
		snprintf(text, size, "it could boot by PVH, at 0x%" PRIx32 "%s%s",
			 inside->pvh->entry, other[0] ? ", or " : "", other);
	else if (other[0])
		snprintf(text, size, "it could boot by %s", other);
	else if (only_if_asked(b))
		snprintf(text, size, "its ELF entry 0x%" PRIx64 " is taken only if asked for: %s",
			 b->image->info.entry, b->image->info.guest_reason);
	else if (has_unseen_payload(b) && b->method.protocol->entry != PVL_ENTRY_PVH)
		snprintf(text, size, "its payload, which was not decoded, may have a PVH entry");
	else
		snprintf(text, size, "it has no other entry");
}

/* Images that only have real-mode code: iPXE, memdisk. */
static bool needs_bios(const struct pvhload_image_info *info)
{
	return info->format == PVHLOAD_FORMAT_BZIMAGE && !info->has_entry32 && !info->has_entry64 &&
	       !pvl_image_payload_part(info);
}

enum pvhload_status pvl_no_entry(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	char reason[128], other[160];

	pvl_why_not(seen_by(b), b->method.protocol->entry, reason, sizeof(reason));
	alternatives(b, other, sizeof(other));
	if (needs_bios(info))
		(void)pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"its only entry is the 16-bit entry, which needs a BIOS (boot protocol "
			"%" PRIu32 ".%02" PRIu32 ", code32_start 0x%" PRIx64
			", xloadflags 0x%" PRIx32 ", no payload)",
			info->bzimage->boot_protocol >> 8, info->bzimage->boot_protocol & 0xff,
			info->entry, info->bzimage->xloadflags);
	else
		(void)pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE, "no %s entry: %s; %s",
			       b->method.protocol->entry_name, reason, other);
	return pvl_fail_about(err, PVHLOAD_E_PROTOCOL, PVHLOAD_SUBJECT_KERNEL, 0);
}
