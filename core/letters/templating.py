"""Variables in a text, as {{contact.name}}: Liquid, with nothing in it that could harm.

A template sees texts and nothing else. There are no loops, no assignments, no other
files, and only filters whose output is not larger than what goes in: what it costs to
fill in a template is bounded by its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin import content, illegal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.filters import misc, string
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags import case_tag, comment_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError, ResourceLimitError, UnknownFilterError
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from liquid.token import TOKEN_TAG

from core.errors import BadInput, VariablesMissing
from core.letters.characters import made_visible
from core.letters.markdown import escaped
from core.text import harmless

Values = Mapping[str, Mapping[str, str]]
VARIABLES = (
    "contact.name", "contact.first_name", "contact.address", "contact.company",
    "owner.name", "owner.first_name", "owner.address",
    "activity.subject", "activity.due_on",
)  # fmt: skip
TEXT_MOST = 50_000
MARKS_MOST = 500  # of {{ and {%
OUTPUT_MOST = 200_000  # octets
VALUE_MOST = 1_000
NEAR_MOST = 60
FILTERS = {
    "append": string.append,
    "capitalize": string.capitalize,
    "default": misc.default,
    "downcase": string.downcase,
    "prepend": string.prepend,
    "strip": string.strip,
    "truncate": string.truncate,
    "truncatewords": string.truncatewords,
    "upcase": string.upcase,
}
BLOCKS = ("if", "unless", "case", "comment", "raw")  # what a person may write
PARTS = ("elsif", "else", "when", *(f"end{name}" for name in BLOCKS))


def render(
    text: str, values: Values, *, markdown: bool = True, field: str = "text"
) -> str:
    """Fill in the variables of a text.

    `values`: by group and name; an empty one counts as missing. `markdown`: the text
    is Markdown, and values are escaped so that they are seen as they are; False for a
    subject. `field`: of the text, for what is raised.

    Raises:
        BadInput: the text cannot be understood, or is too long.
        VariablesMissing: a variable that would be shown has no value; `names`.

    """
    out, lacking = _rendered(text, values, markdown, field)
    if lacking:
        raise VariablesMissing(names=", ".join(lacking))
    return out


def missing(text: str, values: Values, *, field: str = "text") -> list[str]:
    """Name the variables that would be shown and have no value, as they come.

    What {% if %} leaves out, and what `default` stands in for, is not missing.

    Raises:
        BadInput: as of `render`.

    """
    return _rendered(text, values, False, field)[1]


def unknown(text: str, *, field: str = "text") -> list[str]:
    """Name the variables that no letter has, as they come.

    Raises:
        BadInput: the text cannot be understood, or is too long.

    """
    template = _parsed(text, field)
    paths = [one for one in _expressions(template) if isinstance(one, Path)]
    names = dict.fromkeys(str(path) for path in paths)
    return [harmless(name)[:NEAR_MOST] for name in names if name not in VARIABLES]


class _Context(RenderContext):
    """What a template sees, and what it lacked."""

    def __init__(self, template: BoundTemplate, values: Values, markdown: bool) -> None:
        seen = {group: _texts(some) for group, some in values.items()}
        super().__init__(template, globals=seen)
        self.markdown = markdown
        self.lacking: dict[str, None] = {}


class _Shown(OutputNode):
    """A variable where it is shown: nothing of its value becomes structure."""

    expression: FilteredExpression

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, _Context)  # noqa: S101 - made here and nowhere else
        result = self.expression.evaluate(context)
        for name in _lacking(self.expression, result, context):
            context.lacking[name] = None
        shown = "" if isinstance(result, Mapping) else result
        line = made_visible(to_liquid_string(shown, autoescape=False))
        return buffer.write(escaped(line) if context.markdown else line)


class _ShownTag(Output):
    node_class = _Shown


class _Sandbox(Environment):
    """Only what is harmless; every limit that the library knows is set all the same."""

    output_stream_limit = OUTPUT_MOST
    loop_iteration_limit = 1
    local_namespace_limit = 1

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:  # noqa: ARG002
        for tag in (
            content.Literal, illegal.Illegal, _ShownTag, case_tag.CaseTag,
            comment_tag.CommentTag, if_tag.IfTag, unless_tag.UnlessTag,
        ):  # fmt: skip
            self.add_tag(tag)
        self.filters.update(FILTERS)


SANDBOX = _Sandbox()


def _texts(some: Mapping[str, str]) -> dict[str, str]:
    lines = {name: made_visible(value[:VALUE_MOST]) for name, value in some.items()}
    return {name: line for name, line in lines.items() if line}


def _lacking(
    shown: FilteredExpression, result: object, context: RenderContext
) -> Iterator[str]:
    """Name what has no value here, unless `default` is there to stand in for it."""
    stands_in = any(one.name == "default" for one in shown.filters or ())
    if stands_in and not isinstance(result, Mapping):
        return
    for part in shown.children():
        # What is not there is a mapping, too (liquid.undefined), as is a whole group.
        if isinstance(part, Path) and isinstance(part.evaluate(context), Mapping):
            yield harmless(str(part))[:NEAR_MOST]


def _rendered(
    text: str, values: Values, markdown: bool, field: str
) -> tuple[str, list[str]]:
    template = _parsed(text, field)
    context, buffer = _Context(template, values, markdown), LimitedStringIO(OUTPUT_MOST)
    try:
        template.render_with_context(context, buffer)
    except (LiquidError, RecursionError) as error:
        raise _refused(error, text, field) from error
    return buffer.getvalue(), list(context.lacking)


def _parsed(text: str, field: str) -> BoundTemplate:
    if len(text) > TEXT_MOST:
        raise BadInput(field, "too_long")
    if text.count("{{") + text.count("{%") > MARKS_MOST:
        raise BadInput(field, "template_limit")
    try:
        _check_tags(text, field)
        template = SANDBOX.from_string(text)
        for one in _expressions(template):
            _check(one, text, field)
    except (LiquidError, RecursionError) as error:
        raise _refused(error, text, field) from error
    return template


def _check_tags(text: str, field: str) -> None:
    for token in SANDBOX.tokenizer()(text):
        if token.kind == TOKEN_TAG and token.value not in {*BLOCKS, *PARTS}:
            line, known = _line(text, token.start_index), ", ".join(BLOCKS)
            name = harmless(token.value)[:NEAR_MOST]
            raise BadInput(field, "template_tag", line=line, name=name, known=known)


def _check(one: Expression, text: str, field: str) -> None:
    if isinstance(one, RangeLiteral):  # to look for a text in one takes for ever
        raise _syntax(text, one.token.start_index, field)
    filters = one.filters if isinstance(one, FilteredExpression) else None
    for used in filters or ():
        if used.name not in FILTERS:
            raise UnknownFilterError(used.name, token=used.token)


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    context = RenderContext(template)
    for node in template.nodes:
        yield from _of_node(node, context)


def _of_node(node: Node, context: RenderContext) -> Iterator[Expression]:
    for one in node.expressions():
        yield from _within(one)
    for child in node.children(context):
        yield from _of_node(child, context)


def _within(one: Expression) -> Iterator[Expression]:
    yield one
    for part in one.children():
        yield from _within(part)


def _refused(error: LiquidError | RecursionError, text: str, field: str) -> BadInput:
    """Say in our words why a template cannot be used; where, if that is known."""
    if isinstance(error, (ResourceLimitError, RecursionError)):
        return BadInput(field, "template_limit")
    if isinstance(error.__cause__, RecursionError):
        return BadInput(field, "template_limit")
    place = error.token.start_index if error.token else len(text)
    if isinstance(error, UnknownFilterError):
        name = harmless(error.token.value if error.token else "")[:NEAR_MOST]
        line, known = _line(text, place), ", ".join(FILTERS)
        return BadInput(field, "template_filter", line=line, name=name, known=known)
    return _syntax(text, place, field)


def _syntax(text: str, place: int, field: str) -> BadInput:
    line = _line(text, place)
    near = harmless(text.split("\n")[int(line) - 1]).strip()[:NEAR_MOST]
    if not near:
        return BadInput(field, "template_open")
    return BadInput(field, "template_syntax", line=line, near=near)


def _line(text: str, place: int) -> str:
    return str(text.count("\n", 0, place if place >= 0 else len(text)) + 1)
