"""Every run, kept as it happens: log, replay fixture and what `resume` goes on from."""
