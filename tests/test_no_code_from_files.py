"""Nothing in the repository reads data in a way that can run code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {"pickle", "cPickle", "_pickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {
    "torch.load",
    "yaml.load",
    "yaml.unsafe_load",
    "os.system",
    "os.popen",
    "torch.hub.load",
    "pandas.read_pickle",
}
SWITCHES = {"allow_pickle", "shell", "trust_remote_code"}


def sources() -> list[Path]:
    return [path for folder in ("src", "tools", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]


def findings(tree: ast.AST) -> Iterator[str]:
    """What may run code, with its line."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "").split(".")[0]]
        yield from (f"{node.lineno}: import {name}" for name in names if name in MODULES)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in CALLS | METHODS:
                yield f"{node.lineno}: {called}("
            yield from (
                f"{node.lineno}: {word.arg}={ast.unparse(word.value)}"
                for word in node.keywords
                if _on(word.arg, word.value)
            )
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and _on(key.value, value):
                    yield f"{node.lineno}: {key.value}: {ast.unparse(value)}"


def _on(name: object, value: ast.expr) -> bool:
    return name in SWITCHES and not (isinstance(value, ast.Constant) and value.value is False)


def test_there_are_sources():
    assert len(sources()) > 50


def test_nothing_reads_code():
    found = [
        f"{path.relative_to(ROOT)}:{what}"
        for path in sources()
        for what in findings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "import pickle", "from pickle import loads", "import joblib as j", "torch.load('x')",
        "np.load(f, allow_pickle=True)",
        "eval('1')", "exec(code)", "yaml.load(f)", "run('ls', shell=True)", "load(f, trust_remote_code=flag)",
        "x = {'trust_remote_code': True}", "os.system('ls')",
    ],
)  # fmt: skip
def test_the_test_would_find_it(line):
    assert list(findings(ast.parse(line)))


@pytest.mark.parametrize("line", ["model.eval()", "np.load(f, allow_pickle=False)", "{'trust_remote_code': False}"])
def test_harmless_lines(line):
    assert not list(findings(ast.parse(line)))
