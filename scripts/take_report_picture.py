"""Takes the picture of a run's report that README.md shows: docs/pictures/report.png.

Run from the top of the tree: ``python scripts/take_report_picture.py [FOLDER]``. It runs the example ``digits`` for its
report, keeps what that says of the run beside the picture, and photographs it in chromium without a window, as on a
desk; with FOLDER, the whole page goes there too, as on a phone and on a desk, light and dark. Needs layerkit[report],
selenium, chromium and chromedriver.
"""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from layerkit.cli.main import main as layerkit

TEXT = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "report.txt"
"""What the page in the picture says of the run and its epochs: a test makes it anew, and compares."""
PICTURE = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "report.png"
WIDTH, HEIGHT = 1100, 1180


def told(page: str) -> str:
    """The text of the first two sections: what was run, and the curves with all epochs; times are left out."""
    shown = "".join(re.findall(r"<section.*?</section>", page, re.DOTALL)[:2])
    # pictures draw the same numbers, and an epoch's last cell is its time
    shown = re.sub(r"<svg.*?</svg>|<td[^>]*>[^<]*</td>\s*(?=</tr>)", "", shown, flags=re.DOTALL)
    lines = re.split(r"(?=<tr|<h2|<div|<figcaption)", shown)
    texts = (" ".join(html.unescape(re.sub(r"<[^>]*>", " ", line)).split()) for line in lines)
    return "".join(f"{text}\n" for text in texts if text)


def browser() -> Any:
    """A chromium that shows nothing on a screen."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    flags = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    if os.geteuid() == 0:
        # chromium refuses to run as root in its sandbox
        flags.append("--no-sandbox")
    for flag in flags:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def photograph(running: Any, page: Path, width: int, height: int | None, *, dark: bool = False) -> bytes:
    """The page as a PNG file; the whole of it where no height is given."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    running.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    metrics = {"width": width, "height": height or 900, "deviceScaleFactor": 1, "mobile": width < 500}
    running.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    running.get(page.as_uri())
    if height is None:
        metrics["height"] = running.execute_script("return document.documentElement.scrollHeight")
        running.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    taken = running.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    return base64.b64decode(taken["data"])


def main() -> None:
    """Run, report, photograph."""
    running = browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "report.html"
            try:
                layerkit(["run", "digits", "--quiet", "--report", str(page)])
            except SystemExit as ended:
                if ended.code:
                    raise
            TEXT.write_text(told(page.read_text(encoding="utf-8")), encoding="utf-8")
            PICTURE.write_bytes(photograph(running, page, WIDTH, HEIGHT))
            for target in map(Path, sys.argv[1:]):
                for width in (360, 1400):
                    for dark in (False, True):
                        name = f"report-{width}-{'dark' if dark else 'light'}.png"
                        (target / name).write_bytes(photograph(running, page, width, None, dark=dark))
    finally:
        running.quit()


if __name__ == "__main__":
    main()
