"""The only way to start a program."""
