"""Failures explained from what was recorded of them, without a model."""
