"""Frames and features of a user's own video: read by PyAV at a steady rate, told by EfficientNet-Lite0.

Frame k is what is on the screen at k / fps seconds, whatever rate the video has. A video that ends early (cut off, or
damaged from some place on) gives what could be read, and says so in its notes; one without a single frame is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic

if TYPE_CHECKING:
    from av import VideoFrame

Encode = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Progress = Callable[[int, int], None]

#: The longest video that is read, seconds, and the most frames a second that are taken of it.
MAX_SECONDS, MAX_RATE = 6 * 3600.0, 60.0
_SIZE, _SCALE = 224, 256  # the middle 224 x 224 of a picture whose short side is 256
_LONGEST = 16 * _SCALE
_BATCH = 16


@dataclass
class Features:
    """Features of a video.

    Attributes:
        rows: [rows, width] float32.
        fps: rows a second.
        seconds: that could be read.
        notes: what was noticed, such as an early end.
    """

    rows: NDArray[np.float32]
    fps: float
    seconds: float
    notes: list[str] = field(default_factory=list)

    def save(self, path: str | Path) -> None:
        """Write the rows as .npy, [rows, width]."""
        with atomic(target(path)) as beside:
            np.save(beside, self.rows, allow_pickle=False)


def target(path: str | Path) -> Path:
    """A path that features can be written to. Raises InputError for another suffix than .npy."""
    path = Path(path)
    if path.suffix.lower() != ".npy":
        raise InputError(f"{path}: features are a .npy file")
    return path


class Video:
    """A video that is read once, from its start.

    Attributes:
        announced: seconds that the file says it lasts; 0 where it does not say.
        seconds: read so far.
        notes: what was noticed while reading.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.announced = self.seconds = 0.0
        self.notes: list[str] = []
        if not self.path.is_file():
            raise InputError(f"{self.path} does not exist or is not a plain file")

    def frames(self, fps: float) -> Iterator[NDArray[np.uint8]]:
        """[224, 224, 3] RGB pictures, ``fps`` a second.

        Raises:
            InputError: a rate out of its limits.
            FormatError: no video, no frame in it, or longer than is read.
        """
        if not 0 < fps <= MAX_RATE:
            raise InputError(f"frames a second must be above 0 and at most {MAX_RATE:g}; not {fps}")
        shown: NDArray[np.uint8] | None = None
        taken = 0
        for time, frame in self._decoded():
            while shown is not None and taken / fps < time - 1e-6:
                yield shown
                taken += 1
            if time > MAX_SECONDS:
                raise FormatError(f"longer than {MAX_SECONDS / 3600:g} h, the most that is read", path=self.path)
            if taken / fps < time + 1 / fps:  # only pictures that may be shown are converted
                shown = _picture(frame)
        if shown is None:
            raise FormatError("no frame of it can be read", path=self.path, hint="does another player show it?")
        while taken / fps < self.seconds - 1e-6:
            yield shown
            taken += 1
        if self.announced - self.seconds > max(1.0, 0.01 * self.announced):
            self.notes.append(
                f"the video ends at {self.seconds:.1f} s of {self.announced:.1f} s; the rest cannot be read"
            )

    def _decoded(self) -> Iterator[tuple[float, VideoFrame]]:
        """Frames in order with their seconds from the first one; ends where decoding fails."""
        import av

        first: float | None = None
        try:
            with av.open(str(self.path)) as container:
                stream: Any = next(iter(container.streams.video), None)
                if stream is None:
                    raise FormatError("no video in it", path=self.path)
                stream.thread_type = "AUTO"
                self.announced = _announced(container, stream)
                step = float(1 / (stream.average_rate or 25))
                for frame in container.decode(stream):
                    time = frame.time if frame.time is not None else (first or 0.0) + self.seconds
                    first = time if first is None else first
                    self.seconds = max(self.seconds, time - first + step)
                    yield time - first, frame
        except av.FFmpegError as error:
            if first is None:
                raise FormatError(f"no video that can be read: {error.strerror}", path=self.path) from None
            self.notes.append(f"damaged at {self.seconds:.1f} s: {error.strerror}")


def _announced(container: Any, stream: Any) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(container.duration or 0) / 1e6


def _picture(frame: VideoFrame) -> NDArray[np.uint8]:
    """The middle of a frame, upright."""
    scale = _SCALE / max(1, min(frame.width, frame.height))
    if max(frame.width, frame.height) * scale > _LONGEST:
        raise FormatError(f"pictures of {frame.width} x {frame.height}: one side is more than 16 times the other")
    width, height = (max(_SIZE, round(side * scale)) for side in (frame.width, frame.height))
    whole = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="BICUBIC")
    top, left = ((whole.shape[axis] - _SIZE) // 2 for axis in (0, 1))
    middle = whole[top : top + _SIZE, left : left + _SIZE]
    return np.ascontiguousarray(np.rot90(middle, round(getattr(frame, "rotation", 0) / 90)), dtype=np.uint8)


def encoder(threads: int = 1) -> Encode:
    """EfficientNet-Lite0 as a function of pictures. Raises MissingExtraError without the extra ``video``."""
    import torch

    from motionary.actions import lite0

    model = lite0.load()
    torch.set_num_threads(threads)
    return lambda pictures: lite0.encode(model, pictures)


def features(
    path: str | Path, fps: float = 5.0, encode: Encode | None = None, progress: Progress | None = None
) -> Features:
    """Features of a video.

    Args:
        path: anything that FFmpeg reads.
        fps: rows a second.
        encode: [batch, 224, 224, 3] pictures -> [batch, width]; by default EfficientNet-Lite0 on one thread.
        progress: called with (rows done, rows expected).

    Raises:
        MissingExtraError: the default encoder's weights are not installed.
        InputError, FormatError: see ``Video.frames``.
    """
    video = Video(path)
    frames = video.frames(fps)
    encode = encode or encoder()
    batch: list[NDArray[np.uint8]] = []
    done: list[NDArray[np.float32]] = []
    for picture in frames:
        batch.append(picture)
        if len(batch) == _BATCH:
            done.append(encode(np.stack(batch)))
            batch.clear()
            if progress:
                count = _BATCH * len(done)
                progress(count, max(count, round(video.announced * fps)))
    if batch:
        done.append(encode(np.stack(batch)))
    rows = np.concatenate(done)
    if progress:
        progress(len(rows), len(rows))
    return Features(rows, fps, video.seconds, video.notes)
