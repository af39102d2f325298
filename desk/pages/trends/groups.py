"""What do the cards of the trends say? Figures, channels, what people write, the voices, the wait for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desk import trend_words as say
from desk import words
from desk.i18n import _, ngettext
from desk.numbers import number, percent
from desk.widgets.bar_list import BarRow, Card, Tone, bar_list, cards, table_on_demand
from desk.widgets.markup import Markup, html_tag
from domain.metrics import Figure
from services.trends import LEAST_VOICE_POSTS, Group, Trends

#: So many themes stand on the card, at most; the filter offers all.
MOST_THEMES = 6


def figure_cards(seen: Trends) -> Markup:
    """Volume, net sentiment, complaint share, and what was solved as the customers say."""
    return cards([_volume(seen), _net(seen), _complaints(seen), _solved(seen)])


def _volume(seen: Trends) -> Card:
    rests = [_posts(seen.now.posts), _days(seen), say.left_out_words(seen.now)]
    change = say.change_words(seen.now.posts, seen.before.posts) if seen.before.posts else _("nothing counted before")
    return Card(_("Volume"), number(seen.now.posts), change, _rests(*rests))


def _net(seen: Trends) -> Card:
    net, before = seen.now.net, seen.before.net
    if net.value is None:
        return Card(_("Net sentiment"), "", "", _rests(_judged(seen)), few=say.too_few_words(net, seen.least_people))
    rests = _rests(_judged(seen), _days(seen), _("margin {margin}").format(margin=say.margin_words(net)))
    return Card(_("Net sentiment"), say.signed(net.value), _was(before, say.net_or_few(before)), rests)


def _complaints(seen: Trends) -> Card:
    share, before = seen.now.complaints, seen.before.complaints
    if share.value is None:
        few = say.too_few_words(share, seen.least_people)
        return Card(_("Complaint share"), "", "", _rests(_judged(seen)), few=few)
    return Card(
        _("Complaint share"),
        percent(share.value),
        _was(before, say.percent_or_few(before)),
        _rests(_of(share, _("{hits} of {n} judged")), _days(seen), _points(share)),
    )


def _solved(seen: Trends) -> Card:
    solved, before = seen.answers.solved, seen.answers_before.solved
    reopened = ngettext("{n} reopened", "{n} reopened", seen.answers.reopened)
    name = _("Solved, says the customer")
    if solved.value is None:
        return Card(name, "", "", _rests(_days(seen), reopened), few=say.too_few_words(solved, seen.least_people))
    closed = _of(solved, _("{hits} of {n} closed"))
    rests = _rests(closed, _days(seen), reopened, _points(solved), _all_themes(seen))
    return Card(name, percent(solved.value), _was(before, say.percent_or_few(before)), rests)


def _all_themes(seen: Trends) -> str:
    """Answers are counted by case, and not by theme: said wherever a theme is chosen."""
    return _("of all themes") if seen.theme else ""


def _was(before: Figure, said: str) -> str:
    return _("too few before to compare") if before.value is None else _("was {value}").format(value=said)


def _rests(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _posts(n: int) -> str:
    return _("n = {n}").format(n=ngettext("{n} post", "{n} posts", n))


def _judged(seen: Trends) -> str:
    return _("n = {n} judged").format(n=number(seen.now.judged))


def _of(figure: Figure, template: str) -> str:
    return _("n = {n}").format(n=template.format(hits=number(figure.hits), n=number(figure.n)))


def _points(figure: Figure) -> str:
    return _("margin {margin} points").format(margin=say.points_words(figure))


def _days(seen: Trends) -> str:
    return ngettext("{n} day", "{n} days", seen.window.days)


def channels_card(seen: Trends) -> Markup:
    """Where it is said, and in which languages."""
    total = seen.now.posts
    parts = [_head(_("Where it is said"), _("share of {posts} · net sentiment at right").format(posts=_n_posts(total)))]
    parts.append(bar_list(_group_rows(seen.by_channel, total, words.channel_word), sentence=_("Posts by channel")))
    if seen.by_language:
        parts.append(html_tag("h3", _("In which language"), cls="sp-h3"))
        parts.append(bar_list(_group_rows(seen.by_language[:6], total, language), sentence=_("Posts by language")))
    rows = [
        _group_line(group, name(group.name))
        for found, name in ((seen.by_channel, words.channel_word), (seen.by_language, language))
        for group in found
    ]
    headings = (_("Channel or language"), _("Posts"), _("Judged"), _("Net sentiment"), _("Complaints"))
    parts.append(table_on_demand(_("Show as a table"), headings, rows))
    return html_tag("div", *parts, cls="sp")


def language(code: str) -> str:
    """A language's name; codes that nobody knows stay codes."""
    return _("language not recognised") if code == "und" else words.language_word(code)


