"""Does a file of the calendar go to who shall have it by mail: along with the letter when small, never with names?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.alert_words import speak
from domain.errors import Invalid, NotAllowed
from domain.export import Every, ExportFormat, ExportOrder, Subject
from services import alert_delivering, export_making, export_schedules
from services.exports import folder_of
from tests.services.alerted import office, settings, states, told

__all__ = ["office", "settings", "told"]


@pytest.fixture
def order(brand, say):
    say("BAD parcel")
    return ExportOrder(brand.id, Subject.MENTIONS, ExportFormat.CSV)


def made(ctx, clock, office, *, settings=None):
    """The next file of the calendar, and the letter about it."""
    ctx = ctx if settings is None else replace(ctx, settings=settings)
    clock.move(days=8)
    assert export_schedules.order_due(ctx) == 1 and export_making.make_next(ctx, worker="w")
    alert_delivering.deliver_due(ctx, speak, worker="w", post=office)
    ((address, message),) = office.letters
    return address, message


def test_a_file_goes_along_with_its_letter_and_nothing_lies_in_a_folder(ctx, acting, order, clock, office) -> None:
    marta = acting("marta", roles=("marketing",))
    view = export_schedules.add(marta, order, name="Weekly", every=Every.WEEK, mail_to="boss@aurora.test")
    assert (view.folder, view.mail_to) == ("", ("b…@aurora.test",))
    address, message = made(ctx, clock, office)
    ((path, name),) = message.attach
    assert address == "boss@aurora.test" and name in message.body and name.endswith(".csv")
    assert path.read_bytes() and not ctx.settings.export_path.exists()
    export_schedules.stop(marta, view.schedule_id)
    clock.move(days=8)
    assert export_schedules.order_due(ctx) == 0


def test_a_letter_whose_file_is_gone_is_not_tried_for_ever(ctx, acting, order, clock, office) -> None:
    marta = acting("marta", roles=("marketing",))
    export_schedules.add(marta, order, name="Weekly", every=Every.WEEK, mail_to="boss@aurora.test")
    clock.move(days=8)
    assert export_schedules.order_due(ctx) == 1 and export_making.make_next(ctx, worker="w")
    for file in folder_of(ctx).iterdir():
        file.unlink()
    alert_delivering.deliver_due(ctx, speak, worker="w", post=office)
    assert states(ctx) == [("waiting", "broken")] and office.letters == []


def test_a_large_file_and_one_with_names_stay_on_the_desk(ctx, acting, order, clock, office, settings) -> None:
    lucia = acting("lucia", roles=("manager",))
    where = {"every": Every.WEEK, "mail_to": "boss@aurora.test"}
    first = export_schedules.add(lucia, order, name="Large", **where)
    _, message = made(ctx, clock, office, settings=replace(settings, mail_attach_mb=0))
    assert message.attach == () and "https://desk.test/exports" in message.body
    export_schedules.stop(lucia, first.schedule_id)
    office.letters.clear()
    named = replace(order, identified=True, purpose="Survey on the launch")
    export_schedules.add(lucia, named, name="Named", **where)
    _, message = made(ctx, clock, office)
    assert message.attach == () and "It is fetched on the desk:" in message.body


def test_a_file_goes_to_an_address_of_mail_or_into_a_folder(acting, order) -> None:
    marta, olga = acting("marta", roles=("marketing",)), acting("olga")
    for wrong in ({"mail_to": "nobody"}, {"folder": "../up", "mail_to": "boss@aurora.test"}, {}):
        with pytest.raises(Invalid):
            export_schedules.add(marta, order, name="x", every=Every.DAY, **wrong)
    with pytest.raises(NotAllowed):
        export_schedules.add(olga, order, name="x", every=Every.DAY, mail_to="boss@aurora.test")
