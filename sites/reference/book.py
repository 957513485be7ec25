"""The reference data, read out of its files in the words of the schema's inputs."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
UNIT_FILES: Final = ("units", "branches")
POST_FILES: Final = ("road_posts", "rail_posts")
TRAFFIC_FILE: Final = "traffic"

Wish = Mapping[str, Any]
"""The input of a mutation, without its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the files say; each after all that it refers to.

    Attributes:
        units: ministry, chambers, offices and branches.
        posts: road and rail.
        decisions: on the traffic that the posts permit, the earliest first.
    """

    units: Sequence[Wish]
    posts: Sequence[Wish]
    decisions: Sequence[Wish]


def read() -> Book:
    """Return what the files say."""
    posts = [_post(fact) for file in POST_FILES for fact in facts(file, "post")]
    decisions = [one for fact in facts(TRAFFIC_FILE, "decision") for one in _decisions(fact, posts)]
    return Book(
        units=[_unit(fact) for file in UNIT_FILES for fact in facts(file, "unit")],
        posts=posts,
        decisions=sorted(decisions, key=lambda one: str(one["validFrom"])),
    )


def facts(file: str, kind: str) -> Sequence[Mapping[str, Any]]:
    """Return the facts of a file as they stand there."""
    found: Sequence[Mapping[str, Any]] = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))[kind]
    return found


def _unit(fact: Mapping[str, Any]) -> Wish:
    return {
        "code": fact["code"],
        "kind": fact["kind"].upper(),
        "name": fact["name"],
        "parent": fact.get("parent", ""),
        "customsCode": fact.get("customs_code", ""),
        "seat": fact.get("seat", ""),
    }


def _post(fact: Mapping[str, Any]) -> Wish:
    return {
        "code": fact["code"],
        "name": fact["name"],
        "neighbour": fact["neighbour"],
        "border": fact["border"],
        "unit": fact["unit"],
        "kinds": [kind.upper() for kind in fact["kinds"]],
        "note": fact.get("note", ""),
    }


def _decisions(fact: Mapping[str, Any], posts: Sequence[Wish]) -> Iterator[Wish]:
    named = fact.get("posts") or [post["code"] for post in posts if post["border"] == fact["border"]]
    for post in named:
        yield {
            "post": post,
            "directions": fact.get("directions", []),
            "kinds": [kind.upper() for kind in fact.get("kinds", [])],
            "classes": [each.upper() for each in fact.get("classes", [])],
            "countries": fact.get("countries", []),
            "maxKg": fact.get("max_kg"),
            "heavierEmpty": fact.get("heavier_empty", False),
            "closed": fact.get("closed", False),
            "validFrom": _utc(fact["from"]),
            "validUntil": _utc(fact["until"]) if "until" in fact else None,
            "decree": fact["decree"],
        }


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()
