"""What can be measured; each part is one module with ``measure`` and ``table``."""
