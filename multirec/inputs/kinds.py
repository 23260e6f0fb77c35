"""The names of files that no decoder here reads, told by how they begin."""

from __future__ import annotations

from multirec.inputs import avif, headers, tiff

_BEGINNINGS = (
    (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"), (b"AT&TFORM", "DjVu"), (b"8BPS", "Photoshop"),
    (b"%!PS", "PostScript"), (b"\xc5\xd0\xd3\xc6", "Encapsulated PostScript"), (b"\x97JB2\r\n\x1a\n", "JBIG2"),
    (b"gimp xcf", "GIMP"), (b"\0\0\1\0", "icon (ICO)"), (b"FLIF", "FLIF"), (b"qoif", "QOI"), (b"<svg", "SVG"),
    (b"II\xbc\x01", "JPEG XR"), (b"\x0a\x05\x01", "PCX"), (b"FORM", "IFF (ILBM)"),
)  # fmt: skip

_CODINGS = ((b"heic", "HEIC"), (b"heix", "HEIC"), (b"hevc", "HEIC"), (b"jxl ", "JPEG XL"), (b"mif1", "HEIF"))

_FRAMES = {0xC3: "lossless JPEG", 0xC5: "hierarchical JPEG", 0xC7: "lossless JPEG", 0xCB: "lossless JPEG"}


def name(data: bytes) -> str:
    """What kind of picture ``data`` is, where it is of one that is known and not read; else nothing."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] in headers.TIFF:
        return tiff.fault(data)
    if data.startswith(b"\xff\xd8\xff\xf7"):
        return "JPEG-LS"
    if frame := headers.frame(data):
        return _FRAMES.get(frame.marker, "JPEG with 12 bits a sample" if frame.bits == 12 else "")
    if data.startswith(b"BM") and data[28:30] == b"\2\0":
        return "BMP with 2 bits a pixel"
    if data[4:8] == b"jP  " and data[data.find(b"\xff\x4f\xff\x51") :][40:42] == b"\0\2":
        return "JPEG 2000 of grey with opacity"
    brands = data[8:64] if avif.is_heif(data) else b""
    if b"avif" not in brands and b"avis" not in brands:
        return next((kind for brand, kind in _CODINGS if brand in brands), "")
    return ""
