"""From replies to candidates; pure."""
