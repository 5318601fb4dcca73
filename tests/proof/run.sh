#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
# Prove by Frama-C's Eva that the code of each driver here has no undefined behaviour, whatever the input up to its
# bound: docs/testing.md, "Proofs".  On Debian 12 the package is frama-c-base.
#
#     sh tests/proof/run.sh [NAME...]              all drivers, or these
#     sh tests/proof/run.sh --self-test [NAME...]  with a check of the library taken out: each has to fail
#
# PROOF_MACHINE=gcc_x86_32 in the environment has the code for 32 bits.
command -v frama-c >/dev/null || { echo "run.sh: there is no frama-c (Debian's package is frama-c-base)" >&2; exit 1; }
exec python3 "$(dirname "$0")/prove.py" "$@"
