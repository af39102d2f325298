"""Placeholder."""
from desk.session import Seat
from domain.brand import Brand
def draw(found: Seat, brand: Brand | None) -> None:
    """Draw."""
