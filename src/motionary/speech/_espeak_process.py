"""A process of its own that speaks with the library of espeak-ng; run as a script, it knows nothing of motionary.

espeak-ng (GPL-3) is a program that the user installs; its command line does not tell when a word is spoken, its library
does. Requests are lines of JSON on standard input (text, voice, speed, pitch, range, volume); the answer to each is a
line of JSON and then as many bytes of 16-bit samples as the line says.
"""

import ctypes
import ctypes.util
import json
import sys
from typing import Any

_RETRIEVE, _PHONEMES, _IPA = 2, 1, 2  # espeak_AUDIO_OUTPUT, options of espeak_Initialize
_UTF8, _CHARACTERS = 1, 1
_END, _WORD, _PHONEME = 0, 1, 7  # espeak_EVENT_TYPE
_PARAMETERS = {"speed": 1, "volume": 2, "pitch": 3, "range": 4}  # espeak_PARAMETER


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h, interface version 12."""

    _fields_ = (
        ("type", ctypes.c_int), ("identifier", ctypes.c_uint), ("position", ctypes.c_int), ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", _Id),
    )  # fmt: skip


class Speaker:
    """The library, with its one voice at a time."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng")
        if not name:
            raise OSError("the library of espeak-ng is not installed")
        self.library = ctypes.CDLL(name)
        self.library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.rate = self.library.espeak_Initialize(_RETRIEVE, 0, None, _PHONEMES | _IPA)
        if self.rate <= 0:
            raise OSError("espeak-ng does not start; are its data installed?")
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
        self._callback = kind(self._hear)  # kept: C holds no reference
        self.library.espeak_SetSynthCallback(self._callback)
        self._sound: list[bytes] = []
        self._events: list[tuple[Any, ...]] = []

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._sound.append(ctypes.string_at(samples, 2 * count))
        at = 0
        while events[at].type != _END:
            one = events[at]
            if one.type in (_WORD, _PHONEME):
                self._events.append((one.type, one.position - 1, one.length, one.sample, one.id.string))
            at += 1
        return 0

    def say(self, text: str, voice: str, **parameters: int) -> tuple[dict[str, Any], bytes]:
        """Answer and samples: words [start character, length, sample], phonemes [IPA, sample], IPA with stress."""
        self._sound, self._events = [], []
        if self.library.espeak_SetVoiceByName(voice.encode()):
            return {"error": f"espeak-ng has no voice {voice!r}"}, b""
        for name, value in parameters.items():
            self.library.espeak_SetParameter(_PARAMETERS[name], int(value), 0)
        data = text.encode()
        if self.library.espeak_Synth(data, len(data) + 1, 0, _CHARACTERS, 0, _UTF8, None, None):
            return {"error": "espeak-ng cannot speak the text"}, b""
        self.library.espeak_Synchronize()
        sound = b"".join(self._sound)
        words = [one[1:4] for one in self._events if one[0] == _WORD]
        phonemes = [(one[4].decode("utf-8", "ignore"), one[3]) for one in self._events if one[0] == _PHONEME]
        answer = {"rate": self.rate, "bytes": len(sound), "words": words, "phonemes": phonemes, "ipa": self._ipa(data)}
        return answer, sound

    def _ipa(self, data: bytes) -> list[str]:
        """The clauses in IPA with marks of stress."""
        clauses, pointer = [], ctypes.c_void_p(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value)
        while pointer.value:
            found = self.library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA)
            clauses.append((found or b"").decode("utf-8", "ignore"))
        return clauses


def main() -> None:
    """Answer requests until standard input ends."""
    out = sys.stdout.buffer
    try:
        speaker = Speaker()
    except OSError as error:
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    out.write(json.dumps({"rate": speaker.rate}).encode() + b"\n")
    out.flush()
    for line in sys.stdin.buffer:
        answer, sound = speaker.say(**json.loads(line))
        out.write(json.dumps(answer).encode() + b"\n" + sound)
        out.flush()


if __name__ == "__main__":
    main()
