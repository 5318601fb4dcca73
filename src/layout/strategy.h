/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What layout.c and strategy.c have of each other. */
#ifndef PVL_LAYOUT_STRATEGY_H
#define PVL_LAYOUT_STRATEGY_H

#include "layout/layout.h"

/* Place everything by one strategy, from the claims that were saved on. */
enum pvhload_status pvl_layout_try(struct pvl_layout *layout, const struct pvl_strategy *strategy,
				   struct pvhload_error *err);

/* Fill layout->files: as the parts are listed, or the largest first. */
enum pvhload_status pvl_layout_order_files(struct pvl_layout *layout, bool by_size,
					   struct pvhload_error *err);

#endif
