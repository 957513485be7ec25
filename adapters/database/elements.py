"""What the two dialects say in other words, as elements of one statement."""

from typing import Any, cast

from sqlalchemy import BigInteger, Boolean, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


class XorOfHeads(FunctionElement[int]):
    """The XOR of the first eight bytes of all hashes, as a signed number; null of none."""

    type = BigInteger()
    inherit_cache = True


class IsOneOf(FunctionElement[bool]):
    """Whether a text is among those of a JSON list."""

    type = Boolean()
    inherit_cache = True


class IsOneOfIds(FunctionElement[Any]):
    """Whether an id is among those of a JSON list; finds it by its index.

    Said to be of no type: what is Boolean is compared with 1 on SQLite, which then looks at every row.
    """

    type = NullType()
    inherit_cache = True


class IsOneOfTexts(FunctionElement[Any]):
    """Whether a text is among those of a JSON list; finds it by its index, and is of no type as `IsOneOfIds`."""

    type = NullType()
    inherit_cache = True


class ContainsOneOf(FunctionElement[bool]):
    """Whether bytes contain one of the texts of a JSON list."""

    type = Boolean()
    inherit_cache = True


class InTextOrder(FunctionElement[str]):
    """A text that is ordered by its code points, in whatever language the database was made."""

    type = Text()
    inherit_cache = True


class HoldsPart(FunctionElement[Any]):
    """Whether a text contains another, which is of letters and digits alone.

    Said to be of no type: what is Boolean is compared with 1 on SQLite, which costs a quarter of reading rows through.
    """

    type = NullType()
    inherit_cache = True


class HoldsWord(FunctionElement[Any]):
    """Whether a text of words, with a space before and after each, has this one; of no type as `HoldsPart`."""

    type = NullType()
    inherit_cache = True


class HoldsObject(FunctionElement[bool]):
    """Whether a JSON list of identifiers has the one of this kind and canonical form."""

    type = Boolean()
    inherit_cache = True


class HoldsFormerObject(FunctionElement[bool]):
    """Whether one of a JSON list of corrections tells of the identifier of this kind and canonical form before it."""

    type = Boolean()
    inherit_cache = True


@compiles(XorOfHeads, "sqlite")
def _xor_on_sqlite(element: XorOfHeads, compiler: Any, **options: Any) -> str:
    return f"xor_of_heads({compiler.process(element.clauses, **options)})"


@compiles(XorOfHeads, "postgresql")
def _xor_on_postgresql(element: XorOfHeads, compiler: Any, **options: Any) -> str:
    hashed = compiler.process(element.clauses, **options)
    return f"bit_xor(('x' || encode(substr({hashed}, 1, 8), 'hex'))::bit(64)::bigint)"


@compiles(IsOneOf, "sqlite")
def _one_of_on_sqlite(element: IsOneOf, compiler: Any, **options: Any) -> str:
    text, texts = (compiler.process(each, **options) for each in element.clauses)
    return f"{text} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - compiled by SQLAlchemy


@compiles(IsOneOf, "postgresql")
def _one_of_on_postgresql(element: IsOneOf, compiler: Any, **options: Any) -> str:
    text, texts = (compiler.process(each, **options) for each in element.clauses)
    return f"{text} IN (SELECT jsonb_array_elements_text(CAST({texts} AS jsonb)))"


@compiles(IsOneOfTexts, "sqlite")
@compiles(IsOneOfIds, "sqlite")
def _one_of_ids_on_sqlite(element: IsOneOfIds | IsOneOfTexts, compiler: Any, **options: Any) -> str:
    return _one_of_on_sqlite(cast("IsOneOf", element), compiler, **options)


@compiles(IsOneOfIds, "postgresql")
def _one_of_ids_on_postgresql(element: IsOneOfIds, compiler: Any, **options: Any) -> str:
    key, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{key} = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST({keys} AS jsonb)))::uuid[])"


@compiles(IsOneOfTexts, "postgresql")
def _one_of_texts_on_postgresql(element: IsOneOfTexts, compiler: Any, **options: Any) -> str:
    text, texts = (compiler.process(each, **options) for each in element.clauses)
    return f"{text} = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST({texts} AS jsonb))))"


