import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Plan } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { IconButton } from "../ui/icon-button";
import { useStartWork } from "../workflows/use-start-work";
import { WorkRefused } from "../workspaces/work-refused";
import { InstructionsField } from "./instructions-field";
import { ModelChoice, preferredModel } from "./model-choice";
import { longestInstructions } from "./new-plan-draft";
import { planTitle } from "./plan-names";

interface MergePlansProps {
  readonly plans: readonly Plan[];
  readonly onClose: () => void;
}

/** Has a model make one plan of several. The sources stay as they are. */
export function MergePlans({ plans, onClose }: MergePlansProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const navigate = useNavigate();
  const [instructions, setInstructions] = useState("");
  const [model, setModel] = useState(preferredModel);
  const id = useId();
  const { start, pending, failure, question } = useStartWork(plans[0]?.workspaceId ?? "", async (requestId) => {
    const { plan } = await clients.plans.mergePlans({
      sources: plans.map(({ planId, headRevisionId }) => ({ planId, revisionId: headRevisionId })),
      instructions: instructions.trim(),
      ...model,
      requestId,
    });
    await navigate({ to: "/plans/$planId", params: { planId: plan?.planId ?? "" } });
  });
  const unfit = plans.length < 2 || [...instructions].length > longestInstructions;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!unfit && !pending) {
      start();
    }
  };
  return (
    <section className="panel" aria-labelledby={id} data-testid="merge-plans">
      <div className="panel-head">
        <h2 id={id}>{t("plan.merge.title")}</h2>
        <IconButton icon={X} label={t("dialog.close")} onClick={onClose} />
      </div>
      <form className="task-body" onSubmit={submit} noValidate>
        <p className="soft small">{t("plan.merge.lead")}</p>
        <ol className="step-list merge-sources">
          {plans.map((plan) => (
            <li key={plan.planId}>{planTitle(t, plan)}</li>
          ))}
        </ol>
        <ModelChoice value={model} onChange={setModel} />
        <InstructionsField value={instructions} onChange={setInstructions} />
        {failure && <WorkRefused failure={failure} title={t("plan.merge.notStarted")} />}
        <div className="panel-actions">
          <button type="submit" className="button button-primary" disabled={unfit || pending}>
            {pending ? t("plan.new.starting") : t("plan.merge.start", { count: plans.length })}
          </button>
        </div>
      </form>
      {question}
    </section>
  );
}
