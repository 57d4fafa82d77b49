"""Put several questions at the same time, and wait for no answer too long."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.deadline import Deadline
from core.discovery.found import FOUND, NOTHING, Asked, OnAsked, Source, outcome_of
from core.errors import MailError, NoAnswer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked, of whom, and how; an empty answer means that there is nothing."""

    what: str
    source: Source
    put: Callable[[], T | None]


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came of a question; `problem` is no error of ours where it ended badly."""

    number: int
    seconds: float
    value: T | None = None
    problem: Exception | None = None


def answers(
    questions: Sequence[Question[T]], until: Deadline, on_asked: OnAsked
) -> list[T | None]:
    """Give the answers in the order of the questions, nothing where there is none.

    `on_asked` is called from here, as each answer comes. What is not answered in time
    is left behind; its own time limits end it soon after.
    """
    box: queue.SimpleQueue[Answer[T]] = queue.SimpleQueue()
    began = time.monotonic()
    for number, question in enumerate(questions):
        args = (number, question, box)
        threading.Thread(target=_put, args=args, daemon=True).start()
    waiting = dict(enumerate(questions))
    values: list[T | None] = [None] * len(questions)
    while waiting and (answer := _next(box, until)):
        values[answer.number] = answer.value
        on_asked(_told(waiting.pop(answer.number), answer))
    for number, question in waiting.items():
        seconds = time.monotonic() - began
        late: Answer[T] = Answer(number, seconds, problem=NoAnswer())
        on_asked(_told(question, late))
    return values


def _put(number: int, question: Question[T], box: queue.SimpleQueue[Answer[T]]) -> None:
    began = time.monotonic()
    value, problem = None, None
    try:
        value = question.put()
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        problem = error
    box.put(Answer(number, time.monotonic() - began, value, problem))


def _next(box: queue.SimpleQueue[Answer[T]], until: Deadline) -> Answer[T] | None:
    try:
        return box.get(timeout=until.left())
    except queue.Empty:
        return None


def _told(question: Question[T], answer: Answer[T]) -> Asked:
    outcome = FOUND if answer.value else NOTHING
    if isinstance(answer.problem, MailError):
        outcome = outcome_of(answer.problem)
    elif answer.problem:
        raise answer.problem
    return Asked(question.what, question.source, outcome, answer.seconds)
