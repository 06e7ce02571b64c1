import type { ServiceImpl } from "@connectrpc/connect";
import { type Settings, WireFormat } from "../src/gen/banto/v1/settings_pb";

const models: Record<string, readonly string[]> = {
  openai: ["gpt-5", "gpt-5-mini", "o5"],
  ollama: ["qwen3:8b", "llama4:17b"],
};

/** What a conversation may choose from, and the prompt that its choices make. */
export const fakeChoices = {
  getPreferences: () => ({ preferences: { version: 1n, promptRetentionDays: 30, eventRetentionDays: 30 } }),
  listProviders: () => ({
    providers: [
      { providerId: "openai", wireFormat: WireFormat.OPENAI_CHAT, host: "api.openai.com", defaultModel: "gpt-5-mini" },
      { providerId: "ollama", wireFormat: WireFormat.OPENAI_CHAT, host: "127.0.0.1:11434", local: true, defaultModel: "qwen3:8b" },
    ],
  }),
  listModels: ({ providerId }) => ({ models: (models[providerId] ?? []).map((modelId) => ({ modelId })) }),
  renderPrompt: ({ name, settings }) => ({
    ref: { name, version: 1, sha256: "ab".repeat(32) },
    text: `You are the Companion.\n\n${settings?.language ? `Answer in ${settings.language}.` : "Answer in the language of the message."}\n\n${settings?.instructions ?? ""}`,
  }),
} satisfies Partial<ServiceImpl<typeof Settings>>;
