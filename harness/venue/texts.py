"""The words with which the exchange refuses a read or a request about an account (CLOB docs, error codes)."""

from __future__ import annotations

from typing import Final

INVALID_TOKEN: Final = "Invalid token id"
INVALID_MARKET: Final = "Invalid market"
INVALID_SIDE: Final = "Invalid side"
INVALID_PAYLOAD: Final = "Invalid payload"
TOO_MANY: Final = "Payload exceeds the limit"
NO_MARKET: Final = "market not found"
NO_ORDERBOOK: Final = "No orderbook exists for the requested token id"
NO_FEE_RATE: Final = "fee rate not found for market"
NEGATIVE_CURSOR: Final = "next item should be greater than or equal to 0"
INVALID_CURSOR: Final = "invalid next_cursor"
START_REQUIRED: Final = "startTs is required"
ASSET_REQUIRED: Final = "asset_id is required"
ASSET_OR_MARKET_REQUIRED: Final = "either market or asset_id must be provided"
INVALID_FIDELITY: Final = "invalid fidelity: {value}"
INVALID_INTERVAL: Final = "invalid interval: {value}"
HISTORY_LIMIT: Final = "limit cannot exceed 1000"
