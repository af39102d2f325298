"""Is anybody found in an export that must not say who they are, and do people stay apart and together in it?"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from collectors.protocol import Page
from domain.export import ExportFormat, ExportOrder, Subject
from domain.mention import Author, Mention
from services import intake
from services.exporting import write_file
from services.pseudonyms import Kind, Pseudonyms, new_key
from services.scrub_glance import perhaps_named
from services.scrubbing import Scrubber, named, without_names

PEOPLE = (
    ("Ludovica Bellandi", "ludo_bella84", "1000001"),
    ("Þórunn Ægisdóttir", "thorunn.ae", "1000002"),
    ("Wolfram von Hagenau", "wolfram@hagenau.social", "1000003"),
)
PLANTED = (
    "Sono Ludovica Bellandi, LUDOVICA per gli amici, scrivetemi a ludo.bella@posta-mia.example",
    "cellulare 347 1122334 oppure +39 06-9988776, casa 0574.556677",
    "@thorunn.ae guarda https://foto.example/ludo_bella84/1?x=2 e www.ludovicabellandi.it.",
    "anche su instagram.com/ludo_bella84, saluti da ludo_bella84",
    "grazie @Ludo_Bella84! firmato Bellandi",
    "bellandi ludovica, cf BLLLVC84C50D612X, IBAN IT60X0542811101000000123456",
    "posta: ludo.bella (at) posta-mia.example",
    "tel.3471122334, n.3471122334, contratto 7654321,3471122334",
    "347‑112‑2334 o 347–112–2334 o 347·112·2334 o 347_1122334 o (347)−1122334 o _3471122334_",
    "_BLLLVC84C50D612X_ CF_BLLLVC84C50D612X _IT60X0542811101000000123456_",
    "oppure ludo.bella (at) posta-mia (dot) example o ludo.bella[at]posta-mia[punto]example",
)
#: What must not stand anywhere in the file, in whatever case of letters.
SECRETS = (
    *("ludovica", "bellandi", "ludo_bella84", "ludo.bella", "posta-mia", "thorunn", "ægisdóttir", "þórunn"),
    *(
        "wolfram",
        "hagenau",
        "foto.example",
        "instagram.com",
        "3471122334",
        "1122334",
        "112‑2334",
        "112–2334",
        "112·2334",
        "9988776",
        "556677",
    ),
    *("1000001", "1000002", "1000003", "blllvc84c50d612x", "0542811101", "post-native"),
)


@pytest.fixture
def planted(ctx, brand, watch, clock):
    """Posts in which people name themselves and each other in every way they do."""
    posts = []
    for n, text in enumerate(PLANTED * 3):
        name, handle, native = PEOPLE[n % 3 if n >= len(PLANTED) else 0]
        author = Author(native, handle, name, bio=f"bio of {name}", profile_url=f"https://net.example/{handle}")
        root = "post-native-0"
        parent = root if n else None
        url = f"https://net.example/{handle}/post-native-{n}"
        posts.append(Mention("fake", "net.example", f"post-native-{n}", author, text, clock(), root, parent, url))
    intake.store(ctx, watch, Page(tuple(posts), None))
    return brand


@pytest.mark.parametrize("form", list(ExportFormat))
@pytest.mark.parametrize("subject", [Subject.MENTIONS, Subject.CASES])
def test_nobody_who_was_planted_is_found(ctx, planted, tmp_path, form, subject) -> None:
    path = tmp_path / f"out.{form}"
    assert write_file(ctx, ExportOrder(planted.id, subject, form), path).rows > 0
    said = everything_in(path, form).casefold()
    assert [secret for secret in SECRETS if secret in said] == []


def everything_in(path: Path, form: ExportFormat) -> str:
    if form is ExportFormat.PARQUET:
        from pyarrow import parquet

        return str(parquet.read_table(path).to_pylist())
    if form is ExportFormat.XLSX:
        import zipfile

        with zipfile.ZipFile(path) as parts:
            return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    return path.read_text(encoding="utf-8")


def test_a_person_has_one_pseudonym_in_a_file_and_another_in_the_next(ctx, planted, tmp_path) -> None:
    files = []
    for name in ("one.csv", "two.csv"):
        write_file(ctx, ExportOrder(planted.id, Subject.MENTIONS, ExportFormat.CSV), tmp_path / name)
        files.append((tmp_path / name).read_text(encoding="utf-8"))
    one, two = (set(re.findall(r"person-[a-z]{14}", text)) for text in files)
    assert len(one) == len(two) == len(PEOPLE)  # also where they are named inside texts of others
    assert not one & two


def test_a_reply_names_neither_its_customer_nor_a_colleague(ctx, brand, say, acting, account, tmp_path) -> None:
    from services import claims, drafts, outbox

    case = say("BAD parcel", author="mara")
    sara = acting("sara")
    claims.claim(sara, case)
    view = drafts.save(sara, case, mention_id=last_post(ctx, case), text="Gentile Mara, ci penso io. Sara")
    drafts.submit(sara, view.reply_id, undo_s=0)
    outbox.deliver_due(ctx, worker="w")
    path = tmp_path / "replies.jsonl"
    assert write_file(ctx, ExportOrder(brand.id, Subject.REPLIES, ExportFormat.JSONL), path).rows == 1
    said = path.read_text(encoding="utf-8")
    assert "Mara" not in said and "Sara" not in said and "Gentile person-" in said and "colleague" in said


def last_post(ctx, case_id: int) -> int:
    from services import cases

    return cases.view(ctx, case_id).case.last_mention_id


def test_what_is_no_name_stays_as_it_was_written() -> None:
    text = "Il 22/11/2026 alle 10:30 ho pagato 1.140,00 €, fattura del 2026-11-22. Assurdo.Non risponde nessuno"
    scrubber = Scrubber(Pseudonyms(new_key()), lambda channel, handles: {})
    assert scrubber.texts([text], ["fake"], [(named("person-x", "Mara Rossi", "mara"),)]) == [text]


@pytest.mark.parametrize(
    ("name", "handle", "text"),
    [
        ("D'Angelo", "x", "firmato D'Angelo."),
        ("L'Or", "x", "ciao L'or!"),
        ("Bo Li", "99887", "sono Bo Li, o 99887"),
        ("42 99", "a1b2", "42 99 e a1b2"),
        ("Ægir", "ÆGIR_7", "chiedi ad ægir"),
        ("X", "marta.b-9", "la Marta"),
    ],
)
def test_a_name_is_found_whatever_it_is_made_of(name, handle, text) -> None:
    scrubber = Scrubber(Pseudonyms(new_key()), lambda channel, handles: {})
    [said] = scrubber.texts([text], ["fake"], [(named("person-x", name, handle),)])
    assert "person-x" in said and not [part for part in (name, handle) if len(part) > 2 and part in said]


@pytest.mark.parametrize("written", "'’‘ʼ`´")
@pytest.mark.parametrize("known", "'’ʼ`´")
def test_an_apostrophe_is_an_apostrophe_whatever_a_keyboard_makes_of_it(known, written) -> None:
    people = (named("person-x", f"Rocco D{known}Angelo"), named("person-y", f"O{known}Ba"))
    assert without_names(f"Sono Rocco D{written}Angelo!", people) == "Sono person-x!"
    assert without_names(f"D{written}ANGELO, l{written}Enel e o{written}ba.", people) == (
        f"person-x, l{written}Enel e person-y."
    )


@pytest.mark.parametrize("written", "-‐‑–")
@pytest.mark.parametrize("known", "-‐‑–")
def test_a_hyphen_is_a_hyphen_too(known, written) -> None:
    people = (named("person-x", f"Wu{known}Li"), named("person-y", f"Anne{known}Marie"))
    assert without_names(f"firmato WU{written}LI", people) == "firmato person-x"
    assert without_names(f"ciao Anne{written}Marie", people) == "ciao person-y"


@pytest.mark.parametrize(
    ("known", "written"), [("Weiß", "WEISS"), ("Weiss", "Weiß"), ("İlker", "İLKER"), ("Μάριος", "ΜΆΡΙΟΣ")]
)
def test_a_letter_that_becomes_two_hides_nobody(known, written) -> None:
    people = (named("person-x", known),)
    assert without_names(f"İn Straße: {written}, {written}er.", people) == f"İn Straße: person-x, {written}er."


def test_the_handle_of_our_own_account_stays() -> None:
    scrubber = Scrubber(Pseudonyms(new_key()), lambda channel, handles: {}, frozenset({"aurora"}))
    [said] = scrubber.texts(["Ciao @Aurora, e @mara"], ["fake"], [()])
    assert said.startswith("Ciao @Aurora, e @person-")


def test_pseudonyms_are_told_apart_by_kind_and_key() -> None:
    one, two = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert one.of(Kind.PERSON, [1, None, 1]) == [one.one(Kind.PERSON, 1), None, one.one(Kind.PERSON, 1)]
    assert len({one.one(Kind.PERSON, 1)[7:], one.one(Kind.POST, 1)[5:], two.one(Kind.PERSON, 1)[7:]}) == 3
    numbers = list(range(1, 20_001))
    assert len(set(one.of(Kind.POST, numbers))) == len(numbers)


def test_the_firms_own_name_stays_though_a_customer_calls_themselves_by_it(ctx, brand, watch, clock, tmp_path) -> None:
    author = Author("77", "clienti_aurora", "Clienti Aurora")
    post = Mention("fake", "net.example", "p1", author, "Aurora non risponde ai clienti", clock(), "p1")
    intake.store(ctx, watch, Page((post,), None))
    write_file(ctx, ExportOrder(brand.id, Subject.MENTIONS, ExportFormat.CSV), tmp_path / "out.csv")
    assert "Aurora non risponde ai person-" in (tmp_path / "out.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "written", ["Niccolo\u0300", "NICCOLO\u0300", "Ｎｉｃｃｏｌò", "Nic\u200dcolò", "Nic\u00adcolo\u0300", "𝗡𝗶𝗰𝗰𝗼𝗹ò"]
)
def test_a_name_is_found_in_whatever_form_its_letters_are_written(written) -> None:
    scrubber = Scrubber(Pseudonyms(new_key()), lambda channel, handles: {})
    [said] = scrubber.texts([f"½ {written} qui ❤️"], ["fake"], [(named("person-x", "Niccolò", "n"),)])
    assert said == "½ person-x qui ❤️"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ciao\u200b347\u200b1122\u2060334\u200bsono", "ciao\u200bphone\u200bsono"),
        ("chiamami…3471122334™", "chiamami…phone™"),
        ("tel. №347 1122334", "tel. №phone"),
        ("3️⃣4️⃣7️⃣1️⃣1️⃣2️⃣2️⃣3️⃣3️⃣4️⃣", "phone"),
        ("cf\ufeffPTTN\u200dCL84C50D612X\ufeffsono", "cf\ufeffphone\ufeffsono"),
        ("ciao\u200bpetti\u00adnari.it\u200bsono", "link\u200bsono"),
        ("va bene\u200bwww.petti\u00adnari.example, sì", "va bene\u200blink, sì"),
        ("ciao\u200b@ni\u200bco, sì", "ciao\u200bperson, sì"),
        ("Www.pettinari.example e a(AT)b.example", "link e mail"),
        ("ｈｔｔｐｓ：／／ｆｏｔｏ．example/x", "link"),
        ("❤️ il 22/11/2026 alle 10:30\u200d", "❤️ il 22/11/2026 alle 10:30\u200d"),
    ],
)
def test_what_signs_tell_is_found_in_whatever_form_and_whatever_parts_it(text, left) -> None:
    scrubber = Scrubber(Pseudonyms(new_key()), lambda channel, handles: {})
    [said] = scrubber.texts([text], ["fake"], [()])
    assert re.sub(r"@?(person|mail|link|phone)-[b-t]{14}", r"\1", said) == left


def test_a_glance_at_a_batch_passes_over_nothing_that_a_close_look_at_each_text_finds() -> None:
    rng = random.Random(7)
    names = ("Mara Rossi", "D'Angelo", "Wu-Li", "ludo_bella84", "Bo Li", "99887", "Niccolò", "O`Hara x", "a1b2c3", "")
    planted = (
        *names,
        "@mara",
        "a@b.example",
        "https://x.example",
        "347 112.2334",
        "PTTNCL84C50D612X",
        "IT60X0542811101",
    )
    words = (
        *planted,
        "amara",
        "è",
        "12",
        "-",
        "'",
        "\n",
        "\x1f",
        "\0",
        "1 140,00",
        "Rossi's",
        "www.x",
        "foto.it",
        "(at)",
    )
    for _ in range(60):
        texts = [rng.choice((" ", "", ", ")).join(rng.choices(words, k=rng.randint(0, 5))) for _ in range(20)]
        people, handles = rng.choices(names, k=20), rng.choices(names, k=20)
        who = [(named("person-x", *of),) for of in zip(people, handles, strict=True)]
        glanced = {*perhaps_named(texts, people, handles)}
        scrubber = Scrubber(Pseudonyms(b"a" * 32), lambda channel, handles: {})
        closely = [scrubber._one(text, "fake", of) for text, of in zip(texts, who, strict=True)]
        assert scrubber.texts(texts, ["fake"] * 20, [of if n in glanced else () for n, of in enumerate(who)]) == closely


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["1", "a", "_", "1-", "1_", "a.", "a-", "'", "www.", "it.", "a(at)", "\u200b1"])
def test_a_text_of_one_long_run_takes_no_square_of_its_length(piece) -> None:
    # The square of 100,000 signs is minutes.
    scrubber = Scrubber(Pseudonyms(new_key()), lambda channel, handles: {})
    text = (piece * 100_000)[:100_000] + " @ ludo.bella@posta-mia.example 1234567"
    (read,) = scrubber.texts([text], ["fake"], [()])
    assert "posta-mia" not in read
