/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Making a tree alone, for a VMM that does its own boot setup. */
#include "abi/sizes.h"
#include "core/libc.h"
#include "core/sized.h"
#include "fdt/fdt.h"

/* Where the caller wants the tree; without @dst, its size alone. */
struct output {
	void *dst;
	size_t capacity;
	size_t *ret_size;
};

static enum pvhload_status check_params(const struct pvhload_fdt_params *params,
					struct pvhload_fdt_params *ret, struct pvl_range *initrd,
					struct pvhload_error *err)
{
	static const struct pvhload_fdt_params none = PVHLOAD_FDT_PARAMS_INIT;

	if (!pvl_sized_in(ret, sizeof(*ret), params ? params : &none, PVL_V1_FDT_PARAMS))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"bad struct_size of struct pvhload_fdt_params");
	if (!pvl_range_make(ret->initrd_gpa, ret->initrd_size, initrd))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(ret->initrd_gpa),
				"the initrd, 0x%" PRIx64 " bytes at 0x%" PRIx64 ", passes 2^64",
				ret->initrd_size, ret->initrd_gpa);
	return PVHLOAD_OK;
}

static enum pvhload_status copy_out(const struct pvl_fdt *fdt, const struct output *out,
				    struct pvhload_error *err)
{
	if (out->dst && out->capacity < fdt->size)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the device tree takes %zu bytes, and there is room for %zu",
				fdt->size, out->capacity);
	if (out->dst)
		memcpy(out->dst, fdt->bytes, fdt->size);
	*out->ret_size = fdt->size;
	return PVHLOAD_OK;
}

/* The whole edit; @made is to be freed in any case. */
static enum pvhload_status edit(const struct pvhload_fdt *fdt, const struct pvhload_fdt_params *p,
				struct pvl_range initrd, const struct output *out,
				struct pvl_fdt *made, struct pvhload_error *err)
{
	const struct pvl_fdt_wanted wanted = { fdt, p->cmdline, p->memmap, p->initrd_size != 0 };

	PVL_TRY(pvl_fdt_make(&wanted, made, err));
	if (wanted.has_initrd)
		pvl_fdt_set_initrd(made, initrd);
	return copy_out(made, out, err);
}

enum pvhload_status pvhload_fdt_edit(const struct pvhload_fdt *fdt,
				     const struct pvhload_fdt_params *params, void *dst,
				     size_t capacity, size_t *ret_size, struct pvhload_error *err)
{
	struct pvhload_fdt_params p;
	struct pvl_range initrd;
	struct pvl_fdt made = { 0 };
	struct output out = { dst, capacity, ret_size };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!ret_size)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "no place for the size");
	PVL_TRY(check_params(params, &p, &initrd, err));
	status = edit(fdt, &p, initrd, &out, &made, err);
	pvl_fdt_free(&made);
	return status;
}
