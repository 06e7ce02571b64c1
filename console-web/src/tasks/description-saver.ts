import type { Clients } from "../api/clients";
import { CallFailure } from "../api/failure";
import type { Task } from "../gen/banto/v1/tasks_pb";
import {
  type Autosave,
  type DescriptionDraft,
  type Stored,
  draftOf,
  failed,
  keepMine,
  learned,
  resume,
  sendable,
  sendOff,
  sent,
  takeTheirs,
  typed,
} from "./autosave";

/** So long nothing was typed, and it is saved. */
const idleMs = 1000;
/** A call that was lost is made again after this. */
const retryMs = 4000;
/** A draft is written to storage this often at most. */
const draftMs = 250;
/** Until the editor has what an input method ended with. */
const composedMs = 100;

const prefix = "banto.task-draft.";

/** Where and how the saver does what the state says. */
export interface SaverTools {
  readonly tasks: Pick<Clients["tasks"], "updateTask" | "getTask">;
  readonly storage: Storage;
}

/** Saves the description of one task while somebody writes it, whatever page of it is shown. */
export class DescriptionSaver {
  readonly #taskId: string;
  readonly #tools: SaverTools;
  #state: Autosave;
  #listeners = new Set<() => void>();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #draft: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #composing = false;
  /** What was learned while an input method was open. */
  #late: Task | undefined;

  constructor(task: Task, tools: SaverTools) {
    this.#taskId = task.taskId;
    this.#tools = tools;
    this.#state = resume(storedOf(task), this.#loadDraft());
    this.#schedule();
  }

  readonly state = (): Autosave => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  type(text: string): void {
    this.#set(typed(this.#state, text));
    this.#schedule();
  }

  /** What an input method has in hand is nobody's text yet. */
  compose(composing: boolean): void {
    this.#composing = composing;
    this.#schedule();
    if (!composing) {
      // The editor takes the text after this event.
      setTimeout(() => this.#late && this.learn(this.#late), composedMs);
    }
  }

  /** Changing the text under an input method would break what it has in hand. */
  learn(task: Task): void {
    this.#late = this.#composing ? task : undefined;
    if (!this.#composing) {
      this.#set(learned(this.#state, storedOf(task)));
    }
  }

  takeTheirs(): void {
    this.#set(takeTheirs(this.#state));
  }

  keepMine(): void {
    this.#set(keepMine(this.#state));
    void this.flush();
  }

  /** Saves what is there now. Resolves once nothing is on its way, saved or not. */
  async flush(fromJobId = ""): Promise<Autosave> {
    clearTimeout(this.#idle);
    await this.#running;
    if (sendable(this.#state)) {
      this.#running = this.#send(fromJobId);
      await this.#running;
    }
    return this.#state;
  }

  /** The page goes away, or the task's page does. */
  readonly leave = (): void => {
    this.#keepDraft();
    if (!this.#composing) {
      void this.flush();
    }
  };

  async #send(fromJobId: string): Promise<void> {
    const { stored, text } = this.#state;
    this.#set(sendOff(this.#state));
    try {
      const { task } = await this.#tools.tasks.updateTask({ taskId: this.#taskId, expectedVersion: stored.version, description: text, fromJobId });
      this.#set(sent(this.#state, task ? storedOf(task) : { text, version: stored.version + 1n }));
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      this.#set(failed(this.#state, failure));
      if (failure.is("VERSION_CONFLICT")) {
        await this.#look();
      } else if (failure.unknownOutcome) {
        this.#schedule(retryMs);
      }
    } finally {
      this.#running = undefined;
    }
    if (this.#state.failure === undefined) {
      this.#schedule();
    }
  }

  /** Somebody was faster, or our own word arrived and its answer did not. */
  async #look(): Promise<void> {
    try {
      const { task } = await this.#tools.tasks.getTask({ taskId: this.#taskId });
      if (task !== undefined) {
        this.#set(learned(this.#state, storedOf(task)));
        this.#schedule();
      }
    } catch (thrown) {
      this.#set(failed(this.#state, CallFailure.from(thrown)));
      this.#schedule(retryMs);
    }
  }

  #schedule(ms = idleMs): void {
    clearTimeout(this.#idle);
    if (!this.#composing && sendable(this.#state)) {
      this.#idle = setTimeout(() => void this.flush(), ms);
    }
  }

  #set(state: Autosave): void {
    if (state === this.#state) {
      return;
    }
    this.#state = state;
    if (draftOf(state) === undefined) {
      this.#keepDraft();
    } else {
      this.#draft ??= setTimeout(() => this.#keepDraft(), draftMs);
    }
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #keepDraft(): void {
    clearTimeout(this.#draft);
    this.#draft = undefined;
    const draft = draftOf(this.#state);
    try {
      if (draft === undefined) {
        this.#tools.storage.removeItem(prefix + this.#taskId);
      } else {
        this.#tools.storage.setItem(prefix + this.#taskId, JSON.stringify(draft));
      }
    } catch {
      // Storage is full or forbidden; the page still has the text.
    }
  }

  #loadDraft(): DescriptionDraft | undefined {
    try {
      const draft: unknown = JSON.parse(this.#tools.storage.getItem(prefix + this.#taskId) ?? "null");
      return isDraft(draft) ? draft : undefined;
    } catch {
      return undefined;
    }
  }
}

export function storedOf({ description, descriptionVersion }: Task): Stored {
  return { text: description, version: descriptionVersion };
}

function isDraft(value: unknown): value is DescriptionDraft {
  return (
    typeof value === "object" &&
    value !== null &&
    "text" in value &&
    typeof value.text === "string" &&
    "base" in value &&
    typeof value.base === "string" &&
    "version" in value &&
    typeof value.version === "string" &&
    /^\d+$/.test(value.version)
  );
}
