"""Adapters to the models; only this package talks HTTP."""
