"""``motionary studio``: the page, on this machine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.serve import serve


def studio(
    port: Annotated[int, typer.Option(min=0, max=65535, help="By default a free one.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Folder of uploads and results; by default in your data folder.")
    ] = None,
    model: Annotated[str, typer.Option(help="A checkpoint folder, 'default' or 'debug'.")] = "default",
    language: Annotated[str, typer.Option(help="A motion language model's checkpoint folder.")] = "default",
    study: Annotated[Path | None, typer.Option(help="Folder with a study's page and key.")] = None,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in your browser.")] = True,
) -> None:
    """Open the studio: say it, see it, change it, on this machine alone."""
    serve(port=port, data=data, model=model, language=language, study=study, open_page=browse)
