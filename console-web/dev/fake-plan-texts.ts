import { createHash } from "node:crypto";
import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { DiffHunkSchema, DiffLineKind, FindingSeverity, type PlanFinding, PlanFindingSchema, PartChange, StepDiffSchema, type DiffRevisionsResponseSchema } from "../src/gen/banto/v1/plans_pb";
import { type PlanDocument, readPlan } from "../src/plans/plan-document";

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const bytes = (text: string) => Buffer.byteLength(text);

const step = (number: number, title: string, body: string) => `    <plan_step number="${number}">
      <title>${title}</title>
${body}    </plan_step>
`;

/** A plan as a model would write it. `steps` makes it as long as one likes. */
export function planText(subject: string, steps = 4, note = ""): string {
  const parts = [
    step(
      1,
      `Keep the cursor with the view of ${subject}`,
      `      <description>The cursor is the **sequence** of the last event. It is kept where the view is, so that both always fit.

- nothing is asked for twice
- a gap is noticed: \`sequence !== view.sequence + 1\`

見出しと本文の両方を保つ。</description>
      <confidence>high</confidence>
      <assumptions><assumption>The server keeps the events of a day.</assumption></assumptions>
      <file_operations>
        <operation type="modify" path="console-web/src/feed/feed-client.ts" symbols="FeedClient.watch subjectRequest">
          <changes><![CDATA[
#request(entry: Entry) {
  const view = entry.watched.phase === "ready" ? entry.watched.view : undefined;
  return subjectRequest(entry.subject, entry.id, view && view.sequence < limit ? view : undefined);
}
]]></changes>
          <validation>Cut the connection in the middle of a reply: the text goes on where it was. ${note}</validation>
        </operation>
        <operation type="create" path="console-web/src/feed/cursor.ts">
          <changes><![CDATA[export const none = 0n;]]></changes>
        </operation>
      </file_operations>
      <bash_commands><command>npm test -- feed-client</command></bash_commands>
      <exploration_commands><command>rg "after_sequence" console-web/src</command></exploration_commands>
`,
    ),
    step(
      2,
      "Ask for missing events",
      `      <description>Whoever finds a gap asks again from its cursor.</description>
      <confidence>medium</confidence>
      <file_operations>
        <operation type="modify" path="console-web/src/feed/subject.ts" symbols="reduceWatched">
          <changes>if (a < b && c > d) { return <View broken="gap"/>; }</changes>
        </operation>
        <operation type="move" from="console-web/src/feed/backoff.ts" path="console-web/src/feed/pauses.ts"/>
      </file_operations>
`,
    ),
    ...Array.from({ length: Math.max(0, steps - 2) }, (_, index) =>
      step(
        index + 3,
        `Step ${index + 3} of the way`,
        `      <description>What is done in step ${index + 3}, in a sentence or two, so that a reader knows why.</description>
      <confidence>${index % 3 === 0 ? "low" : "high"}</confidence>
      <file_operations>
        <operation type="modify" path="console-web/src/jobs/part-${index}.ts">
          <changes><![CDATA[export function part${index}(value: number): number {\n  return value < ${index} ? value : ${index};\n}\n${index % 7 === 0 ? "// a long line of code that does not fit ".repeat(6) : ""}]]></changes>
          <validation>npm test</validation>
        </operation>
      </file_operations>
`,
      ),
    ),
  ];
  return `<implementation_plan>
  <agent_instructions>Keep to the style of the files around. Run the tests after each step.</agent_instructions>
  <steps>
${parts.join("")}  </steps>
</implementation_plan>
`;
}

/** Finds what a person may want to see found. */
export function check(text: string): PlanFinding[] {
  const found: MessageInitShape<typeof PlanFindingSchema>[] = [];
  const add = (needle: string, severity: FindingSeverity, code: string, message: string, fix?: { label: string; replacement: string }) => {
    const at = text.indexOf(needle);
    if (at < 0) {
      return;
    }
    const before = text.slice(0, at);
    const start = BigInt(bytes(before));
    const end = start + BigInt(bytes(needle));
    const line = before.split("\n").length;
    const number = (before.match(/<plan_step /g) ?? []).length;
    found.push({ severity, code, message, step: number, start, end, line, column: at - before.lastIndexOf("\n"), ...(fix && { fix: { ...fix, start, end } }) });
  };
  add("console-web/src/feed/subject.ts", FindingSeverity.ERROR, "missing_path", "console-web/src/feed/subject.ts does not exist.", { label: "use subjects.ts", replacement: "console-web/src/feed/subjects.ts" });
  add("<changes>if (a < b", FindingSeverity.WARNING, "code_outside_cdata", "This code is not in CDATA, so it is taken as it stands.");
  add("subjectRequest\"", FindingSeverity.WARNING, "unknown_symbol", "console-web/src/feed/feed-client.ts has no symbol subjectRequest.");
  if (!text.includes("</implementation_plan>")) {
    found.push({ severity: FindingSeverity.ERROR, code: "cut_off", message: "The plan is not whole.", start: BigInt(bytes(text)), end: BigInt(bytes(text)), line: text.split("\n").length, column: 1 });
  }
  return found.map((finding) => create(PlanFindingSchema, finding)).toSorted((a, b) => Number(a.start - b.start));
}

export const structureOf = (text: string): PlanDocument => readPlan(text);
export const operationsOf = ({ steps }: PlanDocument) => steps.reduce((sum, { operations }) => sum + operations.length, 0);

/** Says roughly how two texts differ. */
export function diff(before: string, after: string): MessageInitShape<typeof DiffRevisionsResponseSchema> {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const removed = old.filter((line) => !now.includes(line));
  const added = now.filter((line) => !old.includes(line));
  const [a, b] = [structureOf(before).steps, structureOf(after).steps];
  return {
    hunks: [create(DiffHunkSchema, { oldLine: 1, newLine: 1, lines: [...removed.map((text) => ({ kind: DiffLineKind.REMOVED, text })), ...added.map((text) => ({ kind: DiffLineKind.ADDED, text }))] })],
    addedLines: added.length,
    removedLines: removed.length,
    steps: [
      ...a.filter(({ title }) => !b.some((other) => other.title === title)).map(({ number, title }) => ({ change: PartChange.REMOVED, oldNumber: number, title })),
      ...b.flatMap((one): MessageInitShape<typeof StepDiffSchema>[] => {
        const former = a.find(({ title }) => title === one.title);
        const text = (plan: string, { from, to }: { from: number; to: number }) => plan.slice(from, to);
        if (former === undefined) {
          return [{ change: PartChange.ADDED, newNumber: one.number, title: one.title }];
        }
        return text(before, former) === text(after, one) ? [] : [{ change: PartChange.CHANGED, oldNumber: former.number, newNumber: one.number, title: one.title, fields: ["file_operations"], operations: one.operations.slice(0, 1).map(({ path, type }) => ({ change: PartChange.CHANGED, path, type, fields: ["changes"] })) }];
      }),
    ],
  };
}
