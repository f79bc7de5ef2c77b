"""The scripts that make the reference values need PyTorch, scikit-learn or mpmath, which the suite does not."""

collect_ignore_glob = ["make*.py"]
