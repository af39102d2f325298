"""How does the sample brand come and go?"""

from __future__ import annotations

from domain.brand import Brand
from services.context import Context


def install(ctx: Context) -> Brand:
    """The sample brand with its backdated posts stored; harmless when it is there already."""
    raise NotImplementedError


def reset(ctx: Context) -> Brand:
    """Start the sample's story again. Needs Right.SETUP."""
    raise NotImplementedError


def remove(ctx: Context) -> None:
    """Take the sample and everything heard for it away. Needs Right.SETUP."""
    raise NotImplementedError