def _group_rows(found: tuple[Group, ...], total: int, name: Callable[[str], str]) -> list[BarRow]:
    return [
        BarRow(
            name(g.name), _part(g.figures.posts, total), _share(g.figures.posts, total), say.net_or_few(g.figures.net)
        )
        for g in found
    ]


def _group_line(group: Group, name: str) -> tuple[str, ...]:
    told = group.figures
    shown = (say.net_or_few(told.net), say.percent_or_few(told.complaints))
    return (name, number(told.posts), number(told.judged), *shown)


def _part(n: int, total: int) -> float:
    return n / total if total else 0.0


def _share(n: int, total: int) -> str:
    return percent(_part(n, total)) if total else "–"


def _n_posts(n: int) -> str:
    return ngettext("{n} post", "{n} posts", n)


def lower_cards(seen: Trends) -> Iterator[tuple[str, Markup]]:
    """Below the chart: what people write, the voices, the wait."""
    yield "kinds", _kinds_card(seen)
    yield "voices", _voices_card(seen)
    yield "answers", _answers_card(seen)


def _head(name: str, source: str) -> Markup:
    return html_tag("div", html_tag("h2", name), html_tag("p", source), cls="sp sp-card-head")


def _kinds_card(seen: Trends) -> Markup:
    judged, before = seen.now.judged, dict(seen.before.kinds)
    head = _head(_("What people write"), _("share of {n} judged posts · number at right").format(n=number(judged)))
    if judged < seen.least_people:
        return html_tag("div", head, html_tag("p", say.too_few_words(seen.now.complaints, seen.least_people), cls="s"))
    rows = [
        BarRow(
            words.kind_word(kind).capitalize(),
            _part(n, judged),
            _share(n, judged),
            _number_was(n, before.get(kind, 0), judged, seen.before.judged, seen.least_people),
            Tone.OURS,
        )
        for kind, n in seen.now.kinds
    ]
    return html_tag("div", head, bar_list(rows, sentence=_("Kinds of posts")), *_themes(seen), cls="sp")


def _themes(seen: Trends) -> list[Markup]:
    """What presses in these posts, the most frequent first; whichever is chosen, all of them."""
    told = [group for group in seen.by_theme if group.figures.posts >= seen.least_people]
    head = html_tag("h3", _("What presses"), cls="sp-h3")
    if not told:
        return [head, html_tag("p", _("No contact reason in enough posts to tell."), cls="s muted")]
    most = told[0].figures.posts
    rows = [
        BarRow(
            words.theme_word(group.name).capitalize(),
            _part(group.figures.posts, most),
            number(group.figures.posts),
            say.net_or_few(group.figures.net),
            Tone.OURS if group.name == seen.theme else Tone.PLAIN,
        )
        for group in told[:MOST_THEMES]
    ]
    foot = _("Posts by contact reason, one post may have several · net sentiment at right")
    lines = [_group_line(group, words.theme_word(group.name).capitalize()) for group in told]
    headings = (_("Theme"), _("Posts"), _("Judged"), _("Net sentiment"), _("Complaints"))
    table = table_on_demand(_("Show as a table"), headings, lines)
    return [head, bar_list(rows, sentence=_("Themes")), table, html_tag("p", foot, cls="sp-card-foot")]


