/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is said of a session's steps, once they are done. */
#ifndef TOOL_SESSION_STEPS_H
#define TOOL_SESSION_STEPS_H

#include "session.h"

/* What has been decoded for the plan. */
void session_say_decoded(const struct session *s, struct progress *progress);

/* What has been written to guest memory, by the step @name. */
void session_say_written(const struct session *s, const char *name, struct progress *progress);

#endif
