"""`python -m spec2rtl.cli`."""

from spec2rtl.cli.start import entry

entry()
