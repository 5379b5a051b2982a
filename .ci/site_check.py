"""Open every page of the built site in a headless Chromium, at several widths, and count what is wrong.

A page must open without a console error, no link may be dead (anchors too), no picture without a text alternative, and
nothing may scroll sideways; words must have a contrast of 4.5 to 1, in light and in dark colours. A page that is alive
checks itself: `window.pageCheck()` gives its problems. Links that leave the site are not followed.
"""

import argparse
import functools
import http.server
import shutil
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_docs/site"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOK = """() => ({
    links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    ids: [...document.querySelectorAll('[id], a[name]')].map(e => e.id || e.name),
    blind: [...document.querySelectorAll('img')].filter(i => !(i.getAttribute('alt') || '').trim()).map(i => i.getAttribute('src')),
    broken: [...document.querySelectorAll('img')].filter(i => i.complete && !i.naturalWidth).map(i => i.getAttribute('src')),
    headings: document.querySelectorAll('h1').length,
})"""
ALIVE = """() => window.pageCheck ? window.pageCheck() : []"""
WIDE = """() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"""

PALE = """scheme => {
    document.body.setAttribute('data-md-color-scheme', scheme);
    const pixel = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
    const known = {};
    const parts = colour => {  // red, green, blue in [0, 255], opacity in [0, 1]
        if (!(colour in known)) {
            pixel.clearRect(0, 0, 1, 1);
            pixel.fillStyle = colour;
            pixel.fillRect(0, 0, 1, 1);
            const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
            known[colour] = [red, green, blue, alpha/255];
        }
        return known[colour];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i]*top[3] + below[i]*(1 - top[3]));
    const behind = element => {
        const own = element ? parts(getComputedStyle(element).backgroundColor) : [255, 255, 255, 1];
        return own[3] === 1 ? own : over(own, behind(element.parentElement));
    };
    const linear = value => value <= .04045 ? value/12.92 : ((value + .055)/1.055)**2.4;
    const light = ([red, green, blue]) => .2126*linear(red/255) + .7152*linear(green/255) + .0722*linear(blue/255) + .05;
    const said = {};
    const walk = document.createTreeWalker(document.querySelector('article') || document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement, style = getComputedStyle(element);
        if (!walk.currentNode.textContent.trim() || !element.getClientRects().length || element.closest('.headerlink')) continue;
        let opacity = 1;
        for (let above = element; above; above = above.parentElement) opacity *= getComputedStyle(above).opacity;
        const ground = behind(element), [red, green, blue, alpha] = parts(style.color);
        const pair = [light(over([red, green, blue, alpha*opacity], ground)), light(ground)];
        const ratio = Math.max(...pair)/Math.min(...pair), large = parseFloat(style.fontSize) >= 24;
        const kind = element.tagName.toLowerCase() + (element.className ? '.' + element.className : '');
        if (ratio < (large ? 3 : 4.5)) said[kind] = `${ratio.toFixed(2)} to 1: ${walk.currentNode.textContent.trim().slice(0, 40)}`;
    }
    return Object.entries(said).map(([kind, words]) => `${kind} has contrast ${words}`);
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    "The site's files, without a line for each request."

    def log_message(self, *words): pass


def serve():
    "A server on a free port of this machine: its address."
    handler = functools.partial(Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def address(path):
    "The page's address below the site's."
    name = path.relative_to(SITE).as_posix()
    return "/" + name.removesuffix("index.html")


def look(browser, home, page, widths, scheme):
    "What one page holds, and its problems so far."
    problems = []
    tab = browser.new_page(viewport={"width": widths[0], "height": 900}, color_scheme=scheme)
    tab.set_default_timeout(180_000)  # a busy machine is no problem of the page
    tab.on("console", lambda message: message.type == "error" and problems.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: problems.append(f"error: {error}"))
    answer = tab.goto(home + page, wait_until="load")
    if not answer or not answer.ok: problems.append("does not open")
    found = tab.evaluate(LOOK)
    problems += [f"picture without a text alternative: {name}" for name in found["blind"]]
    problems += [f"picture that does not open: {name}" for name in found["broken"]]
    problems += [f"its script: {said}" for said in tab.evaluate(ALIVE)]
    tab.add_style_tag(content="* { transition: none !important; }")  # a colour that is on its way is none
    for name in ("default", "slate"): problems += [f"{name}: {said}" for said in tab.evaluate(PALE, name)]
    for width in widths:
        tab.set_viewport_size({"width": width, "height": 900})
        inside, outside = tab.evaluate(WIDE)
        if inside > outside:  # or a drawer is still sliding, as it does when the window grows
            tab.wait_for_timeout(600)
            inside, outside = tab.evaluate(WIDE)
        if inside > outside: problems.append(f"scrolls sideways at {width} pixels: {inside} are wanted")
    tab.close()
    return found, problems


def dead(home, page, links, ids):
    "Links within the site that lead nowhere."
    for link in sorted(set(links)):
        parts = urlsplit(link)
        if f"{parts.scheme}://{parts.netloc}" != home: continue
        target = unquote(parts.path)
        anchor = unquote(parts.fragment)
        if target in ids:
            if anchor and anchor not in ids[target]: yield f"dead anchor: {target}#{anchor}"
        elif not (SITE / target.lstrip("/") / ("index.html" if target.endswith("/") else "")).is_file(): yield f"dead link: {target}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", default="1280,768,390", help="widths in pixels, separated by commas")
    parser.add_argument("--browser", help="a Chromium to use (default: the one on the path, else playwright's own)")
    parser.add_argument("--scheme", default="light", choices=("light", "dark"), help="what the reader's system prefers")
    parser.add_argument("--only", default="", help="pages whose address holds this text")
    args = parser.parse_args()
    widths = [int(width) for width in args.widths.split(",")]
    program = args.browser or next(filter(None, map(shutil.which, BROWSERS)), None)
    pages = [address(path) for path in sorted(SITE.rglob("*.html")) if path.name != "404.html" and args.only in address(path)]
    if not pages: sys.exit(f"{SITE.relative_to(ROOT)} must hold pages, got none: bash .ci/docs")
    home = serve()
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for page in pages: found[page] = look(browser, home, page, widths, args.scheme)
        browser.close()
    ids = {page: {*held["ids"], ""} for page, (held, _) in found.items()}
    count = 0
    for page, (held, problems) in found.items():
        for problem in [*problems, *dead(home, page, held["links"], ids)]:
            print(f"{page}: {problem}")
            count += 1
    print(f"{len(pages)} pages at {', '.join(map(str, widths))} pixels, {args.scheme}: {count} problems")
    sys.exit(count > 0)


if __name__ == "__main__":
    main()
