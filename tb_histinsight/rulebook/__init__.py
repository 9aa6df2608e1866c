"""Everything that there is to say about a rule, for the terminal and for docs/rules."""

from __future__ import annotations

from tb_histinsight.rulebook.page import Page, Section, page_of

__all__ = ["Page", "Section", "page_of"]
