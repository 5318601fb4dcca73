/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What must hold of any file as a kernel image. */
#ifndef FUZZ_IMAGE_CHECK_H
#define FUZZ_IMAGE_CHECK_H

#include <pvhload/pvhload.h>

#include "bytes.h"
#include "fuzz.h"

/* A target's own look at an image that was opened: what it says against the bytes of the file. */
typedef void image_look(struct pvhload_image *image, const struct bytes *file);

/*
 * Open, describe, load, plan by each protocol and commit, by two kinds of source.  Statuses are those that a file can be
 * to blame for; errors are whole; outputs of what fails are untouched; writes stay in RAM.  @look may be NULL.
 *
 * @only, of any value, says by which protocol besides PVHLOAD_PROTOCOL_AUTO, which tries most of them: 0, modulo 6, is
 * each of them.
 */
void image_check(const struct bytes *file, image_look *look, unsigned int only);

#endif
