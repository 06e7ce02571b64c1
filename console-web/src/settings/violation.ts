import { type CallFailure, sentence } from "../api/failure";

/** What the server says against a field, to be shown beside it. */
export function violationOf(failure: CallFailure | undefined, field: string): string | undefined {
  const violation = failure?.violations.find((candidate) => candidate.field === field || candidate.field.startsWith(`${field}[`));
  return violation && sentence(violation.description);
}
