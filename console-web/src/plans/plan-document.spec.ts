import { describe, expect, it } from "vitest";
import { PlanReader, readPlan } from "./plan-document";

const plan = `<?xml version="1.0"?>
<implementation_plan>
  <agent_instructions>Keep &lt;names&gt; &amp; style &#x756a;</agent_instructions>
  <sources>
    <source id="A">from A</source>
    <conflict step="2" sources="A:1 B:3">tabs</conflict>
    <answer comment="c1" addressed="false">No, because.</answer>
  </sources>
  <steps>
    <plan_step number="1" sources="A:1">
      <title>Push twice</title>
      <description><![CDATA[Some **Markdown** with <b>]]></description>
      <confidence>high</confidence>
      <assumptions><assumption>one</assumption></assumptions>
      <file_operations>
        <operation type="modify" path="src/queue.rs" symbols="Queue::push  retry">
          <changes><![CDATA[if a < b { "]]]]><![CDATA[>" }]]></changes>
          <validation>cargo test</validation>
        </operation>
        <operation type="move" from="a.rs" path="b&quot;.rs"/>
      </file_operations>
      <bash_commands><command>cargo test</command></bash_commands>
      <exploration_commands><command>rg push &amp;&amp; ls</command></exploration_commands>
    </plan_step>
    <plan_step number="2" title="From an attribute" confidence="low">
      <assumptions>plain text</assumptions>
      <file_operations>
        <operation type="create" path="x.xml">
          <changes>raw <xml> with </changes> inside && more</changes>
          <evidence>e</evidence>
        </operation>
      </file_operations>
    </plan_step>
  </steps>
</implementation_plan>
`;

const inPieces = (text: string, size: number) => {
  const reader = new PlanReader();
  for (let at = 0; at < text.length; at += size) {
    reader.push(text.slice(at, at + size));
    reader.document();
  }
  return reader.finish();
};

describe("readPlan", () => {
  it("reads what a plan says", () => {
    const document = readPlan(plan);
    expect(document.complete).toBe(true);
    expect(document.agentInstructions).toBe("Keep <names> & style 番");
    expect(document.notes).toEqual([
      { kind: "source", attributes: { id: "A" }, text: "from A" },
      { kind: "conflict", attributes: { step: "2", sources: "A:1 B:3" }, text: "tabs" },
      { kind: "answer", attributes: { comment: "c1", addressed: "false" }, text: "No, because." },
    ]);
    const [first, second] = document.steps;
    expect(first).toMatchObject({ number: 1, title: "Push twice", description: "Some **Markdown** with <b>", confidence: "high", assumptions: ["one"], sources: "A:1" });
    expect(first?.operations[0]).toMatchObject({ type: "modify", path: "src/queue.rs", symbols: ["Queue::push", "retry"], changes: 'if a < b { "]]>" }', validation: "cargo test" });
    expect(first?.operations[1]).toMatchObject({ type: "move", source: "a.rs", path: 'b".rs', changes: undefined });
    expect(first).toMatchObject({ bashCommands: ["cargo test"], explorationCommands: ["rg push && ls"], complete: true });
    expect(second).toMatchObject({ number: 2, title: "From an attribute", confidence: "low", assumptions: ["plain text"] });
    expect(second?.operations[0]).toMatchObject({ changes: "raw <xml> with </changes> inside && more", evidence: "e" });
    expect(plan.slice(first?.from, first?.to)).toMatch(/^<plan_step number="1"[\s\S]*<\/plan_step>$/);
    const [operation] = second?.operations ?? [];
    expect(plan.slice(operation?.from, operation?.to)).toMatch(/^<operation type="create"[\s\S]*<\/operation>$/);
  });

  it("reads the same however the text is cut", () => {
    const whole = readPlan(plan);
    for (const size of [1, 2, 3, 5, 7, 11, 64, 1000]) {
      expect(inPieces(plan, size)).toEqual(whole);
    }
  });

  it("shows what is being written", () => {
    const cut = plan.slice(0, plan.indexOf("if a < b") + 8);
    const reader = new PlanReader();
    reader.push(cut);
    const { steps, complete } = reader.document();
    expect(complete).toBe(false);
    expect(steps[0]).toMatchObject({ complete: false, title: "Push twice" });
    expect(steps[0]?.operations[0]).toMatchObject({ path: "src/queue.rs", changes: "if a < b" });
  });

  it("keeps whole steps as they are", () => {
    const reader = new PlanReader();
    reader.push(plan.slice(0, plan.indexOf('<plan_step number="2"') + 60));
    const [before] = reader.document().steps;
    reader.push("more");
    expect(reader.document().steps[0]).toBe(before);
  });

  it("stands hostile texts, cut or not", () => {
    const hostile = [
      "",
      "no markup at all & < >",
      "<implementation_plan><steps><plan_step><title>unclosed",
      "</plan_step></operation></implementation_plan>",
      `<!DOCTYPE x [<!ENTITY a "aaaa">]><implementation_plan><agent_instructions>&a;&a;</agent_instructions></implementation_plan>`,
      "<steps>".repeat(5000),
      `<plan_step number="-1e9" number='x'><operation path="${"a".repeat(30_000)}"></plan_step>`,
      "<![CDATA[",
      "<title><![CDATA[",
      "<changes></changes></changes></changes>",
      "<a b='>' c=\">\"><plan_step number=\"3\"><title>t</title ></plan_step>",
      "<plan_step><file_operations><operation type='create' path='p'><changes><div></changes></operation></plan_step>",
      "&#0;&#1114112;&#xffffffff;<title>&#0;</title>",
    ];
    for (const text of hostile) {
      const whole = readPlan(text);
      expect(inPieces(text, 3)).toEqual(whole);
      expect(JSON.stringify(whole)).not.toContain("aaaaaaaa".repeat(5000));
    }
    expect(readPlan(hostile[4] ?? "").agentInstructions).toBe("&a;&a;");
  });

  it("reads a megabyte soon, also in pieces and where nothing closes", () => {
    const long = plan.replace("cargo test</validation>", `${"x <y ".repeat(200_000)}</validation>`);
    const begun = performance.now();
    readPlan(long);
    inPieces(long, 4000);
    readPlan(`<changes>${"</changes> ".repeat(50_000)}`);
    readPlan("<".repeat(300_000));
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
