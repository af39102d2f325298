"""A case says who else has its problem, and shows those cases alone when asked."""

from __future__ import annotations

import json

import bootstrap
from db import meta
from desk import pulse
from desk.pages.queue.listing import Listed
from services import brands, queue
from services.queue import QueueFilter
from tests.desk.test_pages import Visit, as_, button


def found_together(desk: bootstrap.Backend, *, n: int) -> list[int]:
    """The worker has found the first ``n`` cases of the list to share a problem."""
    brand = brands.resolve_brand(desk.ctx, None)
    page = queue.page(as_(desk, "paolo"), QueueFilter(brand.id), limit=n)
    together = [entry.case_id for entry in page.entries]
    with desk.ctx.store.write() as tx:
        meta.keep(tx, f"topics {brand.id}", json.dumps([together]))
    return together


def listed(test: object) -> list[int]:
    found: Listed = test.session_state["sp_listing"]  # type: ignore[attr-defined]
    return [entry.case_id for entry in found.entries]


def test_a_case_names_the_others_with_its_problem_and_opens_them_as_a_list(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    together = found_together(desk, n=3)
    test = visit("paolo", query={"case": str(together[0])})
    before = listed(test)
    button(test, "2 altre persone con lo stesso problema").click().run()
    assert listed(test) == together != before
    assert test.session_state[pulse.CASE] == together[0]
    button(test, "Solo casi con lo stesso problema").click().run()
    assert listed(test) == before


def test_a_case_that_shares_its_problem_with_nobody_says_nothing(desk: bootstrap.Backend, visit: Visit) -> None:
    together = found_together(desk, n=1)
    test = visit("paolo", query={"case": str(together[0])})
    assert not [each for each in test.button if "stesso problema" in each.label]
