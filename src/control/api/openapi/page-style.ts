/** How the page looks. The page's policy allows this style by its digest, and nothing else. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf7;--raised:#fff;--ink:#1d2126;--soft:#5c646e;--line:#e4e1d9;--accent:#8a4b1f;
--code:#f3f0e9;--get:#1f6f4a;--post:#1d5a94;--put:#8a5a00;--patch:#6b3fa0;--delete:#a8323a}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--raised:#1b1f24;--ink:#e7e4dd;--soft:#9aa3ad;--line:#2c323a;
--accent:#e0a370;--code:#20252b;--get:#6cc79b;--post:#7fb5ea;--put:#e0b056;--patch:#b897ea;--delete:#ef8d92}}
*{box-sizing:border-box}
html{scroll-padding-top:1.5rem}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,sans-serif;display:grid;
grid-template-columns:18.5rem minmax(0,1fr)}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
code,pre,.verb{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem .75rem 2rem 1.25rem;border-right:1px solid var(--line);
font-size:.875rem}
nav a{color:inherit;text-decoration:none}
nav ul{list-style:none;margin:.25rem 0 .9rem;padding:0}
nav li a{display:grid;grid-template-columns:3.1rem 1fr;align-items:baseline;padding:.12rem .3rem;border-radius:4px}
nav li a:hover,nav .ends a:hover{background:var(--code)}
nav li span{overflow-wrap:anywhere;color:var(--soft);font-size:.8125rem;line-height:1.35}
nav summary{cursor:pointer;font-weight:600;padding:.1rem .3rem}
.brand{margin:0 0 1.1rem;padding:0 .3rem;font-size:1.0625rem;font-weight:700}
.brand span{color:var(--accent)}
.ends a{display:block;font-weight:600;padding:.1rem .3rem;border-radius:4px}
main{padding:2.5rem clamp(1.25rem,4vw,3.5rem) 6rem;max-width:84rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}
h1 small{font-size:.875rem;font-weight:500;color:var(--soft);letter-spacing:0}
header p{max-width:46rem}
.lead{font-size:1.0625rem;color:var(--soft);margin-top:0}
h2{font-size:1.25rem;margin:3.5rem 0 .25rem;padding-bottom:.4rem;border-bottom:2px solid var(--accent)}
h3{font-size:1rem;margin:0 0 .35rem;overflow-wrap:anywhere}
h3 code{font-size:.9375rem}
h3 i{font-style:normal;color:var(--accent)}
h4{margin:1.1rem 0 .25rem;font-size:.75rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft)}
section{padding:1.4rem 0 1.5rem;border-bottom:1px solid var(--line)}
section:target{box-shadow:-1rem 0 0 var(--paper),-1.2rem 0 0 var(--accent)}
section p{margin:.2rem 0 .4rem;max-width:46rem}
.both{display:grid;grid-template-columns:minmax(0,1.1fr) minmax(0,1fr);gap:0 2rem;align-items:start}
.verb{display:inline-block;font-size:.6875rem;font-weight:700;letter-spacing:.03em}
h3 .verb{border:1px solid;border-radius:4px;padding:.05rem .4rem;margin-right:.35rem;vertical-align:.08em}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}.delete{color:var(--delete)}
.needs{display:inline-block;border:1px solid var(--line);border-radius:999px;padding:0 .55rem;font-size:.8125rem;color:var(--soft);
background:var(--raised);white-space:nowrap}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.32rem .75rem .32rem 0;border-top:1px solid var(--line);font-weight:400}
tr:first-child>*{border-top:0}
th{width:40%;overflow-wrap:anywhere}
.optional,.limits,.told,.or{color:var(--soft);font-size:.8125rem}
.form+.form{margin-top:.5rem;border-top:2px solid var(--line)}
.statuses{font-size:.8125rem;color:var(--soft)}
.statuses>*{margin-right:.15rem}
pre{margin:1.1rem 0 .6rem;padding:.8rem 1rem;background:var(--code);border-radius:6px;overflow:auto;line-height:1.5;
font-size:.8125rem;max-height:26rem;white-space:pre-wrap;overflow-wrap:anywhere}
main details summary{cursor:pointer;font-size:.8125rem;color:var(--soft)}
main details pre{margin-top:.4rem}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:64rem){.both{grid-template-columns:minmax(0,1fr)}}
@media (max-width:48rem){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;
border-bottom:1px solid var(--line)}main{padding-top:1.5rem}}
@media print{nav{display:none}body{display:block}section{break-inside:avoid}}
`;
