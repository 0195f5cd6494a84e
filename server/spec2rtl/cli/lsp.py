"""`lsp`: the language server, over stdio or a socket."""

import argparse

from spec2rtl.lsp.server import serve


def lsp(args: argparse.Namespace) -> int:
    """`spec2rtl lsp`."""
    return serve(args.tcp)
