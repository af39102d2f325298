"""Which column of a file holds what? A guess from the names of the columns, then from what stands in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields

from domain.errors import Invalid
from services.import_files import Row


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of the file holds what; None: the file has no such column."""

    text: str
    published_at: str | None = None
    native_id: str | None = None
    author_id: str | None = None
    author_handle: str | None = None
    author_name: str | None = None
    followers: str | None = None
    language: str | None = None
    url: str | None = None
    conversation_id: str | None = None
    parent_id: str | None = None


#: What people and platforms call their columns, in English and Italian, letters and digits only; the best first.
_NAMES = {
    "text": "text fulltext testo tweettext tweet message messaggio content contenuto body post posttext comment "
    "commento review recensione segnalazione description descrizione",
    "published_at": "publishedat createdat created tweetcreated date data datetime dataora timestamp time ora "
    "posted postedat pubblicatoil",
    "native_id": "id nativeid tweetid postid messageid mentionid commentid idpost idtweet idmessaggio",
    "author_id": "authorid userid idautore idutente authornativeid",
    "author_handle": "handle authorhandle screenname username userscreenname authorusername user utente account "
    "author autore nickname from",
    "author_name": "authorname name nome displayname fullname username nomeautore nomeutente nomecompleto",
    "followers": "followers followerscount authorfollowers userfollowerscount seguaci",
    "language": "language lang lingua",
    "url": "url link permalink indirizzo posturl",
    "conversation_id": "conversationid threadid conversazione rootid",
    "parent_id": "parentid inreplyto inreplytoid inreplytostatusid replyto rispostaa",
}
#: A column without a telling name counts as the text when its cells are at least this long on average.
MIN_TEXT_CHARS = 20


def guess(columns: Sequence[str], rows: Sequence[Row]) -> ColumnMap | None:
    """The likely meaning of each column; None when nothing looks like the text of a post."""
    plain = {_plain(name): name for name in reversed(columns)}
    chosen: dict[str, str] = {}
    for field, names in _NAMES.items():
        found = next((plain[n] for n in names.split() if n in plain and plain[n] not in chosen.values()), None)
        if found is not None:
            chosen[field] = found
    if "text" not in chosen:
        longest = _longest(columns, rows, taken=set(chosen.values()))
        if longest is None:
            return None
        chosen["text"] = longest
    return ColumnMap(**chosen)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in decomposed if c.isalnum())


def _longest(columns: Sequence[str], rows: Sequence[Row], *, taken: set[str]) -> str | None:
    """The free column with the longest cells, if they are long enough and not always the same."""
    whole = [row.cells for row in rows if row.problem is None]
    best, best_chars = None, float(MIN_TEXT_CHARS)
    for place, name in enumerate(columns):
        cells = [cells[place] for cells in whole]
        chars = sum(map(len, cells)) / max(1, len(cells))
        if name not in taken and chars >= best_chars and (len(set(cells)) > 1 or len(cells) == 1):
            best, best_chars = name, chars
    return best


def places(mapping: ColumnMap, columns: Sequence[str]) -> dict[str, int]:
    """Where each mapped field stands in a row; Invalid for a column the file does not have."""
    found: dict[str, int] = {}
    for field in fields(ColumnMap):
        name = getattr(mapping, field.name)
        if name is None:
            continue
        if name not in columns:
            known = ", ".join(columns)
            raise Invalid(f"The file has no column {name!r}; it has: {known}.", field=field.name, column=name)
        found[field.name] = list(columns).index(name)
    return found
