"""What an activity weighs. SQL over ``activities``."""

from __future__ import annotations

from typing import Final

POINTS: Final = (
    "CAST(CASE kind WHEN 'call_out' THEN $weight_call WHEN 'call_in' THEN $weight_call WHEN 'email_out' THEN $weight_email "
    "WHEN 'message_out' THEN $weight_message WHEN 'message_in' THEN $weight_message WHEN 'meeting' THEN $weight_meeting ELSE $weight_todo END AS DECIMAL(12,4))"
)
"""SQL: points of one counted activity, by the weights of the settings."""
