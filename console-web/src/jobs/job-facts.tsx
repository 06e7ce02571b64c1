import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Attempt } from "../gen/banto/v1/common_pb";
import type { Job } from "../gen/banto/v1/jobs_pb";
import {
  costText,
  count,
  durationText,
  exactMomentText,
  failureKindName,
  protoDurationText,
  spanMs,
} from "../ui/format";
import { jobTypeName } from "./job-type";

/** When, with what, how often, for how much. */
export function JobFacts({ job }: { readonly job: Job }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const unknown = t("message.unknown");
  const moment = (at: Timestamp | undefined) => (at ? exactMomentText(at, language) : "–");
  const span = spanMs(job.startedAt, job.endedAt);
  const { usage } = job;
  return (
    <dl className="facts">
      <Fact name={t("job.type")}>
        {jobTypeName(t, job.jobType)}
      </Fact>
      <Fact name={t("job.model")}>{job.model === "" ? t("job.guide") : `${job.model} · ${job.providerId}`}</Fact>
      {job.failure && (
        <Fact name={t("job.failure")}>
          {failureKindName(t, job.failure.kind)}: <span className="soft">{job.failure.message}</span>
        </Fact>
      )}
      <Fact name={t("job.created")}>{moment(job.createdAt)}</Fact>
      <Fact name={t("job.started")}>{moment(job.startedAt)}</Fact>
      <Fact name={t("job.ended")}>{moment(job.endedAt)}</Fact>
      <Fact name={t("job.duration")}>{span === undefined ? "–" : durationText(span, language)}</Fact>
      {job.model !== "" && (
        <>
          <Fact name={t("job.input")}>{count(usage?.inputTokens, unknown, language)}</Fact>
          <Fact name={t("job.cacheRead")}>{count(usage?.cacheReadTokens, unknown, language)}</Fact>
          <Fact name={t("job.cacheWrite")}>{count(usage?.cacheWriteTokens, unknown, language)}</Fact>
          <Fact name={t("job.output")}>{count(usage?.outputTokens, unknown, language)}</Fact>
          <Fact name={t("job.cost")}>{usage?.costNanoUsd === undefined ? unknown : costText(t, usage, language)}</Fact>
        </>
      )}
      {job.attempts.length > 0 && (
        <Fact name={t("job.attempts")}>
          <ol>
            {job.attempts.map((attempt) => (
              <li key={attempt.number}>
                <AttemptLine attempt={attempt} />
              </li>
            ))}
          </ol>
        </Fact>
      )}
      {job.prompts.length > 0 && (
        <Fact name={t("job.resources")}>
          <ul>
            {job.prompts.map(({ name, version, digest }) => (
              <li key={name} title={digest}>
                {t("job.resource", { name, version })}
              </li>
            ))}
          </ul>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function AttemptLine({ attempt }: { readonly attempt: Attempt }) {
  const { t, i18n } = useTranslation();
  const span = spanMs(attempt.startedAt, attempt.endedAt);
  const result = attempt.failure
    ? `${failureKindName(t, attempt.failure.kind)}: ${attempt.failure.message}`
    : attempt.endedAt
      ? t("job.attemptOk")
      : t("job.attemptRunning");
  const parts = [
    `${t("job.attempt", { number: attempt.number })}: ${result}`,
    ...(span === undefined ? [] : [durationText(span, i18n.language)]),
    ...(attempt.retryAfter
      ? [t("job.retryAfter", { duration: protoDurationText(attempt.retryAfter, i18n.language) })]
      : []),
  ];
  return parts.join(" · ");
}
