"""The scripts that make the reference values need PyTorch or scikit-learn, which the suite does not."""

collect_ignore = ["make.py", "make_binary_cross_entropy.py", "make_metrics.py", "make_scikit_learn.py"]
