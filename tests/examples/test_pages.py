"""The pages of docs/stories are what their templates and the kept quotes make."""

import json
import re
from pathlib import Path

import pytest

from examples import pages
from tb_histinsight.locales import languages

STORIES = pages.stories()
ROOT = Path(__file__).parents[2]


def test_every_example_has_a_page_and_is_listed():
    folders = {folder.name for folder in (ROOT / "examples").iterdir() if (folder / "train.py").is_file()}
    assert set(STORIES) >= {name for name in folders if re.match(r"s\d_", name)}
    listed = (pages.PAGES / "README.md").read_text("utf-8")
    for story in STORIES:
        assert f"({story}.md)" in listed


@pytest.mark.parametrize("story", STORIES)
def test_pages_are_up_to_date(story):
    for language, template in pages.templates(story).items():
        assert pages.target(story, language).read_text("utf-8") == pages.page(story, language, template)


@pytest.mark.parametrize("story", STORIES)
def test_quotes_are_kept_for_every_language_with_a_page_or_to_come(story):
    kept = {file.suffixes[-2][1:] for file in (pages.EXAMPLES / story).glob("quotes.*.json")}
    assert set(languages()) >= kept >= {"ja", "zh", *pages.templates(story)}
    for language in kept:
        quotes = json.loads((pages.EXAMPLES / story / f"quotes.{language}.json").read_text("utf-8"))
        assert set(quotes) == set(pages.asked(story))
        assert all(quotes.values())


@pytest.mark.parametrize("story", STORIES)
def test_links_and_pictures_of_a_page_are_there(story):
    for language in pages.templates(story):
        page = pages.target(story, language)
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), link