@compiles(ContainsOneOf, "sqlite")
def _contains_on_sqlite(element: ContainsOneOf, compiler: Any, **options: Any) -> str:
    whole, parts = (compiler.process(each, **options) for each in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({parts}) WHERE instr({whole}, CAST(value AS BLOB)) > 0)"  # noqa: S608 - compiled by SQLAlchemy


@compiles(ContainsOneOf, "postgresql")
def _contains_on_postgresql(element: ContainsOneOf, compiler: Any, **options: Any) -> str:
    whole, parts = (compiler.process(each, **options) for each in element.clauses)
    return (
        f"EXISTS (SELECT 1 FROM jsonb_array_elements_text(CAST({parts} AS jsonb)) AS part(id)"  # noqa: S608 - compiled by SQLAlchemy
        f" WHERE position(convert_to(part.id, 'UTF8') in {whole}) > 0)"
    )


@compiles(InTextOrder, "sqlite")
def _in_order_on_sqlite(element: InTextOrder, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(InTextOrder, "postgresql")
def _in_order_on_postgresql(element: InTextOrder, compiler: Any, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'


@compiles(HoldsPart, "sqlite")
def _part_on_sqlite(element: HoldsPart, compiler: Any, **options: Any) -> str:
    text, part = (compiler.process(each, **options) for each in element.clauses)
    return f"instr({text}, {part})"


@compiles(HoldsPart, "postgresql")
def _part_on_postgresql(element: HoldsPart, compiler: Any, **options: Any) -> str:
    text, part = (compiler.process(each, **options) for each in element.clauses)
    return f"{text} LIKE '%' || CAST({part} AS text) || '%'"


@compiles(HoldsWord, "sqlite")
def _word_on_sqlite(element: HoldsWord, compiler: Any, **options: Any) -> str:
    text, word = (compiler.process(each, **options) for each in element.clauses)
    return f"instr({text}, ' ' || {word} || ' ')"


@compiles(HoldsWord, "postgresql")
def _word_on_postgresql(element: HoldsWord, compiler: Any, **options: Any) -> str:
    text, word = (compiler.process(each, **options) for each in element.clauses)
    return f"string_to_array({text}, ' ') @> string_to_array(CAST({word} AS text), ' ')"


@compiles(HoldsObject, "sqlite")
def _object_on_sqlite(element: HoldsObject, compiler: Any, **options: Any) -> str:
    objects, kind, canonical = (compiler.process(each, **options) for each in element.clauses)
    return (
        f"EXISTS (SELECT 1 FROM json_each({objects}) WHERE json_extract(value, '$.kind') = {kind}"  # noqa: S608 - compiled by SQLAlchemy
        f" AND json_extract(value, '$.canonical') = {canonical})"
    )


@compiles(HoldsObject, "postgresql")
def _object_on_postgresql(element: HoldsObject, compiler: Any, **options: Any) -> str:
    objects, kind, canonical = (compiler.process(each, **options) for each in element.clauses)
    wanted = f"jsonb_build_object('kind', CAST({kind} AS text), 'canonical', CAST({canonical} AS text))"
    return f"{objects} @> jsonb_build_array({wanted})"


@compiles(HoldsFormerObject, "sqlite")
def _former_on_sqlite(element: HoldsFormerObject, compiler: Any, **options: Any) -> str:
    corrections, kind, canonical = (compiler.process(each, **options) for each in element.clauses)
    return (
        f"EXISTS (SELECT 1 FROM json_each({corrections}) AS told, json_each(told.value, '$.before.identifiers') AS said"  # noqa: S608 - compiled by SQLAlchemy
        f" WHERE json_extract(said.value, '$.kind') = {kind} AND json_extract(said.value, '$.canonical') = {canonical})"
    )


@compiles(HoldsFormerObject, "postgresql")
def _former_on_postgresql(element: HoldsFormerObject, compiler: Any, **options: Any) -> str:
    corrections, kind, canonical = (compiler.process(each, **options) for each in element.clauses)
    said = f"jsonb_build_object('kind', CAST({kind} AS text), 'canonical', CAST({canonical} AS text))"
    before = f"jsonb_build_object('identifiers', jsonb_build_array({said}))"
    return f"{corrections} @> jsonb_build_array(jsonb_build_object('before', {before}))"
