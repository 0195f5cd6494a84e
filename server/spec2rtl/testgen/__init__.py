"""Tests written from a spec, and how much tests notice: mutants, stubs, prompts, acceptance."""
