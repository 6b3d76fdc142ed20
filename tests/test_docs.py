"""The documents tell the truth: links lead somewhere, commands parse, tables equal the code."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from motionary import cli, formats
from motionary.evaluation import _verify
from motionary.motion import HUMAN, representation
from motionary.motion.measures import PhysicalMeasures

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
SOURCES = sorted((ROOT / "src" / "motionary").rglob("*.py"))
UNITS = {"MB": 2**20, "": 1, "s": 1, "m": 1, "m/s": 1, "degrees": 1}

# Written or drawn by commands that need trained weights and a built corpus; nothing else may be missing.
PENDING: set[str] = set()


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fences(path: Path) -> Iterator[tuple[str, str]]:
    """(language, content) of every fenced block."""
    for match in re.finditer(r"^```(\w*)\n(.*?)^```", text(path), re.MULTILINE | re.DOTALL):
        yield match[1], match[2]


@cache
def prose(path: Path) -> str:
    return re.sub(r"^```.*?^```", "", text(path), flags=re.MULTILINE | re.DOTALL)


def rows(path: Path, *heads: str) -> list[list[str]]:
    """Cells of all tables of a document whose first heads are ``heads``, without backticks and escapes."""
    found: list[list[str]] = []
    inside = False
    for line in prose(path).splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif not inside:
            inside = tuple(cells[: len(heads)]) == heads
        elif not set(line) <= set("|-: "):
            found.append(cells)
    assert found, f"{name(path)} has no table that begins with {heads}"
    return found


# Links


def slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def links(path: Path) -> list[str]:
    plain = re.sub(r"`[^`]*`", "", prose(path))
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", plain) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path):
    for link in links(path):
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if not target.exists():
            assert name(target) in PENDING, f"{name(path)}: {link} leads nowhere"
            continue
        if anchor and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", prose(target), re.MULTILINE)
            assert anchor in map(slug, headings), f"{name(path)}: {link} names no heading"


def test_the_index_lists_every_document():
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "index.md")}
    missing = [name(path) for path in DOCS.glob("*.md") if path.name != "index.md" and path not in listed]
    assert not missing


# Commands


def commands(path: Path) -> list[str]:
    """Every command line that starts with motionary, in shell blocks and in the running text."""
    lines = [line for language, block in fences(path) if language in ("", "bash", "sh") for line in block.splitlines()]
    shell = [re.sub(r"^\s*\$?\s*\S*(?<![\w.-])motionary\s", "motionary ", line) for line in lines]
    inline = re.findall(r"`(motionary [^`]+)`", prose(path))
    return [line for line in [*shell, *inline] if line.startswith("motionary ")]


def parse(line: str) -> None:
    """Parse a command line as the program would, without running it. Raises what typer shows to a user."""
    words = shlex.split(line, comments=True)[1:]
    command: Any = typer.main.get_command(cli.app)
    context = None
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        context = command.make_context(command.name, [words[0]], parent=context)
        child = command.get_command(context, words[0])
        if child is None:
            raise LookupError(f"no command {words[0]!r}")
        command, words = child, words[1:]
    if words:  # a bare name is a mention, not a call
        with suppress(typer.Exit):  # --help, --version
            command.make_context(command.name, words, parent=context)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_commands_parse(path):
    for line in commands(path):
        try:
            parse(line)
        except Exception as error:  # typer's classes are click's in one version and its own in another
            message = getattr(error, "message", None) or error
            pytest.fail(f"{name(path)}: `{line}`: {message}")


@pytest.mark.parametrize(
    "line",
    ["motionary dance", "motionary generate walk --loudly", "motionary corpus eat x", "motionary train --minutes long"],
)
def test_wrong_commands_do_not_parse(line):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - see above
        parse(line)
    assert isinstance(caught.value, LookupError) or type(caught.value).__name__ in ("NoSuchOption", "BadParameter")


def test_documents_show_every_command():
    shown = " ".join(line for path in DOCUMENTS for line in commands(path))
    for command in typer.main.get_command(cli.app).commands:  # type: ignore[attr-defined]
        assert f"motionary {command}" in shown


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if any(kind == "python" for kind, _ in fences(path))], ids=name
)
def test_python_blocks_import_what_exists(path):
    for kind, block in fences(path):
        if kind != "python":
            continue
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("motionary"):
                module = import_module(str(node.module))
                for alias in node.names:
                    if not hasattr(module, alias.name):
                        import_module(f"{node.module}.{alias.name}")


# Tables


def test_suffixes_equal_the_registry():
    table = rows(DOCS / "formats.md", "suffix", "reads", "writes")
    assert {row[0]: row[1] for row in table if row[1] != "-"} == formats.READERS
    assert {row[0]: row[2] for row in table if row[2] != "-"} == formats.WRITERS


def test_joint_table_equals_human():
    table = rows(DOCS / "formats.md", "index", "joint", "parent")
    parents = ["-" if parent < 0 else HUMAN.names[parent] for parent in HUMAN.parents]
    assert [row[:3] for row in table] == [
        [str(i), joint, parent] for i, (joint, parent) in enumerate(zip(HUMAN.names, parents, strict=True))
    ]
    assert [[float(cell) for cell in row[3:]] for row in table] == HUMAN.offsets.tolist()


def test_tips_equal_human():
    line = next(line for line in text(DOCS / "formats.md").splitlines() if line.startswith("Five joints carry a tip"))
    found = {}
    for names, numbers in re.findall(r"((?:`\w+`(?: and )?)+) \(([^)]*)\)", line):
        found.update(
            {joint: [float(n) for n in numbers.split(",")] for joint in re.findall(r"\w+", names.replace(" and ", " "))}
        )
    assert found == {joint: tip.tolist() for joint, tip in HUMAN.tips.items()}


CONSTANTS = [
    (path, row)
    for path in (DOCS / "formats.md", DOCS / "evaluation.md", ROOT / "SECURITY.md")
    for line in text(path).splitlines()
    if re.search(r"\| `\w+\.[\w.]+\.\w+` \|$", line)
    for row in [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")]]
]


@pytest.mark.parametrize(("path", "row"), CONSTANTS, ids=[f"{name(path)}:{row[2]}" for path, row in CONSTANTS])
def test_constants_equal_the_code(path, row):
    module, _, constant = row[2].rpartition(".")
    number, _, unit = row[1].partition(" ")
    assert float(number.replace(",", "")) * UNITS[unit] == getattr(import_module(f"motionary.{module}"), constant)


def test_every_tolerance_is_listed():
    constants = {key for key, value in vars(_verify).items() if key.isupper() and isinstance(value, float)}
    listed = {row[2].rpartition(".")[2] for path, row in CONSTANTS if path.name == "evaluation.md"}
    assert constants - {"SOME"} == listed


def test_claims_equal_the_rule_check():
    kinds = {kind.strip() for row in rows(DOCS / "evaluation.md", "kind", "reads") for kind in row[0].split(",")}
    assert kinds == set(_verify._CHECKS)


def test_measures_equal_the_code():
    table = rows(DOCS / "evaluation.md", "measure", "formula")
    assert {row[0] for row in table} == {field.name for field in fields(PhysicalMeasures)}


def test_representations_equal_the_code():
    for label, width, fps, *_ in rows(DOCS / "concepts.md", "name", "width", "fps"):
        codec = representation.get(label)
        assert (codec.width, codec.fps) == (int(width), float(fps))


# The house


def imported(path: Path) -> set[str]:
    """Folders and modules of motionary that a source file imports, at the top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "motionary":
            found.update(f"motionary.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return {module.split(".")[1] for module in found if module.startswith("motionary.")}


def test_who_may_know_whom():
    allowed = {row[0]: set(re.findall(r"\w+", row[1])) for row in rows(DOCS / "concepts.md", "folder", "may import")}
    folders = {path.parent.name for path in (ROOT / "src" / "motionary").glob("*/__init__.py")}
    assert set(allowed) == folders
    for path in SOURCES:
        folder = path.relative_to(ROOT / "src" / "motionary").parts[0]
        if folder in allowed:
            wrong = imported(path) - allowed[folder] - {folder, "errors", "progress", "__version__"}
            assert not wrong, f"{name(path)} imports {', '.join(sorted(wrong))}"
