"""Pull diagnostics: what is wrong in a document as it is now."""

import hashlib

from lsprotocol import types

from spec2rtl.lsp.index import is_verilog
from spec2rtl.lsp.server import Server


async def pull(
    ls: Server, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Answer with what slang says at once; the compiler's word follows by a refresh."""
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    path = document.path
    checked = await ls.checker.read(path) if is_verilog(path) else None
    uris = ls.checker.tell(path, await ls.checker.diagnostics(path, checked)) - {document.uri}
    own = ls.checker.said_of(document.uri, pulled=True)
    told = uris if ls.client.pulls_related else ()
    found = {uri: ls.checker.said_of(uri, pulled=True) for uri in sorted(told)}
    name = hashlib.sha256(repr((own, found)).encode()).hexdigest()[:16]
    if params.previous_result_id == name:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
    related = {uri: types.FullDocumentDiagnosticReport(items=items) for uri, items in found.items()}
    return types.RelatedFullDocumentDiagnosticReport(
        items=own, result_id=name, related_documents=related or None
    )
