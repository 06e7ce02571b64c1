import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PlanReview, PlanRevisionSchema, PlanSchema } from "../gen/banto/v1/plans_pb";
import { approvalOf, mayApprove } from "./approval";

const revision = (number: number) => create(PlanRevisionSchema, { revisionId: `r${number}`, number: BigInt(number), contentHash: `h${number}` });
const revisions = [revision(4), revision(3)];
const plan = (fields: object = {}) => create(PlanSchema, { headRevisionId: "r4", ...fields });
const approved = { decision: { review: PlanReview.APPROVED, revisionId: "r3" } };

describe("approvalOf", () => {
  it("lets the newest text be approved", () => {
    expect(approvalOf(plan(), revisions, revision(4))).toEqual({ decided: undefined, decidedNumber: undefined, outdated: false, hindered: undefined });
  });

  it("waits while a model writes, also for the newest", () => {
    expect(approvalOf(plan({ activeRevisionId: "r5" }), revisions, revision(4)).hindered).toBe("busy");
  });

  it("approves nothing old and nothing that is not there", () => {
    expect(approvalOf(plan(), revisions, revision(3)).hindered).toBe("notNewest");
    expect(approvalOf(plan({ headRevisionId: "" }), [], undefined).hindered).toBe("nothing");
    expect(approvalOf(plan(), revisions, create(PlanRevisionSchema, { revisionId: "r4" })).hindered).toBe("nothing");
  });

  it("says that an approval speaks of an older text", () => {
    expect(approvalOf(plan(approved), revisions, revision(4))).toMatchObject({ decided: "approved", decidedNumber: 3n, outdated: true });
    expect(approvalOf(plan({ decision: { review: PlanReview.REJECTED, revisionId: "r4" } }), revisions, revision(4))).toMatchObject({ decided: "rejected", decidedNumber: 4n, outdated: false });
    expect(approvalOf(plan({ decision: { review: PlanReview.APPROVED, revisionId: "r1" } }), revisions, revision(4))).toMatchObject({ decidedNumber: undefined, outdated: true });
  });
});

describe("mayApprove", () => {
  it("needs the check, and errors that are accepted to the last one", () => {
    expect(mayApprove({ errors: undefined, accepted: undefined, pending: false })).toBe(false);
    expect(mayApprove({ errors: 0, accepted: undefined, pending: false })).toBe(true);
    expect(mayApprove({ errors: 0, accepted: undefined, pending: true })).toBe(false);
    expect(mayApprove({ errors: 2, accepted: undefined, pending: false })).toBe(false);
    expect(mayApprove({ errors: 2, accepted: 2, pending: false })).toBe(true);
    // The check found another one since.
    expect(mayApprove({ errors: 3, accepted: 2, pending: false })).toBe(false);
  });
});
