/** A stand-in for Surfer: an editor that shows a recording, and no commands. */

const vscode = require("vscode");

const provider = {
  openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
  resolveCustomEditor: (document, panel) => {
    panel.webview.html = `<h1>waves</h1><p>${document.uri.path.split(".").at(-1)}</p>`;
  },
};

exports.activate = ({ subscriptions }) => {
  subscriptions.push(vscode.window.registerCustomEditorProvider("surfer.waveformViewer", provider));
};
