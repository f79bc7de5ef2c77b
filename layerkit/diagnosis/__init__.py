"""Why a network does not learn: what is known before the first step, and what shows itself while it trains."""
