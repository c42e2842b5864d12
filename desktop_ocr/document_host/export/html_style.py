"""How the web page looks: on the screen by day and night, and on paper."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1d21; --paper: #fff; --soft: #5d636f; --line: #c9cdd5; --wash: #f2f4f7;
  --bad: #a3161a; --bad-wash: #fdecec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6ea; --paper: #17191d; --soft: #a0a7b4; --line: #444a55;
  --wash: #22252b; --bad: #ff9a9a; --bad-wash: #3a1d1f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: break-word;
  font: 1.05rem/1.55 Georgia, "Times New Roman", "Noto Serif", "Noto Serif CJK SC", serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
section + section { margin-top: 2.5rem; }
section[data-page]::before { content: attr(data-page); display: block; margin-bottom: 1rem; padding-top: .3rem;
  border-top: 1px solid var(--line); color: var(--soft); font: .8rem/1.4 system-ui, sans-serif; text-align: end; }
h1, h2, h3, h4, h5, h6 { margin: 1.6em 0 .5em; line-height: 1.25; font-family: system-ui, sans-serif;
  text-align: start; break-after: avoid; }
h1 { font-size: 1.75rem; } h2 { font-size: 1.4rem; } h3 { font-size: 1.2rem; } h4, h5, h6 { font-size: 1.05rem; }
p { margin: 0 0 .8em; text-align: start; }
ul, ol { margin: 0 0 .8em; padding-inline-start: 2em; }
li { margin: .2em 0; text-align: start; } li > p { margin: .3em 0; } li.labelled { list-style: none; }
.table { overflow-x: auto; margin: 1em 0; }
table { border-collapse: collapse; margin: 1em 0; font: .9rem/1.4 system-ui, sans-serif; }
.table > table { margin: 0; }
th, td { padding: .3em .6em; border: 1px solid var(--line); text-align: start; vertical-align: top; }
th { background: var(--wash); font-weight: 600; }
figure { margin: 1.4em 0; break-inside: avoid; } figure .table { margin: 0 0 .5em; }
img { display: block; max-width: 100%; height: auto; margin: 0 auto .5em; background: #fff; }
figcaption, .caption { color: var(--soft); font-size: .92em; font-style: italic; text-align: start; }
details, .labels { color: var(--soft); font: .85rem/1.5 system-ui, sans-serif; } summary { cursor: pointer; }
pre, code { font: .88rem/1.5 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
pre { overflow-x: auto; padding: .8em 1em; background: var(--wash); border-radius: 4px; }
.formula { margin: 1em 0; text-align: center; overflow-x: auto; }
.notes { margin-top: 1.5em; padding-top: .6em; border-top: 1px solid var(--line); font-size: .88em; }
.notes p { margin: 0 0 .4em; }
header, footer { color: var(--soft); font-size: .85em; }
.failed { padding: .8em 1em; border: 1px solid var(--bad); border-radius: 4px; background: var(--bad-wash);
  color: var(--bad); font-family: system-ui, sans-serif; }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #444; --line: #999; --wash: #eee;
    --bad: #900; --bad-wash: #fff; }
  main { max-width: none; padding: 0; } .table, pre { overflow: visible; } pre { white-space: pre-wrap; }
  thead { display: table-header-group; } tr { break-inside: avoid; } details > summary { display: none; } }
"""
