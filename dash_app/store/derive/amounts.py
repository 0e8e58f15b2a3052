"""Amounts in the portal's base currency, exactly: integers all the way, one rounding to eight decimals at the end."""

from __future__ import annotations

from decimal import Decimal

import duckdb

_OPPORTUNITY, _RATE, _RESULT = 4, 8, 8
"""Decimals of ``opportunity``, of a currency's ``amount`` and of the fact's ``amount``."""


def rates(con: duckdb.DuckDBPyConnection, base: str) -> None:
    """``rates``: currency -> numerator and denominator that turn an opportunity in 1/10^4 into an amount in 1/10^8.

    The portal says "``amount_cnt`` units cost ``amount`` of the base currency". A rate of 0 or none is no rate.
    """
    con.execute("CREATE TEMP TABLE rates (currency VARCHAR, up HUGEINT, down HUGEINT)")
    shift = 10 ** (_RESULT - _OPPORTUNITY)
    con.execute("INSERT INTO rates VALUES (?, ?, 1)", [base, shift])
    seen = {base}
    for currency, amount, count in con.execute(
        "SELECT currency, amount, coalesce(amount_cnt, 1) FROM raw.currencies ORDER BY ALL"
    ).fetchall():
        if currency is None or currency in seen or not amount or amount < 0 or count < 1:
            continue
        seen.add(currency)
        con.execute(
            "INSERT INTO rates VALUES (?, ?, ?)",
            [currency, int(Decimal(amount).scaleb(_RATE)) * shift, count * 10**_RATE],
        )


AMOUNT = """
    CASE WHEN c.opportunity IS NULL OR c.opportunity = 0 THEN NULL
         ELSE TRY(CAST(
             CAST((2 * CAST(c.opportunity * 10000 AS HUGEINT) * q.up + sign(c.opportunity)::HUGEINT * q.down) // (2 * q.down) AS DECIMAL(38,0))
             * CAST(0.00000001 AS DECIMAL(9,8)) AS DECIMAL(28,8))) END
"""
"""SQL over a card ``c`` and its rate ``q``: NULL without an amount or a rate, and beyond any sensible size."""
