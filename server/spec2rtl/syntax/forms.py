"""How the bits of a module's names are read: signed or not, and how they are numbered."""

from collections.abc import Collection, Iterator

from spec2rtl.syntax.constants import evaluate
from spec2rtl.syntax.expression import PLAIN, Form
from spec2rtl.syntax.lexer import Kind, Token, brackets, join
from spec2rtl.syntax.scope import Scope

_SIGNED = frozenset(("signed", "integer", "int", "byte", "shortint", "longint"))


def forms(scope: Scope, signed_types: Collection[str]) -> dict[str, Form]:
    """The names that are read otherwise than as a number without a sign that ends with bit 0."""
    declared = [
        (name, scope.tokens[d.first : d.at])
        for name, declarations in scope.declarations.items()
        for d in declarations
    ]
    found: dict[str, Form] = {}
    for name, words in (*declared, *_typed(scope.tokens, signed_types)):
        form = _form(words, signed_types)
        before = found.get(name, PLAIN)
        last = form.last if before.last == 0 else before.last
        found[name] = Form(form.signed or before.signed, last)
    return {name: form for name, form in found.items() if form != PLAIN}


def _form(words: list[Token], signed_types: Collection[str]) -> Form:
    partners = brackets(words)
    ranges = [words[i + 1 : partners[i]] for i, word in enumerate(words) if word.text == "["]
    texts = {word.text for word in words}
    signed = bool(texts & (_SIGNED | {*signed_types})) and "unsigned" not in texts
    return Form(signed, 0 if not ranges else _last(ranges[0]) if len(ranges) == 1 else None)


def _last(tokens: list[Token]) -> int | None:
    """The number of the last bit; None where they count up, or it can't be told."""
    high, colon, low = join(tokens).partition(":")
    first, last = evaluate(high, {}), evaluate(low, {})
    return last if colon and (first is None or last is None or first >= last) else None


def _typed(tokens: list[Token], types: Collection[str]) -> Iterator[tuple[str, list[Token]]]:
    """The names that a type's name declares: `word_t total;`."""
    for i, token in enumerate(tokens[:-2]):
        if token.text in types and tokens[i + 1].kind is Kind.NAME and tokens[i + 2].text in ";,=":
            yield tokens[i + 1].text, [token]


def signed_types(tokens: list[Token]) -> Iterator[str]:
    """The types that a text defines as signed numbers."""
    for i, token in enumerate(tokens):
        if token.text != "typedef":
            continue
        end = next((j for j in range(i, len(tokens)) if tokens[j].text in ";{"), i)
        words = {word.text for word in tokens[i:end]}
        if tokens[end].text == "{":
            words |= {"int"} if words == {"typedef", "enum"} else set()
            end = next((j for j in range(end, len(tokens)) if tokens[j].text == ";"), end)
        if words & _SIGNED and not words & {"unsigned", "struct", "union"}:
            yield tokens[end - 1].text
