"""What the published schemas of PAGE and ALTO say of what multirec writes, rebuilt from them as rules.

Children come in the order of the schema, each as often as it may; attributes have values as it says.  An element that
is not named here may hold anything.
"""

import re
import xml.etree.ElementTree as ET

MANY = 1 << 30


def _of(text):
    """``Coords Baseline? Word* String+`` as rules."""
    counts = {"?": (0, 1), "*": (0, MANY), "+": (1, MANY)}
    return [(name.rstrip("?*+"), *counts.get(name[-1], (1, 1))) for name in text.split()]


_PAGE = {
    "PcGts": "Metadata Page",
    "Metadata": "Creator Created LastChange Comments?",
    "TextLine": "Coords Baseline? Word* TextEquiv? TextStyle?",
    "Word": "Coords Glyph* TextEquiv? TextStyle?",
    "TextEquiv": "PlainText? Unicode",
    "TextRegion": "Coords TextLine* TextEquiv? TextStyle?",
}
_PAGE_2010 = _PAGE | {
    "TextLine": "Coords Word* TextEquiv?",
    "Word": "Coords Glyph* TextEquiv?",
    "TextEquiv": "PlainText Unicode",
    "TextRegion": "Coords TextLine* TextEquiv?",
    "Coords": "Point+",
}
_PAGE_2019 = _PAGE | {
    "Metadata": "Creator Created LastChange Comments? UserDefined? MetadataItem*",
    "MetadataItem": "Labels*",
    "Labels": "Label*",
    "TextLine": "AlternativeImage* Coords Baseline? Word* TextEquiv* TextStyle? UserDefined? Labels*",
    "Word": "AlternativeImage* Coords Glyph* TextEquiv* TextStyle? UserDefined? Labels*",
    "TextRegion": "AlternativeImage* Coords UserDefined? Labels* Roles? TextLine* TextEquiv* TextStyle?",
}
_STEP = "processingDateTime? processingAgency? processingStepDescription* processingStepSettings? processingSoftware?"
_ALTO = {
    "Description": "MeasurementUnit sourceImageInformation? OCRProcessing*",
    "OCRProcessing": "preProcessingStep* ocrProcessingStep postProcessingStep*",
    "ocrProcessingStep": _STEP,
    "processingSoftware": "softwareCreator? softwareName? softwareVersion? applicationDescription?",
    "String": "ALTERNATIVE*",
}
_ALTO_4 = _ALTO | {
    "Description": "MeasurementUnit sourceImageInformation? OCRProcessing* Processing*",
    "Processing": "processingCategory? " + _STEP,
    "String": "Shape? ALTERNATIVE* Glyph*",
}

_POINTS = re.compile(r"(\d+,\d+ )+\d+,\d+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_PART = re.compile(r"0\.\d+|1\.0*|0|1")
_ID = re.compile(r"[\w_][\w.-]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ANY = re.compile(r"[\s\S]*")
_INDEX = re.compile(r"\d+")

_BOX = {"HPOS": _NUMBER, "VPOS": _NUMBER, "WIDTH": _NUMBER, "HEIGHT": _NUMBER}
_ATTRIBUTES = {
    "Word": {"id": _ID},
    "TextEquiv": {"conf": _PART, "index": _INDEX, "comments": _ANY},
    "Coords": {"points": _POINTS},
    "MetadataItem": {"type": re.compile("processingStep"), "name": _ANY, "value": _ANY, "date": _TIME},
    "Labels": {"externalModel": _ANY},
    "Label": {"value": _ANY, "type": _ANY},
    "String": {"ID": _ID, "CONTENT": _ANY, "WC": _PART, **_BOX},
    "SP": _BOX,
    "HYP": {"CONTENT": _ANY},
    "ALTERNATIVE": {"PURPOSE": _ANY},
    "Processing": {"ID": _ID},
    "OCRProcessing": {"ID": _ID},
}
_REQUIRED = {"Word": {"id"}, "String": {"CONTENT"}, "Label": {"value"}, "MetadataItem": {"value"}, "HYP": {"CONTENT"}}


def faults(data):
    """What is against the schema in a document."""
    root = ET.fromstring(data)
    space = root.tag[1:].partition("}")[0]
    version = re.search(r"/(20\d\d)-|/ns-v(\d)#", space)
    page = version[1] is not None
    rules = {"2010": _PAGE_2010, "2013": _PAGE, "4": _ALTO_4}.get(
        version[1] or version[2], _PAGE_2019 if page else _ALTO
    )
    found, ids = [], []
    for element in root.iter():
        if not element.tag.startswith(f"{{{space}}}"):
            found.append(f"{element.tag}: another namespace")
        name = _local(element)
        children = [_local(child) for child in element]
        if name in rules:
            found += _order(name, children, _of(rules[name]))
        if not page and name == "TextLine":
            found += [] if _text_line(children) else [f"TextLine: {children}"]
        allowed = dict(_ATTRIBUTES.get(name, {}))
        if version[1] == "2013":
            allowed = allowed if name != "TextEquiv" else {"conf": _PART}
        if version[1] == "2010":
            allowed = {} if name in ("TextEquiv", "Coords") else allowed
        if name in _ATTRIBUTES:
            found += [
                f"{name}: {k}={v!r}"
                for k, v in element.attrib.items()
                if k not in allowed or not allowed[k].fullmatch(v)
            ]
            found += [f"{name}: no {k}" for k in _REQUIRED.get(name, set()) - element.attrib.keys()]
        if name in ("LastChange", "processingDateTime") and not _TIME.fullmatch(element.text or ""):
            found.append(f"{name}: {element.text}")
        ids += [value for key, value in element.attrib.items() if key in ("id", "ID")]
    return found + [f"the ID {id} stands twice" for id in set(ids) if ids.count(id) > 1]


def _local(element):
    return element.tag.rpartition("}")[2]


def _order(name, children, rule):
    left, found = list(children), []
    for child, least, most in rule:
        count = 0
        while left and left[0] == child:
            left.pop(0)
            count += 1
        if not least <= count <= most:
            found.append(f"{name}: {count} of {child}")
    return found + ([f"{name}: {left[0]} out of place"] if left else [])


def _text_line(children):
    """``Shape? (String SP?)+ HYP?`` of ALTO."""
    return re.fullmatch(r"(Shape )?(String (SP )?)+(HYP )?", "".join(child + " " for child in children))
