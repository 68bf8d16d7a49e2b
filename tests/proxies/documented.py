"""The configurations, as docs/webhooks.md has them: each is a fenced block behind `<!-- config: NAME -->`."""

import pathlib
import re

CHAPTER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def configuration(name):
    blocks = re.findall(r"^<!-- config: (\S+) -->\n```\w*\n(.*?)^```$", CHAPTER.read_text(), re.S | re.M)
    found = [text for marked, text in blocks if marked == name]
    if len(found) != 1:
        raise AssertionError(f"docs/webhooks.md has {len(found)} configurations marked {name}, not one")
    return found[0]


def moved(text, places):
    """The same configuration at other places: what is not in it cannot be replaced, which is said."""
    for documented, here in places.items():
        if documented not in text:
            raise AssertionError(f"the documented configuration does not say {documented!r}")
        text = text.replace(documented, here)
    return text
