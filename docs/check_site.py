"""Look at the built site in headless Chromium, as a phone and as a desk see it: links, figures, console, width.

``python docs/check_site.py build/docs/html`` exits 1 where a link leads nowhere, a figure is missing, the console shows
an error or a page is wider than its window. Without Chromium it says so, and looks at the links alone.
"""

import functools
import html
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import unquote

WIDTHS = (390, 1400)  # pixels: a phone, a desk
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SHOTS = (
    "index",
    "gallery",
    "howto/size_a_row",
    "theory/plate",
    "api/verbs",
    "tutorials/01_cold_plate",
    "studies/index",
)
LOOKER = """<!doctype html><meta charset="utf-8"><body><pre id="found"></pre><script>
const pages = PAGES, widths = WIDTHS, found = [];
async function look(page, width) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  document.body.append(frame);
  await new Promise(done => { frame.onload = done; frame.src = "/" + page; });
  await new Promise(done => setTimeout(done, 30));
  const seen = frame.contentDocument, wide = seen.documentElement.scrollWidth;
  if (wide > width) found.push(`${page} at ${width} px is ${wide} px wide`);
  if (!seen.querySelector("h1")) found.push(`${page} has no heading`);
  for (const image of seen.images)
    if (image.loading !== "lazy" && !(image.complete && image.naturalWidth)) found.push(`${page} lacks ${image.src}`);
  frame.remove();
}
(async () => {
  for (const page of pages) for (const width of widths) await look(page, width);
  document.getElementById("found").textContent = JSON.stringify({done: pages.length, found});
})();
</script>"""


def broken_links(site: Path) -> list[str]:
    """Links inside the site that lead to no page, or to a place that a page does not have."""
    pages = {p: p.read_text(encoding="utf-8") for p in sorted(site.rglob("*.html"))}
    places = {p: set(re.findall(r'\bid="([^"]+)"', text)) for p, text in pages.items()}
    found = []
    for page, text in pages.items():
        for link in re.findall(r'<(?:a|link|img|script)\b[^>]*?\b(?:href|src)="([^"]+)"', text):
            link = html.unescape(link)
            if re.match(r"(https?:|mailto:|data:|javascript:)", link):
                continue
            path, _, place = unquote(link.partition("?")[0] if "#" not in link else link).partition("#")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                found.append(f"{page.relative_to(site)} links to {link}, which is not there")
            elif place and target in places and place not in places[target]:
                found.append(f"{page.relative_to(site)} links to {link}, a place that is not on that page")
    return found


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *said: object) -> None:
        """Nothing."""


def looked_at(site: Path, browser: str, shots: Path) -> list[str]:
    """What Chromium finds wrong with the pages; screenshots of some lie in `shots` afterwards."""
    pages = [
        p.relative_to(site).as_posix()
        for p in sorted(site.rglob("*.html"))
        if p.name != "search.html" and "_static" not in p.parts
    ]
    looker = LOOKER.replace("PAGES", json.dumps(pages)).replace("WIDTHS", json.dumps(WIDTHS))
    (site / "_looker.html").write_text(looker, encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        done = _chromium(browser, f"{address}/_looker.html", "--dump-dom", "--virtual-time-budget=600000")
        said = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
        told = json.loads(html.unescape(said[1])) if said and said[1] else {"done": 0, "found": []}
        found = list(told["found"])
        if told["done"] != len(pages):
            found.append(f"Chromium looked at {told['done']} of {len(pages)} pages: {done.stderr[-400:]}")
        found += [
            f"console: {m[1][:300]}" for m in re.finditer(r"CONSOLE[^\]]*\] (.*)", done.stderr) if _is_error(m[0])
        ]
        shots.mkdir(parents=True, exist_ok=True)
        for page in SHOTS:
            for width in WIDTHS:
                if (site / f"{page}.html").is_file():
                    style = f"border:0;width:{width}px;height:1600px"
                    frame = f'<body style="margin:0"><iframe src="/{page}.html" style="{style}">'
                    (site / "_frame.html").write_text(frame, encoding="utf-8")
                    picture = shots / f"{page.replace('/', '-')}-{width}.png"
                    size = f"--window-size={max(width, 500)},1600"
                    _chromium(browser, f"{address}/_frame.html", f"--screenshot={picture}", size, "--hide-scrollbars")
    finally:
        server.shutdown()
        server.server_close()
        for name in ("_looker.html", "_frame.html"):
            (site / name).unlink(missing_ok=True)
    return found


def _is_error(line: str) -> bool:
    return re.search(r"error|failed|refused|not allowed", line, re.IGNORECASE) is not None


def _chromium(browser: str, address: str, *more: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"]
        flags += ["--enable-logging=stderr", "--v=0", "--disable-dev-shm-usage", "--timeout=600000"]
        return subprocess.run([browser, *flags, *more, address], capture_output=True, text=True, timeout=600)


def main(arguments: list[str]) -> int:
    """Exit code: 0 where nothing is wrong."""
    site = Path(arguments[0]).resolve()
    found = broken_links(site)
    browser = next((b for b in BROWSERS if shutil.which(b)), None)
    if browser is None:
        print("no Chromium on this machine: links alone were looked at (Debian: apt-get install chromium)")
    else:
        found += looked_at(site, browser, site.parent / "shots")
        print(f"screenshots at {' and '.join(map(str, WIDTHS))} px in {site.parent / 'shots'}")
    for line in found:
        print(line)
    print(f"{len(found)} faults" if found else "no broken link, no missing figure, no error in the console")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
