"""Small pictures of line images, to stand in a page or to be linked from it."""

from __future__ import annotations

import base64
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.images import ImageError
from multirec.inputs.locate import Locator
from multirec.inputs.opencv import cv2
from multirec.inputs.reading import decoded
from multirec.machine import processors
from multirec.report.places import Place
from multirec.sources import Opening, Source

HEIGHT = 48
WIDTH = 4096
"""Most pixels of a picture; a line of 100 letters has about 1500 columns at this height."""

QUALITY = 60

NOT_FOUND = "image not found"


@dataclass(frozen=True)
class Picture:
    """``data`` is a WebP file in base64, or an address; empty where ``note`` says why there is none."""

    data: str = ""
    note: str = ""


def embedded(places: Sequence[Place], workers: int | None = None, images: str | None = None) -> Iterator[Picture]:
    """The pictures at ``places`` as base64, in order; those within a file are found fastest in that file's order.

    Args:
        places: files, and what is in them.
        workers: threads.
        images: where pages' pictures are that are not beside their documents.
    """
    locator = Locator(Opening(images=images))
    workers = workers or min(4, processors())
    waiting: deque[Future[Picture]] = deque()
    with ThreadPoolExecutor(workers) as threads:
        for place in places:
            source = locator.locate(place.path) if place.holder else Source(place.path)
            waiting.append(threads.submit(_embed, place, source))
            if len(waiting) > 4 * workers:  # what has been found is in memory
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def linked(places: Sequence[Place], folder: str) -> Iterator[Picture]:
    """The addresses of ``places`` relative to ``folder``, where the page will lie; no file is opened."""
    for place in places:
        if place.holder:
            yield Picture(note="the image is within a file: embed pictures to see it")
        elif place.found:
            # Bytes, so that names that are not UTF-8 are found too.
            yield Picture(quote(os.fsencode(os.path.relpath(place.path, folder))))
        else:
            yield Picture(note=NOT_FOUND)


def none(places: Sequence[Place]) -> Iterator[Picture]:
    """No pictures, but a note where there is no image."""
    return (Picture(note="" if place.found else NOT_FOUND) for place in places)


def _embed(place: Place, source: Source) -> Picture:
    if not place.found:
        return Picture(note=NOT_FOUND)
    try:
        return _small(decoded(source))
    except OSError as error:
        return Picture(note=f"image not readable: {error.strerror}")
    except ImageError as error:
        return Picture(note=str(error))


def _small(image: NDArray[np.uint8]) -> Picture:
    h, w = image.shape[:2]
    scale = min(HEIGHT / h, WIDTH / w, 1.0)
    if scale < 1:
        size = max(1, round(w * scale)), max(1, round(h * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return Picture(base64.b64encode(data.tobytes()).decode("ascii")) if done else Picture(note="image not readable")
