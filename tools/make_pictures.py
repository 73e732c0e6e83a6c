"""Make the pictures of docs/pictures from a running demo, in headless Chromium.

Run: make pictures
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import markdown
from PIL import Image
from playwright.sync_api import Page

from exports import sample
from exports.evaluation.grades.files import ModelAnswer
from tests.browser import ReviewerPage, browser_page
from workspace import connect
from workspace.argilla.gateway import Gateway
from workspace.argilla.team import invitation_path

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
PROMPT = "Do online videos and artificial intelligence have anything to do with nature?"  # ana has not answered it
GRADED = (  # what ana grades, and who answered, which she is not told
    "¿Qué hago con las hojas que caen en la acera?",
    "es",
    "Puedes amontonarlas al pie de los árboles. El ayuntamiento también las recoge, y hay quien las echa al "
    "contenedor; depende de lo limpia que quieras la entrada.",
    "a-model",
)
REPO_ID = "somosnlp/h4rmony-es"
SIZE = (1440, 760)
COLOURS = 128
CARD = """<!doctype html><meta charset="utf-8"><style>
body {{ max-width: 1000px; margin: 24px auto; font: 16px/1.5 "DejaVu Sans", sans-serif; color: #1f2328 }}
h1, h2 {{ border-bottom: 1px solid #d1d9e0; padding-bottom: .3em }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid #d1d9e0; padding: 4px 12px }}
code {{ background: #eff1f3; padding: .1em .3em; border-radius: 4px }} a {{ color: #0969da }}
</style>{body}"""


def main() -> None:
    """Take every picture; none is replaced before all are taken, so that the commit that they name is a clean one."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        taken = work / "pictures"
        taken.mkdir()
        with running_demo(work) as dataset_url:
            picture_review(work, dataset_url, taken)
            picture_grading(work / "home", taken)
        review = ("--review", str(work / "out" / "review"), "--home", str(work / "home"))
        h4rmony("report", *review, "-o", str(work / "informe.html"))
        h4rmony("report", *review, "-o", str(work / "report.html"), "--language", "en")
        h4rmony("publish", REPO_ID, *review, "--columns", "idioma=es", "--dry-run", "-o", str(work / "hub"))
        for page in ("informe", "report"):
            picture_page(work / f"{page}.html", taken)
        card = work / "card.html"
        card.write_text(card_page((work / "hub" / "README.md").read_text(encoding="utf-8")), encoding="utf-8")
        picture_page(card, taken)
        shutil.copytree(taken, PICTURES, dirs_exist_ok=True)


@contextmanager
def running_demo(work: Path) -> Iterator[str]:
    """Run ``h4rmony demo --keep`` until the pictures are taken; yields the dataset's address."""
    command = [sys.executable, "-m", "workspace.cli", "demo", "--keep", "--home", str(work / "home")]
    with subprocess.Popen([*command, "-o", str(work / "out")], stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        try:
            for line in demo.stdout:
                if line.startswith("Open "):
                    yield line.split()[1]
                    return
            raise SystemExit("the demo ended before it could be looked at")
        finally:
            demo.terminate()


def h4rmony(*arguments: str) -> None:
    """Run one command; end if it fails."""
    subprocess.run([sys.executable, "-m", "workspace.cli", *arguments], check=True, stdout=subprocess.DEVNULL)


def picture_review(work: Path, dataset_url: str, folder: Path) -> None:
    """A record that ana has not answered yet, with the known ranking filled in."""
    dataset_id = dataset_url.split("/dataset/")[1].split("/")[0]
    with browser_page(*SIZE) as page:
        reviewer = signed_in(page, work / "home")
        for number in (1, 2, 3, 4, 5):  # each reviewer has an order of her own
            reviewer.open(dataset_id, number)
            if PROMPT in reviewer.texts(".en"):
                save(page, folder / "review.png")
                return
    raise SystemExit(f"no record of the demo that waits for ana asks {PROMPT!r}")


def picture_grading(home: Path, folder: Path) -> None:
    """An answer of a model that ana is about to grade."""
    connection = connect(home=home, dataset="h4rmony-es-grades")
    sample([ModelAnswer("p-1", *GRADED)], connection)
    with Gateway(connection) as gateway, browser_page(SIZE[0], 420) as page:
        reviewer = signed_in(page, home)
        reviewer.open(gateway.dataset("grades").id)
        page.keyboard.press("2")
        page.wait_for_timeout(300)
        save(page, folder / "grading.png")


def signed_in(page: Page, home: Path) -> ReviewerPage:
    """The page of ana, a reviewer of the demo."""
    api_url = json.loads((home / "credentials.json").read_text(encoding="utf-8"))["api_url"]
    reviewer = ReviewerPage(page, api_url)
    reviewer.sign_in("ana", invitation_path(home, "ana").read_text("utf-8").split("Contraseña: ")[1].split()[0])
    return reviewer


def picture_page(path: Path, folder: Path) -> None:
    """The first screen of an HTML file."""
    with browser_page(1100, 800) as page:
        page.set_content(path.read_text(encoding="utf-8"))
        save(page, folder / f"{path.stem}.png")


def card_page(card: str) -> str:
    """A dataset card as HTML, without its metadata."""
    body = re.sub(r"\A---\n.*?\n---\n", "", card, flags=re.DOTALL)
    return CARD.format(body=markdown.markdown(body, extensions=["tables", "fenced_code"]))


def save(page: Page, path: Path) -> None:
    """Write a small PNG of what the page shows: few colours, which text and flat areas do not need more of."""
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
