import { FinderMode } from "../gen/banto/v1/workflows_pb";

/** Who may judge, by the names that the texts and the preferences have. */
export const finderModes = [
  [FinderMode.ENGINE, "engine"],
  [FinderMode.ASSISTED, "assisted"],
  [FinderMode.MODEL, "model"],
] as const;

export type FinderModeName = (typeof finderModes)[number][1];
