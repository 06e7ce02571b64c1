import { createContext, use, useSyncExternalStore } from "react";
import type { Task } from "../gen/banto/v1/tasks_pb";
import type { Autosave } from "./autosave";
import type { DescriptionSaver } from "./description-saver";

/** The task whose page is open, and what saves its description. */
export interface OpenTask {
  readonly task: Task;
  readonly saver: DescriptionSaver;
}

export const TaskContext = createContext<OpenTask | undefined>(undefined);

export function useTask(): OpenTask {
  const open = use(TaskContext);
  if (open === undefined) {
    throw new Error("no task above this component");
  }
  return open;
}

export function useAutosave(saver: DescriptionSaver): Autosave {
  return useSyncExternalStore(saver.subscribe, saver.state);
}
