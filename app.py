"""Starts the desk: the pages, our own routes, and one backend for the whole process. No rules live here."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from desk import backend, warm
from desk.auth import SignedInOnly
from desk.hooks import ROUTES as HOOKS
from desk.mishap import say_mishap
from desk.page_headers import PageHeaders
from desk.routes import ROUTES

HERE = Path(__file__).resolve().parent
FULL_COLLECTION_EVERY_S = 300


async def _collect_now_and_then() -> None:
    # .streamlit/config.toml switches off the collection after each click; memory is still tidied here.
    while True:
        await asyncio.sleep(FULL_COLLECTION_EVERY_S)
        gc.collect()


@asynccontextmanager
async def _lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    backend.open_once()
    warm.import_pages()
    warm.quicken()
    gc.collect()
    gc.freeze()  # what is loaded by now stays: no collection needs to walk it again
    tidying = asyncio.create_task(_collect_now_and_then())
    try:
        yield {}
    finally:
        tidying.cancel()
        with suppress(asyncio.CancelledError):
            await tidying


app = st.App(
    HERE / "desk" / "main.py",
    routes=[*ROUTES, *HOOKS],
    middleware=[Middleware(PageHeaders), Middleware(SignedInOnly)],
    lifespan=_lifespan,
    on_script_error=say_mishap,
)

if __name__ == "__main__":
    settings = backend.open_or_leave()
    app.run(config={"server.address": settings.host, "server.port": settings.port, "server.headless": True})
