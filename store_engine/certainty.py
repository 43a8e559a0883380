"""How sure we are of a line, in words that a shopper understands."""

from store_engine.messages import ReceiptLine

# How a posterior reads (guess: the words people choose for such odds in everyday English).
SURE_ABOVE = 0.99
FAIRLY_SURE_ABOVE = 0.95


def certainty(line: ReceiptLine) -> str:
    """Return how sure we are of a line, in words."""
    if line.held:
        return f"Not charged: from {line.minimum_age} years, and we do not know your age"
    if not line.charged:
        return "Not charged: we were not sure"
    if line.posterior >= SURE_ABOVE:
        return "We are sure"
    return "Fairly sure" if line.posterior >= FAIRLY_SURE_ABOVE else "Probably"
