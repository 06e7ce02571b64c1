import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type ApprovePlanRequest, FindingSeverity, PlanRevisionSchema, Plans } from "../gen/banto/v1/plans_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { startLanguage } from "../i18n/language";
import { addPlanTexts } from "../i18n/plan-texts";
import { renderConsole } from "../testing/render-console";
import { DecideDialog } from "./decide-dialog";

beforeAll(async () => {
  await startLanguage("en");
});

const revision = create(PlanRevisionSchema, { planId: "p", revisionId: "r4", number: 4n, contentHash: "abcdef0123456789" });

async function show(errors: () => number, answer: (request: ApprovePlanRequest) => void = () => undefined) {
  const onClose = vi.fn<() => void>();
  await renderConsole(<DecideDialog what="approve" revision={revision} onClose={onClose} />, (router) => {
    addPlanTexts();
    router.service(Plans, {
      checkPlan: () => ({ findings: Array.from({ length: errors() }, () => ({ severity: FindingSeverity.ERROR, message: "wrong" })) }),
      approvePlan: (request) => {
        answer(request);
        return {};
      },
    });
  });
  return onClose;
}

const approve = () => screen.getByRole("button", { name: "Approve this text" });

describe("approving a plan", () => {
  it("names the text that was seen, and nothing is accepted where nothing is wrong", async () => {
    const answer = vi.fn<(request: ApprovePlanRequest) => void>();
    const onClose = await show(() => 0, answer);
    await screen.findByText("The check finds no errors.");
    await userEvent.type(screen.getByRole("textbox", { name: "Note" }), "fine");
    await userEvent.click(approve());
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(answer.mock.calls[0]?.[0]).toMatchObject({ planId: "p", revisionId: "r4", contentHash: "abcdef0123456789", note: "fine", acceptedErrors: 0 });
  });

  it("waits for a tick that says how many errors there are", async () => {
    const answer = vi.fn<(request: ApprovePlanRequest) => void>();
    await show(() => 2, answer);
    const tick = await screen.findByRole("checkbox", { name: "I accept the 2 errors that the check finds" });
    expect(approve()).toHaveProperty("disabled", true);
    await userEvent.click(tick);
    await userEvent.click(approve());
    await waitFor(() => expect(answer).toHaveBeenCalledOnce());
    expect(answer.mock.calls[0]?.[0]?.acceptedErrors).toBe(2);
  });

  it("asks anew when there is another error by now", async () => {
    let errors = 1;
    await show(
      () => errors,
      () => {
        errors = 2;
        throw new ConnectError("the check finds 2 errors", Code.FailedPrecondition, undefined, [{ desc: ErrorInfoSchema, value: { reason: "PLAN_NOT_SOUND", domain: "banto.v1" } }]);
      },
    );
    await userEvent.click(await screen.findByRole("checkbox", { name: /the 1 error that/ }));
    await userEvent.click(approve());
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
    const tick = await screen.findByRole("checkbox", { name: /the 2 errors that/ });
    expect(tick).toHaveProperty("checked", false);
    expect(approve()).toHaveProperty("disabled", true);
  });
});
