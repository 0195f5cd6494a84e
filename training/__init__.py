"""Data, fine-tuning and reinforcement learning: one script per stage, numbers in recipes."""
