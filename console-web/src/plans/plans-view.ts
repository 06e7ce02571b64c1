import type { Plan, PlansUpdate } from "../gen/banto/v1/plans_pb";

/** The plans of a task, the newest first, archived ones too. */
export type PlansView = readonly Plan[];

/** As many as a snapshot may hold. */
const kept = 100;

export function reducePlans(view: PlansView | undefined, { kind }: PlansUpdate): PlansView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.plans;
    case "upserted": {
      const changed = kind.value;
      const plans = view ?? [];
      const index = plans.findIndex(({ planId }) => planId === changed.planId);
      const known = plans[index];
      if (known !== undefined) {
        return known.change >= changed.change ? view : plans.with(index, changed);
      }
      return [changed, ...plans].slice(0, kept);
    }
    case "heartbeat":
    case undefined:
      return view;
  }
}
