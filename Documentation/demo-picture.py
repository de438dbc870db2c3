#!/usr/bin/env python3
"""Draw what a command prints in colour as an SVG.

    swift run -q np demo --color always | sed "s#alias np=.*#alias np=\\"\$(swift build --show-bin-path)/np\\"#" |
        Documentation/demo-picture.py 'np demo' > Documentation/demo.svg
"""
import html
import re
import sys

COLORS = {"31": "#f38ba8", "32": "#a6e3a1", "33": "#f9e2af", "34": "#89b4fa", "36": "#94e2d5", "2": "#7f849c"}
WIDTH, HEIGHT, MARGIN = 8.4, 19, 16


def spans(line):
    style = ""
    for part in re.split("(\x1b\\[[0-9;]*m)", line):
        code = re.fullmatch("\x1b\\[([0-9;]*)m", part)
        if code:
            style = COLORS.get(code.group(1), "")
        elif part:
            fill = f' fill="{style}"' if style else ""
            yield f"<tspan{fill}>{html.escape(part)}</tspan>"


lines = [f"$ {sys.argv[1]}"] + sys.stdin.read().rstrip("\n").split("\n")
plain = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in lines]
width = round(max(map(len, plain)) * WIDTH + 2 * MARGIN)
height = len(lines) * HEIGHT + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">')
print(f'<rect width="{width}" height="{height}" rx="8" fill="#1e1e2e"/>')
print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14" '
      'fill="#cdd6f4" xml:space="preserve">')
for number, line in enumerate(lines):
    y = MARGIN + (number + 1) * HEIGHT - 5
    print(f'<text x="{MARGIN}" y="{y}">{"".join(spans(line))}</text>')
print("</g></svg>")
