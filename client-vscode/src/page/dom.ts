/** Elements made from text: nothing of a run is ever read as HTML. */

export function element(tag: string, text: string, className = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

export function button(text: string, pressed: () => void): HTMLElement {
  const made = element("button", text);
  made.addEventListener("click", pressed);
  return made;
}

export function details(title: string, body: readonly Node[], open: boolean): HTMLElement {
  const made = document.createElement("details");
  made.open = open;
  made.append(element("summary", title), ...body);
  return made;
}

/** A table whose first column, and first row where there is one, are headers. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  className = "",
): HTMLElement {
  const made = document.createElement("table");
  made.className = className;
  made.append(element("caption", caption));
  if (head.length) {
    const row = made.createTHead().insertRow();
    row.append(...head.map((text) => scoped(text, "col")));
  }
  const body = made.createTBody();
  for (const [first = "", ...rest] of rows) {
    const row = body.insertRow();
    row.append(scoped(first, "row"), ...rest.map((text) => element("td", text, kindOf(text))));
  }
  return made;
}

function scoped(text: string, scope: "row" | "col"): HTMLElement {
  const made = element("th", text);
  made.setAttribute("scope", scope);
  return made;
}

function kindOf(text: string): string {
  return text.startsWith("✓") ? "verified" : text.startsWith("✗") ? "failed" : "";
}
