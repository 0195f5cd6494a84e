"""Reads specifications; pure."""
