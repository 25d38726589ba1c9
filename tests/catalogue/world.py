"""The parish of docs/models.md as files, and ways to spoil it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from studyspec.catalogue.load import load_catalogue, load_model, load_site
from studyspec.catalogue.types import Catalogue
from studyspec.language import tree
from studyspec.source import Diagnostic, Refused, Source, Span

ROOT = Path(__file__).parent.parent.parent
_BLOCK = re.compile(r"^```(?:yaml|csv)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY_HASH = "sha256:" + "0" * 64


def blocks() -> dict[str, str]:
    """path -> text of every example in docs/models.md."""
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    return dict(_BLOCK.findall(text))


def build(folder: Path) -> Path:
    """Write the parish into a folder, its site accepting its model."""
    for name, text in blocks().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    model, _ = load_model(folder / "models" / "parish.yaml")
    change(folder / "site.yaml", _ANY_HASH, model.hash)
    (folder / "town.csv").write_text("code,label_en,group\n01,Cathedral,town\n02,Harbour,\n", encoding="utf-8")
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} does not stand in {file.name}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def study(
    model: str = "parish", version: int = 1, codelists: tuple[tuple[str, str], ...] = (), name: str = "my.study"
) -> tree.Document:
    """A study that names a model and code lists and says nothing else."""
    lines = ["study s version 1", f"model {model} {version}", *(f'codelist {n} "{p}"' for n, p in codelists)]
    source = Source(name, "\n".join(lines) + "\n")

    def at(text: str, after: int = 0) -> Span:
        start = source.text.index(text, after)
        return source.span(start, start + len(text))

    uses = []
    for line, (listed, path) in zip(lines[2:], codelists, strict=True):
        place = at(line)
        uses.append(
            tree.UseCodelist(
                name=tree.Name(text=listed, span=at(listed, place.start + 9)),
                path=tree.Text(value=path, span=at(f'"{path}"', place.start)),
                span=place,
            )
        )
    return tree.Document(
        header=tree.Header(name=tree.Name(text="s", span=at("s")), version="1", span=at(lines[0])),
        language=tree.Language(code="en", span=at(lines[0])),
        model=tree.UseModel(name=tree.Name(text=model, span=at(model)), version=version, span=at(lines[1])),
        codelists=tuple(uses),
        span=source.span(0, len(source.text)),
    )


def load(folder: Path, document: tree.Document | None = None, *, site: bool = True) -> Catalogue:
    return load_catalogue(document or study(), folder, load_site(folder / "site.yaml") if site else None)


def refusals(act: Callable[..., object], *arguments: object) -> tuple[Diagnostic, ...]:
    """What an act is refused for; nothing when it is not refused."""
    try:
        act(*arguments)
    except Refused as refused:
        return refused.diagnostics
    return ()


def underlined(diagnostic: Diagnostic) -> str | None:
    return diagnostic.span.text if diagnostic.span is not None else None
