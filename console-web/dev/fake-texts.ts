import { RunState } from "../src/gen/banto/v1/common_pb";
import { MessageRole } from "../src/gen/banto/v1/companion_conversation_pb";
import type { ConversationLog } from "./conversation-log";

export const modelText = `The build is slow for **three reasons**, in order of weight:

1. Every crate is compiled with full debug information. \`debug = "line-tables-only"\` keeps backtraces and makes the binary a quarter of its size.
2. The linker runs alone at the end.
3. Two versions of the same crate are in the tree.

Put this into \`Cargo.toml\`:

\`\`\`toml
[profile.dev]
debug = "line-tables-only"
split-debuginfo = "unpacked" # a long comment that does not fit into the width of a phone at all
\`\`\`

| Step | Before | After |
|---|---|---|
| cold build | 240 s | 120 s |
| one change | 14 s | 4 s |

> Measure before and after: \`cargo build --timings\` draws a picture.

More is in [the Cargo book](https://doc.rust-lang.org/cargo/reference/profiles.html). 日本語の文章も読めます。![a picture](https://tracker.example/p.png)
`;

export const guideText = `## Connecting a model

Banto takes what the environment offers. Set \`OPENAI_API_KEY\`, \`ANTHROPIC_API_KEY\` or \`GEMINI_API_KEY\`, or start Ollama on this machine, and restart the server.

\`\`\`sh
export OPENAI_API_KEY=…
banto serve
\`\`\`
`;

export function olderMessages(log: ConversationLog, count: number): void {
  for (let index = 1; index <= count; index += 1) {
    const own = index % 2 === 1;
    log.add(
      own ? MessageRole.USER : MessageRole.ASSISTANT,
      own ? `Question ${index}` : `Answer ${index}.\n\n${"Some more words that fill the line. ".repeat(index % 7)}`,
      `old-${Math.ceil(index / 2)}`,
      RunState.COMPLETED,
    );
    log.conversation.headSequence += 1n;
  }
}
