import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isComposing } from "../chat/message-text";
import type { Command } from "../commands/command";
import { KeyCaps } from "../commands/key-caps";
import { useAllCommands } from "../commands/use-commands";
import type { Subject, Views, Watched } from "../feed/subjects";
import { addWorkTexts } from "../i18n/work-texts";
import { useWatched } from "../shell/console-context";
import { useReturnFocus } from "../ui/use-return-focus";
import { useWorkspace } from "../workspaces/current-workspace";
import { objectCommands } from "./object-commands";
import "./palette.css";
import { rank } from "./rank";
import { useDocCommands } from "./use-doc-commands";
import { useMessageHits } from "./use-message-hits";

addWorkTexts();

interface PaletteProps {
  readonly open: boolean;
  /** What had the focus before the palette was asked for. */
  readonly returnTo: RefObject<Element | null>;
  readonly onClose: () => void;
}

/** Every page, object and action by its name. */
export function Palette({ open, returnTo, onClose }: PaletteProps) {
  const { t } = useTranslation();
  const chosen = useRef<Command>(undefined);
  const focus = useReturnFocus(returnTo);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="palette"
          aria-describedby={undefined}
          onOpenAutoFocus={focus.onOpenAutoFocus}
          onCloseAutoFocus={(event) => {
            focus.onCloseAutoFocus(event);
            const command = chosen.current;
            chosen.current = undefined;
            // After the focus is back where it was, for the command may move it on.
            setTimeout(() => command?.run(), 0);
          }}
        >
          <Dialog.Title className="visually-hidden">{t("palette.title")}</Dialog.Title>
          <PaletteList
            onChoose={(command) => {
              chosen.current = command;
              onClose();
            }}
            onClose={onClose}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface PaletteListProps {
  readonly onChoose: (command: Command) => void;
  readonly onClose: () => void;
}

function PaletteList({ onChoose, onClose }: PaletteListProps) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const { commands, searching } = useFound(query);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const current = Math.min(active, commands.length - 1);
  const optionId = (index: number) => `${listId}-${index}`;

  useEffect(() => {
    list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  }, [current, commands]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isComposing(event.nativeEvent)) {
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined && commands.length > 0) {
      event.preventDefault();
      const next = current + step;
      const wraps = Math.abs(step) === 1;
      setActive(wraps ? (next + commands.length) % commands.length : Math.max(0, Math.min(commands.length - 1, next)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const command = commands[current];
      if (command) {
        onChoose(command);
      }
    } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onClose();
    }
  };

  return (
    <>
      <div className="palette-head">
        <Search aria-hidden="true" size={16} />
        <input
          type="text"
          className="palette-field"
          role="combobox"
          aria-label={t("palette.label")}
          aria-expanded={commands.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={commands.length === 0 ? undefined : optionId(current)}
          placeholder={t("palette.placeholder")}
          spellCheck={false}
          autoComplete="off"
          maxLength={200}
          value={query}
          onChange={({ target }) => {
            setQuery(target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        {searching && <span className="spinner" aria-hidden="true" />}
      </div>
      <div className="palette-list" role="listbox" id={listId} ref={list} aria-label={t("palette.title")}>
        {grouped(commands).map(({ group, members, from }) => (
          <div key={group} role="group" aria-labelledby={`${listId}-${group}`}>
            <p className="palette-group" id={`${listId}-${group}`}>
              {t(`palette.group.${group}`)}
            </p>
            {members.map((command, index) => (
              <Option
                key={command.id}
                id={optionId(from + index)}
                command={command}
                selected={from + index === current}
                onPoint={() => setActive(from + index)}
                onChoose={() => onChoose(command)}
              />
            ))}
          </div>
        ))}
      </div>
      <p className={commands.length === 0 && !searching ? "palette-none soft" : "visually-hidden"} role="status">
        {commands.length === 0 ? (searching ? "" : t("palette.none")) : t("palette.count", { count: commands.length })}
      </p>
    </>
  );
}

interface OptionProps {
  readonly id: string;
  readonly command: Command;
  readonly selected: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

// The field keeps the focus; an option is reached with its arrow keys.
function Option({ id, command, selected, onPoint, onChoose }: OptionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div className="palette-option" role="option" id={id} aria-selected={selected} onPointerMove={onPoint} onClick={onChoose}>
      <span className="palette-name">{command.title}</span>
      {command.detail !== undefined && <span className="palette-detail soft small">{command.detail}</span>}
      {command.keys !== undefined && <KeyCaps keys={command.keys} />}
    </div>
  );
}

function useFound(query: string): { readonly commands: readonly Command[]; readonly searching: boolean } {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const offered = useAllCommands();
  const conversations = useReady({ kind: "conversations" });
  const workers = useReady({ kind: "workers" });
  const jobs = useReady({ kind: "jobs" });
  const { workspaceId } = useWorkspace();
  const tasks = useReady({ kind: "tasks", workspaceId });
  const docs = useDocCommands();
  const { hits, searching } = useMessageHits(query);
  const commands = useMemo(() => {
    const objects = objectCommands(t, i18n.language, navigate, {
      conversations: conversations ?? [],
      workers: workers ?? [],
      jobs: jobs ?? [],
      tasks: tasks ?? [],
      hits: [],
    });
    // What the server found matches by its text, of which only a part is shown.
    const messages = objectCommands(t, i18n.language, navigate, { conversations: [], workers: [], jobs: [], tasks: [], hits });
    return [...rank([...offered, ...objects, ...docs], query), ...messages];
  }, [t, i18n.language, navigate, offered, conversations, workers, jobs, tasks, docs, hits, query]);
  return { commands, searching };
}

function useReady<S extends Subject>(subject: S): Views[S["kind"]] | undefined {
  const watched: Watched<Views[S["kind"]]> = useWatched(subject);
  return watched.phase === "ready" ? watched.view : undefined;
}

/** Ranked commands come group by group. */
function grouped(commands: readonly Command[]) {
  const groups: { readonly group: Command["group"]; readonly from: number; readonly members: Command[] }[] = [];
  for (const [index, command] of commands.entries()) {
    const last = groups.at(-1);
    if (last?.group === command.group) {
      last.members.push(command);
    } else {
      groups.push({ group: command.group, from: index, members: [command] });
    }
  }
  return groups;
}
