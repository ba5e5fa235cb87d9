"""Streamlit's own words are in the language of the page: names of its buttons, hints of its fields, refused files."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from blocks.language import speaking
from tests.browser.harness import App, open_page, settled
from viz.kit.own_words import streamlit_words

#: Every text and every name on the page that is one of these words.
SAID = """(words) => {
  const known = new Set(words), found = new Set();
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) if (known.has(element.getAttribute(name))) found.add(element.getAttribute(name));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) if (known.has(text.data)) found.add(text.data);
  return [...found];
}"""


def test_a_chinese_page_says_streamlits_words_in_chinese_and_an_english_one_in_english(page: Page, app: App) -> None:
    with speaking("zh"):
        words = streamlit_words()
    open_page(page, f"{app.url}/explore?net=resnet18&lang=zh")
    field = page.get_by_role("combobox", name="网络或块")
    expect(page.get_by_role("button", name=words["Main menu"])).to_be_visible()
    expect(page.get_by_role("button", name=words["Increment"]).first).to_be_attached()
    field.click()
    field.press_sequentially("qqqq")
    expect(page.get_by_text(words["No results"], exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(SAID, list(words)) == []
    page.get_by_role("button", name="English", exact=True).click()
    expect(page.get_by_role("combobox", name="Network or block")).to_be_attached()
    settled(page)
    expect(page.get_by_role("button", name="Main menu")).to_be_visible()
    expect(page.get_by_role("button", name="Increment").first).to_be_attached()
    assert page.evaluate(SAID, [said for said in words.values() if said not in words]) == []


def test_a_file_that_is_too_large_is_refused_in_chinese(page: Page, app: App, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"\x89PNG" + bytes(21 * 2**20))
    open_page(page, f"{app.url}/inside?lang=zh")
    page.get_by_role("button", name="图片：").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(large)
    expect(page.get_by_text("文件不能大于")).to_be_visible()
    expect(page.get_by_text("File must be")).to_have_count(0)
