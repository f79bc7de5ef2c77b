"""Networks: how layers become a model with values."""
