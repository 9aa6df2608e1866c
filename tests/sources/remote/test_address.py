"""What LOGDIR means: folders, addresses, several of them; and what is shown of it."""

from pathlib import Path

import pytest

from tb_histinsight.sources.event_files.discovery import is_here, roots_of
from tb_histinsight.sources.remote.address import Address, is_address, located, shown


def places(text):
    return [(name, place.url if isinstance(place, Address) else str(place)) for name, place in roots_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket/logs", [("", "s3://bucket/logs")]),
        ("runs", [("", "runs")]),
        ("a:runs,b:/other", [("a", "runs"), ("b", "/other")]),
        ("a:s3://bucket/x,b:gs://other/y", [("a", "s3://bucket/x"), ("b", "gs://other/y")]),
        ("a:s3://bucket/x,/here", [("a", "s3://bucket/x"), ("", "/here")]),
        ("s3://bucket/x,gs://other/y", [("", "s3://bucket/x"), ("", "gs://other/y")]),
        ("https://host:8080/logs", [("", "https://host:8080/logs")]),
        ("run:https://host:8080/logs", [("run", "https://host:8080/logs")]),
        ("s3://bucket/lr=0.1,wd=3", [("", "s3://bucket/lr=0.1,wd=3")]),
        ("https://host/x?a=1,b:2", [("", "https://host/x?a=1,b:2")]),
        ("https://host/x?a=1,b:s3://y/z", [("", "https://host/x?a=1"), ("b", "s3://y/z")]),
        ("simplecache::s3://bucket/x", [("", "simplecache::s3://bucket/x")]),
        ("zip://logs::s3://bucket/x.zip", [("", "zip://logs::s3://bucket/x.zip")]),
        ("S3://bucket/x", [("", "S3://bucket/x")]),
    ],
)
def test_names_paths_and_addresses(text, expected):
    assert places(text) == expected


def test_behind_an_address_a_path_that_is_there_is_one_more(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert places("s3://bucket/x,runs") == [("", "s3://bucket/x,runs")]
    Path("runs").mkdir()
    assert places("s3://bucket/x,runs") == [("", "s3://bucket/x"), ("", "runs")]


def test_a_file_address_is_a_path(tmp_path):
    assert located(f"file://{tmp_path}/a%20b") == tmp_path / "a b"
    assert isinstance(located("c:/logs"), Path)
    assert not is_address("c:/logs")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("s3://bucket/logs", "s3://bucket/logs"),
        ("s3://KEY:SECRET@bucket/logs", "s3://bucket/logs"),
        ("s3://KEY:SEC/RET@bucket/logs", "s3://bucket/logs"),
        ("s3://bucket/me@home/logs", "s3://bucket/me@home/logs"),
        ("https://host:8080/me@home/logs", "https://host:8080/me@home/logs"),
        ("https://host/x?X-Amz-Signature=SECRET", "https://host/x"),
        ("https://host/x#SECRET", "https://host/x"),
        ("https://me@host/x?sig=SECRET,more", "https://host/x"),
        ("a:https://SECRET@host/x,b:runs", "a:https://host/x,b:runs"),
        ("zip://x::https://SECRET@host/x.zip?SECRET", "zip://x::https://host/x.zip"),
        ("runs/a,b", "runs/a,b"),
    ],
)
def test_secrets_are_not_shown(text, seen):
    assert shown(text) == seen
    assert "SECRET" not in repr(roots_of(text))
    assert "SECRET" not in "".join(str(place) for _, place in roots_of(text))


def test_a_path_is_shown_as_it_is(tmp_path):
    assert shown(tmp_path) == str(tmp_path)


def test_a_log_is_here_where_all_of_it_is():
    assert is_here("a:runs,b:/other")
    assert not is_here("a:runs,b:s3://bucket/x")
