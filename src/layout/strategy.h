/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What strategy.c needs of layout.c. */
#ifndef PVL_LAYOUT_STRATEGY_H
#define PVL_LAYOUT_STRATEGY_H

#include "layout/layout.h"

/* Place everything by one strategy, from the claims that were saved on; layout->files has the order. */
enum pvhload_status pvl_layout_try(struct pvl_layout *layout, const struct pvl_strategy *strategy,
				   struct pvhload_error *err);

#endif
