"""Write the files that are made from the product's types: schemas, settings, the wire in TypeScript.

python -m scripts.generated           writes them
python -m scripts.generated --check   names those that have drifted, and fails
"""

import sys
from pathlib import Path

from scripts import extension_settings, schemas, wire

ROOT = Path(__file__).parent.parent


def files() -> dict[Path, str]:
    """What each of them has to say."""
    return {
        **{schemas.FOLDER / f"{name}.json": schemas.schema(name) for name in schemas.SCHEMAS},
        wire.FILE: wire.text(),
        extension_settings.PACKAGE: extension_settings.text(),
    }


def drifted() -> list[str]:
    """Those that say something else, and schemas of nothing that is there."""
    wanted = files()
    found = {path: path.read_text("utf-8") for path in wanted if path.exists()}
    stale = {path for path, text in wanted.items() if found.get(path) != text}
    stale |= set(schemas.FOLDER.glob("*.json")) - wanted.keys()
    return sorted(str(path.relative_to(ROOT)) for path in stale)


def main() -> int:
    """Write or check."""
    if "--check" in sys.argv:
        for name in (stale := drifted()):
            sys.stderr.write(f"{name} has drifted: run `make generated`\n")
        return bool(stale)
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
