"""What can be wrong with a wish for invented data."""

from __future__ import annotations

from studyspec.source import Diagnostic


def on_register(site: str) -> Diagnostic:
    return Diagnostic(
        "synth-on-register",
        f"The site {site} holds register data, and invented data are never made for such a site.",
        remedy="Make a site of kind `synthetic` with the same model and binding, and generate for that one.",
    )


def folder_in_use(folder: str) -> Diagnostic:
    return Diagnostic(
        "synth-folder-in-use",
        f"The folder {folder} holds files that are not invented data made here before.",
        remedy="Name a folder that does not exist yet, or one that is empty.",
    )


def unwritable(folder: str) -> Diagnostic:
    return Diagnostic(
        "synth-unwritable",
        f"Invented data could not be written to {folder}.",
        remedy="Check that the folder's parent exists, that you may write there, and that the disk has room.",
    )


def entity_count(entities: int, most: int) -> Diagnostic:
    return Diagnostic(
        "synth-entity-count",
        f"Invented data can be made for 1 to {most:,} entities, not for {entities:,}.",
        remedy="Give another number.",
    )


def hint(place: str, key: str, wanted: str) -> Diagnostic:
    return Diagnostic(
        "synth-hint",
        f"The hint `{key}` of {place} should be {wanted}.",
        remedy="Mend the hint under `synth` in the model, or leave it out.",
    )


def circular(tables: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "synth-circular",
        f"The tables {', '.join(tables)} are each said to follow one another, so that none can come first.",
        remedy="Take `follows` away from one of them.",
    )


def physical_name(name: str) -> Diagnostic:
    return Diagnostic(
        "synth-physical-name",
        f"The physical table {name!r} cannot be the name of a file.",
        remedy="Use a database file (format duckdb) for this binding.",
    )


def engine() -> Diagnostic:
    return Diagnostic(
        "synth-engine",
        "The database could not make the invented data.",
        remedy="Check that there is enough memory and disk, and try fewer entities.",
    )
