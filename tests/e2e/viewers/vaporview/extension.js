/**
 * A stand-in for VaporView, by what its API documentation and its commands do: a document counts
 * once its editor is there, and is found by the text of its URI. It shows what it was asked for.
 */

const vscode = require("vscode");

const panels = new Map();

const provider = {
  openCustomDocument: (uri) => ({ uri, dispose: () => panels.delete(uri.toString()) }),
  resolveCustomEditor: (document, panel) => {
    panel.webview.html = "<h1>waves</h1>";
    panels.set(document.uri.toString(), panel);
  },
};

/** Shows one more thing in the file's editor. */
function show(given, what) {
  const panel = panels.get(given.uri);
  if (panel) {
    panel.webview.html += `<p>${what}</p>`;
  } else {
    vscode.window.showErrorMessage(`Document not found: ${given.uri.fsPath}`);
  }
}

exports.activate = ({ subscriptions }) => {
  const commands = {
    "waveformViewer.getOpenDocuments": () => [...panels.keys()],
    "waveformViewer.addVariable": (given) => show(given, `signal ${given.instancePath}`),
    "waveformViewer.setMarker": (given) => show(given, `marker ${given.time} ${given.units}`),
  };
  for (const [name, command] of Object.entries(commands)) {
    subscriptions.push(vscode.commands.registerCommand(name, command));
  }
  subscriptions.push(
    vscode.window.registerCustomEditorProvider("vaporview.waveformViewer", provider),
  );
};
