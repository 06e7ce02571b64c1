import type { PlanDocument, PlanNote, PlanOperation, PlanStep } from "./plan-structure";

export type { PlanDocument, PlanNote, PlanOperation, PlanStep, Span } from "./plan-structure";

type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };

const leaves = new Set(["title", "description", "confidence", "assumption", "changes", "validation", "evidence", "command", "agent_instructions", "source", "conflict", "answer"]);
const root = "implementation_plan";
/** What may stand after `</changes>`; code that holds such a tag itself goes on. */
const afterChanges = /^\s*<(?:validation|evidence|\/operation)[\s/>]/;
const afterChangesBegun = /^\s*(?:<[/a-z]{0,11})?$/;
const tagPattern = /^<(\/?)([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/;
const attributePattern = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entityPattern = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-fA-F]{1,6}));/g;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** A tag that is longer than this is text. */
const longestTag = 20_000;
const deepest = 32;

function decode(text: string): string {
  return text.replace(entityPattern, (whole, name: string | undefined, decimal: string | undefined, hex: string | undefined) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return name === undefined ? (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole) : (entities[name] ?? whole);
  });
}

interface Leaf {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Up to here its content holds no end tag. */
  scanned: number;
  raw: boolean;
}

/**
 * Reads a plan while it is written. It never fails: what is wrong is left out,
 * and the server's check says what it is. No entity is declared or expanded but
 * the five of XML, and each piece of the text is looked at a bounded number of
 * times, however it is cut.
 */
export class PlanReader {
  #buffer = "";
  /** Where the buffer begins in the text. */
  #base = 0;
  #open: string[] = [];
  #leaf: Leaf | undefined;
  /** Where nothing but the end of a markup was looked for already. */
  #searched = 0;
  #loose = "";
  #step: Draft<PlanStep> | undefined;
  #operation: Draft<PlanOperation> | undefined;
  #steps: PlanStep[] = [];
  #notes: PlanNote[] = [];
  #agentInstructions = "";
  #complete = false;

  /** Takes the next piece of the text. */
  push(piece: string): void {
    this.#buffer += piece;
    this.#run(false);
  }

  /** The structure so far. Steps that are whole are the same objects each time. */
  document(): PlanDocument {
    const step = this.#step && this.#openStep(this.#step);
    return {
      agentInstructions: this.#leaf?.name === "agent_instructions" ? this.#partial() : this.#agentInstructions,
      notes: [...this.#notes],
      steps: step ? [...this.#steps, step] : [...this.#steps],
      complete: this.#complete,
    };
  }

  /** The structure of a text that is over. */
  finish(): PlanDocument {
    this.#run(true);
    return this.document();
  }

  #run(over: boolean): void {
    let at = 0;
    for (;;) {
      const next: number = this.#leaf ? this.#readLeaf(at, over) : this.#readMarkup(at, over);
      if (next < 0) {
        break;
      }
      at = next;
      if (!this.#leaf) {
        this.#searched = at;
      }
    }
    if (at > 0) {
      this.#drop(at);
    }
  }

  #drop(length: number): void {
    this.#buffer = this.#buffer.slice(length);
    this.#base += length;
    this.#searched = Math.max(0, this.#searched - length);
    if (this.#leaf) {
      this.#leaf.scanned = Math.max(0, this.#leaf.scanned - length);
    }
  }

  /** Reads one markup from `at` on. Returns where it ends; -1: it is not whole. */
  #readMarkup(at: number, over: boolean): number {
    const open = this.#buffer.indexOf("<", at);
    if (open < 0) {
      this.#text(this.#buffer.slice(at));
      return at < this.#buffer.length ? this.#buffer.length : -1;
    }
    if (open > at) {
      this.#text(this.#buffer.slice(at, open));
      return open;
    }
    for (const [begin, end] of [["<![CDATA[", "]]>"], ["<!--", "-->"], ["<?", "?>"], ["<!", ">"]] as const) {
      const head = this.#buffer.slice(open, open + begin.length);
      if (head === begin) {
        const close = this.#buffer.indexOf(end, Math.max(open + begin.length, this.#searched));
        if (close < 0) {
          this.#searched = Math.max(open, this.#buffer.length - end.length);
          return -1;
        }
        if (begin === "<![CDATA[") {
          this.#text(this.#buffer.slice(open + begin.length, close));
        }
        return close + end.length;
      }
      if (begin.startsWith(head) && !over) {
        return -1;
      }
    }
    const close = this.#tagEnd(open);
    if (close < 0) {
      return this.#buffer.length - open > longestTag ? open + 1 : -1;
    }
    if (close === open) {
      return open + 1;
    }
    const tag = tagPattern.exec(this.#buffer.slice(open, close + 1));
    if (tag === null) {
      return open + 1;
    }
    const [, slash, name = "", attributes = "", empty] = tag;
    if (slash === "/") {
      this.#end(name, this.#base + close + 1);
    } else {
      this.#begin(name, Object.fromEntries([...attributes.matchAll(attributePattern)].map(([, key = "", double, single]) => [key, decode(double ?? single ?? "")])), open, close + 1, empty === "/");
    }
    return close + 1;
  }

