"""Measured targets, as ratios in one run."""
