"""Sums, written as characters."""
