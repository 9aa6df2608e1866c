"""Route `words`: everything that the tab says, in one language."""

from __future__ import annotations

from collections.abc import Sequence

from tb_histinsight.locales import catalogue, languages
from tb_histinsight.page.words import page_words
from tb_histinsight.routes.answer import Answer, digest, to_json
from tb_histinsight.routes.report import known_language


def words_impl(preferred: Sequence[str]) -> Answer:
    """Names and explanations of every label and rule, and the interface's own sentences.

    Args:
      preferred: languages as browsers name them ("zh-CN"); the first that there is a translation for is spoken.

    Raises:
      RequestError: there is none of these.
    """
    codes = [code.split("-")[0].lower() for code in preferred]
    language = known_language(next((code for code in codes if code in languages()), preferred[0]))
    body = to_json(page_words(catalogue(language)))
    return Answer(("words", language), digest(body.decode()), lambda: body)
