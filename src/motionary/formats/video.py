"""MP4 (H.264, with sound where given) and GIF films of a motion."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from motionary.errors import FormatError, InputError
from motionary.formats._camera import Camera
from motionary.formats._files import atomic
from motionary.formats._render import Renderer, at_times, way
from motionary.motion.motion import Motion

Progress = Callable[[int, int], None]

_MOST_SECONDS = {".mp4": 600.0, ".gif": 60.0}
_MOST_RATE = {".mp4": 120.0, ".gif": 50.0}
_MOST_GIF_PIXELS = 400e6  # GIF pictures are kept until the last is drawn
_AUDIO_RATE = 48_000
_TALKATIVE_AFTER = 1.0  # seconds of work before a progress bar is worth its line


def write(
    motion: Motion,
    path: str | Path,
    fps: float = 30,
    size: tuple[int, int] = (960, 720),
    style: str | None = None,
    audio: str | Path | None = None,
    camera: Camera | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a film of a motion.

    Args:
        motion: what to show, on any skeleton.
        path: the .mp4 or .gif to write.
        fps: pictures a second; the motion is sampled by time, so its speed stays true. GIF counts in hundredths of
            a second: 30 becomes 33.3, and players show at most 50.
        size: width and height, pixels, 64 to 3840; even numbers for MP4 (H.264 stores colour at half size).
        style: "mannequin", "limbs" or None: the mannequin for HUMAN and limbs for any other skeleton.
        audio: a sound file to lay under an MP4 (WAV, FLAC, MP3, ...), cut or ended with the film; stored as AAC.
        camera: where to look from; None: a three-quarter front view that follows bodies that travel.
        progress: called with (pictures done, pictures in all); None shows a bar on a terminal when it takes long.

    Raises:
        InputError: a value out of its limits, or a folder that cannot be written.
        FormatError: the sound file cannot be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    _check(motion, suffix, fps, size, audio)
    count = max(1, int(np.floor(motion.duration * fps + 1e-6)) + 1)
    moments = at_times(motion, np.arange(count) / fps)
    calm = 2 * round(fps * 0.3) + 1
    pictures = Renderer(moments, size, style=style, camera=camera, path=way(motion), calm=calm).frames()
    watched = _watched(pictures, count, progress)
    with atomic(path) as beside:
        if suffix == ".gif":
            _gif(watched, beside, fps)
        else:
            _mp4(watched, beside, fps, size, count, None if audio is None else Path(audio))


def _check(motion: Motion, suffix: str, fps: float, size: tuple[int, int], audio: str | Path | None) -> None:
    if suffix not in _MOST_SECONDS:
        raise InputError(f"films are written as .mp4 or .gif; got {suffix or 'no suffix'!r}")
    if not (np.isfinite(fps) and 1 <= fps <= _MOST_RATE[suffix]):
        raise InputError(f"a {suffix} film has 1 to {_MOST_RATE[suffix]:g} pictures a second; got {fps}")
    if len(size) != 2 or not all(64 <= side <= 3840 for side in size):
        raise InputError(f"a film is 64 to 3840 pixels wide and high; got {size}")
    if suffix == ".mp4" and any(side % 2 for side in size):
        even = tuple(side + side % 2 for side in size)
        raise InputError(f"an .mp4 film needs an even width and height; got {size}, take {even}")
    if motion.duration > _MOST_SECONDS[suffix]:
        raise InputError(
            f"a {suffix} film lasts at most {_MOST_SECONDS[suffix]:g} s; this motion lasts {motion.duration:.1f} s; "
            "trim it first"
        )
    pixels = motion.duration * fps * size[0] * size[1]
    if suffix == ".gif" and pixels > _MOST_GIF_PIXELS:
        raise InputError(
            f"a .gif of {pixels / 1e6:.0f} million pixels in all would not fit in memory (at most "
            f"{_MOST_GIF_PIXELS / 1e6:.0f}); take a smaller size, fewer pictures a second, or .mp4"
        )
    if audio is not None and suffix == ".gif":
        raise InputError("a .gif has no sound; write an .mp4")
    if audio is not None and not Path(audio).is_file():
        raise FormatError("there is no such sound file", path=audio)


def _mp4(
    pictures: Iterable[Image.Image], path: Path, fps: float, size: tuple[int, int], count: int, audio: Path | None
) -> None:
    import av

    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as film:
        rate = Fraction(fps).limit_denominator(1001)
        stream = film.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / rate
        # Say which colours these are (BT.709), or players guess by the size of the picture.
        context.color_primaries = context.color_trc = context.colorspace = 1
        sound = film.add_stream("aac", rate=_AUDIO_RATE) if audio is not None else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts, frame.time_base = number, 1 / rate
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
        if audio is not None and sound is not None:
            _lay_sound(film, sound, audio, count / float(rate))


def _lay_sound(film: Any, sound: Any, audio: Path, seconds: float) -> None:
    """Decode, resample and encode the sound file until the film ends."""
    import av

    room = round(seconds * _AUDIO_RATE)
    try:
        with av.open(str(audio)) as source:
            if not source.streams.audio:
                raise FormatError("this file has no sound in it", path=audio)
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_AUDIO_RATE, frame_size=1024)
            written = 0
            for frame in _then_flush(source.decode(audio=0)):
                for part in resampler.resample(frame):
                    part.pts, part.time_base = written, Fraction(1, _AUDIO_RATE)
                    film.mux(sound.encode(part))
                    written += part.samples
                if written >= room:
                    break
            film.mux(sound.encode(None))
    except av.FFmpegError as error:
        raise FormatError(f"the sound cannot be read: {error}", path=audio, hint="convert it to WAV") from error


def _then_flush(frames: Iterable[Any]) -> Iterator[Any]:
    yield from frames
    yield None


def _gif(pictures: Iterable[Image.Image], path: Path, fps: float) -> None:
    """One palette for the whole film, taken from its first picture: colours stay still and files small."""
    palette: Image.Image | None = None
    small = []
    for picture in pictures:
        palette = palette or picture.quantize(colors=128, method=Image.Quantize.MEDIANCUT)
        small.append(picture.quantize(palette=palette, dither=Image.Dither.NONE))
    # Hundredths of a second are all that GIF knows; spreading the rounding keeps the whole film's length true.
    edges = [round(100 * number / fps) * 10 for number in range(len(small) + 1)]
    times = [max(20, after - before) for before, after in pairwise(edges)]
    small[0].save(path, format="GIF", save_all=True, append_images=small[1:], duration=times, loop=0, disposal=1)


def _watched(pictures: Iterator[Image.Image], count: int, progress: Progress | None) -> Iterator[Image.Image]:
    """Pass pictures on and tell how far it is."""
    if progress is not None or not sys.stderr.isatty():
        for number, picture in enumerate(pictures, start=1):
            yield picture
            if progress is not None:
                progress(number, count)
        return
    yield from _with_bar(pictures, count)


def _with_bar(pictures: Iterator[Image.Image], count: int) -> Iterator[Image.Image]:
    from rich.console import Console
    from rich.progress import Progress as Bar

    begun, bar, task = time.monotonic(), Bar(console=Console(stderr=True), transient=True), None
    try:
        for number, picture in enumerate(pictures, start=1):
            yield picture
            if task is None and time.monotonic() - begun > _TALKATIVE_AFTER and number < count:
                bar.start()
                task = bar.add_task("drawing", total=count)
            if task is not None:
                bar.update(task, completed=number)
    finally:
        bar.stop()
