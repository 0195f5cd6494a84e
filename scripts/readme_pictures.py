"""Put the pictures of the extension's README into the packed extension's own.

python -m scripts.readme_pictures VSIX

An installed extension's page shows pictures only from the web or from the text itself, and `vsce`
leaves relative links as they are.
"""

import base64
import re
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

CLIENT = Path(__file__).parent.parent / "client-vscode"
README = "extension/readme.md"


def with_pictures(text: str, folder: Path) -> str:
    """The text with each PNG that it names as a relative path in it."""

    def embedded(found: re.Match[str]) -> str:
        data = base64.b64encode((folder / found[2]).read_bytes()).decode()
        return f"![{found[1]}](data:image/png;base64,{data})"

    return re.sub(r"!\[([^\]]*)\]\(([^):]+\.png)\)", embedded, text)


def main(vsix: Path) -> None:
    """Write the package anew."""
    with ZipFile(vsix) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    files[README] = with_pictures(files[README].decode(), CLIENT).encode()
    with ZipFile(vsix, "w", ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
