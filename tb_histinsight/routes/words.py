"""Route `words`: everything that the tab says, in one language."""

from __future__ import annotations

from tb_histinsight.locales import catalogue
from tb_histinsight.page.words import page_words
from tb_histinsight.routes.answer import Answer, digest, to_json
from tb_histinsight.routes.report import known_language


def words_impl(language: str) -> Answer:
    """Names and explanations of every label and rule, and the interface's own sentences.

    Raises:
      RequestError: there is no such language.
    """
    body = to_json(page_words(catalogue(known_language(language))))
    return Answer(("words", language), digest(body.decode()), lambda: body)
