import { describe, expect, it } from "vitest";
import type { Command } from "../commands/command";
import { rank } from "./rank";

const command = (id: string, group: Command["group"], title: string, more: Partial<Command> = {}): Command => ({
  id,
  group,
  title,
  run: () => undefined,
  ...more,
});

const ids = (commands: readonly Command[]) => commands.map(({ id }) => id);

describe("rank", () => {
  const commands = [
    command("c1", "conversations", "Why the build is slow"),
    command("c2", "conversations", "番頭とは何か"),
    command("jobs", "pages", "Jobs"),
    command("dark", "actions", "Theme: dark", { words: "appearance night" }),
    command("hidden", "actions", "Palette", { listed: false }),
  ];

  it("shows some of each group, in the groups' order, while nothing is asked for", () => {
    expect(ids(rank(commands, ""))).toEqual(["dark", "jobs", "c1", "c2"]);
    const many = Array.from({ length: 40 }, (_, index) => command(`c${index}`, "conversations", `Talk ${index}`));
    expect(rank(many, "")).toHaveLength(7);
    expect(rank(many, "talk")).toHaveLength(40);
  });

  it("finds every term, wherever it stands, in any width and case", () => {
    expect(ids(rank(commands, "SLOW build"))).toEqual(["c1"]);
    expect(ids(rank(commands, "ＪＯＢＳ"))).toEqual(["jobs"]);
    expect(ids(rank(commands, "番頭"))).toEqual(["c2"]);
    expect(ids(rank(commands, "night"))).toEqual(["dark"]);
    expect(ids(rank(commands, "slow jobs"))).toEqual([]);
  });

  it("puts what belongs to the open page first", () => {
    const two = [command("new", "actions", "New conversation"), command("stop", "actions", "Stop the reply", { here: true })];
    expect(ids(rank(two, ""))).toEqual(["stop", "new"]);
  });

  it("puts a title that begins with the term before one that holds it", () => {
    const two = [command("a", "conversations", "All jobs of May"), command("b", "pages", "Jobs")];
    expect(ids(rank(two, "job"))).toEqual(["b", "a"]);
  });
});
