"""What reading flow logs costs on Athena, in US dollars."""

import math

PRICE_PER_TB = 5.0
"""Dollars for a terabyte scanned, in most Regions."""

_MEGABYTE = 10**6
_TERABYTE = 10**12
"""AWS does not say which terabyte it means; the smaller one never promises too little."""

_LEAST = 10 * _MEGABYTE


def athena_dollars(scanned: int, price_per_tb: float = PRICE_PER_TB) -> float:
    """Dollars for a query that scanned some bytes: rounded up to the megabyte, at least 10 MB.

    https://aws.amazon.com/athena/pricing/
    """
    billed = max(_LEAST, math.ceil(scanned / _MEGABYTE) * _MEGABYTE)
    return billed / _TERABYTE * price_per_tb


def human_dollars(dollars: float) -> str:
    """`$0.05`, `$12.30`; a small amount keeps two significant digits: `$0.000050`."""
    if dollars >= 0.1 or dollars == 0:
        return f"${dollars:,.2f}"
    digits = 1 - math.floor(math.log10(dollars))
    return f"${dollars:.{digits}f}"
