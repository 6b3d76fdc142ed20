"""``motionary evaluate``: tables of figures, each made by one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.batch import GeneratingEngine, Workers
from motionary.commands.output import Json, emit

app = typer.Typer(help="Measure models, and what they must beat.", no_args_is_help=True)

Corpus = Annotated[Path, typer.Argument(help="Folder of a built corpus.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder for the tables.")]
Limit = Annotated[int | None, typer.Option(help="At most this many clips a split.")]


@app.command()
def models(
    corpus: Corpus = Path("corpus"),
    model: Annotated[list[str], typer.Option(help="A checkpoint folder, 'flow' or 'temos'. Repeatable.")] = [],  # noqa: B006
    split: Annotated[list[str], typer.Option(help="val, test, test_verbs or test_compound. Repeatable.")] = [],  # noqa: B006
    seeds: Annotated[int, typer.Option(help="Sampling seeds a row.")] = 3,
    limit: Limit = None,
    out: Out = Path("docs/results"),
    engine: GeneratingEngine = None,
    workers: Workers = 0,
    as_json: Json = False,
) -> None:
    """Text-to-motion checkpoints against recordings, memory and chance."""
    from motionary.evaluation.protocol import evaluate
    from motionary.progress import stage_bar
    from motionary.scale import Engine

    chosen = Engine(engine, workers) if engine else None
    with stage_bar() as progress:
        tables = evaluate(corpus, model or ["flow", "temos"], split or ["test"], seeds, limit, out, progress, chosen)
    emit(tables.as_dict(), as_json, tables.to_markdown())


@app.command()
def table1(
    corpus: Corpus = Path("corpus"),
    row: Annotated[list[str], typer.Option(help="A row's short name; by default all. Repeatable.")] = [],  # noqa: B006
    seeds: Annotated[int, typer.Option(help="Training seeds a row.")] = 3,
    steps: Annotated[int | None, typer.Option(help="Training steps a run; by default the preset's.")] = None,
    runs: Annotated[Path, typer.Option(help="Where runs are kept, each done once.")] = Path("runs/table1"),
    trained: Annotated[bool, typer.Option("--trained", help="Use the runs that are there; train none.")] = False,
    clip: Annotated[str | None, typer.Option(help="Folder or hub name of CLIP, for the CLIP rows.")] = None,
    judge: Annotated[str, typer.Option(help="The retrieval model that recognises actions.")] = "judge",
    limit: Limit = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Every row of the commonsense paper's table, its controls and ours: train, measure, compare."""
    from motionary.evaluation.table1.command import table1 as run
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        tables = run(
            corpus, out, runs=runs, rows=row, seeds=seeds, steps=steps, limit=limit, clip=clip, judge=judge,
            trained=trained, progress=progress,
        )  # fmt: skip
    text = "\n".join(table.markdown() for table in tables.values())
    emit({name: table.as_dict() for name, table in tables.items()}, as_json, text)


