"""People replaced by inventions: the same input gives the same invention, and shapes, duplicates and keys stay.

Two values that were equal are equal afterwards, in any case as before; two that differed differ. An e-mail's domain is
replaced by one domain wherever it occurs. What is no person's (numbers, switches, statuses, countries) is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date, timedelta

from mockmkto.model import FieldType

__all__ = ["anonymous_cookie", "anonymous_email", "anonymous_text", "anonymous_value"]


def _words(text: str) -> list[str]:
    return text.split()


_FIRST = _words(
    "Ada Alba Anja Arne Asta Bea Ben Birk Carl Cleo Dana Dirk Edda Elin Emil Enno Esra Eva Finn Flora Greta "
    "Hanno Ida Ines Iris Ivo Jana Jon Juno Kaja Kai Lars Lena Levi Lia Lotte Luca Mara Mats Mila Nico Nora "
    "Olaf Oona Otto Pia Rasmus Rhea Rosa Runa Sami Selma Sven Tara Tilda Timo Toni Ulla Una Vera Viggo Wanda "
    "Yara Zoe"
)
_LAST = _words(
    "Abel Adler Albers Becker Behrens Berg Blum Brandt Busch Carstens Dahl Decker Ebert Engel Falk Fischer "
    "Frank Gerber Graf Haas Hahn Hansen Hauser Heller Holm Jansen Keller Kern Koch Kramer Kraus Lang Lindner "
    "Lorenz Maurer Meer Moll Noll Ott Peters Pohl Quast Rau Reuter Ritter Roth Sander Sauer Seidel Sommer "
    "Stark Steiner Thoma Ulrich Vogel Voss Wagner Weber Weiss Winter Wolf Ziegler Zimmer"
)
_CITIES = _words(
    "Ashford Birchwood Clearwater Dunmore Eastfield Fairview Glenbrook Hillcrest Ironbridge Kingsmead Lakeside "
    "Mapleton Northgate Oakridge Pinehurst Queensbury Riverside Stonebridge Thornbury Westbrook"
)
_STREETS = _words("Birch Cedar Chapel Garden Harbour Maple Meadow Mill Orchard Park River School Spring Station Willow")
_TRADES = _words("Analytics Consulting Foods Holding Industries Labs Logistics Media Partners Systems Trading Works")

_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
_COOKIE_TOKEN = re.compile(r"(token:_mch-)([^&]+)(-[0-9]+-[0-9]+)")
_KEPT_TYPES = frozenset(
    (
        FieldType.INTEGER,
        FieldType.SCORE,
        FieldType.PERCENT,
        FieldType.FLOAT,
        FieldType.CURRENCY,
        FieldType.BOOLEAN,
        FieldType.DATETIME,
    )
)
_KEPT = frozenset(
    _words(
        "country billingcountry inferredcountry state billingstate inferredstateregion leadsource leadstatus "
        "industry rating salutation leadrole department title persontype emailinvalidcause"
    )
)


def anonymous_value(name: str, type: FieldType | None, text: str) -> str:
    """The value of a field of that name and type, as an invention; `None` for a type that is not known."""
    if not text.strip():
        return text
    plain = re.sub("[^a-z]", "", name.casefold())
    if plain in _KEPT or (type in _KEPT_TYPES and plain != "dateofbirth"):
        return text
    kind = _BY_NAME.get(plain) or (_BY_TYPE.get(type) if type is not None else None)
    if kind is None and type is FieldType.DATE and plain != "dateofbirth":
        return text
    return (kind or anonymous_text)(text)


def anonymous_email(text: str) -> str:
    """`Ann.Lee@bigcorp.com` becomes `Mara.holm.5d1e09c2@company77ab31c4.example`; what is no e-mail is scrambled."""
    local, mark, domain = text.strip().rpartition("@")
    if not mark or not local or not domain:
        return _scrambled(text)
    number = _digest("email", text.strip())
    first, last = _pick(_FIRST, number), _pick(_LAST, number // 64)
    invented = f"{first}.{last}.{number % 16**8:08x}@{_domain(domain)}".lower()
    return _cased(text.strip(), invented)


def anonymous_cookie(text: str) -> str:
    """A Munchkin cookie with the domain and the numbers of another visitor."""
    head, mark, token = text.partition("&")
    scrambled = _COOKIE_TOKEN.sub(lambda found: found[1] + _domain(found[2]) + _scrambled(found[3]), token or head)
    return f"{head}&{scrambled}" if mark else scrambled


def anonymous_text(text: str) -> str:
    """A text of the same shape: letters for letters, digits for digits; e-mails in it as ever."""
    pieces, end = [], 0
    for found in _EMAIL.finditer(text):
        pieces += [_scrambled(text[end : found.start()]), anonymous_email(found[0])]
        end = found.end()
    return "".join((*pieces, _scrambled(text[end:])))


# ---------------------------------------------------------------------------------------------------------------------


def _first(text: str) -> str:
    return _cased(text, _pick(_FIRST, _digest("first", text)))


def _last(text: str) -> str:
    return _cased(text, _pick(_LAST, _digest("last", text)))


def _company(text: str) -> str:
    number = _digest("company", text)
    return f"{_pick(_LAST, number)} {_pick(_TRADES, number // 64)} {number % 9973:04d}"


def _city(text: str) -> str:
    return _cased(text, _pick(_CITIES, _digest("city", text)))


def _street(text: str) -> str:
    number = _digest("street", text)
    return f"{number % 997 + 1} {_pick(_STREETS, number // 1000)} Street"


def _ip(text: str) -> str:
    number = _digest("ip", text)
    return f"192.0.2.{number % 254 + 1}" if number % 2 else f"198.51.100.{number % 254 + 1}"


def _url(text: str) -> str:
    scheme, mark, rest = text.partition("://")
    host, slash, path = (rest if mark else text).partition("/")
    www = "www." if host.lower().startswith("www.") else ""
    return f"{scheme + mark if mark else ''}{www}{_domain(host.removeprefix(www))}{slash}{_scrambled(path)}"


def _birthday(text: str) -> str:
    try:
        day = date.fromisoformat(text[:10])
        moved = (day + timedelta(days=_digest("day", text[:10]) % 730 - 365)).isoformat()
    except (ValueError, OverflowError):
        return _scrambled(text)
    return moved + text[10:]


_BY_NAME: dict[str, Callable[[str], str]] = {
    "firstname": _first,
    "middlename": _first,
    "lastname": _last,
    "company": _company,
    "inferredcompany": _company,
    "city": _city,
    "billingcity": _city,
    "inferredcity": _city,
    "address": _street,
    "billingstreet": _street,
    "anonymousip": _ip,
    "dateofbirth": _birthday,
    "website": _url,
}


def _scrambled(text: str) -> str:
    """Letters for letters, digits for digits: a permutation of the texts of one shape, so that no two become one."""
    chars = [(char.casefold() if char.isascii() else char) for char in text]
    middle = len(chars) // 2
    left, right = chars[:middle], chars[middle:]
    for turn in range(4):
        right = _moved(right, left, turn)
        left = _moved(left, right, turn)
    moved = "".join((*left, *right))
    return "".join(new.upper() if old.isupper() else new for old, new in zip(text, moved, strict=True))


def _moved(chars: list[str], by: list[str], turn: int) -> list[str]:
    seed = f"{turn}/{len(chars)}/{''.join(by)}".encode("utf-8", "surrogatepass")
    stream = hashlib.shake_128(seed).digest(len(chars)) if chars else b""
    return [_shifted(char, number) for char, number in zip(chars, stream, strict=True)]


def _shifted(char: str, by: int) -> str:
    if "0" <= char <= "9":
        return chr((ord(char) - 48 + by) % 10 + 48)
    if "a" <= char <= "z":
        return chr((ord(char) - 97 + by) % 26 + 97)
    if char.isalpha():  # of another alphabet: which one is nobody's concern
        return chr((ord(char) + by) % 26 + 97)
    return char


def _domain(domain: str) -> str:
    return f"company{_digest('domain', domain) % 16**8:08x}.example"


def _digest(kind: str, text: str) -> int:
    content = f"{kind}/{text.strip().casefold()}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=12).digest(), "big")


def _pick(words: list[str], number: int) -> str:
    return words[number % len(words)]


def _cased(text: str, invented: str) -> str:
    """In the case in which it was written, as far as that is more than chance."""
    if text.isupper():
        return invented.upper()
    return invented[:1].upper() + invented[1:] if text[:1].isupper() else invented[:1].lower() + invented[1:]


def _phone(text: str) -> str:
    return "".join(new if old.isdigit() else old for old, new in zip(text, _scrambled(text), strict=True))


_BY_TYPE: dict[FieldType, Callable[[str], str]] = {
    FieldType.EMAIL: anonymous_email,
    FieldType.PHONE: _phone,
    FieldType.URL: _url,
}
