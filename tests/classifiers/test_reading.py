"""What do the model's logits mean? Probabilities, a level, reasons, and the words they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from classifiers.bundled.card import Calibration, read_calibration, write_calibration
from classifiers.bundled.heads import CODES, KINDS, SENTIMENTS
from classifiers.bundled.model import BundledClassifier
from classifiers.bundled.normalise import normalise, normalise_with_origins
from classifiers.bundled.reading import MOST_REASONS, Opinion, opinion
from classifiers.bundled.runtime import Answer
from classifiers.bundled.wordings import wordings
from domain.errors import Misconfigured
from domain.judgement import Kind, ReasonCode, Sentiment, UrgencyLevel

EVEN = Calibration(
    temperatures={head: {"others": 1.0, "it": 2.0} for head in ("sentiment", "kind", "urgency", "reasons")},
    reason_threshold=0.4,
    evidence_threshold=0.3,
    unsure_below={"others": 0.2, "it": 0.4},
)
SURE, NOT = 6.0, -6.0


def answer(
    text: str, *steps: float, codes: dict[ReasonCode, float] | None = None, words: dict[str, ReasonCode] | None = None
) -> Answer:
    """An answer of one token a word; ``words`` carry a code."""
    offsets, at = [(0, 0)], 0
    for word in text.split():
        at = text.index(word, at)
        offsets.append((at, at + len(word)))
        at += len(word)
    evidence = np.full((len(offsets), len(CODES)), NOT, np.float32)
    for word, code in (words or {}).items():
        places = [place for place, (start, end) in enumerate(offsets) if text[start:end] == word]
        evidence[places, CODES.index(code)] = SURE
    reasons = np.array([(codes or {}).get(code, NOT) for code in CODES], np.float32)
    kind = np.array([SURE if each is Kind.COMPLAINT else NOT for each in KINDS], np.float32)
    sentiment = np.array([SURE if each is Sentiment.NEGATIVE else NOT for each in SENTIMENTS], np.float32)
    return Answer(sentiment, kind, np.array(steps, np.float32), reasons, evidence, tuple(offsets))


def read(post: str, given: Answer, language: str = "en") -> Opinion:
    return opinion(given, normalise_with_origins(post), language, EVEN)


def test_the_level_is_the_one_next_to_the_expectation() -> None:
    assert read("x", answer("x", SURE, SURE, SURE)).level is UrgencyLevel.ACT_NOW
    assert read("x", answer("x", SURE, SURE, NOT)).level is UrgencyLevel.SAME_DAY
    assert read("x", answer("x", NOT, NOT, NOT)).level is UrgencyLevel.NO_ACTION


def test_a_step_is_never_likelier_than_the_one_below_it() -> None:
    found = read("x", answer("x", NOT, SURE, SURE))
    assert min(found.levels) >= 0 and sum(found.levels) == pytest.approx(1.0)
    assert found.level is UrgencyLevel.NO_ACTION


def test_a_warmer_language_is_less_sure_of_the_same_answer() -> None:
    cool, warm = (read("x", answer("x", 2.0, NOT, NOT), language) for language in ("en", "it"))
    assert 0.5 < warm.levels[1] < cool.levels[1]


def test_what_does_not_press_has_no_reason() -> None:
    given = answer("gas leak", SURE, NOT, NOT, codes={ReasonCode.SAFETY: SURE}, words={"gas": ReasonCode.SAFETY})
    assert read("gas leak", given).reasons == ()


def test_what_presses_has_a_reason_be_it_a_faint_one() -> None:
    (reason,) = read("well then", answer("well then", SURE, SURE, SURE, codes={ReasonCode.HARM: -2.0})).reasons
    assert reason.code is ReasonCode.HARM


def test_self_harm_is_never_guessed_from_a_faint_sign() -> None:
    faint = answer("well then", SURE, SURE, SURE, codes={ReasonCode.CRISIS: -1.0, ReasonCode.HARM: -2.0})
    assert [reason.code for reason in read("well then", faint).reasons] == [ReasonCode.HARM]
    plain = answer("well then", SURE, SURE, SURE, codes={ReasonCode.CRISIS: SURE})
    assert [reason.code for reason in read("well then", plain).reasons] == [ReasonCode.CRISIS]


def test_a_shouted_post_is_read_as_it_would_be_said() -> None:
    assert normalise("IL GAS ESCE @Lumen, È URGENTE") == normalise("il gas esce @lumen, è urgente")
    assert normalise("Il GAS esce") == "Il GAS esce"
    assert normalise_with_origins("TANTI AUGURI A İSTANBUL").text == "tanti auguri a İstanbul"


@pytest.mark.parametrize(
    "dressed",
    [
        "C'è odore di gas in cucina https://t.co/a8Fj3kL9",
        "www.example.org/foto C'è odore https://t.co/x  http di gas in cucina http",
        "C'è o\u00addo\u00adre di g\u200cas in\u2060 cu\u200bcina\ufeff",
        "  C'è odore\n\n di \u200e gas in cucina",
    ],
    ids=["link", "links", "unseen", "spaces"],
)
def test_what_networks_and_keyboards_add_to_a_post_is_not_read(dressed: str) -> None:
    assert normalise(dressed) == "C'è odore di gas in cucina"


def test_of_many_names_one_is_read_and_of_a_letter_said_for_long_two() -> None:
    assert normalise("@lumen_care @marta.r @comune odore di gas") == "@user odore di gas"
    assert normalise("@lumen odore di gas @marta") == "@user odore di gas @user"
    assert normalise("AIUTOOOO, Aiutoooo!!! della palla 1000") == "AIUTOO, Aiutoo!!! della palla 1000"


def test_the_pieces_of_an_emoji_stay_together() -> None:
    assert normalise("siamo qui 👨\u200d👩\u200d👧") == "siamo qui 👨\u200d👩\u200d👧"


OWN = "Il contatore fischia ancora, e da ieri sera si sente odore di gas fino alle scale."
LINK = "https://www.example.org/notizie/italia/roma/cronaca/quartiere/oggi"


def test_a_post_is_read_whole_and_without_the_lines_it_answers() -> None:
    quoting = f"> Buongiorno, come possiamo aiutarla?\n>\n> Il servizio clienti\n\n{OWN}"
    assert [one.text for one in wordings(quoting).all] == [normalise(quoting), OWN]
    assert "possiamo" in normalise(quoting)


@pytest.mark.parametrize(
    "post",
    [
        f">:( Tre giorni senza acqua calda\n{OWN}",
        f">3 giorni senza luce\n{OWN}",
        f">>> FUGA DI GAS <<<\n{OWN}",
        f">!il contatore fischia!<\n{OWN}",
        f"{OWN}\n> odore di gas in cucina\n> contatore che fischia",
        "> il contatore fischia\nGià.",
        f"> il contatore fischia\n{LINK}",
        "> il contatore fischia\n@lumen_servizio_clienti @comune_di_borgo_san_lorenzo ok",
    ],
    ids=["face", "digit", "arrows", "spoiler", "list", "nothing own", "a link", "names"],
)
def test_what_is_no_quote_or_has_little_beside_it_is_read_once_and_whole(post: str) -> None:
    assert [one.text for one in wordings(post).all] == [normalise(post)]


@pytest.mark.parametrize(
    "quoting",
    [
        "> > Come va?\n> Bene, grazie\n\n{}",
        "> Buongiorno\n>> come va?\n> 24 ore su 24\n> - sempre\n\n{}",
        "> ¿En qué podemos ayudarle?\n{}",
        "> «Come va?», chiedono\n{}",
        "\u200f> \u200fCome va?\n{}",
        "> " * 1_000 + "Come va?\n{}",
        "{}\r\n\r\n> Come va?\r\n>\r\n> 24 ore su 24",
        "{}\n\n> Come va?\n>\n> > Bene\n>\n",
        "> Come va?" + " Siamo qui." * 300 + "\n\n{}",
        "{}\n\n> Come va?" + " Siamo qui." * 3_000,
    ],
    ids=["nested", "list", "spanish", "speech", "right to left", "deep", "mail", "empty lines", "long", "cut off"],
)
def test_a_quote_is_known_however_it_is_written(quoting: str) -> None:
    post = quoting.format(OWN)
    whole, own = wordings(post).all
    assert (whole.text, own.text) == (normalise(post), OWN)
    assert post[slice(*own.origin(0, len(own.text)))] == OWN


def test_a_danger_below_a_long_quote_is_found_and_underlined_where_it_stands() -> None:
    post = "> Gentile cliente," + " la ringraziamo di averci scritto." * 70 + f"\n\n{OWN}"
    (said,) = BundledClassifier().judge([post])
    assert said.urgency_level is UrgencyLevel.ACT_NOW and said.unsure
    assert any(r.evidence and post[slice(*r.evidence)] in OWN for r in said.reasons)


def test_a_quote_never_takes_the_level_of_a_post_down() -> None:
    model = BundledClassifier()
    own = "Ditemi voi se questo è il modo di trattare i clienti, sono davvero stufo di voi."
    danger, greeting = "C'è una fuga di gas in cantina e mia madre non respira, aiuto!", "Buongiorno, come va?"
    posts = [f"> {danger}\n{own}", f"> {greeting}\n{danger}", danger, own]
    quoted, answering, alone, calm = model.judge(posts)
    assert quoted.urgency > calm.urgency and answering.urgency >= alone.urgency
    assert answering.urgency_level is alone.urgency_level is UrgencyLevel.ACT_NOW
    for post, said in ((posts[0], quoted), (posts[1], answering)):
        assert all(0 <= a < b <= len(post) for a, b in (r.evidence for r in said.reasons if r.evidence))
        assert any(r.evidence and post[slice(*r.evidence)] in danger for r in said.reasons)
    pressing = [float(answer.urgency.sum()) for answer in model.answers(posts)]
    assert pressing[0] > pressing[3] and pressing[1] >= pressing[2]


@pytest.mark.parametrize("own", ["Odore di gas in cantina!", "C'è odore di gas in cantina, cosa faccio?"])
@pytest.mark.parametrize(
    "around", ["> Buongiorno, come va?\n\n{}", "{}\n\n> Buongiorno, come va?"], ids=["before", "behind"]
)
def test_a_few_words_beside_a_quote_press_as_they_do_alone(around: str, own: str) -> None:
    model = BundledClassifier()
    alone, beside = model.judge([own, around.format(own)])
    assert wordings(around.format(own)).all[1].text == own
    assert beside.urgency >= alone.urgency


def praise_unless_quoted(texts: Sequence[str]) -> list[Answer]:
    """A calm complaint wherever somebody is quoted, else praise, and a danger where gas is."""
    heard = [answer(text, *3 * [SURE if "gas" in text and ">" not in text else NOT]) for text in texts]
    kind = np.array([SURE if each is Kind.PRAISE else NOT for each in KINDS], np.float32)
    return [each if ">" in text else replace(each, kind=kind) for text, each in zip(texts, heard, strict=True)]


@pytest.mark.parametrize(
    ("own", "level", "kind"),
    [
        ("Anche noi", UrgencyLevel.NO_ACTION, Kind.COMPLAINT),
        ("Odore di gas!", UrgencyLevel.ACT_NOW, Kind.PRAISE),
        ("Invece con me siete stati bravi", UrgencyLevel.NO_ACTION, Kind.PRAISE),
    ],
    ids=["says what the quote says", "presses by itself", "says enough"],
)
def test_whose_tone_it_is_beside_a_quote(
    monkeypatch: pytest.MonkeyPatch, own: str, level: UrgencyLevel, kind: Kind
) -> None:
    model = BundledClassifier()
    monkeypatch.setattr(model._runtime, "answers", praise_unless_quoted)
    post = f"> Tre settimane che aspetto, siete una vergogna!\n\n{own}"
    (said,), (given,) = model.judge([post]), model.answers([post])
    assert (said.urgency_level, said.kind) == (level, kind)
    assert KINDS[int(given.kind.argmax())] is kind


TAGS = "#aurora #milano_est #oggi"


@pytest.mark.parametrize(
    "tagged",
    [
        f"{OWN} {TAGS}",
        f"{OWN}\n\n{TAGS}",
        f"{OWN} {TAGS} {LINK}",
        f"{OWN} #aurora#milano {LINK} #oggi ",
        f"{OWN} #oggi",
    ],
    ids=["row", "own line", "before an address", "glued", "one"],
)
def test_a_post_is_read_with_the_hashtags_it_ends_with_and_without(tagged: str) -> None:
    whole, bare = wordings(tagged).all
    assert (whole.text, bare.text) == (normalise(tagged), OWN)


@pytest.mark.parametrize(
    "post",
    ["odio #aurora", TAGS, f"{TAGS} {OWN}", f"{OWN} #1!? ma", f"{OWN} {LINK}", f"{LINK} {TAGS}"],
    ids=["sentence", "alone", "in front", "within", "address", "address and row"],
)
def test_hashtags_that_are_the_post_are_read_with_it(post: str) -> None:
    assert [one.text for one in wordings(post).all] == [normalise(post)]


def test_beside_a_quote_and_hashtags_stand_the_authors_own_words() -> None:
    found = wordings(f"> @aurora: grazie!\n{OWN} {TAGS}")
    assert [one.text for one in found.all[found.own :]] == [f"{OWN} {TAGS}", OWN]
    behind = wordings(f"{OWN}\n\n> Grazie per averci scritto!\n> Il servizio clienti")
    assert [one.text for one in behind.all[behind.own :]] == [OWN]


def test_signs_that_a_source_writes_out_are_read_as_signs() -> None:
    written = (
        "&gt; Buongiorno!\nL&#39;acqua &egrave; marrone &amp; puzza&nbsp;&#x200b;da ieri, R&D &bogus; nessuno viene"
    )
    plain = "L'acqua è marrone & puzza da ieri, R&D &bogus; nessuno viene"
    whole, own = wordings(written).all
    assert (whole.text, own.text) == (f"> Buongiorno! {plain}", plain)
    at = own.text.index("marrone")
    assert written[slice(*own.origin(at, at + 7))] == "marrone"


def test_the_temperatures_beside_a_quote_are_those_of_the_authors_language() -> None:
    model = BundledClassifier()
    notice = "> Dear customer, please note that the service will be suspended from 8 am to 2 pm tomorrow due to works."
    alone, below = model.judge([OWN, f"{notice}\n\n{OWN}"])
    assert (alone.language, below.language) == ("it", "it")
    assert (below.kind_scores, below.sentiment_scores) == (alone.kind_scores, alone.sentiment_scores)


def test_tone_and_wish_are_the_authors_whatever_they_quote() -> None:
    model = BundledClassifier()
    own = (
        "La caldaia perde gas e l'allarme suona da un'ora, mia figlia di tre mesi è qui in casa con me, venite subito!"
    )
    greeting = "> Grazie per averci scritto, come possiamo aiutarti oggi?"
    alone, before, behind, tagged = model.judge([own, f"{greeting}\n{own}", f"{own}\n\n{greeting}", f"{own} {TAGS}"])
    assert (alone.kind, alone.sentiment) == (Kind.COMPLAINT, Sentiment.NEGATIVE)
    for said in (before, behind):
        assert (said.kind_scores, said.sentiment_scores) == (alone.kind_scores, alone.sentiment_scores)
    assert (tagged.kind, tagged.sentiment) == (alone.kind, alone.sentiment)
    assert min(said.urgency for said in (before, behind, tagged)) >= alone.urgency


def test_a_danger_in_a_hashtag_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = BundledClassifier()
    monkeypatch.setattr(
        model._runtime, "answers", lambda texts: [answer(t, *3 * [SURE if "fugadigas" in t else NOT]) for t in texts]
    )
    calm = "Buonasera a tutta la scala B di via Dante"
    plain, tagged = model.judge([calm, f"{calm} #fugadigas"])
    assert (plain.urgency_level, tagged.urgency_level) == (UrgencyLevel.NO_ACTION, UrgencyLevel.ACT_NOW)


def test_neither_company_nor_place_changes_a_label_of_a_post_with_quote_and_tags() -> None:
    model = BundledClassifier()
    posts = [
        f"> Grazie!\n{OWN} {TAGS}",
        OWN,
        f"{OWN} {TAGS}",
        "grazie mille " * 30,
        f"{OWN}\n\n> Buongiorno a lei",
        "ok",
    ]
    together = model.judge(posts)
    for order in (posts, posts[::-1]):
        for post, said in zip(
            posts, [model.judge([one])[0] for one in order][:: 1 if order is posts else -1], strict=True
        ):
            other = together[posts.index(post)]
            labels = (said.sentiment, said.kind, said.urgency_level, [r.code for r in said.reasons])
            assert labels == (other.sentiment, other.kind, other.urgency_level, [r.code for r in other.reasons])
    assert [said.kind for said in model.judge(posts[::-1])][::-1] == [said.kind for said in together]


def test_a_post_of_which_nothing_is_left_to_read_is_unsure() -> None:
    assert all(said.unsure for said in BundledClassifier().judge([LINK, f"@lumen {LINK}", "@lumen_servizio ok"]))


def test_evidence_behind_what_is_not_read_keeps_its_place() -> None:
    post = "> come va?\n@a @b @c https://t.co/x guardate, in can\u00adtina esceee gas da due ore, e nessuno risponde"
    text = normalise(post)
    given = answer(text, SURE, SURE, SURE, codes={ReasonCode.SAFETY: SURE}, words={"escee": ReasonCode.SAFETY})
    (reason,) = read(post, given).reasons
    assert reason.evidence is not None and post[slice(*reason.evidence)] == "esceee"


def test_at_most_four_reasons_are_read_the_likeliest_first() -> None:
    codes = {code: 1.0 + number for number, code in enumerate(CODES[:7])}
    found = read("all at once", answer("all at once", SURE, SURE, SURE, codes=codes)).reasons
    assert [reason.code for reason in found] == list(reversed(CODES[:7]))[:MOST_REASONS]


def test_evidence_bridges_one_word_and_no_more() -> None:
    text = "there is gas in cellars and much later gas again"
    words = {"gas": ReasonCode.SAFETY, "cellars": ReasonCode.SAFETY}
    given = answer(text, SURE, SURE, SURE, codes={ReasonCode.SAFETY: SURE}, words=words)
    (reason,) = read(text, given).reasons
    assert reason.evidence is not None
    assert text[slice(*reason.evidence)] == "gas in cellars"


def test_words_much_less_sure_than_the_surest_are_not_underlined() -> None:
    text = "there is gas in cellars"
    given = answer(text, SURE, SURE, SURE, codes={ReasonCode.SAFETY: SURE}, words={"gas": ReasonCode.SAFETY})
    column = CODES.index(ReasonCode.SAFETY)
    given.evidence[[1, 2, 4], column] = -1.8  # 0.14: above the threshold of a faint one, far below the surest.
    faint = replace(EVEN, evidence_threshold=0.05)
    (reason,) = opinion(given, normalise_with_origins(text), "en", faint).reasons
    assert reason.evidence is not None
    assert text[slice(*reason.evidence)] == "gas"


@pytest.mark.parametrize(
    ("text", "surest", "shown"),
    [
        ("il tecnico ha lo stesso problema", "ha", "tecnico ha lo"),
        ("we met a rat today", "a", "met a rat"),
        ("they owe 90 euro", "90", "90"),
        ("è", "è", "è"),
    ],
    ids=["italian", "english", "number", "alone"],
)
def test_a_word_that_tells_nothing_is_underlined_with_its_neighbours(text: str, surest: str, shown: str) -> None:
    given = answer(text, SURE, SURE, SURE, codes={ReasonCode.HARM: SURE}, words={surest: ReasonCode.HARM})
    (reason,) = read(text, given).reasons
    assert reason.evidence is not None
    assert text[slice(*reason.evidence)] == shown


def test_evidence_stands_in_the_post_as_it_was_written_not_as_it_was_read() -> None:
    post = "@a_very_long_name   https://example.org/x\n\n😱 gas!!"
    text = normalise(post)
    given = answer(text, SURE, SURE, SURE, codes={ReasonCode.SAFETY: SURE}, words={"gas!!": ReasonCode.SAFETY})
    (reason,) = read(post, given).reasons
    assert reason.evidence is not None
    assert post[slice(*reason.evidence)] == "gas!!"


def test_a_text_without_tokens_has_reasons_without_words() -> None:
    (reason,) = read("", answer("", SURE, SURE, SURE, codes={ReasonCode.HARM: SURE})).reasons
    assert reason.evidence is None


def test_a_calibration_comes_back_as_it_was_written(tmp_path) -> None:
    write_calibration(tmp_path, EVEN, revision="model-12345678")
    assert read_calibration(tmp_path) == EVEN


def test_a_calibration_with_a_hole_is_named(tmp_path) -> None:
    (tmp_path / "calibration.toml").write_text('revision = "x"\n')
    with pytest.raises(Misconfigured, match="temperatures"):
        read_calibration(tmp_path)


def test_how_likely_all_labels_must_be_right_depends_on_the_language() -> None:
    assert [EVEN.is_doubtful(0.3, language) for language in ("it", "de")] == [True, False]
    assert [EVEN.is_doubtful(0.1, language) for language in ("it", "de")] == [True, True]
