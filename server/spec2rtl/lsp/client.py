"""What the client can do, as far as we ask: pure."""

from lsprotocol import types
from msgspec import Struct, field

from spec2rtl.lsp.wire import Options


class Client(Struct, frozen=True):
    """A client's abilities, all off where it says nothing."""

    options: Options = field(default_factory=Options)
    pulls: bool = False
    pulls_related: bool = False
    refreshes_diagnostics: bool = False
    refreshes_lenses: bool = False
    shows_related: bool = False
    resolves_edits: bool = False
    action_literals: bool = False
    disabled_actions: bool = False
    versioned_edits: bool = False
    creates_files: bool = False
    annotates_edits: bool = False
    applies_edits: bool = False
    progress: bool = False
    configuration: bool = False
    watches: bool = False
    registers_configuration: bool = False
    asks: bool = False
    symbol_trees: bool = False


def read_client(capabilities: types.ClientCapabilities, options: Options) -> Client:
    """Read the capabilities of `initialize`."""
    workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
    document = capabilities.text_document or types.TextDocumentClientCapabilities()
    window = capabilities.window or types.WindowClientCapabilities()
    edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
    action = document.code_action or types.CodeActionClientCapabilities()
    publish = document.publish_diagnostics or types.PublishDiagnosticsClientCapabilities()
    symbol = document.document_symbol or types.DocumentSymbolClientCapabilities()
    resolve = action.resolve_support
    watched, changed = workspace.did_change_watched_files, workspace.did_change_configuration
    refresh, lens = workspace.diagnostics, workspace.code_lens
    return Client(
        options=options,
        pulls=document.diagnostic is not None,
        pulls_related=bool(document.diagnostic and document.diagnostic.related_document_support),
        refreshes_diagnostics=bool(refresh and refresh.refresh_support),
        refreshes_lenses=bool(lens and lens.refresh_support),
        shows_related=bool(publish.related_information or document.diagnostic),
        resolves_edits=bool(resolve and "edit" in resolve.properties and action.data_support),
        action_literals=action.code_action_literal_support is not None,
        disabled_actions=bool(action.disabled_support),
        versioned_edits=bool(edit.document_changes),
        creates_files=types.ResourceOperationKind.Create in (edit.resource_operations or ()),
        annotates_edits=edit.change_annotation_support is not None,
        applies_edits=bool(workspace.apply_edit),
        progress=bool(window.work_done_progress),
        configuration=bool(workspace.configuration),
        watches=bool(watched and watched.dynamic_registration),
        registers_configuration=bool(changed and changed.dynamic_registration),
        asks=window.show_message is not None,
        symbol_trees=bool(symbol.hierarchical_document_symbol_support),
    )
