"""Limits on what a document may ask for, so that no caller can keep a node busy."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
)
from strawberry.extensions import SchemaExtension

DEEPEST = 10
MOST_ALIASES = 15
MOST_TOKENS = 1000
LIMIT_CODE = "LIMIT_EXCEEDED"
CHARACTER_CODE = "CHARACTER_NOT_ALLOWED"


def too_much(message: str, node: Any = None) -> GraphQLError:
    """Return the error of a caller who wants more than a limit allows."""
    return GraphQLError(message, node, extensions={"code": LIMIT_CODE})


def _nul(node: Any = None) -> GraphQLError:
    return GraphQLError("A text must not hold the character NUL.", node, extensions={"code": CHARACTER_CODE})


class Depth(ASTValidationRule):
    """Refuses operations that nest more than ``DEEPEST`` selections.

    Each fragment is measured once, so a document of nested fragments cannot make the measuring itself expensive.
    Introspection is not measured: graphql-core limits it, and outside development it is closed.
    """

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        """Measure every operation."""
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        depths: dict[str, int] = {}
        for each in document.definitions:
            if isinstance(each, OperationDefinitionNode) and _depth(each.selection_set, fragments, depths) > DEEPEST:
                self.report_error(too_much(f"An operation nests at most {DEEPEST} levels.", each))


class Aliases(ASTValidationRule):
    """Refuses documents with more than ``MOST_ALIASES`` aliases."""

    def __init__(self, context: ValidationContext) -> None:
        """Count from nought."""
        super().__init__(context)
        self._seen = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Count one."""
        if node.alias:
            self._seen += 1
            if self._seen == MOST_ALIASES + 1:
                self.report_error(too_much(f"A document has at most {MOST_ALIASES} aliases.", node))


class Characters(ASTValidationRule):
    """Refuses NUL in the texts of a document: databases cannot keep it."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Look at one text."""
        if "\0" in node.value:
            self.report_error(_nul(node))


_RULES = (Depth, Aliases, Characters)


class Limits(SchemaExtension):
    """Sets the limits for each operation."""

    rules: tuple[type[ASTValidationRule], ...] = (*_RULES, NoSchemaIntrospectionCustomRule)

    def on_operation(self) -> Iterator[None]:
        """Set the limits before the document is parsed."""
        self.execution_context.parse_options["max_tokens"] = MOST_TOKENS
        self.execution_context.validation_rules += self.rules
        yield

    def on_execute(self) -> Iterator[None]:
        """Refuse NUL in the texts of variables, and to guess which of several operations is meant."""
        if _holds_nul(self.execution_context.variables):
            raise _nul()
        if self.execution_context._provided_operation_name is None and _operations(self) > 1:  # noqa: SLF001 - the public name holds a guess
            raise GraphQLError("The document has several operations; name one.")
        yield


class DevelopmentLimits(Limits):
    """The same, but introspection is open."""

    rules = _RULES


def _depth(selected: SelectionSetNode | None, fragments: Mapping[str, Any], depths: dict[str, int]) -> int:
    if selected is None:
        return 0
    return max((_depth_of(each, fragments, depths) for each in selected.selections), default=0)


def _depth_of(node: Any, fragments: Mapping[str, Any], depths: dict[str, int]) -> int:
    if isinstance(node, FieldNode):
        if node.name.value.startswith("__"):
            return 0
        return 1 + _depth(node.selection_set, fragments, depths)
    if not isinstance(node, FragmentSpreadNode):
        return _depth(node.selection_set, fragments, depths)
    name = node.name.value
    if name not in depths:
        depths[name] = 0  # what holds a circle of fragments up; another rule refuses it
        depths[name] = _depth(fragments[name].selection_set, fragments, depths) if name in fragments else 0
    return depths[name]


def _operations(extension: SchemaExtension) -> int:
    document = extension.execution_context.graphql_document
    return sum(isinstance(each, OperationDefinitionNode) for each in document.definitions) if document else 0


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(map(_holds_nul, value.values()))
    return isinstance(value, list) and any(map(_holds_nul, value))
