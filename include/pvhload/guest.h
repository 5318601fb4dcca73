/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * All that a kernel needs to be entered by PVH and to read what it was given.
 *
 * For kernels, the other side of the boot: freestanding C11 or C++11, every function inline, nothing of the library and
 * of a C library called; and in assembly the notes alone.  A VMM has pvhload/pvhload.h.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_H
#define PVHLOAD_GUEST_H

#include <pvhload/guest_note.h>
#ifndef __ASSEMBLER__
#include <pvhload/guest_print.h>
#include <pvhload/guest_reach.h>
#include <pvhload/guest_setup_data.h>
#include <pvhload/guest_start_info.h>
#include <pvhload/guest_zero_page.h>
#endif

#endif
