# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Medians and quartiles."""


def quantile(values, share):
    """Between two of them, in proportion."""
    values = sorted(values)
    at = (len(values) - 1) * share
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def median(values):
    return quantile(values, 0.5)


class Spread:
    """A median with the quartiles around it."""

    def __init__(self, values):
        self.count = len(values)
        self.low, self.middle, self.high = (quantile(values, q) for q in (0.25, 0.5, 0.75))
