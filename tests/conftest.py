"""Which hooks hold for every test? The list of what a machine could not run (tests/not_run.py)."""

from tests.not_run import pytest_runtest_makereport, pytest_terminal_summary

__all__ = ["pytest_runtest_makereport", "pytest_terminal_summary"]
