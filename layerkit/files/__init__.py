"""Files: models and checkpoints, written whole, read without running anything in them."""
