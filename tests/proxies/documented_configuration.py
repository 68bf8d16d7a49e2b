"""Reads the proxy configurations from docs/webhooks.md: each is a fenced block after `<!-- config: NAME -->`."""

import pathlib
import re

CHAPTER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def read(name):
    blocks = re.findall(r"^<!-- config: (\S+) -->\n```\w*\n(.*?)^```$", CHAPTER.read_text(), re.S | re.M)
    found = [text for marked, text in blocks if marked == name]
    if len(found) != 1:
        raise AssertionError(f"docs/webhooks.md has {len(found)} configurations marked {name}, not one")
    return found[0]


def adapted(text, replacements):
    """The configuration with texts replaced. Fails if one is missing."""
    for documented, here in replacements.items():
        if documented not in text:
            raise AssertionError(f"the documented configuration does not contain {documented!r}")
        text = text.replace(documented, here)
    return text
