// @vitest-environment jsdom
// DOMPurify sanitises nothing in happy-dom; see its README.
import { describe, expect, it } from "vitest";
import { cutBlocks, noBlocks } from "./blocks";
import { highlight } from "./highlighter";
import { linkTarget } from "./link-target";
import { createMarkdownRenderer } from "./render-markdown";

const renderer = createMarkdownRenderer({ copyCode: "Copy code", image: (text) => `Image: ${text}` });

function render(text: string): HTMLElement {
  const root = document.createElement("div");
  root.innerHTML = cutBlocks(noBlocks, text, true, renderer)
    .blocks.map(({ html }) => html)
    .join("");
  return root;
}

describe("linkTarget", () => {
  it.each([
    ["https://example.com/a", "example.com"],
    ["http://localhost:8080", "localhost:8080"],
    ["mailto:a@example.com", "a@example.com"],
    ["https://user:pw@evil.example/", "evil.example"],
    ["https://ex\u0430mple.com/", "xn--exmple-4nf.com"],
  ])("shows where %s goes", (href, shown) => expect(linkTarget(href)?.shown).toBe(shown));

  it.each(["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/jobs", "//x", "vbscript:x", "file:///etc/passwd", ""])(
    "refuses %s",
    (href) => expect(linkTarget(href)).toBeUndefined(),
  );
});

describe("rendered Markdown", () => {
  it("opens links elsewhere, says where, and tells that place nothing", () => {
    const anchor = render("see [the docs](https://docs.example/x)").querySelector("a");
    expect(anchor?.outerHTML).toContain('href="https://docs.example/x"');
    expect(anchor?.getAttribute("rel")).toBe("noopener noreferrer");
    expect(anchor?.getAttribute("target")).toBe("_blank");
    expect(anchor?.nextElementSibling?.textContent).toBe("(docs.example)");
  });

  it("shows the true host of a link that names another", () => {
    const root = render("[https://bank.example](https://evil.example/)");
    expect(root.textContent).toContain("(evil.example)");
  });

  it("does not say an address twice", () => {
    expect(render("<https://example.com/>").textContent.trim()).toBe("https://example.com/");
    expect(render("https://example.com").textContent.trim()).toBe("https://example.com");
  });

  it("makes an image a link", () => {
    const root = render("![secret](https://evil.example/p.png?x=1) ![r][ref]\n\n[ref]: https://evil.example/r.png");
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toContain("Image: secret");
    expect(root.querySelectorAll("a")).toHaveLength(2);
  });

  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a <svg onload=alert(1)> b",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<form action=https://evil.example><button>x</button></form>",
    '[x](https://e.example/ "\\" onmouseover=alert(1) x=\\"")',
    "```\"><img src=x onerror=alert(1)>\n</code><script>1</script>\n```",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "<math><mtext></p><style><img src=x onerror=alert(1)>",
    "<button data-copy=code onclick=alert(1)>x</button>",
  ])("lets nothing run of %s", (text) => {
    const root = render(text);
    expect(root.querySelector("script, img, svg, iframe, style, form, math, object, embed, input")).toBeNull();
    for (const element of root.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        expect(name).toMatch(/^(href|class|type|data-copy|tabindex|start|rel|target)$/);
        expect(value).not.toMatch(/^\s*(javascript|data|vbscript):/i);
      }
    }
  });

  it("shows raw HTML as the text that it is", () => {
    expect(render("a <b>bold</b> move").textContent.trim()).toBe("a <b>bold</b> move");
    expect(render("<div>\nx\n</div>").textContent).toContain("<div>");
  });

  it("keeps the code of a block as it was written", () => {
    const root = render("```rust\nlet a = b < c && \"d\";\n```");
    expect(root.querySelector("code")?.textContent).toBe('let a = b < c && "d";');
    expect(root.querySelector("button")?.textContent).toBe("Copy code");
    expect(root.querySelector(".code-head span")?.textContent).toBe("rust");
  });
});

