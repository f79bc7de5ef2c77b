"""What layerkit promises of files, resumed runs and faults, tried often: `python -m benchmarks.reliability`."""
