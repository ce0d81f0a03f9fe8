"""The style of a page: light and dark by the reader's own setting, and a plain one for paper."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--bg:#fff;--ink:#1b2330;--quiet:#586274;--line:#d9dee7;--soft:#f5f7fa;--link:#1f5fbf;
--critical:#8b0a1e;--high:#b3261e;--medium:#8a5a00;--low:#1f5fbf;--informational:#586274;--fine:#1a6b3a;
--success:#7c9cc9;--refused:#c8402f;--failed:#d99a1f;--other:#9aa3b2}
@media(prefers-color-scheme:dark){:root{--bg:#12161d;--ink:#e4e8ef;--quiet:#9aa5b8;--line:#2d3542;--soft:#1a202a;
--link:#7db0ff;--critical:#ff8296;--high:#ff9a8f;--medium:#f0bf5c;--low:#8db9ff;--informational:#a9b3c4;
--fine:#6fd196;
--success:#5b7fb3;--refused:#e4604f;--failed:#e0ab45;--other:#6d7789}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:70rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:2px solid var(--line)}
h3{font-size:1.05rem;margin:1.2rem 0 .2rem;overflow-wrap:anywhere}
p,ul{margin:.4rem 0 .8rem}li{margin:.15rem 0;overflow-wrap:anywhere}
.kicker,.quiet{color:var(--quiet)}.kicker{margin:0}.quiet{font-size:.9rem}
.alarm{border-left:4px solid var(--high);padding:.5rem .8rem;background:var(--soft);font-weight:600}
.fine{color:var(--fine);font-weight:600}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.6rem,1fr));gap:.6rem;margin:0}
.card{border:1px solid var(--line);border-top:4px solid var(--line);border-radius:.4rem;padding:.5rem .7rem;
background:var(--soft)}
.card dt{font-size:.82rem;color:var(--quiet)}
.card dd{margin:0;font-size:1.45rem;font-weight:650;font-variant-numeric:tabular-nums}
.card.s-critical{border-top-color:var(--critical)}.card.s-high{border-top-color:var(--high)}
.card.s-medium{border-top-color:var(--medium)}.card.s-low{border-top-color:var(--low)}
.card.s-informational{border-top-color:var(--informational)}
.who{margin:1rem 0 1.6rem}.who>h3{margin-bottom:0}.who>p{margin-top:0}
details{border:1px solid var(--line);border-radius:.4rem;margin:.4rem 0;padding:0 .8rem;background:var(--bg)}
details[open]{padding-bottom:.6rem}
summary{cursor:pointer;padding:.5rem 0;overflow-wrap:anywhere}
.finding>summary{display:grid;grid-template-columns:9.6rem 1fr auto;gap:.1rem .8rem;align-items:baseline;
grid-template-areas:"badge title when" ". target target"}
.finding>summary strong{grid-area:title}.finding>summary .badge{grid-area:badge}
.finding>summary .target{grid-area:target;color:var(--quiet);font-size:.92rem}
.finding>summary .when{grid-area:when;color:var(--quiet);font-size:.88rem;font-variant-numeric:tabular-nums}
.finding>summary strong::before{content:"▸ ";color:var(--quiet)}
.finding[open]>summary strong::before{content:"▾ "}
@media(max-width:44rem){.finding>summary{grid-template-columns:1fr;
grid-template-areas:"badge" "title" "when" "target"}.finding>summary .badge{justify-self:start}}
.badge{display:inline-block;min-width:6.2rem;text-align:center;font-size:.74rem;font-weight:700;letter-spacing:.04em;
text-transform:uppercase;white-space:nowrap;border:2px solid currentColor;border-radius:1rem;padding:.05rem .5rem}
.badge.s-critical{color:var(--bg);background:var(--critical);border-color:var(--critical)}
.badge.s-high{color:var(--high)}
.badge.s-medium{color:var(--medium)}.badge.s-low{color:var(--low)}.badge.s-informational{color:var(--informational)}
.wide{overflow-x:auto;margin:.6rem 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.88rem}
caption{text-align:left;font-weight:650;padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
thead th{color:var(--quiet);font-weight:600}tbody th{font-weight:500;min-width:8rem}
@media(max-width:44rem){th,td{min-width:7rem}}
.n{min-width:auto;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.facts{display:grid;grid-template-columns:1fr;margin:.4rem 0;font-size:.92rem}
.facts>div{display:grid;grid-template-columns:7rem 1fr;gap:.6rem}.facts dt{color:var(--quiet)}
.facts dd{margin:0;overflow-wrap:anywhere}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--soft);padding:.05rem .3rem;
border-radius:.25rem;overflow-wrap:anywhere}
figure{margin:0 0 1.4rem}figcaption{font-weight:650;margin:.2rem 0}
svg{display:block;width:100%;height:auto}
.time{min-width:40rem}
.bars>div{display:grid;grid-template-columns:minmax(8rem,24rem) 1fr 7rem;gap:.1rem .8rem;align-items:center;
font-size:.82rem;margin:.2rem 0}
.bars .name{text-align:right;overflow-wrap:anywhere}.bars .much{font-variant-numeric:tabular-nums}
.strip{height:.95rem}
@media(max-width:44rem){.bars>div{grid-template-columns:1fr auto}.bars .name{text-align:left}
.bars .much{grid-column:2;grid-row:1;white-space:nowrap}.strip{grid-column:1/-1;grid-row:2;height:.6rem}}
svg text{font:12px system-ui,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
a{color:var(--link)}nav{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.92rem;margin-top:1.2rem}
.axis{stroke:var(--line);stroke-width:1}.bar{fill:var(--success)}
.k-success{fill:var(--success)}.k-refused{fill:var(--refused)}.k-failed{fill:var(--failed)}.k-other{fill:var(--other)}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;font-size:.88rem;margin:.2rem 0}
.key::before{content:"";display:inline-block;width:.8em;height:.8em;margin-right:.4em;vertical-align:-.05em}
.key.k-success::before{background:var(--success)}.key.k-refused::before{background:var(--refused)}
.key.k-failed::before{background:var(--failed)}.key.k-other::before{background:var(--other)}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.88rem}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media print{nav{display:none}
:root{--bg:#fff;--ink:#000;--soft:#fff}main{max-width:none;padding:0}details{break-inside:avoid}
h2,h3{break-after:avoid}.wide{overflow:visible}summary{list-style:none}}
"""
