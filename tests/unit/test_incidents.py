"""How long it took to recover, by class."""

from datetime import UTC, datetime, timedelta

from core.incidents import Incident, Level, recovery

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def incident(code: str, began_h: float, ended_h: float | None) -> Incident:
    """Make one that began and ended so many hours ago."""
    ended = None if ended_h is None else NOW - timedelta(hours=ended_h)
    began = NOW - timedelta(hours=began_h)
    return Incident(0, 1, code, Level.ERROR, began, began, ended_at=ended)


def test_the_mean_of_what_ended_lately() -> None:
    found = [
        incident("unreachable", 10, 9),
        incident("unreachable", 8, 5),
        incident("throttled", 2, 1.5),
        incident("wrong_password", 5, None),  # it goes on: nobody knows for how long
        incident("wrong_password", 900, 800),  # too long ago
    ]
    assert recovery(found, NOW - timedelta(days=30)) == {
        "unreachable": timedelta(hours=2),
        "throttled": timedelta(minutes=30),
    }


def test_nothing_has_been_wrong() -> None:
    assert recovery([], NOW) == {}
