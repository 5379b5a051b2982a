"""Formulas become MathML when a page is built: no script in the reader's browser, nothing fetched."""

import html
import logging
import re

from latex2mathml.converter import convert

FORMULA = re.compile(r'<(span|div) class="arithmatex">(?:\\\((.*?)\\\)|\\\[(.*?)\\\])</\1>', re.DOTALL)
log = logging.getLogger("mkdocs.hooks.formulas")


def mathml(found):
    "One formula, inline or displayed; one that cannot be read is a warning, which `--strict` makes an error."
    inline, displayed = found[2], found[3]
    latex = html.unescape(inline if inline is not None else displayed).strip()
    try: return convert(latex, display="inline" if inline is not None else "block")
    except Exception as error:
        log.warning("formula cannot be read (%s): %s", type(error).__name__, latex)
        return found[0]


def on_page_content(text, page, config, files):
    "Called by mkdocs with the HTML of each page."
    return FORMULA.sub(mathml, text)