def _number_was(n: int, before: int, judged: int, judged_before: int, least: int) -> str:
    """The number, and the share of before where it was another one by five points or more."""
    if judged_before < least:
        return number(n)
    was = before / judged_before
    if abs(was - n / judged) < 0.05:
        return number(n)
    return _("{n}, was {share}").format(n=number(n), share=percent(was))


def _voices_card(seen: Trends) -> Markup:
    name = _("Share of voice")
    if not seen.voices:
        text = _("No watch listens to a competitor. Add one under Watches to compare: it is counted, never queued.")
        return html_tag("div", _head(name, ""), html_tag("p", text, cls="s muted"), cls="sp")
    total = sum(voice.share.hits for voice in seen.voices)
    brands = ngettext("{n} brand", "{n} brands", len(seen.voices))
    source = _("n = {posts} of {brands} · net sentiment at right").format(posts=_n_posts(total), brands=brands)
    rows = [
        BarRow(
            voice.name,
            _part(voice.share.hits, total),
            say.percent_or_few(voice.share),
            say.net_or_few(voice.net),
            Tone.PLAIN if voice.watch_id else Tone.OURS,
            None if voice.share.low is None or voice.share.high is None else (voice.share.low, voice.share.high),
        )
        for voice in seen.voices
    ]
    parts = [_head(name, source), bar_list(rows, sentence=name), html_tag("p", _voices_foot(seen), cls="sp-card-foot")]
    return html_tag("div", *parts, cls="sp")


def _voices_foot(seen: Trends) -> str:
    told = []
    if seen.heard.rivals and seen.heard.rivals != seen.heard.channels:
        names = ", ".join(map(words.channel_word, seen.heard.rivals))
        told.append(_("Competitors are read on {channels} only, so compare with care.").format(channels=names))
    if seen.few_voices:
        few = ngettext(
            "{n} brand with fewer than {least} posts is not shown.",
            "{n} brands with fewer than {least} posts are not shown.",
            seen.few_voices,
        )
        told.append(few.replace("{least}", str(LEAST_VOICE_POSTS)))
    return " ".join([*told, _("Line: 95% margin.")])


def _answers_card(seen: Trends) -> Markup:
    told = seen.answers
    asked = ngettext("n = {n} person who needed an answer", "n = {n} people who needed an answer", told.asked)
    head = _head(_("First response, as customers lived it"), _rests(asked, _("nights included"), _all_themes(seen)))
    if not told.is_enough:
        return html_tag("div", head, html_tag("p", _too_few_people(seen), cls="s"), cls="sp")
    tones = (Tone.GOOD, Tone.GOOD, Tone.PLAIN, Tone.PLAIN, Tone.LATE)
    rows = [
        BarRow(say.within_words(bound), _part(n, told.asked), _share(n, told.asked), number(n), tone)
        for (bound, n), tone in zip(told.within, tones, strict=True)
    ]
    left = told.unanswered
    rows.append(BarRow(_("No answer yet"), _part(left, told.asked), _share(left, told.asked), number(left), Tone.NONE))
    foot = " ".join([say.waits_words(told), _("Measured on the customer’s side, never per operator.")])
    parts = [head, bar_list(rows, sentence=_("First response")), html_tag("p", foot, cls="sp-card-foot")]
    return html_tag("div", *parts, cls="sp")


def _too_few_people(seen: Trends) -> str:
    if not seen.answers.asked:
        return _("Nobody asked anything in these days.")
    n, least = number(seen.answers.asked), number(seen.least_people)
    return _("Too few to tell: {n} of at least {least}").format(n=n, least=least)


def how_counted(seen: Trends) -> str:
    """The method, once for the whole page."""
    return _(
        "Margins are those of 95%: Wilson’s for shares, Bonett and Price’s for net sentiment, (positive − negative) / "
        "judged. They take posts for independent of each other. Figures of fewer than {least} people or posts are "
        "not shown. An answer given outside Sportello is not known here."
    ).format(least=number(seen.least_people))
