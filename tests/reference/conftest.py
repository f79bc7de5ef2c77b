"""The scripts that make the reference values need PyTorch and scikit-learn, which the suite does not."""

collect_ignore = ["make.py", "make_scikit_learn.py"]
