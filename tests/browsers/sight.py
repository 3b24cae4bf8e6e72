"""What tests see of a page: pictures, kept under build/, and what keeps people from using it."""

from playwright.sync_api import Page

from tests.npm import BUILD


def keep_picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep what the page looks like; `whole`: also what one has to scroll to."""
    folder = BUILD / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=whole)


def barriers(page: Page, axe: str) -> list[str]:
    """List what keeps people from using the page, with the elements; `axe` is the script that looks."""
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]


def look(page: Page, axe: str, path: str, name: str) -> None:
    """Open a page, keep its picture, and look for barriers and for what does not fit."""
    page.goto(path)
    keep_picture(page, name, whole=True)
    assert barriers(page, axe) == [], path
    assert _too_wide(page) == 0, f"{path} must be moved sideways"


def _too_wide(page: Page) -> int:
    """Tell by how many pixels the page must be moved sideways."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wide))
