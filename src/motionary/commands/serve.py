"""``motionary serve``: everything over HTTP, with a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.batch import ChosenEngine
from motionary.errors import InputError

_MB = 2**20


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen at; any but this machine's own needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    data: Annotated[
        Path | None, typer.Option(help="Folder of uploads and results; by default in your data folder.")
    ] = None,
    model: Annotated[str, typer.Option(help="A checkpoint folder, 'default' or 'debug'.")] = "default",
    language: Annotated[str, typer.Option(help="A motion language model's checkpoint folder.")] = "default",
    token_file: Annotated[Path | None, typer.Option(help="File whose first line every request must carry.")] = None,
    allow_host: Annotated[list[str], typer.Option(help="A further name of this machine. Repeatable.")] = [],  # noqa: B006
    allow_origin: Annotated[
        list[str], typer.Option(help="A page of another address that may use it: https://example.org. Repeatable.")
    ] = [],  # noqa: B006
    study: Annotated[Path | None, typer.Option(help="Folder with a study's page and key.")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
    threads: Annotated[int, typer.Option(min=0, help="Of the models; 0 takes every core.")] = 0,
    queue: Annotated[int, typer.Option(min=1, envvar="MOTIONARY_QUEUE", help="Jobs that may wait.")] = 64,
    wait_limit: Annotated[
        float, typer.Option(min=1, envvar="MOTIONARY_WAIT_LIMIT", help="Seconds that a job may wait.")
    ] = 900.0,
    run_limit: Annotated[
        float, typer.Option(min=1, envvar="MOTIONARY_RUN_LIMIT", help="Seconds that a job may run.")
    ] = 600.0,
    upload_limit: Annotated[
        int, typer.Option(min=1, max=64, envvar="MOTIONARY_UPLOAD_LIMIT", help="Most MB of an upload.")
    ] = 64,
    memory: Annotated[
        int, typer.Option(min=512, envvar="MOTIONARY_MEMORY", help="Most MB that the models may hold.")
    ] = 6144,
    kept: Annotated[
        int, typer.Option(min=1, envvar="MOTIONARY_KEPT", help="Finished jobs, and uploads, that are kept.")
    ] = 1000,
    engine: ChosenEngine = "local",
    min_replicas: Annotated[int, typer.Option(min=1, help="Of --engine ray: the fewest that wait for jobs.")] = 1,
    max_replicas: Annotated[int, typer.Option(min=1, help="Of --engine ray: the most, and jobs at a time.")] = 4,
) -> None:
    """Serve every task over HTTP, with a page at /; nothing leaves this machine."""
    from motionary.service.replicas import check
    from motionary.service.settings import Limits, Settings, default_data

    replicas = (min_replicas, max_replicas)
    check(engine, replicas)
    limits = Limits(
        queue=queue, wait=wait_limit, run=run_limit, upload=upload_limit * _MB, memory=memory * _MB, kept=kept
    )  # fmt: skip
    settings = Settings(
        data=data or default_data(), host=host, port=port, model=model, language=language, token=_token(token_file),
        hosts=tuple(allow_host), origins=tuple(allow_origin), study=_folder(study), threads=threads, limits=limits,
        engine=engine, replicas=replicas,
    )  # fmt: skip
    from motionary.service.server import run

    run(settings, browse=open_page)


def _token(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        token = file.read_text(encoding="utf-8").strip().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--token-file {file}: {getattr(error, 'strerror', None) or 'is no text'}") from None
    if not token:
        raise InputError(f"--token-file {file} is empty; its first line is the token")
    return token


def _folder(study: Path | None) -> Path | None:
    if study is not None and not study.is_dir():
        raise InputError(f"--study {study} is no folder; give the one of `motionary study build`")
    return study
