"""What the environment may say of a node."""

import pytest

from bus.watch.thresholds import Thresholds
from sites.settings import MetricsSettings, SettingsInvalid, read

SITE = {"CAIFS_NODE": "dorohusk", "CAIFS_PARENT": "lublin", "CAIFS_SCOPES": "pl,lublin,dorohusk"}
REGION = {"CAIFS_NODE": "lublin", "CAIFS_PARENT": "central", "CAIFS_SCOPES": "*", "CAIFS_CHILDREN_SECRET": "s" * 32}


@pytest.mark.parametrize("word", ["drafts", "PL"])
def test_a_word_that_is_no_scope_is_refused_wherever_a_scope_or_a_node_stands(word: str) -> None:
    for role, environment in (
        ("site", SITE | {"CAIFS_SCOPES": f"pl,{word}"}),
        ("region", REGION | {"CAIFS_CHILDREN": f"dorohusk=pl,{word}"}),
        ("region", REGION | {"CAIFS_CHILDREN": f"{word}=pl"}),
        ("site", SITE | {"CAIFS_PARENT": word}),
        ("site", SITE | {"CAIFS_NODE": word}),
    ):
        with pytest.raises(SettingsInvalid, match=f"'{word}' is no (scope|code of a node)"):
            read(role, environment)  # type: ignore[arg-type]  # a word of the table above


def test_scopes_are_read_as_they_stand() -> None:
    assert read("site", SITE).link.scopes == ("pl", "lublin", "dorohusk")
    region = read("region", REGION | {"CAIFS_CHILDREN": "dorohusk=pl,dorohusk"}).link
    assert (region.scopes, region.children) == (("*",), {"dorohusk": ("pl", "dorohusk")})


def test_thresholds_have_sensible_values_unless_they_are_told() -> None:
    assert read("site", SITE).watch == Thresholds()
    watch = read("site", SITE | {"CAIFS_STUCK_SECONDS": "7", "CAIFS_DISK_PERCENT": "20"}).watch
    assert watch == Thresholds(stuck_seconds=7, disk_percent=20)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "1000001", "٣"])
def test_a_threshold_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"CAIFS_SILENT_SECONDS is .* not a whole number"):
        read("site", SITE | {"CAIFS_SILENT_SECONDS": value})


def test_events_are_kept_for_thirty_days_unless_it_is_told() -> None:
    assert read("site", SITE).retention_days == 30
    assert read("site", SITE | {"CAIFS_RETENTION_DAYS": "90"}).retention_days == 90
    with pytest.raises(SettingsInvalid, match="CAIFS_RETENTION_DAYS"):
        read("site", SITE | {"CAIFS_RETENTION_DAYS": "0"})


def test_metrics_are_served_on_this_machine_alone_unless_it_is_told() -> None:
    assert read("site", SITE).metrics == MetricsSettings(host="127.0.0.1", port=0)
    told = {"CAIFS_METRICS_HOST": "10.0.0.1", "CAIFS_METRICS_PORT": "9464"}
    assert read("site", SITE | told).metrics == MetricsSettings(host="10.0.0.1", port=9464)
