"""Image files of every kind, whole and damaged, and a folder of all that may lie where images should be.

Everything is made here, the same at every call.
"""

import io
import os
import random
import shutil
import socket
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.conftest import SAMPLES


def drawing(width=200, height=50):
    image = np.full((height, width, 3), 255, np.uint8)
    cv2.putText(image, "Abcdefg", (20, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 3)
    return image


def saved(form, image=None, **options):
    file = io.BytesIO()
    (image or PIL).save(file, form, **options)
    return file.getvalue()


def encoded(suffix, image):
    return cv2.imencode(suffix, image)[1].tobytes()


PLAIN = drawing()
PIL = Image.fromarray(PLAIN)
GREY = PLAIN[:, :, 0]
_MORE = {"save_all": True, "append_images": [Image.new("RGB", (200, 50), "red")]}
_PALETTE = PIL.quantize(4)

FORMATS = {
    "png": saved("PNG"),
    "png grey": saved("PNG", PIL.convert("L")),
    "png grey alpha": saved("PNG", PIL.convert("LA")),
    "png palette": saved("PNG", PIL.convert("P")),
    "png palette alpha": saved("PNG", _PALETTE, transparency=_PALETTE.getpixel((0, 0))),
    "png 1 bit": saved("PNG", PIL.convert("1")),
    "png 16 bit": encoded(".png", GREY.astype(np.uint16) * 257),
    "png 16 bit alpha": encoded(".png", np.dstack([PLAIN, np.full_like(GREY, 255)]).astype(np.uint16) * 257),
    "png animated": saved("PNG", **_MORE),
    "jpeg": saved("JPEG", quality=95),
    "jpeg grey": saved("JPEG", PIL.convert("L"), quality=95),
    "jpeg progressive": saved("JPEG", quality=95, progressive=True),
    "jpeg tall": saved("JPEG", PIL.resize((1200, 300)), quality=95),
    "jpeg cmyk": saved("JPEG", PIL.convert("CMYK"), quality=95),
    "tiff": saved("TIFF"),
    "tiff lzw": saved("TIFF", compression="tiff_lzw"),
    "tiff group 4": saved("TIFF", PIL.convert("1"), compression="group4"),
    "tiff cmyk": saved("TIFF", PIL.convert("CMYK")),
    "tiff float": encoded(".tiff", GREY.astype(np.float32) / 255),
    "tiff two pages": saved("TIFF", save_all=True, append_images=[Image.new("RGB", (90, 50), "red")]),
    "bmp": saved("BMP"),
    "bmp palette": saved("BMP", PIL.convert("P")),
    "webp": saved("WEBP", quality=95),
    "webp lossless": saved("WEBP", lossless=True),
    "webp animated": saved("WEBP", quality=95, **_MORE),
    "gif": saved("GIF"),
    "gif animated": saved("GIF", **_MORE),
    "avif": encoded(".avif", PLAIN),
    "jpeg 2000": saved("JPEG2000"),
    "pbm": saved("PPM", PIL.convert("1")),
    "pgm": saved("PPM", PIL.convert("L")),
    "ppm": saved("PPM"),
    "pam": encoded(".pam", PLAIN),
    "sun raster": encoded(".ras", PLAIN),
    "radiance": encoded(".hdr", PLAIN.astype(np.float32) / 255),
    "pfm": encoded(".pfm", PLAIN.astype(np.float32) / 255),
}
"""The same drawing in every format that OpenCV reads; the second pictures of those with two are red."""


def damaged(content, count, seed=0):
    """``count`` damaged copies: a half of them cut, from nothing to all but one byte, the others with bits flipped."""
    rng = random.Random(seed)
    cuts = (count + 1) // 2
    yield from (content[: len(content) * k // cuts] for k in range(cuts))
    for _ in range(count - cuts):
        changed = bytearray(content)
        # Headers are a small part of a file, and the more interesting one.
        reach = rng.choice((32, 128, len(content)))
        for _ in range(rng.randint(1, 6)):
            changed[rng.randrange(min(reach, len(content)))] ^= 1 << rng.randrange(8)
        yield bytes(changed)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, pixels=bytes(60_000), colour=2, level=0):
    """A PNG of 8 bits that claims a size, whatever is behind it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(pixels, level)) + chunk(b"IEND", b"")


BOMB = png(50_000, 50_000)
"""60 kB that would be 7.5 GB of pixels."""


def claiming(side):
    """For several formats, a small file that claims to be ``side`` x ``side``."""
    jpeg = bytearray(FORMATS["jpeg"])
    struct.pack_into(">HH", jpeg, jpeg.index(b"\xff\xc0") + 5, min(side, 65_500), min(side, 65_500))
    bmp = bytearray(FORMATS["bmp"])
    struct.pack_into("<ii", bmp, 18, side, side)
    gif = bytearray(FORMATS["gif"])
    struct.pack_into("<HH", gif, 6, min(side, 65_535), min(side, 65_535))
    tiff = bytearray(FORMATS["tiff"])
    (at,) = struct.unpack_from("<I", tiff, 4)
    for entry in range(*struct.unpack_from("<H", tiff, at)):
        if struct.unpack_from("<H", tiff, at + 2 + 12 * entry)[0] in (256, 257):
            struct.pack_into("<HII", tiff, at + 4 + 12 * entry, 4, 1, side)
    ppm = FORMATS["ppm"].replace(b"200 50", b"%d %d" % (side, side), 1)
    return {"png": png(side, side), "jpeg": jpeg, "bmp": bmp, "gif": gif, "tiff": tiff, "ppm": ppm}


NAMES = [
    "new\nline.png", 'quote"s.png', "com,ma;.png", "=1+2.png", "-dash.png", "--resume.png", "+plus.png", "@at.png",
    "\x1b[31mred\x1b[0m.png", "bell\a.png", "back\b\b.png", "return\r.png", "tab\t.png", "delete\x7f.png",
    "c1\x9b31m.png", "next\x85line.png", "line\u2028separator.png", "\u202egnp.png", " space .png", "%s%n.png",
    "back\\slash.png", "$(id).png", "'.png", "日本語.png", "\ufeffmark.png", "x" * 251 + ".png", "é" * 125 + ".png",
    os.fsdecode(b"caf\xe9.png"), os.fsdecode(b"\xff\xfe\x9b.png"),
]  # fmt: skip
"""Names that would break a careless list, row, or terminal."""


def fill(folder, copies):
    """Put everything into ``folder``; return what is expected of each file, by name.

    That is '' for a good line, the same in all; the kind of an error; or None for what may be either: the
    ``copies`` damaged files of each format, and pictures that hold no text.
    """
    sample = (SAMPLES / "sign.png").read_bytes()
    image = cv2.imread(str(SAMPLES / "sign.png"))
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    expected = {}

    def put(name, data, kind=None):
        (folder / name).write_bytes(data)
        expected[name] = kind

    for name in NAMES:
        put(name, sample, "")
    put("png in.jpg", sample, "")
    put("bmp in.gif", encoded(".bmp", image), "")
    put("tiff in.PNG", encoded(".tiff", image), "")
    put("cmyk.jpg", saved("JPEG", Image.fromarray(image).convert("CMYK"), quality=98), "")
    put("deep.png", encoded(".png", grey.astype(np.uint16) * 257), "")
    for turn, how in {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_COUNTERCLOCKWISE, 8: cv2.ROTATE_90_CLOCKWISE}.items():
        exif = Image.Exif()
        exif[0x0112] = turn
        put(f"turned {turn}.png", saved("PNG", Image.fromarray(cv2.rotate(image, how)), exif=exif), "")
    put("text.png", b"only text\n", "not-an-image")
    put("text.tif", b"II*\0only text\n", "not-an-image")
    put("empty.png", b"", "empty")
    put("bomb.png", BOMB, "too-large")
    put("1x1.png", png(1, 1, bytes(4)))
    put("1x5000.png", png(1, 5000, bytes(4 * 5000)))
    put("5000x1.png", png(5000, 1, bytes(15_001)))
    put("wide.png", encoded(".png", np.full((64, 30_000), 255, np.uint8)))
    put("nan.tiff", encoded(".tiff", np.full((50, 200), np.nan, np.float32)))
    put("transparent.png", encoded(".png", np.zeros((50, 100, 4), np.uint8)))
    for form, content in FORMATS.items():
        for k, data in enumerate(damaged(content, copies)):
            put(f"{form} damaged {k:03}.png", data)

    (folder / "folder.png").mkdir()  # walked, and nothing found
    (folder / "dangling.png").symlink_to("nowhere.png")
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / "null.png").symlink_to("/dev/null")
    (folder / "disk.png").symlink_to("/proc/self/mem")  # a file whose read fails: EIO
    os.mkfifo(folder / "pipe.png")
    before = Path.cwd()
    os.chdir(folder)  # the path of a socket is at most 108 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.png")
    finally:
        os.chdir(before)
    expected |= {"dangling.png": "missing", "loop.png": "unreadable", "disk.png": "unreadable"}
    expected |= dict.fromkeys(("zero.png", "null.png", "pipe.png", "socket.png"), "not-an-image")
    shutil.copy(SAMPLES / "sign.png", folder / ".hidden.png")
    return expected
