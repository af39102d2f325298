"""Does the import direction hold in every module, and would each rule notice a breach?"""

import pytest

from tests.architecture.import_rules import (
    RULES,
    against_the_direction,
    concrete_names,
    heavy_at_the_top,
    outside_its_home,
    tables_outside_the_store,
)
from tests.architecture.source import Module, product_modules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule) -> None:
    assert [complaint for module in product_modules() for complaint in rule(module)] == []


def test_there_are_modules_to_look_at() -> None:
    assert {module.package for module in product_modules()} >= {"domain", "db", "services"}


BREACHES = [
    (against_the_direction, "domain.priority", "from db.cases import page"),
    (against_the_direction, "domain.priority", "def f():\n    import services.claims"),
    (against_the_direction, "collectors.sample.client", "from db import audit"),
    (against_the_direction, "classifiers.rules.signals", "import collectors.registry"),
    (against_the_direction, "db.cases", "import settings"),
    (against_the_direction, "services.claims", "import bootstrap"),
    (against_the_direction, "services.claims", "from desk.i18n import _"),
    (against_the_direction, "bootstrap", "import worker.schedule"),
    (against_the_direction, "worker.schedule", "from desk import routes"),
    (against_the_direction, "desk.pages.queue", "from worker import schedule"),
    (against_the_direction, "desk.cli.running", "import worker.supervisor"),
    (against_the_direction, "services.claims", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import desk"),
    (outside_its_home, "services.claims", "import streamlit as st"),
    (outside_its_home, "worker.schedule", "from streamlit import cache_data"),
    (outside_its_home, "services.follow_up", "from apscheduler.schedulers.background import BackgroundScheduler"),
    (outside_its_home, "services.health", "import alembic.command"),
    (outside_its_home, "collectors.x.collector", "import tweepy"),
    (outside_its_home, "services.intake", "import praw"),
    (outside_its_home, "classifiers.bundled.model", "import torch"),
    (tables_outside_the_store, "services.claims", "from db.tables import cases"),
    (tables_outside_the_store, "services.claims", "from db import tables"),
    (tables_outside_the_store, "services.claims", "from sqlalchemy import select"),
    (tables_outside_the_store, "desk.pages.queue", "import sqlalchemy.orm"),
    (heavy_at_the_top, "services.triage", "import transformers"),
    (heavy_at_the_top, "classifiers.registry", "from onnxruntime import InferenceSession"),
    (heavy_at_the_top, "desk.pages.queue", "import pandas as pd"),
    (heavy_at_the_top, "worker.judging", "if True:\n    import tokenizers"),
    (concrete_names, "services.intake", "from collectors.sample import CHANNEL"),
    (concrete_names, "services.intake", "import collectors.mastodon.client"),
    (concrete_names, "worker.judging", "from classifiers import bundled"),
    (concrete_names, "classifiers.bundled.model", "from classifiers.training import recipe"),
    (concrete_names, "collectors.x.collector", "from collectors.reddit.normalize import to_mention"),
]


@pytest.mark.parametrize(("rule", "name", "text"), BREACHES)
def test_a_breach_is_noticed(rule, name: str, text: str) -> None:
    assert len(list(rule(Module(name, text)))) >= 1


def test_a_relative_import_is_followed_to_its_target() -> None:
    assert list(concrete_names(Module("collectors.x.collector", "from ..reddit import normalize")))
    assert list(concrete_names(Module("collectors.x", "from ..reddit import normalize", is_package=True)))
    assert list(concrete_names(Module("collectors.x", "from .client import Client", is_package=True))) == []


KEPT = [
    (against_the_direction, "services.claims", "from db.engine import Store\nfrom domain.errors import Refused"),
    (outside_its_home, "desk.pages.queue", "import streamlit"),
    (outside_its_home, "collectors.x.client", "import tweepy"),
    (tables_outside_the_store, "services.act", "from sqlalchemy import Connection"),
    (tables_outside_the_store, "db.cases", "from db.tables import cases\nfrom sqlalchemy import select"),
    (heavy_at_the_top, "services.triage", "def judge():\n    import transformers"),
    (heavy_at_the_top, "classifiers.bundled.model", "import onnxruntime"),
    (concrete_names, "collectors.registry", "from collectors.sample import CHANNEL"),
    (concrete_names, "collectors.sample.publisher", "from collectors.sample.client import Client"),
    (concrete_names, "services.intake", "from collectors.protocol import Collector"),
    (concrete_names, "classifiers.training.readers", "from classifiers.bundled.normalise import clean"),
]


@pytest.mark.parametrize(("rule", "name", "text"), KEPT)
def test_what_is_allowed_passes(rule, name: str, text: str) -> None:
    assert list(rule(Module(name, text))) == []
