"""What the client can do, as far as we ask: pure."""

from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from spec2rtl.lsp.wire import Options

_NONE = types.ClientCapabilities()


class Client:
    """A client's abilities, as it tells them at `initialize`; all off where it says nothing."""

    def __init__(
        self, options: Options | None = None, capabilities: types.ClientCapabilities = _NONE
    ) -> None:
        def can(field: str) -> Any:
            return get_capability(capabilities, field)

        self.options = options or Options()
        self.pulls = can("text_document.diagnostic") is not None
        self.pulls_related = bool(can("text_document.diagnostic.related_document_support"))
        self.refreshes_diagnostics = bool(can("workspace.diagnostics.refresh_support"))
        self.refreshes_lenses = bool(can("workspace.code_lens.refresh_support"))
        notes = can("text_document.publish_diagnostics.related_information")
        self.shows_related = bool(notes) or self.pulls
        action = "text_document.code_action"
        self.action_literals = can(f"{action}.code_action_literal_support") is not None
        self.disabled_actions = bool(can(f"{action}.disabled_support"))
        resolved = can(f"{action}.resolve_support.properties") or ()
        self.resolves_edits = "edit" in resolved and bool(can(f"{action}.data_support"))
        edit = "workspace.workspace_edit"
        self.versioned_edits = bool(can(f"{edit}.document_changes"))
        self.annotates_edits = can(f"{edit}.change_annotation_support") is not None
        self.creates_files = "create" in (can(f"{edit}.resource_operations") or ())
        self.applies_edits = bool(can("workspace.apply_edit"))
        self.configuration = bool(can("workspace.configuration"))
        registers = "dynamic_registration"
        self.watches = bool(can(f"workspace.did_change_watched_files.{registers}"))
        self.registers_configuration = bool(can(f"workspace.did_change_configuration.{registers}"))
        self.progress = bool(can("window.work_done_progress"))
        self.asks = can("window.show_message") is not None
        symbol = "text_document.document_symbol"
        self.symbol_trees = bool(can(f"{symbol}.hierarchical_document_symbol_support"))
