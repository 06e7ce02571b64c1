import DOMPurify from "dompurify";
import { Marked, type Token, type Tokens, type TokensList } from "marked";
import { linkTarget } from "./link-target";

/** Words of the page that appear inside rendered Markdown. */
export interface MarkdownWords {
  readonly copyCode: string;
  readonly image: (text: string) => string;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function link(href: string, inner: string, plain: string): string {
  const target = linkTarget(href);
  if (target === undefined) {
    return inner;
  }
  // A link whose text is its own address need not say it twice.
  const same = plain === target.href || `${plain}/` === target.href || plain === target.shown || `mailto:${plain}` === target.href;
  const where = same ? "" : ` <bdi class="link-host">(${escapeHtml(target.shown)})</bdi>`;
  return `<a href="${escapeHtml(target.href)}"><bdi>${inner}</bdi></a>${where}`;
}

function parserFor(words: MarkdownWords): Marked {
  return new Marked({
    gfm: true,
    renderer: {
      // Raw HTML is text like any other.
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
      // Loading an image would tell its server who reads this, and when.
      image: ({ href, text }: Tokens.Image) => {
        const label = words.image(text === "" ? href : text);
        return link(href, escapeHtml(label), label);
      },
      link({ href, tokens, text }: Tokens.Link) {
        return link(href, this.parser.parseInline(tokens), text);
      },
      code: ({ text, lang }: Tokens.Code) => {
        const language = /^[\w+#.-]{1,24}/.exec(lang ?? "")?.[0] ?? "";
        return (
          `<div class="code-block"><div class="code-head"><span>${escapeHtml(language)}</span>` +
          `<button type="button" class="code-copy" data-copy="code">${escapeHtml(words.copyCode)}</button></div>` +
          `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre></div>`
        );
      },
      checkbox: ({ checked }: Tokens.Checkbox) => (checked ? "☑ " : "☐ "),
      table(token: Tokens.Table) {
        const cells = (row: Tokens.TableCell[], tag: "th" | "td") =>
          row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("");
        const body = token.rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
        return (
          `<div class="table-frame" tabindex="0"><table><thead><tr>${cells(token.header, "th")}</tr></thead>` +
          `<tbody>${body}</tbody></table></div>`
        );
      },
    },
  });
}

const purifier = DOMPurify(globalThis.window);

purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") {
    return;
  }
  const target = linkTarget(node.getAttribute("href") ?? "");
  if (target === undefined) {
    node.removeAttribute("href");
    return;
  }
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** The last step before the page: only what the renderer above may produce. */
function sanitise(html: string): string {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: [
      ..."a bdi blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong".split(" "),
      ..."table tbody td th thead tr ul".split(" "),
    ],
    ALLOWED_ATTR: ["href", "class", "type", "data-copy", "tabindex", "start"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

export interface MarkdownRenderer {
  /** The top-level pieces of a text. */
  lex(text: string): TokensList;
  /** Safe HTML of one piece; `links` are the text's reference definitions. */
  html(token: Token): string;
}

export function createMarkdownRenderer(words: MarkdownWords): MarkdownRenderer {
  const marked = parserFor(words);
  return {
    lex: (text) => marked.lexer(text),
    html: (token) => sanitise(marked.parser([token])),
  };
}
