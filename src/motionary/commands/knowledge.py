"""``motionary knowledge``: look up, add and measure what is known about actions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

if TYPE_CHECKING:
    from motionary.text.knowledge import Entry, Knowledge
    from motionary.text.knowledge.lm import Definition

app = typer.Typer(
    help="What is known about actions: definitions, their coverage, language models.", no_args_is_help=True
)

File = Annotated[
    Path | None,
    typer.Option(help="Your own file of definitions; by default MOTIONARY_KNOWLEDGE or a file in your home."),
]
Cache = Annotated[Path | None, typer.Option(help="Folder of answers; by default in your cache folder.")]
Samples = Annotated[int, typer.Option(help="Answers a prompt.")]
Temperature = Annotated[float, typer.Option(help="Of sampling.")]
Tokens = Annotated[int, typer.Option(help="Most new tokens an answer.")]
Seed = Annotated[int, typer.Option(help="Of sampling.")]
Every = Annotated[bool, typer.Option("--every-template", help="Put all four templates, not only the paper's.")]
MODELS = "smollm2, a transformers folder, or http://HOST:PORT/v1#NAME"


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="An action: its name, a synonym, or a Chinese word.")],
    file: File = None,
    as_json: Json = False,
) -> None:
    """Show what is known about an action."""
    from motionary.text.knowledge import Knowledge

    knowledge = Knowledge.load(file)
    entry = knowledge.lookup(name)
    if entry is None:
        near = knowledge.near(name)
        hint = f"near to it: {', '.join(near)}; or" if near else "nothing is near to it;"
        raise InputError(f"no action {name!r} among {len(knowledge)}; {hint} add it: motionary knowledge add {name!r}")
    emit(entry.as_dict(), as_json, _page(entry))


def _page(entry: Entry) -> str:
    rows = [
        ("parts", ", ".join(entry.parts)),
        ("extent", f"{entry.extent} body; {entry.senses} sense{'s' * (entry.senses == 'several')}"),
        ("opposite", entry.opposite),
        ("synonyms", ", ".join(entry.synonyms)),
        ("chinese", "、".join(entry.chinese)),
        ("WordNet", f"{entry.wordnet}: {entry.gloss}" if entry.gloss else entry.wordnet),
        ("from", f"{', '.join(entry.kind)}; {entry.provenance}"),
    ]
    facts = [f"{label:9} {value}" for label, value in rows if value]
    return "\n".join([entry.name, *(f"  {sentence}" for sentence in entry.definition), *facts])


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The action's name, in lower case.")],
    definition: Annotated[list[str], typer.Option(help="A sentence or several. Repeatable.")] = [],  # noqa: B006
    from_lm: Annotated[str | None, typer.Option(metavar="MODEL", help=f"Ask a language model: {MODELS}.")] = None,
    synonym: Annotated[list[str], typer.Option(help="A phrase in base form. Repeatable.")] = [],  # noqa: B006
    chinese: Annotated[list[str], typer.Option(help="A Chinese word. Repeatable.")] = [],  # noqa: B006
    part: Annotated[list[str], typer.Option(help="head, trunk, arms, hands, legs or feet. Repeatable.")] = [],  # noqa: B006
    extent: Annotated[str, typer.Option(help="whole or part: of the body.")] = "whole",
    senses: Annotated[str, typer.Option(help="one or several.")] = "one",
    opposite: Annotated[str, typer.Option(help="The opposite action.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of your earlier entry.")] = False,
    file: File = None,
    seed: Seed = 0,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Add a definition to your own file; it counts before one that ships."""
    from motionary.errors import FormatError
    from motionary.text.knowledge.entries import add_to_file
    from motionary.text.knowledge.lm import clean
    from motionary.text.knowledge.schema import to_entry

    if bool(definition) == (from_lm is not None):
        raise InputError("give either --definition TEXT or --from-lm MODEL")
    provenance = "written by the user"
    if from_lm is not None:
        found, sentences = _asked(name, from_lm, cache, seed=seed)
        provenance = f"{from_lm}, seed {seed}, {found[0].date}"
    else:
        sentences = [sentence for text in definition for sentence in clean(text) or [text.strip()]]
    values = {
        "name": name, "kind": ["user"], "synonyms": synonym, "chinese": chinese, "definition": sentences, "parts": part,
        "extent": extent, "senses": senses, "opposite": opposite, "wordnet": "", "gloss": "", "provenance": provenance,
    }  # fmt: skip
    entry = to_entry(values, lambda key, reason: FormatError(reason, where=f"--{key}" if key != "name" else "NAME"))
    path = add_to_file(entry, file, replace)
    emit({"file": str(path), "entry": entry.as_dict()}, as_json, f"{_page(entry)}\n-> {path}")


def _asked(action: str, model: str, cache: Path | None, every: bool = False, **settings: Any) -> tuple[Any, list[str]]:
    """A model's definitions of an action, and their sentences merged."""
    from motionary.text.knowledge.lm import TEMPLATES, Settings, define, merged, open_lm

    templates = TEMPLATES if every else TEMPLATES[:1]
    found: list[Definition] = define(action, open_lm(model), Settings(**settings), templates, cache)
    sentences = merged(found)
    if not sentences:
        raise InputError(f"{model} said no full sentence about {action!r}; ask for more --samples or another --seed")
    return found, sentences


@app.command()
def prompt(
    action: Annotated[str, typer.Argument(help="An action, such as handstand.")],
    model: Annotated[str, typer.Option(help=f"{MODELS}.")] = "smollm2",
    samples: Samples = 5,
    temperature: Temperature = 0.7,
    tokens: Tokens = 64,
    seed: Seed = 0,
    every_template: Every = False,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Ask a language model what an action is."""
    found, sentences = _asked(
        action, model, cache, every_template, samples=samples, temperature=temperature, tokens=tokens, seed=seed
    )
    lines = []
    for definition in found:
        lines.append(f"{definition.prompt} ...{f' (asked on {definition.date})' if definition.cached else ''}")
        lines.extend(f"  {number}. {' '.join(answer)}" for number, answer in enumerate(definition.answers, 1))
    value = {
        "action": action,
        "model": model,
        "prompts": [
            {"prompt": d.prompt, "answers": [" ".join(a) for a in d.answers], "cached": d.cached, "date": d.date}
            for d in found
        ],
        "definition": sentences,
    }
    emit(value, as_json, "\n".join(lines))


@app.command()
def coverage(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="Sentences, one a line, or a TSV with 'label' and counts; by default the names."
        ),
    ] = None,
    most: Annotated[int, typer.Option(help="How many of the commonest that were not found are listed.")] = 20,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Tell in how many sentences of a file a known action is found."""
    from motionary.text.knowledge import Knowledge
    from motionary.text.knowledge.coverage import measure, read_counts

    knowledge: Knowledge = Knowledge.load(file)
    report = measure(read_counts(source) if source else dict.fromkeys(knowledge.phrases(), 1), knowledge, most)
    lines = [
        f"{len(knowledge)} entries, {len(knowledge.phrases())} phrases",
        f"different sentences: {report['found']} of {report['sentences']} ({report['share']:.1%})",
        f"with their counts:   {report['found_counted']} of {report['counted']} ({report['share_counted']:.1%})",
    ]
    missed = report["not_found"]
    lines += ["commonest not found:", *(f"{row['count']:8}  {row['sentence']}" for row in missed)] if missed else []
    emit(report, as_json, "\n".join(lines))
