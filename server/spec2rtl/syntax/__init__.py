"""What the text of RTL and tests tells; pure."""
