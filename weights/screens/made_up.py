"""Made-up lines: what windows, web pages and terminals hold besides words."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

Draw = Callable[[random.Random], str]

_HEX = "0123456789abcdef"
_TLD = "com org net de fr es it nl pl cz dk se no fi hu si tr ro hr ee lv lt is eu io dev app co.uk example info at ch".split()
_FIRST = (
    "Anna Zoë Łukasz Jürgen Ayşe İbrahim Søren Åsa Björn Márta Žofia Čeněk Íris Þóra Gülşen Renée José Núria João Inês "
    "Mária Ştefan Ana Luka Đorđe Maija Kārlis Rūta Jānis Õnne Ülle François Noël Chloé Siobhán Seán Ffion Eva Max Omar "
    "Ōta Bahadır Özge Dvořák Gintarė Ilze Katarína Ľubica Ŝarlote Willem Daniël Grzegorz Świętosława Emma Liam"
).replace("Ŝarlote ", "").split()
_LAST = (
    "Müller Novák Šimůnková Wiśniewski Jørgensen Ångström Öztürk Yılmaz Kovács Szűcs García Muñoz Gonçalves Þorsteinsson "
    "O'Brien d’Arcy Bērziņš Kazlauskas Mägi Horvat Popescu Țăranu Virtanen Lefèvre Groß van der Berg Ferreira Smith Doe "
    "Krüger Łapiński Dvořáček Hôpital MacDonald Nguyen Çelik Ğalip Rossi Esposito Höfler Blažević Jõgi Ķirsis"
).replace("Ğalip ", "").split(" ")
_STREETS = (
    "Hauptstraße,Lindenallee,rue de l’Église,Calle Mayor,Via Roma,Main Street,Náměstí Míru,Aleje Jerozolimskie,Atatürk Cad.,"
    "Kungsgatan,Strandvejen,Hämeenkatu,Fő utca,Slovenska cesta,Bulevardul Unirii,Ilica,Pärnu mnt,Brīvības iela,Gedimino pr.,"
    "Laugavegur,Kerkstraat,Rua Augusta,Karl Johans gate,Bahnhofstr."
).split(",")
_LABELS = (
    "Name,E-mail,Password,User name,Total,Subtotal,Date,Size,Type,Status,Version,Path,Host,Port,Key,Value,ID,Ref.,No.,Tel.,"
    "IBAN,BIC,Passwort,Benutzername,Größe,Datum,Betrag,Straße,Prix,Quantité,Nom,Prénom,Téléphone,Fecha,Tamaño,Contraseña,"
    "Precio,Nome,Cognome,Prezzo,Jméno,Částka,Hodnota,Imię i nazwisko,Kwota,Navn,Beløb,Størrelse,Namn,Belopp,Nimi,Määrä,Név,"
    "Összeg,Ime,Znesek,Ad Soyad,Tutar,Şifre,Tarih,Nume,Sumă,Iznos,Kuupäev,Summa,Vārds,Vardas,Nafn,Upphæð,Naam,Bedrag,Preço"
).split(",")
_MONTHS = (
    "January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep "
    "Oct Nov Dec Januar Februar März Mai Juni Juli Dezember janvier février mars avril mai juin juillet août septembre "
    "décembre enero febrero abril mayo agosto gennaio maggio luglio ledna února března září stycznia września października "
    "marts maj augusti maaliskuuta március augusztus Ocak Şubat Ağustos Eylül Aralık"
).split()
_DAYS = "Mon Tue Wed Thu Fri Sat Sun Mo Di Mi Do lun. mar. mer. jeu. ven. sam. dim. lunes martes sábado pondělí środa".split()
_KEYS = "Ctrl Shift Alt Strg Umschalt AltGr Meta Super Win Cmd Option Maj Mayús Fn".split()
_NAMED_KEYS = "Enter Esc Tab Del Entf Ins Home End PgUp PgDn Space Backspace Left Up F1 F2 F4 F5 F10 F11 F12 Print".split()
_CONTRACTIONS = (
    "I'll I'd I'm I've it'll it's isn't don't can't won't we've we'll they're you're you'd he'd she'll let's that's what's "
    "there's who's couldn't wouldn't shouldn't didn't doesn't aren't ain't o'clock y'all '90s rock'n'roll l'eau d'accord "
    "qu'il c'est aujourd'hui n'est j'ai s'il l'homme dell'anno un'altra all'inizio po' c'è gibt's geht's 's-Hertogenbosch "
    "zo'n foto's 'n 18:30'da İstanbul'a Türkiye'nin 5'inci TL'den Ankara'ya l'aigua d'altres Peter's users' O'Neill"
).split()
_EXTENSIONS = "py txt pdf png jpg docx xlsx csv json xml html js ts cpp h rs go sh log cfg ini yml tar.gz zip deb exe dll iso md svg".split()
_LEVELS = "INFO DEBUG WARN WARNING ERROR FATAL TRACE NOTICE info error warn".split()
_COMMANDS = (
    "ls -la|cd ..|git commit -m \"{w}\"|git push origin {i}|sudo apt-get install {k}|grep -rn '{i}' src/|cat {p} | wc -l|"
    "docker run --rm -it {k}:{v}|ssh {i}@{h}|curl -sSL {u} | bash|make -j4 {k}|pip install {k}=={v}|npm run {k}|chmod +x {p}|"
    "tar -xzf {f}|find . -name '*.{e}' -exec rm {{}} \\;|echo \"${c}\" >> {p}|export {c}={p}|python3 -m {i} --{k}={n}|"
    "awk '{{ print ${d} }}' {f}|sed -i 's/{i}/{i2}/g' {f}|kill -9 {n}|ps aux | grep {i}|systemctl restart {k}.service|"
    "rsync -avz {p} {i}@{h}:{p}|for f in *.{e}; do mv \"$f\" \"${{f%.{e}}}\"; done|[ -f \"{p}\" ] && . \"{p}\"|dir {win} /s /b|"
    "SELECT {i}, {i2} FROM {i} WHERE {i2} = '{w}' LIMIT {n};|UPDATE {i} SET {i2} = {n} WHERE id IN ({n}, {n});|git log --oneline {x}..{x2}"
).split("|")


class MadeUp:
    """Draws made-up lines.

    Args:
        words: draws some words of any language.
    """

    def __init__(self, words: Draw) -> None:
        self._words = words
        self.everyday: list[Draw] = [
            self.date, self.date, self.time, self.sum, self.percent, self.labelled, self.labelled, self.labelled, self.person,
            self.address, self.phone, self.shortcut, self.shortcut, self.crumbs, self.leaders, self.leaders, self.contracted,
            self.contracted, self.contracted, self.row, self.row, self.letter, self.letter, self.count, self.card, self.number,
            self.enumerated, self.scored,
        ]  # fmt: skip
        self.technical: list[Draw] = [
            self.url, self.url, self.url, self.path, self.path, self.windows_path, self.windows_path, self.email, self.email,
            self.identifier, self.identifier, self.version, self.hash, self.uuid, self.iban, self.iban, self.mrz, self.mrz,
            self.code, self.code, self.log, self.log, self.prompt, self.prompt, self.diff, self.setting, self.assignment,
            self.call, self.json, self.tag, self.regex, self.address_of_host, self.permissions, self.punctuation, self.listing,
        ]  # fmt: skip

    def number(self, rng: random.Random) -> str:
        """A number as the countries write it."""
        whole, part = rng.randrange(10 ** rng.choice([1, 1, 2, 2, 3, 4, 5, 6])), rng.randrange(100)
        grouped = f"{whole:,}"
        return rng.choice([
            str(whole), str(whole), f"{whole}.{part:02}", f"{whole},{part:02}", f"{grouped}.{part:02}", grouped,
            grouped.replace(",", ".") + f",{part:02}", grouped.replace(",", " ") + f",{part:02}", f"{whole}.{part % 10}",
            grouped.replace(",", "'"), grouped.replace(",", " "), f"0.{part:02}", f"{whole},{part % 10}",
        ])  # fmt: skip

    def date(self, rng: random.Random) -> str:
        """A date in one of many styles."""
        d, m, y, month = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1970, 2035), rng.choice(_MONTHS)
        return rng.choice([
            f"{y}-{m:02}-{d:02}", f"{d:02}.{m:02}.{y}", f"{d}. {m}. {y}", f"{d:02}/{m:02}/{y}", f"{m}/{d}/{y % 100:02}",
            f"{d} {month} {y}", f"{month} {d}, {y}", f"{d}. {month} {y}", f"{rng.choice(_DAYS)} {d} {month}", f"{month} {y}",
            f"{y}/{m:02}/{d:02}", f"{d:02}-{m:02}-{y}", f"{rng.choice(_DAYS)}, {d:02}.{m:02}.{y % 100:02}", f"{y}.{m:02}.{d:02}.",
            f"{d:02}.{m:02}.{y}, {self.time(rng)}", f"{d:02}/{m:02} – {min(d + 3, 31):02}/{m:02}/{y}", f"{d} de {month} de {y}",
            f"{y}-{m:02}-{d:02}T{self.time(rng)}Z", f"{d:02}-{month[:3]}-{y}", f"{d}\u2009{month}\u2009{y}", f"{d}/{m}-{y}",
        ])  # fmt: skip

    def time(self, rng: random.Random) -> str:
        """A time of day, or how long something took."""
        h, m, s = rng.randrange(24), rng.randrange(60), rng.randrange(60)
        return rng.choice([
            f"{h:02}:{m:02}", f"{h}:{m:02}", f"{h:02}:{m:02}:{s:02}", f"{h % 12 + 1}:{m:02} {rng.choice(['AM', 'PM', 'am', 'p.m.'])}",
            f"{h:02}.{m:02}", f"{h}h{m:02}", f"{h:02}:{m:02} Uhr", f"kl. {h:02}.{m:02}", f"{h}:{m:02}–{(h + 2) % 24}:{s:02}",
            f"{m} min {s} s", f"{h:02}:{m:02}:{s:02}.{rng.randrange(1000):03}", f"{m}m {s}s", f"{m}:{s:02} / {m + 3}:{s:02}", f"saat {h:02}.{m:02}",
        ])  # fmt: skip

    def sum(self, rng: random.Random) -> str:
        """A sum of money, plainly."""
        sign, n = rng.choice("$ € £ € $ EUR USD CHF kr Kč zł Ft lei TL RON SEK ₺ ₽ ₹ ¥".split()), self.number(rng)
        return rng.choice([f"{sign} {n}", f"{n} {sign}", f"{sign}{n}", f"{rng.choice(_LABELS)}: {n} {sign}", f"-{n} {sign}", f"-{sign}{n}"])

    def percent(self, rng: random.Random) -> str:
        """A share."""
        n = rng.choice([str(rng.randrange(101)), f"{rng.randrange(100)}.{rng.randrange(10)}", f"{rng.randrange(100)},{rng.randrange(10)}"])
        return rng.choice([f"{n}%", f"{n} %", f"%{n}", f"+{n}%", f"-{n} %", f"({n}%)", f"{n}% {self._words(rng)}", f"{self._words(rng)}: {n} %", f"−{n}%"])

    def count(self, rng: random.Random) -> str:
        """How many of how many."""
        n, m = rng.randint(0, 300), rng.randint(1, 3000)
        return rng.choice([
            f"{n}/{m}", f"{n} / {m}", f"{n} of {m}", f"{self._words(rng)} ({n})", f"{n} x {self._words(rng)}", f"({n})", f"#{m}", f"{n}×{m}", f"[{n}]",
            f"{n}+", f"+{n}", f"×{n}", f"{n}:{m}", f"1-{n} / {m}", f"{n} {self._words(rng)}", f"No. {m}", f"nº {n}", f"{n}.", f"№ {n}", f"{n})", f"@{n}", f"< {n} >",
        ])  # fmt: skip

    def labelled(self, rng: random.Random) -> str:
        """A field's name and its value."""
        label = rng.choice(_LABELS) if rng.random() < 0.5 else self._words(rng)
        value = rng.choice([self.number, self.number, self.date, self.time, self.sum, self.percent, self.person, self.code, self.email, self.version, self._words])(rng)
        return rng.choice([f"{label}: {value}", f"{label}: {value}", f"{label} {value}", f"{label}:{value}", f"{label} : {value}", f"{label} = {value}", f"{label}*", f"{label}:", f"* {label}", f"{label} ({value})", f"{label} – {value}", f"{label} | {value}"])

    def person(self, rng: random.Random) -> str:
        """A name."""
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        return rng.choice([f"{first} {last}", f"{last}, {first}", f"{first[0]}. {last}", f"{first} {rng.choice(_FIRST)} {last}", f"Dr. {first} {last}", f"{last.upper()} {first}", f"@{first.lower()}", f"{first} & {rng.choice(_FIRST)}"])

    def address(self, rng: random.Random) -> str:
        """A street, with or without a town."""
        street, n = rng.choice(_STREETS), f"{rng.randint(1, 200)}{rng.choice(['', '', '', 'a', 'B', '/3', '-5', ' bis'])}"
        place = rng.choice([f"{rng.randint(1000, 99999)} {self._words(rng)}", f"{rng.randint(10, 99)}-{rng.randint(100, 999)} {self._words(rng)}", f"{rng.randint(100, 999)} {rng.randint(10, 99)} {self._words(rng)}"])
        return rng.choice([f"{street} {n}", f"{n} {street}", f"{street} {n}, {place}", place, f"{rng.choice(_FIRST)} {rng.choice(_LAST)}, {street} {n}"])

    def phone(self, rng: random.Random) -> str:
        """A telephone number."""
        digits = lambda k: "".join(rng.choices(string.digits, k=k))  # noqa: E731
        return rng.choice([
            f"+{rng.randint(1, 99)} {digits(3)} {digits(3)} {digits(4)}", f"({digits(3)}) {digits(3)}-{digits(4)}", f"0{digits(2)} {digits(2)} {digits(2)} {digits(2)}",
            f"+{rng.randint(30, 49)} ({digits(3)}) {digits(6)}", f"0{digits(3)}/{digits(6)}", f"Tel.: 0{digits(3)} {digits(5)}-{digits(2)}", f"{digits(3)}.{digits(3)}.{digits(4)}", f"00{digits(2)} {digits(8)}",
        ])  # fmt: skip

    def shortcut(self, rng: random.Random) -> str:
        """Keys to be pressed together."""
        last = rng.choice(_NAMED_KEYS) if rng.random() < 0.35 else rng.choice(string.ascii_uppercase + string.digits + "+-=,./\\[];'`#<>^?!")
        keys = [*rng.sample(_KEYS, rng.choice([0, 1, 1, 1, 2, 2, 3])), last]
        joined = rng.choice(["+", "+", "+", " + ", "-", " "]).join(keys)
        return rng.choice([joined, joined, joined, f"{self._words(rng)} {joined}", f"{joined} {self._words(rng)}", f"{self._words(rng)} ({joined})", f"<{joined}>"])

    def crumbs(self, rng: random.Random) -> str:
        """Where a page lies among others."""
        mark = rng.choice([" > ", " › ", " / ", " » ", " → ", " | ", " · ", " • ", " — ", " ▸ ", ">", "/", " :: ", " >> "])
        return mark.join(self._words(rng) for _ in range(rng.randint(2, 4)))

    def leaders(self, rng: random.Random) -> str:
        """Words, then dots or a line to write on."""
        mark = rng.choice([".", ".", ".", "_", "_", "_", "-", "·", "…", " .", "=", "*"]) * rng.randint(3, 22)
        return rng.choice([
            f"{self._words(rng)} {mark} {rng.randint(1, 400)}", f"{self._words(rng)}{mark}{rng.randint(1, 400)}", f"{self._words(rng)}: {mark}", f"{mark}", f"{rng.choice(_LABELS)}: {mark} {rng.choice(_LABELS)}: {mark}",
            f"{rng.randint(1, 12)}.{rng.randint(1, 9)} {self._words(rng)} {mark} {rng.randint(1, 400)}", f"{self._words(rng)} {mark}", f"{mark} {self._words(rng)}", f"{self._words(rng)}...",
        ])  # fmt: skip

    def contracted(self, rng: random.Random) -> str:
        """Words cut by apostrophes, straight or curly."""
        words = [rng.choice(_CONTRACTIONS) for _ in range(rng.choice([1, 1, 2, 3]))]
        if rng.random() < 0.65:
            words.insert(rng.randint(0, len(words)), self._words(rng))
        if rng.random() < 0.4:
            words.append(self._words(rng))
        text = " ".join(words)
        text = text[0].upper() + text[1:] if rng.random() < 0.5 else text
        return (text.replace("'", "’") if rng.random() < 0.5 else text) + rng.choice(["", "", ".", "!", "?", ",", "…"])

    def row(self, rng: random.Random) -> str:
        """Cells of a table beside each other."""
        cells = [rng.choice([self.number, self.number, self.percent, self.date, self.code, self._words, self._words])(rng) for _ in range(rng.randint(2, 5))]
        return rng.choice([" ", "   ", "      ", " | ", ";", ", ", ",", "    "]).join(cells)

    def letter(self, rng: random.Random) -> str:
        """A letter, a figure or a short word alone."""
        return rng.choice([rng.choice(string.ascii_letters), rng.choice(string.ascii_letters), rng.choice(string.digits), f"{rng.choice(string.ascii_letters)}{rng.choice('.):')}", rng.choice(["OK", "Ok", "No", "Ja", "Sí", "Si", "Nu", "Ne", "À", "É", "I", "II", "IV", "VII", "XL", "S", "M", "XXL", "A4", "à", "y", "a", "i", "o", "š", "ž", "É", "Å", "Ö", "Ø"]), str(rng.randrange(100))])

    def card(self, rng: random.Random) -> str:
        """Grouped figures, some hidden."""
        groups = ["".join(rng.choices(string.digits, k=4)) for _ in range(4)]
        if rng.random() < 0.4:
            groups[:3] = [rng.choice(["****", "••••", "XXXX", "xxxx"])] * 3
        return rng.choice([" ", " ", "-"]).join(groups)

    def enumerated(self, rng: random.Random) -> str:
        """An item of a list."""
        n = rng.choice([f"{rng.randint(1, 40)}.", f"{rng.randint(1, 40)})", f"({rng.choice('abcdefgi')})", f"{rng.choice('abcdef')})", f"{rng.randint(1, 9)}.{rng.randint(1, 9)}.{rng.randint(1, 9)}", f"{rng.choice(['I', 'II', 'III', 'IV', 'VI'])}.", f"[{rng.randint(1, 99)}]", f"§ {rng.randint(1, 400)}", f"Art. {rng.randint(1, 99)}", f"#{rng.randint(1, 9999)}"])
        return f"{n} {self._words(rng)}"

    def scored(self, rng: random.Random) -> str:
        """Sides, sizes, ratings."""
        n, m = rng.randint(0, 40), rng.randint(0, 40)
        return rng.choice([f"{n}:{m}", f"{n} – {m}", f"{n}–{m}", f"{n}-{m}", f"{n} : {m}", f"{n * 40}×{m * 30}", f"{n * 40} x {m * 30} px", f"{'★' * (n % 5 + 1)}{'☆' * (4 - n % 5)}", f"{n}/{m}", f"{n}.{m % 10} ★", f"{n} °C / {m} °F", f"−{n} °C", f"{n}° {m}′ {n}″ N", f"{n}.{m}° E"])

    def name(self, rng: random.Random, ends: int = 3) -> str:
        """Words that make one name, as programmers join them."""
        parts = [self.plain(rng) for _ in range(rng.randint(1, ends))]
        if rng.random() < 0.15:
            parts.append(str(rng.randrange(100)))
        style = rng.randrange(6)
        if style == 0:
            return "-".join(parts)
        if style == 1:
            return "".join(part.capitalize() for part in parts)
        if style == 2:
            return parts[0] + "".join(part.capitalize() for part in parts[1:])
        if style == 3:
            return "_".join(parts).upper()
        return rng.choice(["", "", "", "_", "__"]) + "_".join(parts) + rng.choice(["", "", "", "", "_", "__"])

    def plain(self, rng: random.Random) -> str:
        """One word in ASCII."""
        for _ in range(6):
            word = "".join(c for c in rng.choice(self._words(rng).split() or ["x"]) if c.isascii() and c.isalpha()).lower()
            if word:
                return word[:12]
        return rng.choice(["get", "set", "tmp", "buf", "len", "idx", "node", "item", "map", "key", "id", "max", "init", "ctx", "err", "str"])

    def identifier(self, rng: random.Random) -> str:
        """A name in a program."""
        return rng.choice([f"{self.name(rng)}", f"{self.name(rng)}.{self.name(rng)}", f"{self.name(rng)}::{self.name(rng)}", f"${self.name(rng)}", f"@{self.name(rng)}", f"--{self.name(rng)}", f"#{self.name(rng)}", f"{self.name(rng)}()", f"&{self.name(rng)}", f"*{self.name(rng)}", f"{self.name(rng)}->{self.name(rng)}", f"{self.name(rng)}[{rng.randrange(64)}]", f"%{self.name(rng)}%", f"${{{self.name(rng)}}}"])

    def host(self, rng: random.Random) -> str:
        """A computer's name."""
        return f"{rng.choice(['', '', 'www.', 'api.', 'docs.', 'mail.', 'cdn-1.', 'dev_2.'])}{self.plain(rng)}{rng.choice(['', '', '-' + self.plain(rng), str(rng.randrange(30))])}.{rng.choice(_TLD)}"

    def url(self, rng: random.Random) -> str:
        """An address in the web."""
        path = "".join(f"/{self.name(rng, 2)}" for _ in range(rng.randint(0, 3)))
        if rng.random() < 0.3:
            path += f".{rng.choice(_EXTENSIONS)}"
        if rng.random() < 0.4:
            path += "?" + "&".join(f"{self.name(rng, 1)}={rng.choice([self.plain(rng), str(rng.randrange(1000)), '%20', 'a%2Fb', '~' + self.plain(rng)])}" for _ in range(rng.randint(1, 3)))
        if rng.random() < 0.15:
            path += f"#{self.name(rng, 2)}"
        scheme = rng.choice(["https://", "https://", "https://", "http://", "", "ftp://", "ssh://git@", "file:///", "mailto:"])
        return scheme + self.host(rng) + rng.choice(["", "", "", f":{rng.randint(80, 9999)}"]) + rng.choice(["", "", "/~" + self.plain(rng)]) + path

    def path(self, rng: random.Random) -> str:
        """A file of Unix."""
        root = rng.choice(["/usr/share", "/etc", "/var/log", "/home/" + self.plain(rng), "~", ".", "..", "/opt", "/dev", "/tmp", "$HOME", "src", "./tests", "/proc/" + str(rng.randrange(9999)), "~/.config", "/mnt/c", ""])
        return f"{root}/" + "/".join(self.name(rng, 2) for _ in range(rng.randint(1, 3))) + rng.choice(["", "/", f".{rng.choice(_EXTENSIONS)}", f".{rng.choice(_EXTENSIONS)}", f".{rng.choice(_EXTENSIONS)}:{rng.randint(1, 900)}", "/*", f"/*.{rng.choice(_EXTENSIONS)}"])

    def windows_path(self, rng: random.Random) -> str:
        """A file of Windows."""
        root = rng.choice(["C:", "D:", "E:", "C:\\Users\\" + rng.choice(_FIRST), "C:\\Program Files (x86)", "%APPDATA%", "\\\\server" + str(rng.randrange(9)), "C:\\Windows\\System32", "..", "%USERPROFILE%\\Desktop", "HKEY_LOCAL_MACHINE", "Z:"])
        return f"{root}\\" + "\\".join(self.name(rng, 2) for _ in range(rng.randint(1, 3))) + rng.choice(["", "\\", f".{rng.choice(_EXTENSIONS)}", f".{rng.choice(_EXTENSIONS)}", "\\*.*", "\\*"])

    def file(self, rng: random.Random) -> str:
        """A file's name."""
        return f"{self.name(rng, 2)}{rng.choice(['', '', f' ({rng.randint(1, 9)})', f'-{rng.randint(1990, 2030)}', '~'])}.{rng.choice(_EXTENSIONS)}"

    def email(self, rng: random.Random) -> str:
        """An address for mail."""
        user = rng.choice([".", "_", "-", "", "+"]).join(self.plain(rng) for _ in range(rng.randint(1, 2))) + rng.choice(["", "", str(rng.randrange(100))])
        address = f"{user}@{self.host(rng)}"
        return rng.choice([address, address, f"<{address}>", f"{rng.choice(_FIRST)} {rng.choice(_LAST)} <{address}>", f"mailto:{address}"])

    def version(self, rng: random.Random) -> str:
        """A version."""
        a, b, c = rng.randrange(30), rng.randrange(20), rng.randrange(100)
        return rng.choice([f"v{a}.{b}.{c}", f"{a}.{b}.{c}", f"{a}.{b}.{c}-rc{b}", f"{a}:{b}.{c}+dfsg-{b}~deb12u1", f">= {a}.{b}", f"^{a}.{b}.{c}", f"~{a}.{b}", f"{a}.{b}.{c}.dev{c}+g{self.hex(rng, 7)}", f"{self.name(rng, 1)}=={a}.{b}.{c}", f"{self.name(rng, 1)}-{a}.{b}.{c}", f"{a}.{b}.x", f"({a}.{b})", f"{a}.{b}a{c}", f"=={a}.*", f">={a},<{a + 1}"])

    def hex(self, rng: random.Random, length: int) -> str:
        """Figures of base sixteen."""
        return "".join(rng.choices(_HEX, k=length))

    def hash(self, rng: random.Random) -> str:
        """A checksum, a key, a colour."""
        return rng.choice([self.hex(rng, 7), self.hex(rng, 32), self.hex(rng, 40), f"0x{self.hex(rng, 8)}", f"0x{self.hex(rng, 4).upper()}", f"#{self.hex(rng, 6)}", f"#{self.hex(rng, 3).upper()}", f"sha256:{self.hex(rng, 16)}", ":".join(self.hex(rng, 2) for _ in range(6)), "".join(rng.choices(string.ascii_letters + string.digits + "+/", k=rng.choice([12, 24, 31]))) + rng.choice(["=", "==", ""]), f"U+{self.hex(rng, 4).upper()}", " ".join(self.hex(rng, 2).upper() for _ in range(8)), f"\\x{self.hex(rng, 2)}\\x{self.hex(rng, 2)}", "0b" + "".join(rng.choices("01", k=8))])

    def uuid(self, rng: random.Random) -> str:
        """A UUID."""
        text = "-".join(self.hex(rng, k) for k in (8, 4, 4, 4, 12))
        return rng.choice([text, text, text.upper(), f"{{{text.upper()}}}", f"urn:uuid:{text}"])

    def iban(self, rng: random.Random) -> str:
        """An account's number."""
        country, length = rng.choice([("DE", 18), ("FR", 23), ("ES", 20), ("IT", 23), ("NL", 14), ("PL", 24), ("CZ", 20), ("GB", 18), ("TR", 22), ("AT", 16), ("CH", 17), ("SE", 20), ("NO", 11), ("HU", 24), ("RO", 20), ("LT", 16), ("LV", 17), ("EE", 16), ("IS", 22), ("HR", 17), ("SI", 15), ("PT", 21), ("DK", 14), ("FI", 14)])
        letters = "".join(rng.choices(string.ascii_uppercase, k=4)) if country in {"NL", "GB", "RO", "LV"} else ""
        body = f"{country}{rng.randint(2, 98):02}{letters}" + "".join(rng.choices(string.digits, k=length - len(letters)))
        spaced = " ".join(body[at : at + 4] for at in range(0, len(body), 4))
        return rng.choice([spaced, spaced, body, f"IBAN {spaced}", f"IBAN: {spaced}"])

    def mrz(self, rng: random.Random) -> str:
        """A line of a machine-readable zone."""
        state = rng.choice("UTO D<< FRA ESP ITA CZE DNK NLD POL PRT SWE NOR FIN HUN SVN TUR ROU HRV EST LVA LTU ISL GBR USA XXX".split())
        letters = lambda k: "".join(rng.choices(string.ascii_uppercase, k=k))  # noqa: E731
        digits = lambda k: "".join(rng.choices(string.digits, k=k))  # noqa: E731
        names = "<<".join("<".join(_latin(self.plain(rng)) or "X" for _ in range(rng.randint(1, 2))) for _ in range(2))
        number = "".join(rng.choices(string.ascii_uppercase + string.digits, k=rng.randint(7, 9))).ljust(9, "<")
        born, sex, ends = digits(7), rng.choice("MF<"), digits(7)
        kind = rng.randrange(6)
        width = 44 if kind < 2 else 30 if kind < 5 else 36
        line = [
            f"P{rng.choice('<<<PDS')}{state}{names}", f"{number}{digits(1)}{state}{born}{sex}{ends}{letters(2) + digits(5) if rng.random() < 0.4 else ''}",
            f"{rng.choice(['I<', 'ID', 'AR', 'C<'])}{state}{number}{digits(1)}", f"{born}{sex}{ends}{state}", names, f"{rng.choice(['V<', 'I<', 'ID'])}{state}{names}",
        ][kind]  # fmt: skip
        line = line[:width].ljust(width, "<")
        return line[:-1] + digits(1) if kind in (1, 3) else line

    def code(self, rng: random.Random) -> str:
        """A number of an order, a flight, a product."""
        groups = ["".join(rng.choices(rng.choice([string.ascii_uppercase, string.digits, string.ascii_uppercase + string.digits]), k=rng.randint(1, 6))) for _ in range(rng.randint(1, 4))]
        return rng.choice(["-", "-", " ", "/", "_", "", "."]).join(groups)

    def log(self, rng: random.Random) -> str:
        """A line of a log."""
        text, n = self._words(rng), rng.randrange(9999)
        stamp = f"{rng.randint(2005, 2030)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
        level, who = rng.choice(_LEVELS), self.name(rng, 2)
        return rng.choice([
            f"{stamp} {clock} [{level}] {who}: {text}", f"[{stamp}T{clock}Z] {level} {who} - {text}", f"{rng.choice(_MONTHS[12:23])} {rng.randint(1, 28):2} {clock} {self.plain(rng)} {who}[{n}]: {text}",
            f"{level}:{who}:{text}", f"[{level}] {text}", f"[{n:8.3f}] {who}: {text}", f"{clock} {level:7} {text}", f'{self.ip(rng)} - - [{stamp}:{clock} +0000] "GET /{who} HTTP/1.1" {rng.choice([200, 301, 304, 404, 500])} {n}',
            f"{who}.{rng.choice(_EXTENSIONS)}:{n}: {level.lower()}: {text}", f"E: {text}", f"** {text} **", f"==> {text}", f'File "{self.path(rng)}", line {n}, in {who}', f"at {who}.{self.name(rng)}({who}.java:{n})", f"{who}: {text} ... ok", f"{n}ms {text}", f"FAILED {who}::{self.name(rng)} - {text}", f"{level}! {text}",
        ])  # fmt: skip

    def prompt(self, rng: random.Random) -> str:
        """A command, typed behind a prompt."""
        values = {"w": self._words(rng), "i": self.name(rng, 1), "i2": self.name(rng, 2), "k": self.plain(rng), "p": self.path(rng), "v": f"{rng.randrange(9)}.{rng.randrange(20)}", "h": self.host(rng), "u": self.url(rng), "f": self.file(rng), "e": rng.choice(_EXTENSIONS), "c": self.plain(rng).upper(), "n": rng.randrange(1000), "d": rng.randint(1, 9), "win": self.windows_path(rng), "x": self.hex(rng, 7), "x2": self.hex(rng, 7)}
        command = rng.choice(_COMMANDS).format(**values)
        return rng.choice(["$ ", "# ", "> ", "", "", f"{self.plain(rng)}@{self.plain(rng)}:~$ ", "❯ ", "C:\\> ", ">>> ", "~ % ", "PS C:\\> ", "➜ ", "$ ", "mysql> ", "=# ", "... "]) + command

    def diff(self, rng: random.Random) -> str:
        """A line of a comparison."""
        n, m = rng.randrange(900), rng.randrange(30)
        return rng.choice([f"@@ -{n},{m} +{n + 2},{m + 1} @@", f"+++ b/{self.path(rng)}", f"--- a/{self.path(rng)}", f"diff --git a/{self.name(rng)} b/{self.name(rng)}", f"index {self.hex(rng, 7)}..{self.hex(rng, 7)} 100644", f"+ {self.assignment(rng)}", f"- {self.assignment(rng)}", f"+{self.call(rng)}", f"-{self.setting(rng)}", f"{n} files changed, {m} insertions(+), {n} deletions(-)", "<<<<<<< HEAD", ">>>>>>> " + self.hex(rng, 7), "=======", f"{self.file(rng)} | {n} {'+' * (m % 20)}{'-' * (n % 15)}"])

    def setting(self, rng: random.Random) -> str:
        """A line of a file of settings."""
        name, value = self.name(rng), rng.choice([self.number(rng), self.path(rng), self.plain(rng), "true", "false", "null", self.url(rng), self.version(rng), f'"{self._words(rng)}"'])
        return rng.choice([f"{name} = {value}", f"{name}={value}", f"{name}: {value}", f"[{name}]", f"[[{name}.{self.plain(rng)}]]", f"# {name} {value}", f"; {name}={value}", f"- {name}: {value}", f"--{name}={value}", f"export {name.upper()}={value}", f"{name} := $({self.name(rng)})", f"{name}?={value}", f"/* {name}: {value}; */", f"{name}: {value};", f"@import '{value}';", f".{name} {{ {self.plain(rng)}: {rng.randrange(40)}px; }}", f"${{{name}:-{value}}}", f"%{name}%"])

    def assignment(self, rng: random.Random) -> str:
        """A statement that sets something."""
        a, b, n = self.name(rng), self.name(rng), self.number(rng)
        return rng.choice([f"{a} = {b}[{n}]", f"{a} += {n};", f"let {a} = {b} ?? {n};", f"const {a} = ({b}) => {{", f"{a} := {b}", f"{a} = {{'{b}': {n}}}", f"{a} |= {b} & ~{n};", f"int *{a} = &{b}[{n}];", f"{a} = [{b} for {b} in {self.name(rng)} if {b} != {n}]", f"{a} <<= {rng.randrange(9)};", f"{a}, {b} = {b}, {a}", f"{a} = not {b} or {n} ^ {n}", f"auto {a} = {b}<{self.name(rng)}>{{}};", f"${a} = \"{b}\";", f"my ($self, ${a}) = @_;", f"{a}: list[{b}] = []", f"if ({a} == {b} && !{a}) {{", f"{a} <- {b}$x", f"{a} = f\"{{{b}!r}}\\n\"", f"}} else if ({a} % {rng.randint(2, 9)} == 0) {{", f"{a} = `{b}`;", f"#define {a.upper()} ({n} << {rng.randrange(20)})", f"{a} = {b} ? {n} : -{n};", f"fn {a}<'a>(&self, {b}: &'a str) -> Option<u{rng.choice([8, 16, 32, 64])}> {{", f"{a}! {{ {b} => {n} }}", f"~{a}({b}) {{ }}", f"{a} **= {rng.randrange(9)}", f"({a}, _) = {b}", f"let _{a} = |x| x + {n};"])

    def call(self, rng: random.Random) -> str:
        """A call of a function."""
        a, b, w = self.name(rng), self.name(rng), self._words(rng)
        return rng.choice([f"{a}({b})", f"{a}.{b}('{w}')", f'{a}("{w}");', f"{a}({b}, {rng.randrange(100)});", f"self.{a}({b}={rng.randrange(10)})", f"{a}(&{b}, sizeof({b}));", f"printf(\"%s: %d\\n\", {a}, {b}[{rng.randrange(9)}]);", f"{a}->{b}();", f"{a}::{b}::<{self.plain(rng)}>()?;", f"$('#{a}').on('{b}', function() {{", f"@{a}(r'^{b}/(?P<{self.plain(rng)}>\\d+)/$')", f"await {a}({{ {b} }});", f"{a}({b}...)", f"}}).{a}(() => {b});", f"print(f\"{w}: {{{a}}}\")", f"raise {a}(\"{w}\")", f"({a} '{b})", f"assert {a}({b}) is None, '{w}'", f"`${{{a}}}/{b}`"])

    def json(self, rng: random.Random) -> str:
        """A line of JSON."""
        a, b = self.name(rng), rng.choice([self.number(rng).replace(",", ""), f'"{self._words(rng)}"', "true", "null", "[]", "{", "[", f'["{self.name(rng)}", "{self.name(rng)}"]', f'"{self.url(rng)}"', f'{{"{self.name(rng)}": {rng.randrange(100)}}}'])
        return rng.choice([f'"{a}": {b},', f'"{a}": {b}', f'{{"{a}": {b}}}', f"'{a}': {b},", "},", "}]", "],", f'{{ "{a}": {b} }},'])

    def tag(self, rng: random.Random) -> str:
        """Markup."""
        a, b, w = self.plain(rng), self.name(rng), self._words(rng)
        return rng.choice([f"<{a}>{w}</{a}>", f'<{a} class="{b}">', f"</{a}>", f'<{a} {self.plain(rng)}="{w}" />', f"<!-- {w} -->", f"&{a};", f"{{{{ {b} }}}}", f"{{% {a} {b} %}}", f"<?php echo ${b}; ?>", f"\\{a}{{{w}}}", f"[{w}]({self.url(rng)})", f"**{w}**", f"`{b}` {w}", f"## {w}", f"\\begin{{{a}}}[{rng.choice('htbp!')}]", f"<{a}:{b}>", f"$\\frac{{{rng.randrange(9)}}}{{{a}}}$", f"<a href='{self.url(rng)}'>", f"| {w} | {b} |", f"|---|:--{'-' * rng.randrange(9)}|", f"- [{rng.choice('x ')}] {w}".replace("[ ]", "[x]"), f"> {w}", f"~~{w}~~", f"_{w}_"])

    def regex(self, rng: random.Random) -> str:
        """A pattern."""
        parts = ["^", "$", "\\d+", "\\w*", "[a-z]", "[^\\s]+", "(?:", ")", "|", ".*?", "\\.", "{2,4}", "[A-Za-z0-9_]", "\\b", "(?=", "\\/", "+", "*", "(?P<x>", "\\1", "[^\"']", "~", "\\$", "(?i)", "\\[", "\\]"]
        return rng.choice(["/{}/", "'{}'", "r\"{}\"", "{}", "s/{}//g", "~ /{}/i"]).replace("{}", "".join(rng.choices(parts, k=rng.randint(2, 8))))

    def ip(self, rng: random.Random) -> str:
        """An address of a computer."""
        return ".".join(str(rng.randrange(256)) for _ in range(4))

    def address_of_host(self, rng: random.Random) -> str:
        """An address in a network."""
        v6 = ":".join(self.hex(rng, rng.randint(1, 4)) for _ in range(rng.randint(2, 5))) + "::" + self.hex(rng, 2)
        return rng.choice([self.ip(rng), f"{self.ip(rng)}:{rng.randrange(9999)}", f"{self.ip(rng)}/{rng.randrange(33)}", v6, f"[{v6}]:{rng.randrange(9999)}", f"{v6}/64", f"localhost:{rng.randrange(9999)}", f"tcp {self.ip(rng)}:{rng.randrange(999)} *:* LISTEN"])

    def permissions(self, rng: random.Random) -> str:
        """A row of ``ls -l``."""
        bits = rng.choice("d-l-") + "".join(c if rng.random() < 0.65 else "-" for c in "rwxrwxrwx")
        return f"{bits} {rng.randint(1, 30):2} {self.plain(rng):8} {self.plain(rng)} {rng.randrange(10**rng.randint(1, 7)):8} {rng.choice(_MONTHS[12:23])} {rng.randint(1, 28):2} {rng.randrange(24):02}:{rng.randrange(60):02} {self.file(rng)}"

    def listing(self, rng: random.Random) -> str:
        """A row of a listing of files or processes, its columns apart."""
        n = rng.randrange(99999)
        return rng.choice([f"{n:6} {self.plain(rng):10} {rng.randrange(100)}.{rng.randrange(10)} {self.time(rng)} {self.path(rng)}", f"{self.file(rng)}    {n / 10:.1f} {rng.choice(['kB', 'MB', 'KiB', 'GB', 'B'])}    {self.date(rng)}", f"{n}: {self.assignment(rng)}", f"{self.plain(rng):12}: {self.number(rng)}", f"total {n}", f"├── {self.file(rng)}".replace("├── ", "|-- "), f"|   `-- {self.file(rng)}", f"+{'-' * rng.randint(3, 12)}+{'-' * rng.randint(3, 12)}+", f"| {self.plain(rng):8} | {n:6} |", f"-{rng.choice(string.ascii_letters)}, --{self.plain(rng)}    {self._words(rng)}", f"-{rng.choice(string.ascii_letters)} <{self.plain(rng)}>  {self._words(rng)}", f"[{'#' * rng.randint(1, 12)}{'.' * rng.randint(1, 9)}] {rng.randrange(100)}%", f"{self.plain(rng)}({rng.randint(1, 8)}) - {self._words(rng)}"])

    def punctuation(self, rng: random.Random) -> str:
        """Signs of programs alone and in a row."""
        return rng.choice([rng.choice(["});", "})", "}}", "{", "}", "];", "()", "{}", "[]", "||", "&&", "!==", "===", "=>", "->", "::", "<>", "/>", "*/", "/*", "//", "#!", "<!--", "-->", "${}", "#{", "%%", "@@", "~~", "^^", "__", "\\\\", "\\n", "\\0", "?.", "??", "|>", "<|", ":=", "!=", "<<", ">>", "'''", '"""', "```", "___", "---", "***", "+++", "...", "..", "[^", "?:", "@", "&", "*", "#", "~", "^", "|", "\\", "/", "_", "`"]), "".join(rng.choices(string.punctuation, k=rng.randint(1, 6))), " ".join(rng.choices(string.punctuation, k=rng.randint(2, 8))), "".join(rng.choices(string.punctuation + string.digits, k=rng.randint(3, 8)))])


def _latin(word: str) -> str:
    return "".join(c for c in word.upper() if c in string.ascii_uppercase)
