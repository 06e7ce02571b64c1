import DOMPurify from "dompurify";
import { Marked, type Token, type Tokens, type TokensList } from "marked";
import { docFromPath, docPath, docTarget } from "./doc-target";
import { escapeHtml } from "./escape-html";
import { headingAnchors } from "./heading-anchor";
import type { Highlight } from "./highlight";
import { linkTarget } from "./link-target";
import { math } from "./math";

/** Words of the page that appear inside rendered Markdown. */
export interface MarkdownWords {
  readonly copyCode: string;
  readonly image: (text: string) => string;
}

export interface MarkdownOptions {
  readonly highlight?: Highlight | undefined;
  /** The text is of our own documentation: its links lead to pages of the console. */
  readonly docs?: "quoted" | DocPage | undefined;
}

/** A whole page of the documentation; its headings have anchors. */
export interface DocPage {
  readonly page: string;
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

/** A page of the documentation, or a person's own link to another place. */
function anchorTag(href: string, inner: string, plain: string, docs: MarkdownOptions["docs"]): string {
  const page = typeof docs === "object" ? docs.page : undefined;
  const target = docs === undefined ? undefined : docTarget(href, page);
  return target === undefined ? link(href, inner, plain) : `<a href="${escapeHtml(docPath(target))}">${inner}</a>`;
}

/** So much code is highlighted at a time while more is coming. */
const growingLines = 40;
/** Longer than this, colours cost more time than they give. */
const highlightLimit = 60_000;

/**
 * Highlights a block. One that still grows is highlighted in pieces, of which
 * only the last is new in each frame; once it is closed, as a whole.
 */
function highlighted(code: string, language: string, closed: boolean, highlight: Highlight | undefined): string {
  if (highlight === undefined || language === "" || code.length > highlightLimit) {
    return escapeHtml(code);
  }
  if (closed) {
    return highlight(code, language) ?? escapeHtml(code);
  }
  const lines = code.split("\n");
  const pieces: string[] = [];
  for (let first = 0; first < lines.length; first += growingLines) {
    const piece = lines.slice(first, first + growingLines).join("\n");
    pieces.push(highlight(piece, language) ?? escapeHtml(piece));
  }
  return pieces.join("\n");
}

function isClosed({ raw }: Tokens.Code): boolean {
  return /\n *(`{3,}|~{3,})[ \t]*\n*$/.test(raw) || !/^ {0,3}(`{3,}|~{3,})/.test(raw);
}

function parserFor(words: MarkdownWords, { highlight, docs }: MarkdownOptions): Marked {
  let anchorOf = headingAnchors();
  const marked = new Marked({
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
        return anchorTag(href, this.parser.parseInline(tokens), text, docs);
      },
      heading({ depth, tokens, text }: Tokens.Heading) {
        if (depth === 1) {
          anchorOf = headingAnchors();
        }
        const id = typeof docs === "object" && depth <= 4 ? ` id="${escapeHtml(anchorOf(text))}" tabindex="-1"` : "";
        return `<h${depth}${id}>${this.parser.parseInline(tokens)}</h${depth}>`;
      },
      code: (token: Tokens.Code) => {
        const { text, lang } = token;
        const language = /^[\w+#.-]{1,24}/.exec(lang ?? "")?.[0] ?? "";
        return (
          `<div class="code-block"><div class="code-head"><span>${escapeHtml(language)}</span>` +
          `<button type="button" class="code-copy" data-copy="code">${escapeHtml(words.copyCode)}</button></div>` +
          `<pre tabindex="0"><code>${highlighted(text, language.toLowerCase(), isClosed(token), highlight)}</code></pre></div>`
        );
      },
      checkbox: ({ checked }: Tokens.Checkbox) => (checked ? "☑ " : "☐ "),
      table(token: Tokens.Table) {
        const cells = (row: Tokens.TableCell[], tag: "th" | "td") =>
          row
            .map(({ align, tokens }) => {
              const side = align === "right" || align === "center" ? ` class="align-${align}"` : "";
              return `<${tag}${side}>${this.parser.parseInline(tokens)}</${tag}>`;
            })
            .join("");
        const body = token.rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
        return (
          `<div class="table-frame" tabindex="0"><table><thead><tr>${cells(token.header, "th")}</tr></thead>` +
          `<tbody>${body}</tbody></table></div>`
        );
      },
    },
  });
  return marked.use(math);
}

/** The last step before the page: only what the renderer above may produce. */
function createSanitiser(docs: boolean): (html: string) => string {
  const purifier = DOMPurify(globalThis.window);
  purifier.addHook("afterSanitizeAttributes", (node) => {
    if (node.nodeName !== "A") {
      return;
    }
    const href = node.getAttribute("href") ?? "";
    if (docs && docFromPath(href) !== undefined) {
      return;
    }
    if (linkTarget(href) === undefined) {
      node.removeAttribute("href");
      return;
    }
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  });
  return (html) =>
    purifier.sanitize(html, {
      ALLOWED_TAGS: [
        ..."a bdi blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong".split(" "),
        ..."table tbody td th thead tr ul".split(" "),
      ],
      ALLOWED_ATTR: ["href", "class", "type", "data-copy", "tabindex", "start", ...(docs ? ["id"] : [])],
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      // An id of our own documentation may be a word such as `forms`.
      SANITIZE_DOM: !docs,
    });
}

const sanitise = createSanitiser(false);
const sanitiseDocs = createSanitiser(true);

export interface MarkdownRenderer {
  /** The top-level pieces of a text. */
  lex(text: string): TokensList;
  /** Safe HTML of one piece; `links` are the text's reference definitions. */
  html(token: Token): string;
}

export function createMarkdownRenderer(words: MarkdownWords, options: MarkdownOptions = {}): MarkdownRenderer {
  const marked = parserFor(words, options);
  const clean = options.docs === undefined ? sanitise : sanitiseDocs;
  return {
    lex: (text) => marked.lexer(text),
    html: (token) => clean(marked.parser([token])),
  };
}
