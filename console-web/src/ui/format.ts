import { type Duration, type Timestamp, durationMs, timestampDate, timestampMs } from "@bufbuild/protobuf/wkt";
import type { TFunction } from "i18next";
import { FailureKind, RunState } from "../gen/banto/v1/common_pb";
import type { Usage } from "../gen/banto/v1/common_pb";
import type { Messages } from "../i18n/en";

/** `data-state` of anything that runs: the state's name, lower-case. */
export function stateSlug(state: RunState): string {
  const name = Object.entries(RunState).find(([, value]) => value === state)?.[0];
  return (name ?? "UNSPECIFIED").toLowerCase();
}

const stateKeys: ReadonlyMap<RunState, `state.${keyof Messages["state"]}`> = new Map([
  [RunState.QUEUED, "state.queued"],
  [RunState.RUNNING, "state.running"],
  [RunState.COMPLETED, "state.completed"],
  [RunState.CANCELLED, "state.cancelled"],
  [RunState.TIMED_OUT, "state.timedOut"],
  [RunState.PROVIDER_FAILED, "state.providerFailed"],
  [RunState.FAILED, "state.failed"],
  [RunState.INTERRUPTED, "state.interrupted"],
] as const);

export function stateName(t: TFunction, state: RunState): string {
  return t(stateKeys.get(state) ?? "state.unknown");
}

const failureKindKeys: ReadonlyMap<FailureKind, `failureKind.${keyof Messages["failureKind"]}`> = new Map([
  [FailureKind.AUTH, "failureKind.auth"],
  [FailureKind.RATE_LIMITED, "failureKind.rateLimited"],
  [FailureKind.OVERLOADED, "failureKind.overloaded"],
  [FailureKind.CONTEXT_LENGTH, "failureKind.contextLength"],
  [FailureKind.CONTENT_FILTER, "failureKind.contentFilter"],
  [FailureKind.NETWORK, "failureKind.network"],
  [FailureKind.MALFORMED, "failureKind.malformed"],
  [FailureKind.REJECTED, "failureKind.rejected"],
  [FailureKind.CONNECT_TIMEOUT, "failureKind.connectTimeout"],
  [FailureKind.FIRST_BYTE_TIMEOUT, "failureKind.firstByteTimeout"],
  [FailureKind.IDLE_TIMEOUT, "failureKind.idleTimeout"],
  [FailureKind.TURN_TIMEOUT, "failureKind.turnTimeout"],
  [FailureKind.STORAGE, "failureKind.storage"],
  [FailureKind.OUTPUT_LIMIT, "failureKind.outputLimit"],
  [FailureKind.INTERNAL, "failureKind.internal"],
  [FailureKind.REPOSITORY, "failureKind.repository"],
  [FailureKind.ANSWER, "failureKind.answer"],
  [FailureKind.SPEND_LIMIT, "failureKind.spendLimit"],
  [FailureKind.STAGE_TIMEOUT, "failureKind.stageTimeout"],
  [FailureKind.CONSENT, "failureKind.consent"],
] as const);

export function failureKindName(t: TFunction, kind: FailureKind): string {
  return t(failureKindKeys.get(kind) ?? "failureKind.unknown");
}

/** A count that may be unknown. Unknown is not zero and is never shown as such. */
export function count(value: bigint | undefined, unknown: string, language: string): string {
  return value === undefined ? unknown : value.toLocaleString(language);
}

/** Everything that the model read, cached or not. Unknown when a part of it is. */
export function inputTokens(usage: Usage | undefined): bigint | undefined {
  return usage?.inputTokens === undefined
    ? undefined
    : usage.inputTokens + (usage.cacheReadTokens ?? 0n) + (usage.cacheWriteTokens ?? 0n);
}

/** A score from 0 to 1 as one of 100; a small one is not nothing. */
export function scoreText(score: number, language: string): string {
  return (score * 100).toLocaleString(language, { maximumFractionDigits: score < 0.1 ? 1 : 0 });
}

export function tokensText(t: TFunction, usage: Usage | undefined, language: string): string {
  const input = inputTokens(usage);
  const output = usage?.outputTokens;
  if (input === undefined && output === undefined) {
    return t("message.tokensUnknown");
  }
  const unknown = t("message.unknown");
  return t("message.tokens", { input: count(input, unknown, language), output: count(output, unknown, language) });
}

export function costText(t: TFunction, usage: Usage | undefined, language: string): string {
  if (usage?.costNanoUsd === undefined) {
    return t("message.costUnknown");
  }
  const dollars = Number(usage.costNanoUsd) / 1e9;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "USD",
    ...(dollars > 0 && dollars < 0.1 ? { minimumSignificantDigits: 2, maximumSignificantDigits: 2 } : {}),
  }).format(dollars);
}

export function durationText(ms: number, language: string): string {
  const unit = (value: number, name: "millisecond" | "second" | "minute", digits: number) =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);
  if (ms < 1000) {
    return unit(Math.max(0, Math.round(ms)), "millisecond", 0);
  }
  if (ms < 60_000) {
    return unit(ms / 1000, "second", 1);
  }
  return `${unit(Math.floor(ms / 60_000), "minute", 0)} ${unit(Math.round((ms % 60_000) / 1000), "second", 0)}`;
}

export function protoDurationText(duration: Duration, language: string): string {
  return durationText(durationMs(duration), language);
}

/** Time between two moments; undefined when either is. */
export function spanMs(from: Timestamp | undefined, to: Timestamp | undefined): number | undefined {
  return from && to ? timestampMs(to) - timestampMs(from) : undefined;
}

/** Making a formatter takes longer than formatting, and a streaming reply is drawn sixty times a second. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([language, options]);
  const known = dateFormats.get(key) ?? new Intl.DateTimeFormat(language, options);
  dateFormats.set(key, known);
  return known;
}

/** A moment: the time of day for today, the date as well for other days. */
export function momentText(moment: Timestamp, language: string, now = new Date()): string {
  const date = timestampDate(moment);
  const today = date.toDateString() === now.toDateString();
  return dateFormat(language, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(date);
}

export function exactMomentText(moment: Timestamp, language: string): string {
  return dateFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(timestampDate(moment));
}
