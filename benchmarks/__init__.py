"""layerkit, the floors and the peers, measured side by side in one run: ``python -m benchmarks --help``."""