@app.command()
def prompts(
    model: Annotated[str, typer.Option(help="A checkpoint with knowledge.")] = "default",
    judge: Annotated[str, typer.Option(help="The retrieval model that looks for the right prompt.")] = "judge",
    seeds: Annotated[int, typer.Option(help="Seeds of the noise.")] = 3,
    limit: Limit = None,
    pictures: Annotated[Path | None, typer.Option(help="Folder for contact sheets of the first seed.")] = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """The shipped prompts with and without knowledge: scores, and contact sheets."""
    from motionary.evaluation.prompts import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        table = evaluate(out, model, judge, seeds, limit, pictures, progress)
    emit(table.as_dict(), as_json, table.markdown())


@app.command()
def chinese(
    model: Annotated[str, typer.Option(help="A checkpoint.")] = "default",
    seeds: Annotated[int, typer.Option(help="Seeds of the noise.")] = 3,
    limit: Limit = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Chinese prompts against the English sentences that they translate."""
    from motionary.evaluation.translated import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        table = evaluate(out, model, seeds, limit, progress)
    emit(table.as_dict(), as_json, table.markdown())


@app.command()
def retrieval(
    corpus: Corpus = Path("corpus"),
    split: Annotated[list[str], typer.Option(help="val, test, test_verbs or test_compound. Repeatable.")] = [],  # noqa: B006
    model: Annotated[str, typer.Option(help="A retrieval checkpoint, 'default' or 'judge'.")] = "default",
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """How well recordings and captions find each other by the retrieval model."""
    from motionary.evaluation.retrieval_table import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        tables = evaluate(corpus, split or ["test"], model, out, progress=progress)
    text = "\n".join(table.markdown() for table in tables.values())
    emit({name: table.as_dict() for name, table in tables.items()}, as_json, text)


@app.command()
def tokens(
    corpus: Corpus = Path("corpus"),
    codec: Annotated[list[str], typer.Option(help="A checkpoint folder of tokenizers. Repeatable.")] = [],  # noqa: B006
    split: Annotated[str, typer.Option(help="val, test, test_verbs or test_compound.")] = "test",
    limit: Limit = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """What is lost when a motion is told as tokens."""
    from motionary.evaluation.tokens import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        table = evaluate(corpus, codec or ["default"], split, limit, out, progress)
    emit(table.as_dict(), as_json, table.markdown())


@app.command()
def anticipation(
    data: Annotated[Path, typer.Argument(help="An action set (JSON or MS-TCN folder), or a folder of such.")],
    which: Annotated[list[str], typer.Option("--set", help="breakfast or 50salads. Repeatable.")] = [],  # noqa: B006
    split: Annotated[list[str], typer.Option(help="A split's name; by default all. Repeatable.")] = [],  # noqa: B006
    methods: Annotated[str, typer.Option(help="Short names, with commas; 'all'. By default the floors.")] = "",
    seeds: Annotated[int, typer.Option(help="Training seeds of a method that is trained.")] = 3,
    strided: Annotated[bool, typer.Option("--strided", help="Keep every 6th or 8th label, as ActionLLM does.")] = False,
    length_free: Annotated[bool, typer.Option("--length-free", help="Do not tell the video's length.")] = False,
    scores: Annotated[Path | None, typer.Option(help="Folder 50salads-video-scores: input instead of labels.")] = None,
    video: Annotated[str, typer.Option(help="Level/model of the scores, several with +; or pooled.")] = "mid/SVM",
    samples: Annotated[int, typer.Option(help="Draw so many futures instead of telling one; 25 is usual.")] = 0,
    summary: Annotated[Path | None, typer.Option(help="Page to write what all kept runs say into.")] = None,
    runs: Annotated[Path, typer.Option(help="Where runs are kept, each done once.")] = Path("runs/anticipation"),
    kept: Annotated[bool, typer.Option("--kept", help="Use the runs that are there; train none.")] = False,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Which actions come next: every method by the published protocol, with intervals."""
    from motionary.evaluation.anticipation.command import run
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        tables = run(
            data, out, which=which, splits=split, methods=methods, seeds=seeds, is_strided=strided,
            length_free=length_free, scores=scores, video=video, samples=samples, page=summary, runs=runs,
            kept_only=kept, progress=progress,
        )  # fmt: skip
    emit([table.as_dict() for table in tables], as_json, "\n".join(table.markdown() for table in tables))


@app.command()
def captions(
    corpus: Corpus = Path("corpus"),
    split: Annotated[str, typer.Option(help="val, test, test_verbs or test_compound.")] = "test",
    model: Annotated[str, typer.Option(help="A checkpoint folder of a language model, or 'default'.")] = "default",
    seeds: Annotated[int, typer.Option(help="Sampling seeds of a row that draws.")] = 3,
    candidates: Annotated[int, typer.Option(help="Captions to draw, of which one is told.")] = 16,
    limit: Limit = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """What the language model says of recordings, against captions that are simply taken."""
    from motionary.evaluation.captions import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        table = evaluate(corpus, split, model, seeds, candidates, limit, out, progress)
    emit(table.as_dict(), as_json, table.markdown())


@app.command()
def emotion(
    corpus: Corpus = Path("corpus"),
    split: Annotated[list[str], typer.Option(help="takes, contents or recordings; by default all. Repeatable.")] = [],  # noqa: B006
    method: Annotated[list[str], typer.Option(help="A row's short name; by default all. Repeatable.")] = [],  # noqa: B006
    model: Annotated[str, typer.Option(help="A checkpoint folder of a language model, or 'default'.")] = "default",
    seeds: Annotated[int, typer.Option(help="Seeds of a method that draws.")] = 3,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Which style a body shows: accuracy, macro-F1 and calibration on takes, contents and recordings held out."""
    from motionary.evaluation.emotion.splits import NAMES
    from motionary.evaluation.emotion.table import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        tables = evaluate(corpus, split or NAMES, method, seeds, out, progress, model)
    text = "\n".join(table.markdown() for table in tables.values())
    emit({name: table.as_dict() for name, table in tables.items()}, as_json, text)


@app.command("edit")
def edits(
    corpus: Corpus = Path("corpus"),
    split: Annotated[str, typer.Option(help="val, test, test_verbs or test_compound.")] = "test",
    model: Annotated[str, typer.Option(help="A checkpoint folder of a language model, or 'default'.")] = "default",
    seeds: Annotated[int, typer.Option(help="Seeds of the draws.")] = 3,
    limit: Limit = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """What edits of recordings cost: what is kept, seams, foot slide, and whether the new knows the old."""
    from motionary.evaluation.edit import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        table = evaluate(corpus, model, split, seeds, limit, out, progress)
    emit(table.as_dict(), as_json, table.markdown())


@app.command()
def procedure(
    data: Annotated[Path, typer.Argument(help="CaptainCook4D: its folder, or what `actions import` made of it.")],
    split: Annotated[list[str], typer.Option(help="A split's name, or 'recipes'. Repeatable.")] = [],  # noqa: B006
    methods: Annotated[str, typer.Option(help="Short names, with commas; 'all'. By default all but the network.")] = "",
    seeds: Annotated[int, typer.Option(help="Training seeds of a method that is trained.")] = 3,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Recipes with task graphs: which step comes next, and what remains."""
    from motionary.evaluation.procedure.command import evaluate
    from motionary.progress import stage_bar

    names = [name.strip() for name in methods.split(",") if name.strip()]
    with stage_bar() as progress:
        tables = evaluate(data, out, splits=split, methods=names, seeds=seeds, progress=progress)
    emit([table.as_dict() for table in tables], as_json, "\n".join(table.markdown() for table in tables))


@app.command()
def language(
    corpus: Corpus = Path("corpus"),
    speech: Annotated[list[Path], typer.Option(help="A folder of synthetic speech or talks. Repeatable.")] = [],  # noqa: B006
    runs: Annotated[Path, typer.Option(help="Where runs are kept, each done once.")] = Path("runs/language-ablation"),
    seeds: Annotated[int, typer.Option(help="Training seeds a row.")] = 3,
    count: Annotated[int, typer.Option(help="Test exercises of each kind.")] = 96,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """What each part of the language model's pre-training is worth, and at what share of the data: train, measure."""
    from motionary.evaluation.language.command import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        tables = evaluate(corpus, speech, runs, out, seeds, count, progress=progress)
    text = "\n".join(table.markdown() for table in tables.values())
    emit({name: table.as_dict() for name, table in tables.items()}, as_json, text)


@app.command()
def gesture(
    talks: Annotated[Path, typer.Argument(help="A folder that `motionary language talks` made.")],
    model: Annotated[str, typer.Option(help="A checkpoint folder of a language model, or 'default'.")] = "default",
    split: Annotated[str, typer.Option(help="train, val or test, of the talks.")] = "test",
    seeds: Annotated[int, typer.Option(help="Sampling seeds of a row that draws.")] = 3,
    limit: Annotated[int | None, typer.Option(help="At most this many talks.")] = None,
    in_pieces: Annotated[
        bool, typer.Option("--seams", help="Long sounds instead: do bodies jump between pieces?")
    ] = False,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Bodies that move to speech, against the talks as they were made and against bodies that hear something else."""
    from motionary.evaluation.gesture import command, seams
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        if in_pieces:
            table = seams.evaluate(talks, model, split, seeds, limit, out, progress=progress)
        else:
            table = command.evaluate(talks, model, split, seeds, limit, out, progress=progress)
    emit(table.as_dict(), as_json, table.markdown())


@app.command()
def follow(
    speech: Annotated[list[Path], typer.Argument(metavar="SET...", help="Folders that `motionary speech build` made.")],
    split: Annotated[str, typer.Option(help="train, val or test, of the sets.")] = "test",
    model: Annotated[str, typer.Option(help="The text-to-motion model that is told the words.")] = "default",
    language: Annotated[str, typer.Option(help="The motion language model that hears units.")] = "default",
    seeds: Annotated[int, typer.Option(help="Seeds of the noise.")] = 3,
    limit: Annotated[int | None, typer.Option(help="At most this many sentences.")] = None,
    out: Out = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Spoken instructions: are the words heard, and is what they ask for done?"""
    from motionary.evaluation.follow import evaluate
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        table = evaluate(speech, split, seeds, limit, out, model, language, progress)
    emit(table.as_dict(), as_json, table.markdown())
