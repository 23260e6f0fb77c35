"""Writing that is not Latin, and pictures among letters: what a network is to know as something else.

A line of it is drawn as it is, and labelled with ``OTHER`` for each letter.  The letters are strung together by how
often they are in use; no text is needed.
"""

from __future__ import annotations

import random
import unicodedata

from multirec.models.alphabet import OTHER


def _span(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


_CYRILLIC = (
    "оооооооооееееееееаааааааииииииннннннттттттссссссррррвввввллллккккммммддддпппуууяяыыьггззббччййхжшюцщэфёъіїєљњћ"
)
_GREEK = "αααααααααοοοοοοοοεεεεεεεττττττττσσσσννννννιιιιιηηηηηρρρρκκκκππππλλλμμμυυυςςδδωωγχθφβξζψάέήίόύώ"
_HEBREW = "ייייייייוווווווווהההההההלללללאאאאאארררררתתתתמממממבבבבנננשששדדפקקחחעעכגטסצזםןךףץ"
_ARABIC = "ااااااااالللللللييييييننننممممموووورررتتتتبببدددعععهههسسسفففككقققحججشصطخذضزثغظءأإآةى"
_DEVANAGARI = "अआइईउऊएओकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह"
_VOWEL_SIGNS = "ािीुूेैोौं"
_THAI = _span(0x0E01, 0x0E2E)
_KANJI = _span(0x4E00, 0x9FA0)
_FREQUENT = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日月年円本東京大阪出入口駅車海山川田中村林男女子"
)
_KANA = _span(0x3042, 0x3093) + _span(0x30A1, 0x30F3)
_HANGUL = (
    "가나다라마바사아자차카타파하고노도로모보소오조구누두루무부수우주기니디리미비시이지한국서울대학교사람"
    "전화번호안녕하세요감사합니다정보시스템입출구은는을를의에"
)
_GEORGIAN, _ARMENIAN = _span(0x10D0, 0x10F0), _span(0x0561, 0x0586)
_ETHIOPIC, _TAMIL, _BENGALI = _span(0x1208, 0x1246), "அஆஇஈஉஊஎகஙசஞடணதநபமயரலவழளறன", "অআইউএওকখগঘচছজটডতথদধনপফবভমযরলশষসহ"
_PICTURES = "".join(
    dict.fromkeys(
        "★☆♥♦♣♠♪♫☎✉✂✈☀☁☂☃☺☹☠☢☣☯☮☪✡♻⚠⚡⚽⛔✏✒❄❤➤✗✘✦✧❖◆◇▲▼△▽►◄◊♀♂⌂⌘⇧⌥⏎⌫⇒⇔↔↕↗↘⇐∑∫∂∏∈∉⊂∩∀∃∧⊕⊗∝∠△Δ"
        "ΣΦΨΛΓγδεζηθλξστφψω😀😁😂😉😍😎👍👎👏🙏🎉🎂🎵🏠🏆🚀🚗🚲📞📧📅📌📎🔍🔒🔔💡💰🍕☕🌍🌞🔥⭐✅❌"
    )
)

_SCRIPTS: tuple[tuple[float, str, tuple[int, int], float], ...] = (
    (0.34, _CYRILLIC, (2, 11), 0.5), (0.2, _GREEK, (2, 11), 0.5), (0.06, _HEBREW, (2, 8), 0.0),
    (0.07, _ARABIC, (2, 8), 0.0), (0.04, _DEVANAGARI, (2, 6), 0.0), (0.03, _THAI, (3, 9), 0.0),
    (0.05, _FREQUENT, (1, 6), 0.0), (0.03, _KANJI, (1, 5), 0.0), (0.06, _KANA, (2, 8), 0.0),
    (0.05, _HANGUL, (1, 5), 0.0),
    (0.015, _GEORGIAN, (3, 9), 0.0), (0.02, _ARMENIAN, (3, 9), 0.0), (0.01, _ETHIOPIC, (2, 6), 0.0),
    (0.01, _TAMIL, (2, 6), 0.0), (0.015, _BENGALI, (2, 6), 0.0),
)  # fmt: skip
"""Share, letters as often as they are drawn, letters of a word, share of words that may be capitals."""

_LIKE_LATIN = frozenset("аеорсухікмнтвѕјёїћАЕОРСУХІКМНТВЅЈЁЇЋοικνυρχμαβπωΑΒΕΖΗΙΚΜΝΟΡΤΥΧΩ")
"""Letters that could be Latin ones, or signs: few of them alone may be either."""

LETTERS = frozenset("".join(letters + letters.upper() for _, letters, _, _ in _SCRIPTS) + _VOWEL_SIGNS + _PICTURES)
"""All that is drawn here."""


def foreign(rng: random.Random, latin: list[str], length: int) -> tuple[str, str]:
    """What is drawn, about ``length`` letters, and its label: words of one script, alone or among ``latin`` ones.

    Words stand from left to right, whatever the script: it makes no difference to what a network sees of them.
    """
    _, letters, sizes, capitals = rng.choices(_SCRIPTS, [script[0] for script in _SCRIPTS])[0]
    upper, leftwards = rng.random() < 0.3 * (capitals > 0), letters in (_HEBREW, _ARABIC)
    share = rng.choice((0.0, 0.0, 0.0, 0.3, 0.7))
    out: list[str] = []
    found = False
    while not found or sum(map(len, out)) + len(out) < length:
        if latin and rng.random() < share:
            out.append(rng.choice(latin))
            continue
        word = _word(rng, letters, min(rng.randint(*sizes), max(1, length)))
        if upper:
            word = word.upper()
        elif rng.random() < capitals:
            word = word.capitalize()
        if _LIKE_LATIN.issuperset(word) and (len(word) < 4 or rng.random() < 0.5):
            continue
        found = True
        out.append(word + (rng.choice(",.:-") if rng.random() < 0.12 and not leftwards else ""))
    return " ".join(out), " ".join(map(label, out))


def pictures(rng: random.Random, latin: list[str], length: int) -> tuple[str, str]:
    """What is drawn, and its label: signs that have no class, beside or between the ``latin`` words."""
    out = ["".join(rng.choice(_PICTURES) for _ in range(rng.choice((1, 1, 1, 2, 3))))]
    while latin and sum(map(len, out)) + len(out) < length:
        out.append(rng.choice(latin) if rng.random() < 0.7 else rng.choice(_PICTURES))
    rng.shuffle(out)
    return " ".join(out), label(" ".join(out))


def label(drawn: str) -> str:
    """``drawn`` with ``OTHER`` for each letter of other scripts: what is above or below one belongs to it."""
    out = []
    for c in unicodedata.normalize("NFC", drawn):
        if c not in LETTERS:
            out.append(c)
        elif not unicodedata.category(c).startswith("M"):
            out.append(OTHER)
    return "".join(out)


def _word(rng: random.Random, letters: str, size: int) -> str:
    out = ""
    for _ in range(size):
        out += rng.choice(letters)
        if letters is _DEVANAGARI and rng.random() < 0.4:
            out += rng.choice(_VOWEL_SIGNS)
    return out