describe("blocks of a growing text", () => {
  const text =
    "# Title\n\nA paragraph\nof two lines.\n\n- one\n\n- two\n  - inner\n\n```js\nlet a;\n\nlet b;\n```\n\n1. x\n2. y\n\n> quote\nlazy\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nHeading\n===\n\n    code\n\nend **bold";

  it("are those of the whole text, at every length", () => {
    let blocks = noBlocks;
    for (let end = 1; end <= text.length; end += 1) {
      blocks = cutBlocks(blocks, text.slice(0, end), false, renderer);
      const whole = cutBlocks(noBlocks, text.slice(0, end), true, renderer);
      expect(blocks.blocks.map(({ html }) => html).join(""), text.slice(0, end)).toBe(
        whole.blocks.map(({ html }) => html).join(""),
      );
    }
  });

  it("stay the same objects but for the last", () => {
    const before = cutBlocks(noBlocks, "one\n\ntwo\n\nthr", false, renderer);
    const after = cutBlocks(before, "one\n\ntwo\n\nthree", false, renderer);
    expect(after.blocks[0]).toBe(before.blocks[0]);
    expect(after.blocks[1]).toBe(before.blocks[1]);
    expect(after.blocks[2]).not.toBe(before.blocks[2]);
  });

  it("stay when the text is complete, unless it defines a reference", () => {
    const before = cutBlocks(noBlocks, "[one][a]\n\ntwo", false, renderer);
    expect(cutBlocks(before, "[one][a]\n\ntwo", true, renderer).blocks[0]).toBe(before.blocks[0]);
    const after = cutBlocks(before, "[one][a]\n\ntwo\n\n[a]: https://example.com", true, renderer);
    expect(after.blocks[0]?.html).toContain("https://example.com");
  });

  it("start over when a text is replaced", () => {
    const before = cutBlocks(noBlocks, "one\n\ntwo", false, renderer);
    expect(cutBlocks(before, "other", false, renderer).blocks).toHaveLength(1);
  });
});

describe("formulas", () => {
  it.each([
    "$a_1 * b_2 * c$",
    "$$x_i * y_i$$",
    "\\(x_i * y_i\\)",
    "\\[\n\\sum_{i=1}^{n} x_i\n= 3\n\n- y * z * w\n\\]",
    "$$\na * b * c\n===\n$$",
    "$\\text{a \\$ b}$",
  ])("stay as they were written: %s", (formula) => {
    const root = render(`${formula}\n\nand *this*`);
    expect(root.textContent).toContain(formula);
    expect(root.querySelectorAll("em")).toHaveLength(1);
    expect(root.querySelector("h1, h2, li, strong")).toBeNull();
  });

  it("are not two prices", () => {
    const root = render("It costs $5 or *maybe* $10, not $20.");
    expect(root.querySelector(".math")).toBeNull();
    expect(root.querySelector("em")?.textContent).toBe("maybe");
  });

  it("let nothing run", () => {
    const root = render("$<img src=x onerror=alert(1)>$\n\n$$\n<script>1</script>\n$$");
    expect(root.querySelector("img, script")).toBeNull();
  });
});

describe("highlighted code", () => {
  const coloured = createMarkdownRenderer({ copyCode: "Copy code", image: (text) => text }, { highlight });
  const show = (text: string) => {
    const root = document.createElement("div");
    root.innerHTML = cutBlocks(noBlocks, text, true, coloured)
      .blocks.map(({ html }) => html)
      .join("");
    return root;
  };

  it("has classes and no style, and the same text", () => {
    const code = 'fn main() {\n    // <b>\n    println!("a & b");\n}';
    const root = show(`\`\`\`rust\n${code}\n\`\`\``);
    expect(root.querySelector(".hljs-keyword")?.textContent).toBe("fn");
    expect(root.querySelector("code")?.textContent).toBe(code);
    expect(root.querySelector("[style], b")).toBeNull();
  });

  it("keeps its text while it grows over many lines", () => {
    const code = Array.from({ length: 130 }, (_, index) => `let a${index} = "${index}";`).join("\n");
    const root = show(`\`\`\`js\n${code}`);
    expect(root.querySelector("code")?.textContent).toBe(code);
    expect(root.querySelectorAll(".hljs-keyword")).toHaveLength(130);
  });

  it("is plain in a language that nobody knows", () => {
    expect(show("```klingon\nfn a\n```").querySelector("code")?.innerHTML).toBe("fn a");
  });
});

describe("the documentation", () => {
  const docs = createMarkdownRenderer({ copyCode: "Copy code", image: (text) => text }, { docs: { page: "models" } });
  const show = (text: string) => {
    const root = document.createElement("div");
    root.innerHTML = cutBlocks(noBlocks, text, true, docs)
      .blocks.map(({ html }) => html)
      .join("");
    return root;
  };

  it("leads to its own pages within the console", () => {
    const hrefs = [...show("[a](access.md#host-and-origin) [b](#usage) [c](https://e.example/) [d](/jobs)").querySelectorAll("a")].map(
      (anchor) => [anchor.getAttribute("href"), anchor.getAttribute("target")],
    );
    expect(hrefs).toEqual([
      ["/docs/access#host-and-origin", null],
      ["/docs/models#usage", null],
      ["https://e.example/", "_blank"],
    ]);
  });

  it("has headings that citations can name", () => {
    const ids = [...show("# A page\n\n## `banto` & *co*: what?\n\n## Forms\n\n### Forms\n\n## はじめに：起動").querySelectorAll("[id]")].map(
      ({ id }) => id,
    );
    expect(ids).toEqual(["a-page", "banto--co-what", "forms", "forms-1", "はじめに起動"]);
  });

  it("gives no other text such links and anchors", () => {
    const root = render("# Title\n\n[a](access.md)");
    expect(root.querySelector("[id], a")).toBeNull();
  });
});
