"""The command line: reads arguments, prints events."""
