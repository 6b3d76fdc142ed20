"""``motionary knowledge`` as a user meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from motionary import cli
from motionary.errors import FormatError
from motionary.text.knowledge import Knowledge, lm
from motionary.text.knowledge.coverage import measure, read_counts

Run = Callable[..., SimpleNamespace]


class Parrot:
    name = "parrot"

    def sample(self, prompt: str, settings: lm.Settings) -> list[str]:
        return [f"a pose number {settings.seed} of the body. The arms are straight. And", "no end"][: settings.samples]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run ``motionary knowledge`` in an empty home and folder; gives exit code, output and error output."""
    monkeypatch.chdir(tmp_path)
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setenv("MOTIONARY_KNOWLEDGE", str(tmp_path / "own.jsonl"))
    (tmp_path / "own.jsonl").touch()

    def call(*argv: object) -> SimpleNamespace:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main(["knowledge", *map(str, argv)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return SimpleNamespace(code=stopped.value.code or 0, out=out, err=err)

    return call


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lm, "open_lm", lambda spec: Parrot())


class TestShow:
    @pytest.mark.parametrize("word", ["handstand", "Handstand", "倒立"])
    def test_by_any_name(self, run, word):
        done = run("show", word)
        assert done.code == 0
        assert done.out.startswith("handstand\n  ")
        assert "WordNet   handstand/n: the act of supporting yourself by your hands alone" in done.out

    def test_by_synonym(self, run):
        assert run("show", "throw a punch").out.startswith("punch\n")
        assert run("show", "throw a javelin").out.startswith("javelin throw\n")

    def test_json(self, run):
        entry = json.loads(run("show", "walk", "--json").out)
        assert entry["name"] == "walk"
        assert len(entry["definition"]) >= 3

    def test_unknown(self, run):
        done = run("show", "handstnad")
        assert done.code == 2
        assert "no action 'handstnad'" in done.err
        assert "near to it: handstand" in done.err
        assert run("show", "qqqqqqq").err.count("nothing is near to it; add it: motionary knowledge add 'qqqqqqq'") == 1

    def test_a_wrong_file(self, run, tmp_path):
        (tmp_path / "own.jsonl").write_text('{"name": "walk"}\n')
        done = run("show", "walk")
        assert done.code == 2
        assert "own.jsonl, line 1, key 'kind': missing" in done.err


class TestAdd:
    def test_then_show(self, run, tmp_path):
        done = run("add", "star jump kick", "--definition", "Both feet leave the ground. The legs open to the sides.",
                   "--definition", "The arms rise.", "--synonym", "kick like a star", "--chinese", "星踢",
                   "--part", "legs")  # fmt: skip
        assert done.code == 0
        assert done.out.endswith(f"-> {tmp_path / 'own.jsonl'}\n")
        entry = json.loads(run("show", "星踢", "--json").out)
        assert entry["definition"] == ["Both feet leave the ground.", "The legs open to the sides.", "The arms rise."]
        assert entry["provenance"] == "written by the user"
        assert entry["kind"] == ["user"]
        assert run("show", "kick like a star").code == 0

    def test_over_one_that_ships(self, run):
        assert run("add", "walk", "--definition", "My own walk.").code == 0
        assert "My own walk." in run("show", "walk").out
        again = run("add", "walk", "--definition", "Another walk.")
        assert again.code == 2
        assert "defines 'walk' already; give --replace" in again.err
        assert run("add", "walk", "--definition", "Another walk.", "--replace").code == 0
        assert "Another walk." in run("show", "walk").out

    def test_a_file_is_made(self, run, tmp_path):
        path = tmp_path / "new" / "mine.jsonl"
        assert run("add", "hover", "--definition", "The feet stay in the air.", "--file", path).code == 0
        assert run("show", "hover", "--file", path).code == 0
        assert run("show", "hover").code == 2

    def test_from_a_model(self, run, parrot):
        entry = json.loads(run("add", "hover", "--from-lm", "parrot", "--seed", "3", "--json").out)["entry"]
        assert entry["definition"] == ["A pose number 3 of the body.", "The arms are straight."]
        assert entry["provenance"].startswith("parrot, seed 3, 20")

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ([], "give either --definition TEXT or --from-lm MODEL"),
            (["--definition", "x", "--from-lm", "y"], "give either"),
            (["--definition", " "], "--definition: holds ''"),
            (["--definition", "It flies.", "--part", "wings"], "--parts: 'wings' is not allowed; allowed are head"),
            (["--definition", "It flies.", "--extent", "half"], "--extent: 'half' is not allowed"),
            (["--definition", "It flies.", "--synonym", "hover"], "--synonyms: holds the name 'hover' itself"),
            (["--from-lm", "ftp://x"], "begins with http:// or https://"),
            (["--from-lm", "no-such-folder"], "no language model 'no-such-folder': there is no such folder"),
        ],
    )
    def test_refusals(self, run, tmp_path, more, message):
        done = run("add", "hover", *more)
        assert done.code == 2
        assert message in done.err
        assert (tmp_path / "own.jsonl").read_text() == ""

    def test_a_name_in_capitals(self, run):
        done = run("add", "Hover", "--definition", "It flies.")
        assert done.code == 2
        assert "NAME: 'Hover' must be lower-case words" in done.err


