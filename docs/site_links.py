"""Hook of the documentation site: links that leave the documentation become the paths that they lead to.

In the repository these links work; the site does not hold what they lead to.
"""

import posixpath
import re

_LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#]+)(?:#[^)]*)?\)")


def on_page_markdown(markdown, *, page, config, files):
    """The page with such links written out."""
    folder = posixpath.dirname(page.file.src_uri)

    def written(match):
        target = posixpath.normpath(posixpath.join("docs", folder, match[2]))
        return match[0] if target.startswith("docs/") else f"{match[1]} (`{target}`)"

    return _LINK.sub(written, markdown)
