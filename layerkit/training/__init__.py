"""Training: the trainer, and what it needs."""
