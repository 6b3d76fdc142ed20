"""The definitions that ship are sound, a user's own come over them, and a wrong file is refused with its place."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from motionary.errors import FormatError, InputError
from motionary.text.knowledge import Entry, Knowledge
from motionary.text.knowledge.entries import add_to_file
from motionary.text.knowledge.files import SHIPPED, read_entries, user_file, write_entries
from motionary.text.knowledge.schema import EXTENTS, KEYS, PARTS, SENSES

PLAIN: dict[str, Any] = {
    "name": "snow angel", "kind": ["user"], "synonyms": ["wave lying down"], "chinese": ["雪天使"],
    "definition": ["The arms slide over the ground.", "The trunk stays upright.", "The arms swing."],
    "parts": ["feet", "legs"], "extent": "whole", "senses": "one", "opposite": "walk forward", "wordnet": "",
    "gloss": "", "provenance": "a test",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the definitions of whoever runs it."""
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.delenv("MOTIONARY_KNOWLEDGE", raising=False)


def written(folder: Path, *values: Any) -> Path:
    path = folder / "own.jsonl"
    lines = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def entry(**changes: Any) -> Entry:
    values = PLAIN | changes
    return Entry(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


@pytest.fixture(scope="module")
def shipped() -> list[Entry]:
    return read_entries(SHIPPED, fewest=3)


class TestShipped:
    def test_every_category_of_babel_is_there(self, shipped):
        assert sum("babel" in known.kind for known in shipped) >= 140
        assert {"walk", "throw", "kick", "jump", "wave"} <= {known.name for known in shipped}

    def test_sorted_and_written_as_the_tool_writes(self, shipped):
        names = [known.name for known in shipped]
        assert names == sorted(names)
        lines = SHIPPED.read_text(encoding="utf-8").splitlines()
        assert lines == [json.dumps(known.as_dict(), ensure_ascii=False) for known in shipped]

    def test_no_phrase_names_two_entries(self, shipped):
        phrases = [phrase for known in shipped for phrase in (known.name, *known.synonyms)]
        assert sorted(phrase for phrase in set(phrases) if phrases.count(phrase) > 1) == []

    def test_sentences_stand_alone(self, shipped):
        for known in shipped:
            assert 3 <= len(known.definition) <= 6, known.name
            for sentence in known.definition:
                assert re.fullmatch(r"[A-Z][^.!?]*\.", sentence), f"{known.name}: {sentence}"
                assert 4 <= len(sentence.split()) <= 22, f"{known.name}: {sentence}"

    def test_every_entry_says_enough(self, shipped):
        for known in shipped:
            assert known.parts, known.name
            assert known.chinese, known.name
            assert not {"user"} & set(known.kind), known.name

    def test_a_lemma_has_a_gloss(self, shipped):
        assert [known.name for known in shipped if bool(known.wordnet) != bool(known.gloss)] == []


class TestStore:
    def test_a_mapping_in_order(self):
        knowledge = Knowledge({"b": entry(name="b"), "a": entry(name="a")})
        assert list(knowledge) == knowledge.names == ["a", "b"]
        assert knowledge["a"].name == "a"
        assert knowledge.get("c") is None
        assert len(knowledge) == 2

    def test_text_joins_the_sentences(self):
        assert entry(definition=["One.", "Two."]).text == "One. Two."

    def test_own_entries_come_over_those_that_ship(self, tmp_path):
        path = written(tmp_path, PLAIN, PLAIN | {"name": "walk", "synonyms": [], "definition": ["The legs step."]})
        knowledge = Knowledge.load(path)
        assert knowledge["walk"].text == "The legs step."
        assert knowledge["snow angel"].chinese == ("雪天使",)
        assert len(knowledge) == len(Knowledge.load()) + 1

    def test_the_variable_names_the_file(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MOTIONARY_KNOWLEDGE", str(written(tmp_path, PLAIN)))
        assert "snow angel" in Knowledge.load()
        monkeypatch.setenv("MOTIONARY_KNOWLEDGE", str(tmp_path / "none.jsonl"))
        with pytest.raises(InputError, match=r"none\.jsonl does not exist"):
            Knowledge.load()

    def test_the_usual_file_may_be_missing(self):
        assert "snow angel" not in Knowledge.load()
        path = add_to_file(entry())
        assert path == user_file()
        assert "snow angel" in Knowledge.load()

    def test_phrases_and_lookup(self, tmp_path):
        knowledge = Knowledge.load(written(tmp_path, PLAIN))
        assert knowledge.phrases()["wave lying down"] == knowledge.phrases()["snow angel"] == "snow angel"
        for word in ("snow angel", "Snow angel", "wave  lying down", "雪天使"):
            found = knowledge.lookup(word)
            assert found is not None
            assert found.name == "snow angel"
        assert knowledge.lookup("levitate") is None

    def test_own_synonyms_win_and_names_win_over_both(self, tmp_path):
        theirs = next(known for known in read_entries(SHIPPED) if known.synonyms)
        taken = theirs.synonyms[0]
        for name in ("aaa", "zzz"):
            knowledge = Knowledge.load(written(tmp_path, PLAIN | {"name": name, "synonyms": [taken, "walk"]}))
            assert knowledge.phrases()[taken] == name
            assert knowledge.phrases()["walk"] == "walk"

    def test_a_chinese_word_names_where_it_comes_first(self):
        knowledge = Knowledge({"a": entry(name="a", chinese=["甲", "乙"]), "b": entry(name="b", chinese=["乙"])})
        found = knowledge.lookup("乙")
        assert found is not None
        assert found.name == "b"

    def test_near(self, tmp_path):
        assert Knowledge.load(written(tmp_path, PLAIN)).near("snow angle")[0] == "snow angel"
        assert Knowledge.load().near("qqqqqq") == []

    def test_digest_follows_the_entries(self):
        first, same, other = (
            Knowledge({"a": entry()}),
            Knowledge({"a": entry()}),
            Knowledge({"a": entry(senses="several")}),
        )
        assert first.digest == same.digest != other.digest

    def test_add_makes_another_one(self):
        empty = Knowledge()
        assert list(empty.add(entry())) == ["snow angel"]
        assert len(empty) == 0


class TestWriting:
    def test_round_trip(self, tmp_path):
        path = tmp_path / "new folder" / "own.jsonl"
        Knowledge({"snow angel": entry()}).save(path)
        assert read_entries(path) == [entry()]
        assert [item.name for item in path.parent.iterdir()] == ["own.jsonl"]

    def test_letters_that_end_lines_elsewhere(self, tmp_path):
        odd = entry(definition=["One\u2028and\x85the same.", "Two."])
        assert read_entries(write_entries([odd], tmp_path / "odd.jsonl")) == [odd]

    def test_windows_line_ends_and_a_mark(self, tmp_path):
        path = tmp_path / "windows.jsonl"
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(PLAIN).encode() + b"\r\n\r\n")
        assert read_entries(path) == [entry()]

    def test_never_into_the_package(self):
        before = SHIPPED.read_bytes()
        for path in (SHIPPED, SHIPPED.parent / "mine.jsonl", SHIPPED.parent / ".." / "text" / "x.jsonl"):
            with pytest.raises(InputError, match="part of motionary itself"):
                write_entries([entry()], path)
        assert SHIPPED.read_bytes() == before

    def test_an_entry_is_replaced_on_demand(self, tmp_path):
        path = written(tmp_path, PLAIN | {"name": "b"}, PLAIN | {"name": "a"})
        with pytest.raises(InputError, match=r"defines 'a' already; give --replace"):
            add_to_file(entry(name="a"), path)
        add_to_file(entry(name="a", senses="several"), path, replace=True)
        assert [(known.name, known.senses) for known in read_entries(path)] == [("a", "several"), ("b", "one")]

    def test_a_wrong_file_is_left_as_it_is(self, tmp_path):
        path = written(tmp_path, "{}")
        with pytest.raises(FormatError):
            add_to_file(entry(), path)
        assert path.read_text() == "{}\n"


WRONG = [
    ("no JSON", r"line 1: not JSON"),
    ("[]", r"line 1: must be an object with the keys name, kind"),
    ("[" * 100_000, r"line 1: not JSON: nested"),
    ('{"name": "a", "name": "b"}', r"line 1, key 'name': stands twice"),
    (PLAIN | {"definitions": []}, rf"line 1, key 'definitions': unknown key; allowed are {', '.join(KEYS)}"),
    ({k: v for k, v in PLAIN.items() if k != "parts"}, r"line 1, key 'parts': missing"),
    (PLAIN | {"name": 3}, r"key 'name': must be a text; got int"),
    (PLAIN | {"name": "Snow angel"}, r"key 'name': 'Snow angel' must be lower-case"),
    (PLAIN | {"name": ""}, r"key 'name'"),
    (PLAIN | {"chinese": "雪天使"}, r"key 'chinese': must be a list of texts"),
    (PLAIN | {"synonyms": [1]}, r"key 'synonyms': must be a list of texts"),
    (PLAIN | {"synonyms": ["snow angel"]}, r"key 'synonyms': holds the name"),
    (PLAIN | {"synonyms": ["a", "a"]}, r"key 'synonyms': holds the same text twice"),
    (PLAIN | {"definition": []}, r"key 'definition': is empty; write at least 1 sentence"),
    (PLAIN | {"definition": [" "]}, r"key 'definition': holds ' '"),
    (PLAIN | {"definition": ["x" * 2001]}, r"key 'definition': holds a text of 2001 letters; at most 2000"),
    (PLAIN | {"parts": ["wings"]}, rf"key 'parts': 'wings' is not allowed; allowed are {', '.join(PARTS)}"),
    (PLAIN | {"kind": ["mine"]}, r"key 'kind': 'mine' is not allowed; allowed are babel, corpus, common, user"),
    (PLAIN | {"extent": "half"}, rf"key 'extent': 'half' is not allowed; allowed are {', '.join(EXTENTS)}"),
    (PLAIN | {"senses": "two"}, rf"key 'senses': 'two' is not allowed; allowed are {', '.join(SENSES)}"),
    (PLAIN | {"wordnet": "kick"}, r"key 'wordnet': 'kick' must be 'lemma/pos'"),
    (PLAIN | {"provenance": ""}, r"key 'provenance': is empty"),
]


class TestRefusals:
    @pytest.mark.parametrize(("value", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
    def test_what_is_wrong_and_where(self, tmp_path, value, message):
        path = written(tmp_path, value)
        with pytest.raises(FormatError, match=message) as caught:
            Knowledge.load(path)
        assert str(caught.value).startswith(f"{path}, line 1")

    def test_a_name_twice(self, tmp_path):
        path = written(tmp_path, PLAIN, "", PLAIN)
        with pytest.raises(FormatError, match=r"line 3, key 'name': 'snow angel' is already defined in line 1"):
            Knowledge.load(path)

    def test_too_few_sentences_where_it_ships(self, tmp_path):
        path = written(tmp_path, PLAIN | {"definition": ["One.", "Two."]})
        assert len(read_entries(path)) == 1
        with pytest.raises(FormatError, match=r"key 'definition': has 2 sentences; at least 3 are needed"):
            read_entries(path, fewest=3)

    def test_not_utf8(self, tmp_path):
        path = tmp_path / "latin.jsonl"
        path.write_bytes(b"\n" + json.dumps(PLAIN, ensure_ascii=False).encode("gb18030") + b"\n")
        with pytest.raises(FormatError, match=r"line 2: not UTF-8 \(save it as UTF-8\)"):
            read_entries(path)

    def test_a_folder(self, tmp_path):
        with pytest.raises(InputError, match="is a folder"):
            Knowledge.load(tmp_path)


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from motionary.text.knowledge import Knowledge; Knowledge.load(); "
        "print([m for m in ('torch', 'transformers', 'tokenizers', 'urllib.request') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
