package report

// style is the one style sheet of a page. It names no address. Colour never carries a meaning alone.
const style = `
:root{--ink:#1c2330;--soft:#5b6575;--line:#d9dee6;--wash:#f5f7fa;--accent:#2f5d9b;--hot:#b3261e}
*{box-sizing:border-box}
body{margin:0;background:#eef1f5;color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px}
article{background:#fff;border:1px solid var(--line);border-radius:8px;padding:0 32px 32px;margin-bottom:32px;overflow:hidden}
header{margin:0 -32px 8px;padding:24px 32px 20px;border-top:6px solid var(--soft);border-bottom:1px solid var(--line);background:var(--wash)}
header.severity-critical{border-top-color:#8c1d18}header.severity-high{border-top-color:#b3261e}
header.severity-medium{border-top-color:#b26a00}header.severity-low{border-top-color:#2f5d9b}
h1{font-size:26px;line-height:1.25;margin:10px 0 16px;overflow-wrap:anywhere}
h2{font-size:18px;margin:32px 0 10px;padding-bottom:4px;border-bottom:2px solid var(--line)}
h3{font-size:14px;margin:18px 0 6px;color:var(--accent);text-transform:none}
p{margin:0 0 8px}ul{margin:0 0 8px;padding-left:20px}li{margin:0 0 5px}
p,li,dd,.more,.advice td{overflow-wrap:anywhere}td{overflow-wrap:break-word}
.badges{margin:0;display:flex;gap:8px}
.badge{white-space:nowrap;border:1px solid var(--soft);border-radius:4px;padding:1px 9px;font-size:12px;font-weight:600;text-transform:uppercase;letter-spacing:.04em;color:var(--soft);background:#fff}
.severity-critical .level{background:#8c1d18;border-color:#8c1d18;color:#fff}.severity-high .level{background:#b3261e;border-color:#b3261e;color:#fff}
.severity-medium .level{background:#b26a00;border-color:#b26a00;color:#fff}.severity-low .level{background:#2f5d9b;border-color:#2f5d9b;color:#fff}
dl{margin:0;display:grid;grid-template-columns:1fr 1fr;gap:4px 32px}
dl div{display:flex;gap:10px;min-width:0}dt{flex:0 0 84px;color:var(--soft)}dd{margin:0;min-width:0;font-weight:500}
table{border-collapse:collapse;width:100%;margin:6px 0 14px;font-size:13.5px}
th{text-align:left;font-weight:600;color:var(--soft)}thead th{border-bottom:2px solid var(--line)}
th,td{padding:6px 10px 6px 0;vertical-align:top;border-bottom:1px solid var(--line)}
tbody th{color:var(--accent);width:44px}
td span{white-space:pre-wrap}
.why{color:var(--soft)}
.advice{table-layout:fixed}.advice th:nth-child(1){width:16%}.advice th:nth-child(2){width:23%}.advice th:nth-child(3){width:24%}.advice th:nth-child(5){width:11%}
.times td:nth-child(1){width:48px}.times td:nth-child(2){width:160px}.times td:nth-child(2) span{white-space:nowrap}
.evidence{margin-bottom:20px}.evidence td:first-child{width:70px;color:var(--soft)}
code{font:12.5px/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--wash);padding:1px 4px;border-radius:3px;overflow-wrap:anywhere}
.more{color:var(--soft);font-size:12.5px}
.evidence .more{font:12px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
a.cite,span.cite{font-size:11.5px;color:var(--accent);text-decoration:none;border:1px solid var(--line);border-radius:3px;padding:0 4px;background:#fff;white-space:nowrap}
span.cite{white-space:normal;overflow-wrap:anywhere}a.cite:hover{border-color:var(--accent)}
tr:target{background:#fff6d6}
.malicious{color:var(--hot);font-weight:700}.suspicious{color:#b26a00;font-weight:600}.strong{font-weight:700}
figure{margin:16px 0}figcaption{color:var(--soft);font-size:12.5px;margin-top:4px}
svg{display:block;width:100%;height:auto;border:1px solid var(--line);border-radius:6px;background:#fff}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink)}
svg .small{font-size:10.5px;fill:var(--soft)}svg .axis{stroke:var(--line);stroke-width:1}svg .lane{stroke:var(--line);stroke-width:1}
svg .mark{fill:#fff;stroke:var(--soft);stroke-width:1.6}svg .mark.hot{fill:var(--hot);stroke:var(--hot)}
svg .gap{fill:var(--wash);stroke:none}svg .phase{fill:#e4ebf5;stroke:#b9c8de}svg .hole{fill:#f1e3c2;stroke:#d4b566;stroke-dasharray:3 2}
svg .node{fill:#fff;stroke:var(--soft)}svg .node.hot{stroke:var(--hot);stroke-width:2}
svg .tie{fill:none;stroke:#b6bec9;stroke-width:1.2}svg .tie.hot{stroke:#d2877f;stroke-width:1.8}
footer{color:var(--soft);font-size:12.5px;padding:0 8px}
@media (max-width:720px){dl{grid-template-columns:1fr}article{padding:0 16px 16px}header{margin:0 -16px 8px;padding:16px}}
@media print{@page{margin:16mm}body{background:#fff;font-size:9.5pt;line-height:1.4}h1{font-size:17pt}h2{font-size:12.5pt;margin-top:18px}h3{font-size:10pt}table,code,.more,.evidence .more{font-size:8.2pt}main{max-width:none;padding:0}article{border:0;padding:0;break-after:page}article:last-of-type{break-after:auto}header{margin:0 0 8px;padding:12px 0;background:#fff}
h2,h3{break-after:avoid}tr,figure,li{break-inside:avoid}thead{display:table-header-group}a.cite{color:var(--ink)}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`
