"""Small pictures of line images, to stand in a page or to be linked from it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from multirec.inputs.images import ImageError, decode
from multirec.inputs.pages import Pages, in_bgr
from multirec.report.places import Place
from multirec.sources import line_of_page

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
    """The pictures at ``places`` as base64, in order.

    Args:
        places: files, and lines of pages.
        workers: threads.
        images: where pages' pictures are that are not beside their documents.
    """
    documents: dict[str, list[Place]] = {}
    for place in places:
        of_page = line_of_page(place.path) if place.found else None
        if of_page:
            documents.setdefault(of_page[0], []).append(place)
    with ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1)) as threads:
        # Page by page, whatever the order of the places: each is decoded once.
        cut = {k: v for part in threads.map(lambda lines: _cut(lines, images), documents.values()) for k, v in part}
        files = threads.map(_embed, (place for place in places if place.path not in cut))
        yield from (cut[place.path] if place.path in cut else next(files) for place in places)


def _cut(places: Sequence[Place], images: str | None) -> list[tuple[str, Picture]]:
    """The pictures of lines of one document, with their places' paths."""
    pages, found = Pages(images), []
    for place in places:
        source = pages.locate(place.path)
        try:
            picture = _small(in_bgr(source))
        except ImageError as error:
            picture = Picture(note=str(error))
        found.append((place.path, picture))
    return found


def linked(places: Sequence[Place], folder: str) -> Iterator[Picture]:
    """The addresses of ``places`` relative to ``folder``, where the page will lie; no file is opened."""
    for place in places:
        if place.found and line_of_page(place.path):
            yield Picture(note="a line of a page cannot be linked; take --pictures embed")
        elif place.found:
            # Bytes, so that names that are not UTF-8 are found too.
            yield Picture(quote(os.fsencode(os.path.relpath(place.path, folder))))
        else:
            yield Picture(note=NOT_FOUND)


def none(places: Sequence[Place]) -> Iterator[Picture]:
    """No pictures, but a note where there is no image."""
    return (Picture(note="" if place.found else NOT_FOUND) for place in places)


def _embed(place: Place) -> Picture:
    if not place.found:
        return Picture(note=NOT_FOUND)
    try:
        with open(place.path, "rb") as file:
            image = decode(file.read())
    except OSError as error:
        return Picture(note=f"image not readable: {error.strerror}")
    except ImageError as error:
        return Picture(note=str(error))
    return _small(image)


def _small(image: NDArray[np.uint8]) -> Picture:
    h, w = image.shape[:2]
    scale = min(HEIGHT / h, WIDTH / w, 1.0)
    if scale < 1:
        size = max(1, round(w * scale)), max(1, round(h * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return Picture(base64.b64encode(data.tobytes()).decode("ascii")) if done else Picture(note="image not readable")