  /** The `>` of a tag, past those in quotation marks. `open`: it is none. -1: it is not whole. */
  #tagEnd(open: number): number {
    let quote = "";
    const limit = Math.min(this.#buffer.length, open + longestTag);
    for (let at = open; at < limit; at += 1) {
      const char = this.#buffer.charAt(at);
      if (quote === "") {
        if (char === ">") {
          return at;
        }
        if (char === "<" && at > open) {
          return open;
        }
        quote = char === '"' || char === "'" ? char : "";
      } else if (char === quote) {
        quote = "";
      }
    }
    return -1;
  }

  #begin(name: string, attributes: Readonly<Record<string, string>>, open: number, to: number, empty: boolean): void {
    const from = this.#base + open;
    if (leaves.has(name)) {
      if (empty) {
        this.#put({ name, attributes, scanned: 0, raw: false }, "");
      } else {
        this.#leaf = { name, attributes, scanned: to, raw: false };
      }
      return;
    }
    if (name === "plan_step") {
      this.#closeStep(from);
      const number = Number(attributes["number"]);
      this.#step = {
        from,
        to: this.#base + to,
        number: Number.isSafeInteger(number) && number > 0 ? number : this.#steps.length + 1,
        title: attributes["title"] ?? "",
        description: "",
        confidence: attributes["confidence"] ?? "",
        assumptions: [],
        operations: [],
        bashCommands: [],
        explorationCommands: [],
        sources: attributes["sources"] ?? "",
        complete: false,
      };
    } else if (name === "operation") {
      this.#closeOperation(from);
      this.#operation = {
        from,
        to: this.#base + to,
        type: attributes["type"] ?? "",
        path: attributes["path"] ?? "",
        source: attributes["from"] ?? "",
        symbols: (attributes["symbols"] ?? "").split(/\s+/).filter((symbol) => symbol !== ""),
        changes: undefined,
        validation: undefined,
        evidence: undefined,
      };
    }
    this.#loose = "";
    if (empty) {
      this.#end(name, this.#base + to);
    } else if (this.#open.length < deepest) {
      this.#open.push(name);
    }
  }

  #end(name: string, to: number): void {
    if (name === "operation") {
      this.#closeOperation(to);
    } else if (name === "assumptions" && this.#step && this.#loose.trim() !== "") {
      this.#step.assumptions.push(decode(this.#loose).trim());
    } else if (name === "plan_step") {
      this.#closeStep(to, true);
    } else if (name === root) {
      this.#closeStep(to);
      this.#complete = true;
    }
    const index = this.#open.lastIndexOf(name);
    if (index >= 0) {
      this.#open.length = index;
    }
    this.#loose = "";
  }

  #text(text: string): void {
    if (this.#open.at(-1) === "assumptions") {
      this.#loose += text;
    }
  }

  #closeOperation(to: number): void {
    if (this.#operation) {
      this.#step?.operations.push({ ...this.#operation, to });
      this.#operation = undefined;
    }
  }

  #closeStep(to: number, complete = false): void {
    this.#closeOperation(to);
    if (this.#step) {
      this.#steps.push({ ...this.#step, to, complete });
      this.#step = undefined;
    }
  }

  /** Reads on to the end of an element that holds text. */
  #readLeaf(at: number, over: boolean): number {
    const leaf = this.#leaf;
    if (leaf === undefined) {
      return at;
    }
    const endTag = `</${leaf.name}`;
    for (;;) {
      const open = this.#buffer.indexOf("<", leaf.scanned);
      if (open < 0) {
        leaf.scanned = this.#buffer.length;
        return -1;
      }
      const head = this.#buffer.slice(open, open + 9);
      if (head === "<![CDATA[") {
        const close = this.#buffer.indexOf("]]>", Math.max(open + 9, this.#searched));
        if (close < 0) {
          leaf.scanned = open;
          this.#searched = Math.max(open, this.#buffer.length - 3);
          return -1;
        }
        leaf.scanned = close + 3;
        continue;
      }
      const begun = this.#buffer.slice(open, open + endTag.length);
      if (!over && ("<![CDATA[".startsWith(head) || (endTag.startsWith(begun) && this.#buffer.indexOf(">", open) < 0 && this.#buffer.length - open < longestTag))) {
        leaf.scanned = open;
        return -1;
      }
      const close = begun === endTag ? (/^\s*>/.exec(this.#buffer.slice(open + endTag.length, open + endTag.length + 64))?.[0].length ?? 0) : 0;
      if (close > 0) {
        const to = open + endTag.length + close;
        const follows = leaf.name === "changes" ? this.#follows(to, over) : true;
        if (follows === undefined) {
          leaf.scanned = open;
          return -1;
        }
        if (follows) {
          this.#put(leaf, this.#content(leaf, this.#buffer.slice(at, open)));
          this.#leaf = undefined;
          return to;
        }
      }
      leaf.raw = true;
      leaf.scanned = open + 1;
    }
  }

  /** Whether `</changes>` is the end of the changes. Undefined: that is not written yet. */
  #follows(to: number, over: boolean): boolean | undefined {
    const rest = this.#buffer.slice(to, to + 400);
    if (afterChanges.test(rest)) {
      return true;
    }
    if (afterChangesBegun.test(rest) && rest.length < 400) {
      return over ? true : undefined;
    }
    return false;
  }

  #content({ raw }: Leaf, text: string): string {
    if (raw) {
      return text;
    }
    return text
      .split("<![CDATA[")
      .map((part, index) => {
        const end = index === 0 ? -1 : part.indexOf("]]>");
        return end < 0 ? (index === 0 ? decode(part) : part) : part.slice(0, end) + decode(part.slice(end + 3));
      })
      .join("");
  }

  /** What the open element holds so far, without the beginning of its end. */
  #partial(): string {
    return this.#leaf ? this.#content(this.#leaf, this.#buffer.replace(/<\/?[a-z_]*$/, "")) : "";
  }

  #put({ name, attributes }: Leaf, text: string): void {
    const step = this.#step;
    const operation = this.#operation;
    if (name === "agent_instructions") {
      this.#agentInstructions = text;
    } else if (name === "source" || name === "conflict" || name === "answer") {
      this.#notes.push({ kind: name, attributes, text });
    } else if (operation && (name === "changes" || name === "validation" || name === "evidence")) {
      operation[name] = text;
    } else if (step && (name === "title" || name === "description" || name === "confidence")) {
      step[name] = name === "description" ? text : text.trim();
    } else if (step && name === "assumption") {
      step.assumptions.push(text.trim());
    } else if (step && name === "command") {
      (this.#open.includes("exploration_commands") ? step.explorationCommands : step.bashCommands).push(text);
    }
  }

  /** A copy of what is being written, with the text that has begun. */
  #openStep(step: Draft<PlanStep>): PlanStep {
    const to = this.#base + this.#buffer.length;
    const leaf = this.#leaf?.name;
    const partial = this.#partial();
    const operation = this.#operation && {
      ...this.#operation,
      to,
      ...((leaf === "changes" || leaf === "validation" || leaf === "evidence") && { [leaf]: partial }),
    };
    return {
      ...step,
      to,
      ...((leaf === "title" || leaf === "description") && { [leaf]: partial }),
      assumptions: [...step.assumptions],
      operations: operation ? [...step.operations, operation] : [...step.operations],
      bashCommands: [...step.bashCommands],
      explorationCommands: [...step.explorationCommands],
    };
  }
}

/** Reads a whole text. */
export function readPlan(text: string): PlanDocument {
  const reader = new PlanReader();
  reader.push(text);
  return reader.finish();
}
