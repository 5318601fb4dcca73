/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, arch/x86/include/asm/bootparam_utils.h (the sentinel), arch/x86/kernel/setup.c
 * (type_of_loader), arch/x86/boot/compressed/head_64.S (init_size, kernel_alignment).
 */
#include "linux/linux_check.h"

#include "core/error.h"
#include "core/libc.h"

typedef enum pvhload_status page_rule(const struct pvhload_linux_view *view,
				      struct pvhload_error *err);

/* 32 bits at any offset of the page. */
static uint32_t word(const struct pvhload_linux_view *view, uint32_t offset)
{
	return pvl_span_get32(pvl_linux_page_header(view).bytes, offset);
}

bool pvl_linux_is_made(const struct pvhload_linux_view *view)
{
	return view->boot_protocol >= PVL_PROTOCOL_2_10 &&
	       word(view, PVHLOAD_SETUP_INIT_SIZE) == 0 &&
	       word(view, PVHLOAD_SETUP_ALIGNMENT) == 0 &&
	       word(view, PVHLOAD_SETUP_CMDLINE_SIZE) == 0 &&
	       word(view, PVHLOAD_SETUP_INITRD_ADDR_MAX) == 0;
}

static enum pvhload_status check_sentinel(const struct pvhload_linux_view *view,
					  struct pvhload_error *err)
{
	const bool high = word(view, PVHLOAD_ZERO_EXT_RAMDISK_IMAGE) != 0 ||
			  word(view, PVHLOAD_ZERO_EXT_RAMDISK_SIZE) != 0 ||
			  word(view, PVHLOAD_ZERO_EXT_CMD_LINE_PTR) != 0;

	if (view->sentinel == 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
			"the sentinel is 0x%" PRIx32
			", not 0: Linux takes the page for a copied file "
			"and wipes most of it%s%s",
			view->sentinel, view->rsdp_gpa ? "; the RSDP's address is lost" : "",
			high ? "; addresses and sizes of 4 GiB or more lose their high halves"
			     : "");
}

static enum pvhload_status check_loader(const struct pvhload_linux_view *view,
					struct pvhload_error *err)
{
	if (view->type_of_loader != 0 || view->initrd_size == 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
			"type_of_loader is 0: Linux ignores the initrd");
}

static enum pvhload_status check_sizes(const struct pvhload_linux_view *view,
				       struct pvhload_error *err)
{
	const bool alignment = view->boot_protocol >= PVL_PROTOCOL_2_05 &&
			       word(view, PVHLOAD_SETUP_ALIGNMENT) == 0;
	const bool size = view->boot_protocol >= PVL_PROTOCOL_2_10 &&
			  word(view, PVHLOAD_SETUP_INIT_SIZE) == 0;
	const char *what = alignment && size ? "kernel_alignment and init_size are"
			   : alignment       ? "kernel_alignment is"
					     : "init_size is";

	if ((!alignment && !size) || pvl_linux_is_made(view))
		return PVHLOAD_OK;
	return pvl_fail(
		err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
		"%s 0: a bzImage that decodes itself takes that from here and dies without a "
		"word",
		what);
}

static enum pvhload_status check_init_size(const struct pvhload_linux_view *view,
					   struct pvhload_error *err)
{
	const uint32_t size = word(view, PVHLOAD_SETUP_INIT_SIZE);
	const uint32_t payload = word(view, PVHLOAD_SETUP_PAYLOAD_LENGTH);

	if (view->boot_protocol < PVL_PROTOCOL_2_10 || size == 0 || size >= payload)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
			"init_size is 0x%" PRIx32 ", 0x%" PRIx32
			" less than payload_length, 0x%" PRIx32
			": a bzImage that decodes itself there dies without a word",
			size, payload - size, payload);
}

enum pvhload_status pvl_linux_check_page(struct pvl_check *check,
					 const struct pvhload_linux_view *view,
					 struct pvhload_error *err)
{
	static page_rule *const rules[] = { check_sentinel, check_loader, check_sizes,
					    check_init_size };
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		PVL_TRY(pvl_check_rule(check, rules[i](view, &found), &found, err));
	return PVHLOAD_OK;
}
