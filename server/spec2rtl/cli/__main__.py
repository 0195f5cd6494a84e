"""`python -m spec2rtl.cli`."""

from spec2rtl.cli.main import entry

entry()
