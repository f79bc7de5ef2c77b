"""The scripts that make the reference values need PyTorch, which the suite does not."""

collect_ignore_glob = ["make*.py"]
