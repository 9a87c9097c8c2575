"""The authors' tool: check the content, import a page, show cells, print the schema of the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from content import importer
from content.assemble import fold
from content.check import check as check_content
from content.faults import Fault, Faults
from content.form import schema as schema_of_files
from content.load import HERE, load_matrix
from content.matrix import Cell, Matrix

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

Folder = Annotated[Path | None, typer.Option(help="A content folder; the shipped one unless given.")]


@app.command()
def check(folder: Folder = None) -> None:
    """Load everything, and tell every fault with its file and line."""
    checked = check_content(folder)
    if checked.faults:
        _tell(checked.faults)
        raise typer.Exit(1)
    out.print(f"All is well: {', '.join(f'{what} {count}' for what, count in checked.counts.items())}.")


@app.command("import")
def import_(
    page: Annotated[Path, typer.Argument(help="A page of a skills catalogue, saved as text.")],
    skill: Annotated[str | None, typer.Option(help="The skill's name; from the page's file name unless given.")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="The YAML file to write, beside the framework's.")] = None,
    version: Annotated[str | None, typer.Option(help="The framework's version; the page's year.month.")] = None,
) -> None:
    """Turn a page into YAML; clauses that were imported before keep their keys."""
    target = file or HERE / "framework" / f"{importer.identifier(skill or importer.name_of(page))}.yaml"
    try:
        done = importer.import_page(page, target, skill=skill, version=version)
    except Faults as found:
        _tell(found.faults)
        err.print("Nothing was written.")
        raise typer.Exit(1) from None
    importer.write(target, done.yaml)
    out.print(f"{done.cells} cells with {done.clauses} clauses are now in {escape(_near(target))}.")
    for edit in done.edits or ():
        sign, colour = (
            ("+", "green") if edit.before is None else ("-", "red") if edit.after is None else ("~", "yellow")
        )
        out.print(f"[{colour}]{sign} {edit.clause}[/]")
        for mark, text in (("-", edit.before), ("+", edit.after)):
            if text is not None:
                out.print(f"    {mark} {escape(text)}")
    if done.edits == ():
        out.print("Every clause is as it was.")


@app.command()
def show(
    words: Annotated[list[str], typer.Argument(help="A skill, a role, a level, or several, by name or nickname.")],
    folder: Folder = None,
) -> None:
    """Print the cells of a skill, a role or a level, with the ids of their clauses."""
    try:
        matrix = load_matrix(folder)
    except Faults as found:
        _tell(found.faults)
        raise typer.Exit(1) from None
    wanted, unknown = _things(matrix, fold(" ".join(words)).split())
    if unknown:
        err.print(f"The framework knows no “{escape(' '.join(unknown))}”. It knows:")
        for things in (matrix.skills, matrix.roles, matrix.levels):
            err.print("  " + escape(", ".join(one.name.best(matrix.language)[0] for one in things.values())))
        raise typer.Exit(1)
    cells = [cell for cell in matrix.cells.values() if _fits(cell, wanted)]
    if not cells:
        err.print("The framework has no cell for that.")
        raise typer.Exit(1)
    for cell in cells:
        _show(matrix, cell)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the framework's files."""
    typer.echo(json.dumps(schema_of_files(), indent=2, ensure_ascii=False))


def _things(matrix: Matrix, words: list[str]) -> tuple[set[tuple[str, str]], list[str]]:
    """What the words call, longest names first, as (kind, id); and the words that call nothing."""
    called: dict[str, set[tuple[str, str]]] = {}
    for kind, things in (("skill", matrix.skills), ("role", matrix.roles), ("level", matrix.levels)):
        for one in things.values():
            nicknames = (word for some in one.nicknames.values() for word in some)
            for name in (one.id, *one.name.texts.values(), *nicknames):
                called.setdefault(fold(name), set()).add((kind, one.id))
    wanted: set[tuple[str, str]] = set()
    unknown: list[str] = []
    while words:
        for count in range(len(words), 0, -1):
            if found := called.get(" ".join(words[:count])):
                wanted |= found
                words = words[count:]
                break
        else:
            unknown.append(words[0])
            words = words[1:]
    return wanted, unknown


def _fits(cell: Cell, wanted: set[tuple[str, str]]) -> bool:
    """Whether the cell is of one of the wanted things of each kind."""
    mine = {"skill": cell.skill, "role": cell.role, "level": cell.level}
    return all((kind, mine[kind]) in wanted for kind, _ in wanted)


def _show(matrix: Matrix, cell: Cell) -> None:
    names = [
        one.name.best(matrix.language)[0]
        for one in (matrix.skills[cell.skill], matrix.roles[cell.role], matrix.levels[cell.level])
    ]
    source = f"{cell.source.title}, {cell.source.version}, {cell.source.date}"
    out.print(f"[bold]{escape(' · '.join(names))}[/] ({cell.requirement}) [dim]{escape(source)}[/]")
    for clause in cell.clauses:
        out.print(f"  [cyan]{clause.id}[/]")
        out.print(f"    {escape(clause.text.best(matrix.language)[0])}")


def _tell(faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        err.print(f"[bold]{escape(_near(fault.path))}:{fault.line}[/]: {escape(fault.sentence)}")


def _near(path: Path) -> str:
    """A path as one would type it from here."""
    here = Path.cwd()
    return str(path.resolve().relative_to(here)) if path.resolve().is_relative_to(here) else str(path)


if __name__ == "__main__":
    app(prog_name="python -m content")
