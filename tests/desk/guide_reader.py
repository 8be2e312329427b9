"""Follow a guide of docs/guide/ in a browser, word by word, as its reader would.

The steps of a guide are its numbered lines. In them a **bold** word is a link, a button or a
choice to press, or, where a value in `code` follows, the field that the value goes into. What
stands “in quotation marks” has to be seen on the page. A value alone is an address, if it begins
with a stroke, and a key of the keyboard otherwise. A picture shows the page after its step.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GUIDES = Path(__file__).parents[2] / "docs" / "guide"
_STEP = re.compile(r"^\d+\. .*(?:\n(?:[ \t]+.*)?)*", re.MULTILINE)
_WORD = re.compile(
    r"\*\*(?P<press>.+?)\*\*|`(?P<value>.+?)`|[“«](?P<see>.+?)[”»]|!\[.*?\]\((?P<picture>.+?)\)",
    re.DOTALL,
)
_INVISIBLE = dict.fromkeys([*range(0x2066, 0x206A), 0x200E, 0x200F])
_PATIENCE_SECONDS = 20.0
_SETTLE_SECONDS = 0.05

# Elements that can be pressed, by the words that a person reads on them: the page's own before
# the frame's, the very words before a beginning.
_FIND = """([words, field]) => {
  const plain = text => text.replace(/[\\u200e\\u200f\\u2066-\\u2069]/g, '')
    .replace(/\\s+/g, ' ').trim();
  const told = element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('select, textarea, input, kbd, .help, .required')
      .forEach(part => part.remove());
    return plain(copy.textContent);
  };
  const shown = element => element.checkVisibility();
  const kinds = field ? ['label', 'legend']
    : ['a', 'button', 'summary', 'label'];
  const all = place => [...document.querySelectorAll(
    kinds.map(kind => `${place} ${kind}`).join(','))].filter(shown);
  const found = [...all('main'), ...(field ? [] : [...all('nav'), ...all('header')])];
  const target = found.find(element => told(element) === words)
    || found.find(element => told(element).startsWith(words));
  if (!target) return null;
  return field ? target.control || target.querySelector('input, select, textarea') : target;
}"""
# Brings the first element that says the words into view, where it is not.
_SHOW = """words => {
  const plain = text => text.replace(/[\\u200e\\u200f\\u2066-\\u2069]/g, '').replace(/\\s+/g, ' ');
  const says = element => plain(element.innerText || '').includes(words);
  const part = [...document.querySelectorAll('main *')].find(
    element => says(element) && ![...element.children].some(says));
  const place = part && part.getBoundingClientRect();
  if (place && (place.top < 0 || place.bottom > innerHeight))
    part.scrollIntoView({block: 'center'});
}"""
_LEAVES = """element => {
  if (element.tagName === 'A') return !element.getAttribute('href').startsWith('#');
  const form = element.form;
  return element.tagName === 'BUTTON' && element.type === 'submit' && !!form
    && !form.hasAttribute('hx-post') && !element.hasAttribute('hx-post');
}"""


class Astray(AssertionError):
    """The pages are not what a guide says."""


@dataclass(frozen=True)
class Word:
    """A word of a step: what kind it is of, and what it says."""

    kind: str
    text: str


@dataclass(frozen=True)
class Guide:
    """A guide of one role in one language."""

    role: str
    language: str

    @property
    def path(self) -> Path:
        """Where it is."""
        ending = {"en": "md", "fa": "fa.md"}[self.language]
        return GUIDES / f"{self.role}.{ending}"

    @property
    def text(self) -> str:
        """What it says."""
        return self.path.read_text(encoding="utf-8")

    def steps(self) -> Iterator[list[Word]]:
        """Give the words of each step."""
        for step in _STEP.findall(self.text):
            yield [
                Word(str(found.lastgroup), " ".join(found[str(found.lastgroup)].split()))
                for found in _WORD.finditer(step)
            ]

    def named_elsewhere(self) -> set[str]:
        """Give what it tells to press outside its steps."""
        rest = _STEP.sub("", self.text)
        return {
            " ".join(found["press"].split()) for found in _WORD.finditer(rest) if found["press"]
        }

    def pictures(self) -> list[Path]:
        """Give the pictures that it shows."""
        return [
            (self.path.parent / word.text).resolve()
            for step in self.steps()
            for word in step
            if word.kind == "picture"
        ]


class Reader:
    """Somebody at a browser who does what a guide says.

    ``known`` gives what only the reader can know, such as a one-time password, by the words that
    the guide has for it.
    """

    def __init__(
        self,
        page: Any,
        address: str,
        *,
        known: Mapping[str, Callable[[Any], str]],
        draw: bool = False,
    ) -> None:
        self.page, self.address, self.known, self.draw = page, address, known, draw
        self.troubles: list[str] = []
        page.set_default_timeout(60000)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._listen)

    def _listen(self, said: Any) -> None:
        if "Content Security" in said.text:
            self.troubles.append(said.text)

    def follow(self, guide: Guide) -> list[str]:
        """Do all steps; give what was astray, which is nothing or the first thing."""
        self.page.goto(self.address + "/")
        for number, words in enumerate(guide.steps(), 1):
            try:
                self._do(guide, words)
            except Exception as error:
                if not isinstance(error, Astray) and "Timeout" not in type(error).__name__:
                    raise
                told = str(error).split("Call log")[0].strip()
                return [f"{guide.path.name}, step {number}, at {self.page.url}: {told}"]
        return self.troubles

    def _do(self, guide: Guide, words: list[Word]) -> None:
        before = seen = ""
        for at, word in enumerate(words):
            after = words[at + 1].kind if at + 1 < len(words) else ""
            if word.kind == "press" and after == "value":
                before = word.text
            elif word.kind == "press":
                self._press(word.text)
            elif word.kind == "see":
                self._see(word.text)
                seen = word.text
            elif word.kind == "picture":
                self._picture((guide.path.parent / word.text).resolve(), seen)
            elif before:
                self._fill(before, word.text)
                before = ""
            elif word.text.startswith("/"):
                self.page.goto(self.address + word.text)
            else:
                self.page.keyboard.press(word.text)
                time.sleep(_SETTLE_SECONDS)
                self.page.wait_for_load_state()

    def _press(self, words: str) -> None:
        target = self._find(words)
        if target.evaluate(_LEAVES):
            with self.page.expect_navigation():
                target.click()
        else:
            target.click()

    def _fill(self, words: str, value: str) -> None:
        field = self._find(words, field=True)
        if value in self.known:
            value = self.known[value](self.page)
        kind = field.evaluate("element => element.type")
        if kind == "file":
            field.set_input_files(str(GUIDES / value))
        elif kind == "select-one":
            options = field.evaluate("element => [...element.options].map(option => option.text)")
            chosen = [option for option in options if option.strip().startswith(value)]
            if not chosen:
                raise Astray(f"{words!r} offers no {value!r}, but {options}")
            field.select_option(label=chosen[0])
        else:
            field.fill(value)

    def _find(self, words: str, *, field: bool = False) -> Any:
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            found = self.page.evaluate_handle(_FIND, [words, field]).as_element()
            if found:
                return found
            time.sleep(_SETTLE_SECONDS)
        raise Astray(f"nothing is called {words!r}")

    def _see(self, words: str) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            shown = " ".join(self.page.inner_text("body").translate(_INVISIBLE).split())
            if words in shown:
                return
            if time.monotonic() > until:
                raise Astray(f"{words!r} is not to be seen")
            time.sleep(_SETTLE_SECONDS)

    def _picture(self, file: Path, seen: str) -> None:
        if self.draw:
            if seen:
                self.page.evaluate(_SHOW, seen)
            file.parent.mkdir(parents=True, exist_ok=True)
            self.page.mouse.move(0, 0)
            self.page.screenshot(path=str(file), animations="disabled")
