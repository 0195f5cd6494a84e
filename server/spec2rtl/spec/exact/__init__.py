"""The parts of a spec that are exact in themselves; pure."""
