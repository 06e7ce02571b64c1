import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { FailureKind } from "../src/gen/banto/v1/common_pb";
import {
  PreferencesSchema,
  ProviderOrigin,
  ProviderSchema,
  Settings,
  TemplateSchema,
  type Token,
  TokenSchema,
  TokenScope,
  WireFormat,
} from "../src/gen/banto/v1/settings_pb";
import { templates } from "./fake-reviews";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb";

const providers = [
  create(ProviderSchema, {
    providerId: "openai",
    wireFormat: WireFormat.OPENAI_CHAT,
    host: "api.openai.com",
    origin: ProviderOrigin.ENVIRONMENT,
    defaultModel: "gpt-5-mini",
  }),
  create(ProviderSchema, {
    providerId: "ollama",
    wireFormat: WireFormat.OPENAI_CHAT,
    host: "127.0.0.1:11434",
    local: true,
    origin: ProviderOrigin.DISCOVERED,
    defaultModel: "qwen3:8b",
  }),
  create(ProviderSchema, {
    providerId: "claude",
    wireFormat: WireFormat.ANTHROPIC,
    host: "api.anthropic.com",
    origin: ProviderOrigin.CONFIGURATION,
    failure: { kind: FailureKind.AUTH, message: "the environment variable ANTHROPIC_API_KEY, which holds the key, is not set" },
  }),
];
let preferences = create(PreferencesSchema, { version: 1n, promptRetentionDays: 30, eventRetentionDays: 365 });
const tokens: Token[] = [];
const promptRef = { name: "companion/system", version: 3, digest: "ab".repeat(32) };

export function fakeSettings(router: ConnectRouter): void {
  router.service(Settings, {
    createToken: ({ name, scope }) => {
      const token = create(TokenSchema, { tokenId: randomUUID(), name, scope: scope || TokenScope.READ, createdAt: timestampNow() });
      tokens.unshift(token);
      return { secret: `fake-${randomUUID()}`, token };
    },
    listTokens: () => ({ tokens }),
    revokeToken: ({ tokenId }) => {
      const token = tokens.find((candidate) => candidate.tokenId === tokenId);
      if (token) {
        token.revokedAt = timestampNow();
      }
      return token ? { token } : {};
    },
    listProviders: () => ({ providers }),
    checkProvider: ({ providerId }) => {
      const provider = providers.find((candidate) => candidate.providerId === providerId);
      const usable = provider?.failure === undefined;
      return { ...(provider && { provider }), usable, latency: { seconds: 0n, nanos: 182_000_000 }, modelCount: usable ? 2 : 0 };
    },
    listModels: () => ({
      models: [
        { modelId: "gpt-5-mini", contextWindow: 400_000n, price: { inputNanoUsdPerMtok: 250_000_000n, outputNanoUsdPerMtok: 2_000_000_000n, asOf: "2026-11-01" } },
        { modelId: "gpt-5" },
      ],
    }),
    listPrompts: () => ({ prompts: [{ ref: promptRef, template: "You are the Companion of {{workspace}}." }] }),
    renderPrompt: ({ settings }) => ({
      ref: promptRef,
      text: `You are the Companion.\n\n${settings?.language ? `Answer in ${settings.language}.` : "Answer in the language of the message."}\n\n${settings?.instructions ?? ""}`,
    }),
    listTemplates: () => ({ templates }),
    saveTemplate: ({ templateId, name, text, expectedVersion }) => {
      const known = templates.find((template) => template.templateId === templateId);
      if (known && expectedVersion !== 0n && expectedVersion !== known.version) {
        throw new ConnectError("changed in the meantime", Code.Aborted, undefined, [{ desc: ErrorInfoSchema, value: { reason: "VERSION_CONFLICT", domain: "banto.v1" } }]);
      }
      const template = known ?? create(TemplateSchema, { templateId: randomUUID() });
      Object.assign(template, { name, text, version: template.version + 1n, updatedAt: timestampNow() });
      if (!known) {
        templates.push(template);
      }
      return { template };
    },
    deleteTemplate: ({ templateId }) => {
      templates.splice(templates.findIndex((template) => template.templateId === templateId), 1);
      return {};
    },
    getPreferences: () => ({ preferences }),
    updatePreferences: ({ preferences: changed, expectedVersion }) => {
      if (expectedVersion !== 0n && expectedVersion !== preferences.version) {
        throw new ConnectError("changed in the meantime", Code.Aborted, undefined, [
          { desc: ErrorInfoSchema, value: { reason: "VERSION_CONFLICT", domain: "banto.v1" } },
        ]);
      }
      preferences = { ...(changed ?? preferences), version: preferences.version + 1n };
      return { preferences };
    },
  });
}