class TestPrompt:
    def test_answers(self, run, parrot):
        done = run("prompt", "handstand", "--model", "parrot")
        assert done.code == 0
        assert done.out.splitlines() == [
            "The definition of handstand in kinesiology is ...",
            "  1. A pose number 0 of the body. The arms are straight.",
        ]
        assert "(asked on 20" in run("prompt", "handstand", "--model", "parrot").out

    def test_json_and_every_template(self, run, parrot, tmp_path):
        done = run("prompt", "kick", "--model", "parrot", "--every-template", "--json", "--cache", tmp_path / "c")
        value = json.loads(done.out)
        assert len(value["prompts"]) == len(lm.TEMPLATES)
        assert value["definition"] == ["A pose number 0 of the body.", "The arms are straight."]
        assert len(list((tmp_path / "c").iterdir())) == len(lm.TEMPLATES)

    def test_nothing_to_say(self, run, monkeypatch):
        monkeypatch.setattr(Parrot, "sample", lambda *_: ["hm"])
        monkeypatch.setattr(lm, "open_lm", lambda spec: Parrot())
        done = run("prompt", "kick", "--model", "parrot")
        assert done.code == 2
        assert "no full sentence about 'kick'" in done.err

    def test_settings_are_checked(self, run, parrot):
        assert "samples must be between 1 and 64" in run("prompt", "kick", "--samples", "0").err

    def test_nobody_answers(self, run):
        done = run("prompt", "kick", "--model", "http://127.0.0.1:9/v1")
        assert done.code == 2
        assert "127.0.0.1:9/v1/completions does not answer" in done.err


class TestCoverage:
    @pytest.fixture
    def table(self, tmp_path: Path) -> Path:
        path = tmp_path / "labels.tsv"
        path.write_text("label\tcount_train\tcount_val\nwalk forward\t6\t2\nqwertz\t1\t0\nkick\t1\t0\n")
        return path

    def test_a_table(self, run, table):
        report = json.loads(run("coverage", table, "--json").out)
        assert (report["sentences"], report["found"]) == (3, 2)
        assert (report["counted"], report["found_counted"]) == (10, 9)
        assert report["share"] == pytest.approx(2 / 3)
        assert report["share_counted"] == pytest.approx(0.9)
        assert report["not_found"] == [{"sentence": "qwertz", "count": 1}]

    def test_sentences(self, run, tmp_path):
        (tmp_path / "s.txt").write_text("a person walks\n\na person walks\nnothing whatsoever qwertz\n")
        out = run("coverage", tmp_path / "s.txt").out
        assert "different sentences: 1 of 2 (50.0%)" in out
        assert "with their counts:   2 of 3 (66.7%)" in out
        assert "       1  nothing whatsoever qwertz" in out

    def test_every_phrase_of_the_file_is_found(self, run):
        """The finder finds nearly everything that the definitions themselves call an action."""
        report = json.loads(run("coverage", "--json", "--most", "100").out)
        assert report["share"] > 0.97, report["not_found"]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("label\tcount\nwalk\tmany\n", "line 2, column 'count': 'many' is not a whole number"),
            ("label\tcount\nwalk\n", "line 2, column 'count': '' is not a whole number"),
            ("label\tcount\nwalk\t-1\n", "'-1' is not a whole number"),
            ("\n\n", "holds no sentence"),
            ("label\tcount\nwalk\t0\n", "holds no sentence"),
        ],
    )
    def test_refusals(self, run, tmp_path, content, message):
        (tmp_path / "x.tsv").write_text(content)
        done = run("coverage", tmp_path / "x.tsv")
        assert done.code == 2
        assert message in done.err

    def test_no_file(self, run, tmp_path):
        assert "does not exist" in run("coverage", tmp_path / "none.txt").err

    def test_columns_that_are_no_counts(self, tmp_path):
        path = tmp_path / "plain.tsv"
        path.write_text("label\tnote\nwalk\tx\nwalk\ty\n")
        assert read_counts(path) == {"walk": 2}
        path.write_text("label\tcount\nwalk\tx\n")
        with pytest.raises(FormatError):
            read_counts(path)

    def test_the_commonest_come_first(self):
        report = measure({"qwa": 1, "qwb": 5, "qwc": 3, "walk": 1}, Knowledge.load(), most=2)
        assert [row["sentence"] for row in report["not_found"]] == ["qwb", "qwc"]
        assert report["actions"] == {"walk": 1}
